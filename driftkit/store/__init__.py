"""The metrics store: what runs found, kept as tables over time."""
