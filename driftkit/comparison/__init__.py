"""Distances, tests, intervals, bias metrics and rankings: pure functions with their sources."""
