"""Columns to numbers: states that add up, and the statistics read from their sum."""
