"""Numbers against baseline numbers: pure functions, each with its source."""
