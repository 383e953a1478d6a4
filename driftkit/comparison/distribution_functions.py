"""Distances of distribution functions: Kolmogorov, Anderson, Cramer, Wasserstein and energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.probabilities import anderson_tail, cramer_tail, smirnov_tail

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import CellCounts

# What a deviation is taken for that is less.
_LEAST_DEVIATION = 1e-3


def kolmogorov_smirnov(counts: CellCounts) -> Floats:
    """The widest gap of the two distribution functions."""
    return np.asarray(np.abs(counts.gaps).max(axis=-1))


def kolmogorov_smirnov_p(counts: CellCounts) -> Floats:
    """Kolmogorov's limit with Stephens' correction (1970), of the gap that sketches leave sure."""
    return smirnov_tail(counts.sure(counts.gaps).max(axis=-1), _weight(counts))


def anderson_darling(counts: CellCounts) -> Floats:
    """Anderson and Darling's statistic A^2 of two samples, ties by their middle ranks.

    Scholz and Stephens, "K-sample Anderson-Darling tests", JASA 82, 1987, equation 7 with k = 2,
    not standardised: 1 on the mean where both laws are the same.
    """
    n, m = counts.totals
    both, rows = counts.now + counts.before, n + m
    ranks = both.cumsum(axis=-1) - both / 2
    own = counts.now.cumsum(axis=-1) - counts.now / 2
    gaps = counts.sure((rows * own - n * ranks) / (n * m))
    spread = ranks * (rows - ranks) - rows * both / 4
    terms = both * gaps**2 / np.where(spread > 0, spread, np.inf)
    return np.asarray((terms * n * m * (rows - 1) / rows).sum(axis=-1))


def anderson_darling_p(counts: CellCounts) -> Floats:
    """Probability of so large a statistic in the limit of many rows."""
    return anderson_tail(anderson_darling(counts))


def cramer_von_mises(counts: CellCounts) -> Floats:
    """Cramer and von Mises' statistic T of two samples, by its definition as a sum of squares.

    Anderson, "On the distribution of the two-sample Cramer-von Mises criterion", Annals of
    Mathematical Statistics 33, 1962, equation 1. His ranks, equation 10, are equal to it only where
    no value occurs twice.
    """
    n, m = counts.totals
    terms = (counts.now + counts.before) * counts.sure(counts.gaps) ** 2
    return np.asarray((terms * n * m / (n + m) ** 2).sum(axis=-1))


def cramer_von_mises_p(counts: CellCounts) -> Floats:
    """Probability of so large a statistic: the limit, with T's mean and variance (Anderson 1962)."""
    return cramer_p_of(cramer_von_mises(counts), *(each[..., 0] for each in counts.totals))


def cramer_p_of(statistic: Floats, n: Floats, m: Floats) -> Floats:
    """The same of a statistic of n and m rows."""
    rows, product = n + m, n * m
    mean = (1 + 1 / rows) / 6
    variance = (rows + 1) * (4 * product * rows - 3 * (n**2 + m**2) - 2 * product)
    variance = variance / (45 * rows**2 * 4 * product)
    return cramer_tail(1 / 6 + (statistic - mean) / np.sqrt(45 * variance))


def wasserstein(counts: CellCounts) -> Floats:
    """The area between the distribution functions: how far rows moved on the mean."""
    return np.asarray((np.abs(counts.gaps[..., :-1]) * _steps(counts)).sum(axis=-1))


def energy(counts: CellCounts) -> Floats:
    """Szekely and Rizzo's energy distance, the root of twice the squared area of the gaps."""
    return np.asarray(np.sqrt(2 * (counts.gaps[..., :-1] ** 2 * _steps(counts)).sum(axis=-1)))


def wasserstein_in_deviations(counts: CellCounts) -> Floats:
    """Wasserstein's distance in standard deviations of the baseline."""
    return _scaled(wasserstein(counts), _deviation(counts))


def bounded_wasserstein(counts: CellCounts) -> Floats:
    """The same as Evidently and Azure have it: divided by 0.001 at least."""
    unit = np.maximum(deviation_of(counts.before, _values(counts)), _LEAST_DEVIATION)
    return np.asarray(wasserstein(counts) / unit)


def energy_in_deviations(counts: CellCounts) -> Floats:
    """The energy distance of both in standard deviations of the baseline."""
    return _scaled(energy(counts), np.sqrt(_deviation(counts)))


def deviation_of(counts: Floats, values: Floats) -> Floats:
    """Standard deviation of a population of such counts."""
    shares = counts / counts.sum(axis=-1, keepdims=True)
    mean = (shares * values).sum(axis=-1, keepdims=True)
    return np.asarray(np.sqrt((shares * (values - mean) ** 2).sum(axis=-1)))


def _deviation(counts: CellCounts) -> Floats:
    """Of the baseline; of both where it has one value only."""
    own, both = (deviation_of(each, _values(counts)) for each in (counts.before, _mixed(counts)))
    return np.where(own == 0, both, own)


def _mixed(counts: CellCounts) -> Floats:
    return np.asarray(sum(counts.shares))


def _scaled(distance: Floats, unit: Floats) -> Floats:
    known = np.where(np.isfinite(unit), distance / np.where(unit == 0, 1.0, unit), np.nan)
    return np.where(unit == 0, 0.0, known)


def _steps(counts: CellCounts) -> Floats:
    return np.diff(_values(counts))


def _values(counts: CellCounts) -> Floats:
    assert counts.values is not None  # noqa: S101  (cells of values have them)
    return counts.values


def _weight(counts: CellCounts) -> Floats:
    n, m = (each[..., 0] for each in counts.totals)
    return np.asarray(n * m / (n + m))
