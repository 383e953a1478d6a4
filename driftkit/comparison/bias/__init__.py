"""Bias metrics as functions of counts."""
