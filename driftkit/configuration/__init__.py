"""One file that says how a model is monitored: read, checked, run."""
