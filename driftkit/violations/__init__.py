"""Differences and constraints to violations."""
