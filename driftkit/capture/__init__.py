"""Captured and merged records: decoding, windows, variants and preprocessors."""
