"""Statistics as states that add up, and the files in which they are saved."""
