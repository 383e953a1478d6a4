"""Which of many tests reject, so that few of those that do are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Truths


def benjamini_hochberg(p: Floats, rate: float) -> Truths:
    """Which hypotheses are rejected at a rate of false discoveries (Benjamini and Hochberg 1995).

    Args:
        p: p-values, along the last axis.
        rate: the share of wrong rejections among all that is allowed on average.

    Returns:
        Truth for each p-value.

    >>> benjamini_hochberg(np.array([0.001, 0.04, 0.012, 0.5]), 0.05).tolist()
    [True, False, True, False]
    """
    ordered, count = np.sort(p, axis=-1), p.shape[-1]
    limits = rate * np.arange(1, count + 1) / count
    passed = np.where(ordered <= limits, ordered, -1.0)
    return np.asarray(p <= passed.max(axis=-1, keepdims=True, initial=-1.0))
