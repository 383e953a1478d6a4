"""How often drift is found where there is none, and where there is some."""
