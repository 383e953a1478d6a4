"""The files of the deployment monitor: plan, verdict and tables of differences."""
