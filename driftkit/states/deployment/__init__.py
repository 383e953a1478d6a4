"""Sums of metrics by arm, for decisions between versions of a model."""
