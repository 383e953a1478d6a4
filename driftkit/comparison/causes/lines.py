"""Lines through the quantiles of a baseline and of windows, and what they leave of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.samples import weighted_median

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats


def lines(before: Floats, now: Floats) -> tuple[Floats, Floats]:
    """The lines of least squares: their factors, 0 or more, and their offsets.

    Args:
        before: quantiles of the baseline.
        now: those of windows, a row each.

    >>> lines(np.array([1.0, 2.0, 3.0]), np.array([[5.0, 7.0, 9.0]]))
    (array([2.]), array([3.]))
    """
    span = float(np.ptp(before))
    if span == 0:
        return np.ones(len(now)), np.median(now - before, axis=1)
    # Squares of the largest doubles would overflow.
    x = (before - before.mean()) / span
    factors = np.maximum((now / span) @ x / float(x @ x), 0.0)
    return factors, np.asarray(now.mean(axis=1) - factors * before.mean())


def ratios(before: Floats, now: Floats) -> Floats:
    """The factors of least squares, without an offset; not all before may be 0."""
    largest = float(np.abs(before).max())
    x = before / largest
    return np.asarray((now / largest) @ x / float(x @ x))


def median_ratio(before: Floats, now: Floats) -> float:
    """The factor of least absolute differences of a window, without an offset."""
    some = before != 0
    weights = np.abs(before[some] / np.abs(before).max())
    return weighted_median(now[some] / before[some], weights)


def misfits(before: Floats, now: Floats, factors: Floats, offsets: Floats) -> Floats:
    """Root mean squares of what factors and offsets leave, in standard deviations of the models."""
    deviations = np.abs(factors) * float(np.std(before))
    left = np.multiply.outer(factors, before) + offsets[:, None] - now
    return np.asarray(np.sqrt(np.mean(left**2, axis=1)) / np.maximum(deviations, 1e-12))
