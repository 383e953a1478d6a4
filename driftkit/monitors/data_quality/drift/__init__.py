"""Verdicts of drift: whether a feature differs beyond sampling, and beyond what days differ."""
