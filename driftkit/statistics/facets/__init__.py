"""Counts of groups for a bias report."""
