"""Requests a minute, made of runs of the same rate."""

from __future__ import annotations

import numpy as np


def load(*runs: tuple[float, int]) -> np.ndarray:
    """Requests a minute, and for how many minutes."""
    return np.repeat([rate for rate, _ in runs], [minutes for _, minutes in runs]).astype(float)
