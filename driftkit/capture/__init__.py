"""Captured and merged records: decoding, window, variant, rows."""
