"""Deployments decided by the thousand under known truths; `make simulate` runs them."""
