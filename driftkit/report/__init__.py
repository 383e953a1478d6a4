"""What people see of a run: the terminal's output, the page and its charts."""

# Groups of metrics that are of single columns, of which there may be thousands.
OF_COLUMNS = frozenset({"profile", "drift", "detection"})
