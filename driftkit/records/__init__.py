"""Captured records to rows: opens captures and hands out their rows as chunks of columns."""
