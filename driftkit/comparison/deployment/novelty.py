"""Whether the difference of arms is changing: a new version's effect that wears off, or grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import Epochs, Within, over_epochs
from driftkit.comparison.deployment.ratios import ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Truths

# Deviations from no trend, beyond which an effect is changing.
CHANGING = 3.0
# An arm's units in a day: with fewer, a variance that is small by chance would weigh too much.
LEAST_UNITS_A_DAY = 50
# Of the days' spread around their mean, below which they are one day but for rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The line through the differences of days, as of each look.

    Attributes:
        slope: change of the difference a day; NaN before two days are measured.
        z: the slope in standard errors.
        changing: whether |z| exceeds 3.
    """

    slope: Floats
    z: Floats
    changing: Truths


def trend(within: Within, days: ArrayLike, cells: Epochs) -> Trend:
    """The weighted least-squares line of the differences of epochs' days on the day.

    Weights are 1 / variance, which are taken for known: se = 1 / sqrt(sum w (t - mean t)^2) (Aitken
    1935). Cells in which an arm has fewer than 50 units, or whose difference has no variance, are
    left out: our choice. Where users come back their days are alike and z is too small rather than
    too large. It is looked at again and again at one level, so that it finds more changes than one
    in 370: it may turn a promotion into a hold, never the other way. No independent oracle for the
    rule; the line is the textbook's.

    Args:
        within: the difference of arms within each look's cell, from its first block to the look.
        days: the day of each look, as a number.
        cells: the number of the run of blocks of one epoch and one day, of each look; not falling.
    """
    time = np.asarray(days, dtype=np.float64)
    time = time - time[:1]
    units = np.minimum(within.champion_units, within.challenger_units)
    enough = (units >= LEAST_UNITS_A_DAY) & (within.variance > 0) & np.isfinite(within.difference)
    weight = np.where(enough, ratio(1.0, within.variance), 0.0)
    shift = np.where(enough, within.difference, 0.0)
    sums = np.stack(
        [weight, weight * time, weight * time**2, weight * shift, weight * time * shift], axis=1
    )
    w, wt, wtt, wd, wtd = over_epochs(sums, cells).T
    spread = w * wtt - wt**2
    spread = np.where(spread > _ROUNDING * w * wtt, spread, 0.0)
    slope = ratio(w * wtd - wt * wd, spread)
    z = slope * np.sqrt(ratio(spread, w))
    return Trend(slope=slope, z=z, changing=np.abs(z) > CHANGING)
