"""The checks of the data-quality monitor, a file each."""
