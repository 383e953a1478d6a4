"""How far metrics of days are off by themselves, and with them those of a window of several days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import raised, variance_factor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftkit.comparison.arrays import Floats, Integers

# The variance of fewer days says little.
LEAST_DAYS = 7
# Days that are farther apart are not off alike.
_LASTING = 30
_SMALL = np.finfo(float).tiny


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
    squares = (differences**2 - chance)[known]
    follows = (np.diff(dates) == 1) & known[1:] & known[:-1]
    products = (differences[1:] * differences[:-1])[follows]
    return _move(squares / len(squares), products / max(len(products), 1))


def _move(squares: Floats, products: Floats) -> tuple[float, float]:
    """The variance of days, and the correlation of neighbours beyond chance.

    A variance that is not surely there has no correlation that anything is known of: what the
    variance may be off by itself stands below the fraction too.

    Args:
        squares: of each day, beyond chance; they add up to the variance.
        products: of each day and the next; they add up to their covariance.
    """
    variance = max(float(squares.sum()), 0.0)
    doubt = float(squares.std()) * math.sqrt(len(squares))
    first = np.array([products.sum() / max(variance + doubt, _SMALL)])
    return variance, float(raised(first, np.array([len(products)]))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsOff:
    """How far the log odds of labels are off by themselves, as variances.

    Attributes:
        of_all: those of all scores alike.
        of_tenths: beyond that, those of each tenth of the scores by itself.
    """

    of_all: float = 0.0
    of_tenths: float = 0.0

    def covariance(self, moved: Floats) -> Floats:
        """That of sums over labels.

        Args:
            moved: sums by tenths, how much each changes with the log odds of a tenth.
        """
        together = moved.sum(axis=1)
        return self.of_all * np.outer(together, together) + self.of_tenths * moved @ moved.T

    def variances(self, moved: Floats) -> Floats:
        """Its diagonal."""
        together, each = moved.sum(axis=1) ** 2, (moved**2).sum(axis=1)
        return np.asarray(self.of_all * together + self.of_tenths * each)


NEVER_OFF = OddsOff()


def odds_of(
    off: Floats, told: Floats, dates: Floats
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The variance of log odds of days, alike and apart, each with the correlation of neighbours.

    By moments: products of two tenths' differences of one day have the mean of what they tell
    times the variance alike, and squares of one's that apart and chance besides; those of a day
    and the next have covariances for variances. So a day counts as far as it tells something.

    Args:
        off: days by tenths, labels less what was expected of them.
        told: the variance that these have by chance.
        dates: of the days, ascending.
    """
    follows = np.flatnonzero(np.diff(dates) == 1)
    every = np.arange(len(dates))
    squares = _moments(off, told, (every, every), told.sum(axis=1))
    products = _moments(off, told, (follows, follows + 1), np.zeros(len(follows)))
    of_all, of_tenths = (_move(*each) for each in zip(squares, products, strict=True))
    return of_all, of_tenths


def _moments(off: Floats, told: Floats, pairs: tuple[Integers, Integers], chance: Floats) -> Floats:
    """What each pair of days adds to what they have in common: alike, and apart."""
    first, second = pairs
    differences, weights = off.sum(axis=1), told.sum(axis=1)
    together = float((weights[first] * weights[second]).sum())
    each = float((told[first] * told[second]).sum())
    if together <= each:
        return np.zeros((2, len(first)))
    of_all = differences[first] * differences[second] - chance
    of_tenths = (off[first] * off[second]).sum(axis=1) - chance
    moments = np.linalg.solve([[together, each], [each, each]], [of_all, of_tenths])
    return np.asarray(moments)


def worth(rows: Collection[float]) -> float:
    """How many days of equally many rows tell as much as days of these (Kish 1965).

    >>> worth([50, 50]), worth([98, 1, 1]) < 1.05
    (2.0, True)
    """
    squares = sum(each**2 for each in rows)
    return sum(rows) ** 2 / squares if squares else 1.0
