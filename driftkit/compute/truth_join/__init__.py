"""Joins captures with ground truth: in this process, or on Spark."""
