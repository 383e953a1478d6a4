"""Distances as other tools define them, by the tools' own names, for thresholds that are in them."""
