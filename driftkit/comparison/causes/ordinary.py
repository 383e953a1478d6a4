"""How far windows are from their baseline on ordinary days: what a change has to be beyond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from driftkit.comparison.causes.lines import factors, line, misfit
from driftkit.comparison.distributions import widest_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.causes.samples import Numbers

# The part of ordinary windows that is nearer.
_MOST = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """What nine of ten ordinary windows are within; 0 where nothing is known of them.

    Attributes:
        gap: how far their distribution is from the baseline's, a difference of shares.
        misfit: how far their quantiles are, root mean square in standard deviations.
        bend: how far they are from a line through the baseline's, in the same terms.
        slope: how far the slope of that line is from 1, in logarithms.
        ratio: how far the factor of least squares, without an offset, is from 1, in logarithms.
        move: how far the median quantile is from the baseline's, in the unit of the numbers.
    """

    gap: float = 0.0
    misfit: float = 0.0
    bend: float = 0.0
    slope: float = 0.0
    ratio: float = 0.0
    move: float = 0.0

    @classmethod
    def of(cls, baseline: Numbers, windows: Sequence[Numbers]) -> Self:
        """Of a baseline, and of its own blocks or other windows that were ordinary."""
        found = [_measures(baseline, each) for each in windows]
        if not found:
            return cls()
        within = np.quantile([list(each.values()) for each in found], _MOST, axis=0)
        return cls(**dict(zip(found[0], within.tolist(), strict=True)))


def _measures(baseline: Numbers, window: Numbers) -> dict[str, float]:
    before, now = baseline.middle, window.middle
    slope, offset = line(before, now)
    ratio = factors(before, now)[0] if before.any() else 1.0
    return {
        "gap": widest_gap(baseline.distribution, window.distribution).distance,
        "misfit": misfit(before, now, 1.0, 0.0),
        "bend": misfit(before, now, slope, offset),
        "slope": _apart(slope),
        "ratio": _apart(ratio),
        "move": float(np.median(np.abs(now - before))),
    }


def _apart(factor: float) -> float:
    return abs(math.log(max(factor, 1e-12)))
