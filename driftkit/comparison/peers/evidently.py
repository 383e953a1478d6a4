"""Evidently's distances, read from the code of version 0.7.23 (Apache-2.0)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison import distribution_functions as functions
from driftkit.comparison import divergences
from driftkit.comparison.cells import of_both, of_numbers, of_text, on_values
from driftkit.comparison.distance import Distance
from driftkit.comparison.equal_width import in_bins, sturges_edges
from driftkit.extras import library

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import CellCounts
    from driftkit.comparison.distributions import Distribution

# More different values than these are binned; empty bins get this share.
_ONE_BY_ONE, _EMPTY = 20, 1e-4
# SciPy: from so many rows on, p-values of Kolmogorov and Smirnov's test are those of its limit.
_EXACT = 10_000


def _sturges_cells(current: Distribution, baseline: Distribution) -> CellCounts:
    """Evidently's: of both together; one by one where the reference has few different values."""
    if len(baseline.values) <= _ONE_BY_ONE:
        return on_values(current, baseline)
    values = np.union1d(current.values, baseline.values)
    return in_bins(current, baseline, sturges_edges(values, current.total + baseline.total))


def _sturges_of_distinct(current: Distribution, baseline: Distribution) -> CellCounts:
    """Evidently's of Hellinger's distance: each different value counts once."""
    values = np.union1d(current.values, baseline.values)
    return in_bins(current, baseline, sturges_edges(values, len(values)))


def _evidently_shares(counts: CellCounts) -> tuple[Floats, Floats]:
    """Shares of the window and the reference, empty bins filled; then they sum to more than 1."""
    now, before = map(_filled, counts.shares)
    return now, before


def _filled(shares: Floats) -> Floats:
    least = np.where(shares > 0, shares, np.inf).min(axis=-1, keepdims=True)
    return np.where(shares == 0, np.where(least <= _EMPTY, least / 1e6, _EMPTY), shares)


def _evidently_psi(counts: CellCounts) -> Floats:
    return divergences.stability_of(*_evidently_shares(counts))


def _evidently_kl(counts: CellCounts) -> Floats:
    now, before = (each / each.sum(axis=-1, keepdims=True) for each in _evidently_shares(counts))
    return divergences.kl_of(before, now)


def _natural_jensen_shannon(counts: CellCounts) -> Floats:
    return divergences.jensen_shannon_distance(counts) * math.sqrt(math.log(2))


def _bhattacharyya_hellinger(counts: CellCounts) -> Floats:
    now, before = counts.shares
    return np.asarray(np.sqrt(1 - np.clip(np.sqrt(now * before).sum(axis=-1), 0.0, 1.0)))


def _goodness_of_fit_p(counts: CellCounts) -> Floats:
    """Of the window's counts, the reference's shares taken as known; 0 where a value is new."""
    n, m = counts.totals
    expected = counts.before * n / m
    squares = (counts.now - expected) ** 2
    new = ((counts.before == 0) & (counts.now > 0)).any(axis=-1)
    statistic = (squares / np.where(expected > 0, expected, 1.0)).sum(axis=-1)
    p_value = divergences.chi_square_p_of(np.where(new, 0.0, statistic), counts)
    return np.where(new, 0.0, p_value)


def _smirnov_p(counts: CellCounts) -> Floats:
    """SciPy's p-value of Kolmogorov and Smirnov's test, exact where both sides are small."""
    stats = library("scipy.stats", "science", "the p-value of evidently:ks")
    n, m = (int(each[0]) for each in counts.totals)
    if max(n, m) > _EXACT:
        gap = functions.kolmogorov_smirnov(counts)
        return np.asarray(stats.kstwo.sf(gap, np.round(n * m / (n + m))))
    rows = (
        np.repeat(np.asarray(counts.values), each.astype(np.int64))
        for each in (counts.before, counts.now)
    )
    return np.asarray(stats.ks_2samp(*rows).pvalue)


def _tied_cramer_p(counts: CellCounts) -> Floats:
    """The p-value from Anderson's sum of ranks, ties by their middle ranks."""
    n, m = (each[..., 0] for each in counts.totals)
    own = _squared_ranks(counts.now, counts.before)
    other = _squared_ranks(counts.before, counts.now)
    product, rows = n * m, n + m
    statistic = (n * own + m * other) / (product * rows) - (4 * product - 1) / (6 * rows)
    return functions.cramer_p_of(statistic, n, m)


def _squared_ranks(own: Floats, other: Floats) -> Floats:
    """Squared differences of the ranks in both together and in the own sample, summed up."""
    below = other.cumsum(axis=-1) - other / 2
    return np.asarray((own * below**2 + own * (own**2 - 1) / 12).sum(axis=-1))


EVIDENTLY: tuple[Distance, ...] = (
    Distance(
        name="evidently:psi",
        **of_both(_evidently_psi, _sturges_cells),
        greatest=math.inf,
        source="Sturges' bins over both sides, or one by one up to 20 values; empty bins 0.0001, or a millionth of the least share where that is at most 0.0001",
    ),
    Distance(
        name="evidently:kl_div",
        **of_both(_evidently_kl, _sturges_cells),
        greatest=math.inf,
        spellings=("evidently:kl",),
        source="of the reference from the window, natural logarithm; bins as evidently:psi",
    ),
    Distance(
        name="evidently:jensenshannon",
        **of_both(_natural_jensen_shannon, _sturges_cells, is_root=True),
        greatest=math.sqrt(math.log(2)),
        spellings=("evidently:jensen_shannon",),
        source="distance, natural logarithm; bins as evidently:psi, empty ones stay empty",
    ),
    Distance(
        name="evidently:hellinger",
        numbers=of_numbers(_bhattacharyya_hellinger, _sturges_of_distinct, is_root=True),
        categories=of_text(divergences.hellinger, is_root=True),
        source="root of 1 - sum of root(q p); Sturges' bins for the number of different values",
    ),
    Distance(
        name="evidently:wasserstein",
        numbers=of_numbers(functions.bounded_wasserstein, is_root=True),
        greatest=math.inf,
        source="divided by the reference's standard deviation, by 0.001 if that is less",
    ),
    Distance(
        name="evidently:energy",
        numbers=of_numbers(functions.energy, is_root=True),
        greatest=math.inf,
        spellings=("evidently:ed",),
        source="in roots of the column's unit",
    ),
    Distance(
        name="evidently:ks",
        numbers=of_numbers(_smirnov_p, is_p_value=True),
        greatest=None,
        is_p_value=True,
        threshold=0.05,
        source="SciPy's p-value of ks_2samp; needs the extra science",
    ),
    Distance(
        name="evidently:cramer_von_mises",
        numbers=of_numbers(_tied_cramer_p, is_p_value=True),
        greatest=None,
        is_p_value=True,
        source="p-value from ranks, which ties make small; for more than 20 rows on a side",
    ),
    Distance(
        name="evidently:chisquare",
        categories=of_text(_goodness_of_fit_p, is_p_value=True),
        greatest=None,
        is_p_value=True,
        threshold=0.05,
        source="p-value of the fit to the reference's shares, taken as known; 0 where a value is new",
    ),
)
