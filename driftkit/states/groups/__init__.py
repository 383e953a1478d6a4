"""Counts of rows by group, label and prediction, for bias metrics."""
