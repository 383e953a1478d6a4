"""Rows to columns: types and the chunks of columns that statistics read."""
