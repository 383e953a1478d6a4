"""How far metrics of days are off by themselves, and with them those of a window of several days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import correlation_of, variance_factor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftkit.comparison.arrays import Floats

# The variance of fewer days says little.
LEAST_DAYS = 7
# Days that are farther apart are not off alike.
_LASTING = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How far metrics are off by themselves from day to day, beyond chance.

    Attributes:
        variances: of a day, by metric; none of a metric of which it is not known.
        correlations: of how far a day is off with how far the next one is, by metric.
        known: days of the reference.
    """

    variances: Mapping[str, float]
    correlations: Mapping[str, float]
    known: int

    def of(self, days: float) -> dict[str, float]:
        """The variance of the mean of so many days, and of what the reference's own days tell.

        Neighbouring days are off alike, so that they tell less than as many that are far apart.
        """
        known, found = max(self.known, 1), {}
        for name, variance in self.variances.items():
            many = np.ceil([days, min(known, _LASTING)])
            widened = variance_factor(np.full(2, self.correlations.get(name, 0.0)), many)
            found[name] = float(variance * (widened / [days, known]).sum())
        return found


def moves_of(differences: Floats, chance: Floats, dates: Floats) -> tuple[float, float]:
    """The variance of days by moments (DerSimonian and Laird 1986), and the correlation of neighbours.

    Args:
        differences: of each day what came less what was expected; NaN where it is not known.
        chance: the variance that the difference has by chance.
        dates: of the days, ascending.

    Returns:
        0 and 0 of too few days.
    """
    known = ~np.isnan(differences)
    if np.count_nonzero(known) < LEAST_DAYS:
        return 0.0, 0.0
    variance = float(np.mean(differences[known] ** 2 - chance[known]))
    off = np.where(known, differences, 0.0)[None]
    correlation = correlation_of(off, dates.astype(np.int64), known[None])
    return max(variance, 0.0), float(correlation[0])


def worth(rows: Collection[float]) -> float:
    """How many days of equally many rows tell as much as days of these (Kish 1965).

    >>> worth([50, 50]), worth([98, 1, 1]) < 1.05
    (2.0, True)
    """
    squares = sum(each**2 for each in rows)
    return sum(rows) ** 2 / squares if squares else 1.0
