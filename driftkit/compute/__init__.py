"""Runs work on a dataset's units: in this process, on Spark, or by Deequ."""
