"""How good a model is where labels are missing: from calibrated scores, as far as these can tell."""
