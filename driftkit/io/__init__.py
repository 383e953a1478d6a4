"""How runs share a folder: locks, one atomic step for all files of a run, and whole readings."""
