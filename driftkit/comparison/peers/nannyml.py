"""NannyML's distances, read from the code of version 0.13.1 (Apache-2.0)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison import distribution_functions as functions
from driftkit.comparison import divergences
from driftkit.comparison.cells import WIDEST_GAP, of_both, of_numbers, of_text, on_values
from driftkit.comparison.distance import Distance
from driftkit.comparison.equal_width import doane_edges, equal_edges, in_bins, ranks_below

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import CellCounts
    from driftkit.comparison.distributions import Distribution

# From so many rows of the reference on, this many bins stand for its values.
_BINS = 10_000


def _doane_cells(current: Distribution, baseline: Distribution) -> CellCounts:
    """NannyML's: of the reference, and a bin for what is outside of them."""
    counts = in_bins(current, baseline, doane_edges(baseline))
    now, before = (
        np.append(inside, sample.total - inside.sum())
        for inside, sample in ((counts.now, current), (counts.before, baseline))
    )
    return replace(counts, now=now, before=before)


def _nannyml_gap(current: Distribution, baseline: Distribution) -> float:
    """The widest gap at the upper ends of 10,000 bins of the reference, where that is large."""
    if baseline.total < _BINS:
        return float(functions.kolmogorov_smirnov(on_values(current, baseline)))
    edges = np.linspace(baseline.values[0], baseline.values[-1], _BINS + 1)
    now, before = (ranks_below(each, edges)[1:] / each.total for each in (current, baseline))
    return float(np.abs(before - now).max())


def _nannyml_area(current: Distribution, baseline: Distribution) -> float:
    """The area over 10,000 bins of a large reference, and the area outside of them.

    Where rows are below the reference, their share within it is 1 / n too high.
    """
    if baseline.total < _BINS:
        return float(functions.wasserstein(on_values(current, baseline)))
    edges = equal_edges(float(baseline.values[0]), float(baseline.values[-1]), _BINS)
    now, before = (ranks_below(each, edges)[1:] / each.total for each in (current, baseline))
    beyond = np.maximum(edges[0] - current.values, current.values - edges[-1])
    outside = (current.counts * np.maximum(beyond, 0.0)).sum() / current.total
    more = 1 / current.total if current.values[0] < edges[0] else 0.0
    within = (np.abs(before - now - more) * (edges[1] - edges[0])).sum()
    return float(within + outside)


def _yates_chi_square(counts: CellCounts) -> Floats:
    """Chi-square of the table of counts; of two categories with Yates' correction."""
    used = (counts.now + counts.before) > 0
    n, m = counts.totals
    expected = (counts.now + counts.before) * n / (n + m)
    gaps = np.abs(counts.now - expected)
    two = used.sum(axis=-1, keepdims=True) == 2
    gaps = np.where(two, gaps - np.minimum(0.5, gaps), gaps)
    terms = gaps**2 / np.where(used, expected, 1.0) * (n + m) / m
    return np.asarray(terms.sum(axis=-1))


def _yates_p(counts: CellCounts) -> Floats:
    return divergences.chi_square_p_of(_yates_chi_square(counts), counts)


NANNYML: tuple[Distance, ...] = (
    Distance(
        name="nannyml:jensen_shannon",
        **of_both(divergences.jensen_shannon_distance, _doane_cells, is_root=True),
        source="distance, base 2; Doane's bins over the reference, and one for what is outside",
    ),
    Distance(
        name="nannyml:hellinger",
        **of_both(divergences.hellinger, _doane_cells, is_root=True),
        source="bins as nannyml:jensen_shannon",
    ),
    Distance(
        name="nannyml:wasserstein",
        numbers=of_numbers(functions.wasserstein, is_root=True, instead=_nannyml_area),
        greatest=math.inf,
        source="in the column's unit; from 10,000 rows of the reference on, in 10,000 bins over it",
    ),
    Distance(
        name="nannyml:kolmogorov_smirnov",
        numbers=replace(WIDEST_GAP, instead=_nannyml_gap),
        source="bins as nannyml:wasserstein",
    ),
    Distance(
        name="nannyml:chi2",
        categories=of_text(_yates_chi_square, tail=_yates_p),
        greatest=None,
        threshold=3.841,
        source="statistic of the table of counts, Yates' correction for two categories, of which 5 % of equal laws exceed 3.841; NannyML alarms by its p-value",
    ),
    Distance(
        name="nannyml:l_infinity",
        categories=of_text(divergences.l_infinity, is_root=True),
        source="greatest difference of a share",
    ),
)
