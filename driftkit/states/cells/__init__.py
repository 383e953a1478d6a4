"""Counts of features on the cells of a baseline: what tests of drift read, block of time by block."""
