"""Pearson's chi-square test of categories, as Deequ computes it."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from driftkit.extras import library

if TYPE_CHECKING:
    from collections.abc import Mapping

# Cochran (1954): 10 expected in each of two cells; with more cells 5, but for a fifth of them.
_EXPECTED_IN_TWO = 10.0
_EXPECTED_IN_MORE = 5.0
_CELLS_EXCUSED = 0.2
# MLlib's ChiSqTest rescales the expected counts when the sums differ by at least this much.
_SUMS_DIFFER = 1e-7


def chi_square(sample: Mapping[str, int], baseline: Mapping[str, int], *, robust: bool) -> float:
    """Chi-square of a sample against the shares of a baseline, rare categories put together.

    Source: Deequ's Distance.categoricalDistance, ChisquareMethod (2.0.4 and later), with
    MLlib's ChiSqTest. Categories that the baseline lacks are ignored.

    Args:
        sample: category -> rows.
        baseline: the same of the baseline.
        robust: whether the p-value is wanted (small means drift) or the statistic (large does).

    Returns:
        The p-value or the statistic; NaN where fewer than two categories remain.

    >>> chi_square({"a": 40, "b": 60}, {"a": 500, "b": 500}, robust=False)
    4.0
    >>> round(chi_square({"a": 40, "b": 60}, {"a": 500, "b": 500}, robust=True), 4)
    0.0455
    """
    observed = {key: sample.get(key, 0) for key in sorted(baseline)}
    total, all_observed = sum(baseline.values()), sum(observed.values())
    # Expected and observed counts, a pair a category of the baseline.
    cells = _regrouped([(baseline[key] / total * all_observed, n) for key, n in observed.items()])
    if len(cells) < 2:
        return math.nan
    statistic = _pearson(cells)
    if not robust:
        return statistic
    special = library("scipy.special", "science", "the p-value of ChiSquared")
    return float(special.chdtrc(len(cells) - 1, statistic))


def _regrouped(cells: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The rarest category joined to the next rarest until enough is expected in the cells."""
    rarest_first = list(cells)
    heapq.heapify(rarest_first)
    while len(rarest_first) >= 2 and not _enough_expected(rarest_first):
        expected, observed = heapq.heappop(rarest_first)
        next_expected, next_observed = rarest_first[0]
        heapq.heapreplace(rarest_first, (expected + next_expected, observed + next_observed))
    return rarest_first


def _enough_expected(cells: list[tuple[float, float]]) -> bool:
    if len(cells) == 2:
        return all(expected >= _EXPECTED_IN_TWO for expected, _ in cells)
    rare = sum(expected < _EXPECTED_IN_MORE for expected, _ in cells)
    return rare <= math.floor(_CELLS_EXCUSED * len(cells))


def _pearson(cells: list[tuple[float, float]]) -> float:
    all_expected = math.fsum(expected for expected, _ in cells)
    all_observed = math.fsum(observed for _, observed in cells)
    differ = abs(all_expected - all_observed) >= _SUMS_DIFFER
    scale = all_observed / all_expected if differ else 1.0
    return math.fsum((seen - e * scale) ** 2 / (e * scale) for e, seen in cells)
