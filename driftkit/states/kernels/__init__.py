"""The inner loops over values, plain and compiled, with equal results."""
