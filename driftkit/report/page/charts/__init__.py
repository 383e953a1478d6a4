"""Charts as SVG: each is a function of numbers, and knows no result."""
