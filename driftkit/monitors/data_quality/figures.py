"""Distributions of columns beside the baseline's, as a page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.distributions import Distribution
from driftkit.results.figures import Categories, Figure, Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.formats.statistics import FeatureStatistics, Statistics

INTERVALS = 24
VALUES = 12
# Few far values would squeeze all others into one interval.
_ENDS = (0.001, 0.999)
# Positive numbers that are spread over more than this are drawn by their logarithms.
_SPREAD = 50.0


def figures(window: Statistics, baseline: Statistics | None = None) -> list[Figure]:
    """The distribution of every column that has one.

    Args:
        window: statistics of the window, or of a baseline that is looked at by itself.
        baseline: what is normal; None where there is none to compare with.
    """
    before = {each.name: each for each in baseline.features} if baseline else {}
    found = (_figure(each, before.get(each.name)) for each in window.features)
    return [each for each in found if each is not None]


def _figure(window: FeatureStatistics, baseline: FeatureStatistics | None) -> Figure | None:
    return _histogram(window, baseline) if window.numerical else _categories(window, baseline)


def _histogram(window: FeatureStatistics, baseline: FeatureStatistics | None) -> Histogram | None:
    now, before = _sketched(window), _sketched(baseline)
    known = [each for each in (now, before) if each is not None]
    if now is None:
        return None
    edges, logarithmic = _edges(known)
    return Histogram(
        feature=window.name,
        edges=tuple(edges.tolist()),
        window=_shares(now, edges),
        baseline=None if before is None else _shares(before, edges),
        logarithmic=logarithmic,
    )


def _sketched(feature: FeatureStatistics | None) -> Distribution | None:
    """The finite numbers of a column; None where no sketch tells them."""
    all_of_it = feature.sketched() if feature else None
    if all_of_it is None:
        return None
    finite = np.isfinite(all_of_it.values)
    if finite.all():
        return all_of_it
    counts = all_of_it.counts[finite]
    return (
        Distribution(values=all_of_it.values[finite], ranks=counts.cumsum())
        if len(counts)
        else None
    )


def _edges(
    known: Iterable[Distribution],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], bool]:
    """Bounds of intervals for all of the distributions, and whether their ratios are equal."""
    quantiles = [each.quantiles(np.array([*_ENDS, 0.5])) for each in known]
    low, high = min(each[0] for each in quantiles), max(each[1] for each in quantiles)
    middle = min(each[2] for each in quantiles)
    if low == high:
        return np.array([low, high]), False
    if low > 0 and high > _SPREAD * middle:
        return np.geomspace(low, high, INTERVALS + 1), True
    return np.linspace(low, high, INTERVALS + 1), False


def _shares(
    values: Distribution, edges: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> tuple[float, ...]:
    """Share of the values in each interval, those beyond in the first and the last one."""
    below = values.shares(edges[1:-1]) if len(edges) > 2 else np.array([])
    return tuple(np.diff(np.concatenate([[0.0], below, [1.0]])).tolist())


def _categories(window: FeatureStatistics, baseline: FeatureStatistics | None) -> Categories | None:
    now, before = _listed(window), _listed(baseline)
    if not now and not before:
        return None
    ordered = sorted(
        now.keys() | before.keys(),
        key=lambda value: (-before.get(value, 0.0), -now.get(value, 0.0), value),
    )
    # A new value is what one looks for, so that it must not be among those left out.
    shown = sorted(
        ordered, key=lambda value: (-max(before.get(value, 0.0), now.get(value, 0.0)), value)
    )
    most = {*shown[:VALUES]}
    values = tuple(each for each in ordered if each in most)
    return Categories(
        feature=window.name,
        values=values,
        window=tuple(now.get(each, 0.0) for each in values),
        baseline=tuple(before.get(each, 0.0) for each in values) if before else None,
        others=len(ordered) - len(values),
    )


def _listed(feature: FeatureStatistics | None) -> dict[str, float]:
    """The values of a column and their shares of all that are listed."""
    listed = feature.string.categories if feature and feature.string else None
    counts = {each.value: each.count for each in listed or ()}
    total = sum(counts.values())
    return {value: count / total if total else 0.0 for value, count in counts.items()}
