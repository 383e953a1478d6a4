"""Attributes predictions to features: Shapley values of the user's own model."""
