"""Makes the cells in which a window and its baseline are compared: values, deciles, categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from driftkit.comparison.cell_counts import CellCounts, CellDistance
from driftkit.comparison.detection.cells import sketch_allowance
from driftkit.comparison.distribution_functions import kolmogorov_smirnov, kolmogorov_smirnov_p

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import Kernel
    from driftkit.comparison.distributions import Distribution

_DECILES = np.arange(1, 10) / 10


def on_values(current: Distribution, baseline: Distribution) -> CellCounts:
    """Every value that either has is a cell."""
    values = np.union1d(current.values, baseline.values)
    return _counts(current, baseline, values, values)


def on_deciles(current: Distribution, baseline: Distribution) -> CellCounts:
    """Cells between the deciles of the baseline.

    The baseline alone makes them, so that a threshold means the same in every window: up to
    its least value (excluded), up to each decile, up to its greatest value, and above. Deciles
    that are equal make one cell, so that few distinct values are compared value by value, and
    an outlier widens the last cell only.
    """
    least, greatest = baseline.values[0], baseline.values[-1]
    inner = np.unique(np.append(baseline.quantiles(_DECILES), greatest))
    edges = np.concatenate([[np.nextafter(least, -np.inf)], inner])
    return _counts(current, baseline, np.append(edges, np.inf), None)


def on_categories(current: Mapping[str, int], baseline: Mapping[str, int]) -> CellCounts:
    """Every category that either has is a cell."""
    keys = sorted(current.keys() | baseline.keys())
    now, before = (
        np.array([counts.get(key, 0) for key in keys], dtype=np.float64)
        for counts in (current, baseline)
    )
    return CellCounts(now=now, before=before)


def _counts(
    current: Distribution, baseline: Distribution, ends: Floats, values: Floats | None
) -> CellCounts:
    """Rows up to each end, from the one before."""
    now, before = (
        np.diff(each.ranks_of(ends), prepend=0).astype(np.float64) for each in (current, baseline)
    )
    return CellCounts(now=now, before=before, values=values, doubts=doubts_of(current, baseline))


def doubts_of(current: Distribution, baseline: Distribution) -> tuple[float, float]:
    """How far shares of both may be off."""
    now, before = (
        sketch_allowance(each.total) if each.compacted else 0.0 for each in (current, baseline)
    )
    return now, before


def of_numbers(
    kernel: Kernel,
    cells: Callable[[Distribution, Distribution], CellCounts] = on_values,
    **more: Any,
) -> CellDistance:
    """A distance of numbers; `more` are further fields of it."""
    return CellDistance(cells=cells, kernel=kernel, **more)


def of_text(kernel: Kernel, **more: Any) -> CellDistance:
    """A distance of categories; `more` are further fields of it."""
    return CellDistance(cells=on_categories, kernel=kernel, **more)


class OfBoth(TypedDict):
    """Fields of a distance of numbers and of categories."""

    numbers: CellDistance
    categories: CellDistance


def of_both(
    kernel: Kernel, cells: Callable[[Distribution, Distribution], CellCounts], **more: Any
) -> OfBoth:
    """The same of numbers in cells and of categories; `more` are further fields of either."""
    return {"numbers": of_numbers(kernel, cells, **more), "categories": of_text(kernel, **more)}


WIDEST_GAP = of_numbers(kolmogorov_smirnov, is_root=True, tail=kolmogorov_smirnov_p)
"""Of numbers, the widest gap of the distribution functions, with the p-value of its test."""
