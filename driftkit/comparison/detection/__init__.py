"""Whether a window differs from its reference by more than chance, or than days differ."""
