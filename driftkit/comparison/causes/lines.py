"""A line through the quantiles of a baseline and a window, and what it leaves of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.samples import weighted_median

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats


def line(before: Floats, now: Floats) -> tuple[float, float]:
    """The line of least squares: its factor, 0 or more, and its offset.

    >>> line(np.array([1.0, 2.0, 3.0]), np.array([5.0, 7.0, 9.0]))
    (2.0, 3.0)
    """
    span = float(np.ptp(before))
    if span == 0:
        return 1.0, float(np.median(now - before))
    # Squares of the largest doubles would overflow.
    x = (before - before.mean()) / span
    factor = max(float(x @ (now / span)) / float(x @ x), 0.0)
    return factor, float(now.mean() - factor * before.mean())


def factors(before: Floats, now: Floats) -> tuple[float, float]:
    """The factor of least squares, and that of least absolute differences; not all before may be 0."""
    largest = float(np.abs(before).max())
    x = before / largest
    some = before != 0
    least_absolute = weighted_median(now[some] / before[some], np.abs(x[some]))
    return float(x @ (now / largest)) / float(x @ x), least_absolute


def misfit(before: Floats, now: Floats, factor: float, offset: float) -> float:
    """Root mean square of what factor and offset leave, in standard deviations of the model."""
    deviation = abs(factor) * float(np.std(before))
    left = factor * before + offset - now
    return float(np.sqrt(np.mean(left**2))) / max(deviation, 1e-12)
