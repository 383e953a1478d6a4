"""Statistics to constraints, one small function a rule."""
