"""The page of a result: HTML with charts in SVG, complete in one file."""

NAME = "report.html"
# Beside a page that cannot have all columns.
CSV_NAME = "features.csv"
FILES = (NAME, CSV_NAME)
