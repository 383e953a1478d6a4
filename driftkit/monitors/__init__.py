"""The four monitors, and the join of captures with ground truth."""
