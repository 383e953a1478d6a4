"""The states from which a model's quality is read."""
