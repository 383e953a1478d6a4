"""Sequences, tests and plans by which a new version is compared with the old one."""
