"""Ready baselines of public data, each with the code that made it."""
