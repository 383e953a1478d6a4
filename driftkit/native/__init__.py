"""Loops over bytes and numbers, plain and compiled, that know nothing of what these stand for."""
