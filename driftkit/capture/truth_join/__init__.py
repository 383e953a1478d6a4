"""Captured records joined with ground truth by their ids, hour by hour."""
