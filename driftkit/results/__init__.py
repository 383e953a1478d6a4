"""What every run returns, and how it is written and read."""
