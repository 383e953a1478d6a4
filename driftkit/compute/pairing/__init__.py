"""Pairs rows of two arms: the second step of a job whose states have halves of pairs."""
