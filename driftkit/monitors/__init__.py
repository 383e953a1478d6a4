"""The four questions, each asked of a window of data against its baseline."""
