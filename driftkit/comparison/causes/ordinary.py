"""How far windows are from their baseline on ordinary days: what a change has to be beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from driftkit.comparison.causes.lines import lines, misfits, ratios
from driftkit.comparison.distributions import widest_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats
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
        """Of a baseline, and of one or more of its blocks or other windows that were ordinary."""
        before, now = baseline.middle, np.stack([each.middle for each in windows])
        slopes, offsets = lines(before, now)
        same = np.ones(len(now))
        gaps = [widest_gap(baseline.distribution, each.distribution).distance for each in windows]
        apart = (
            np.array(gaps),
            misfits(before, now, same, 0 * same),
            misfits(before, now, slopes, offsets),
            _from_one(slopes),
            _from_one(ratios(before, now) if before.any() else same),
            np.median(np.abs(now - before), axis=1),
        )
        gap, misfit, bend, slope, ratio, move = np.quantile(np.stack(apart), _MOST, axis=1).tolist()
        return cls(gap=gap, misfit=misfit, bend=bend, slope=slope, ratio=ratio, move=move)


def _from_one(factors: Floats) -> Floats:
    return np.abs(np.log(np.maximum(factors, 1e-12)))
