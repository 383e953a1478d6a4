"""The files of the model-quality monitor."""
