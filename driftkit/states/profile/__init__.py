"""The states of a column and of a table: counts, types, moments and sketches."""
