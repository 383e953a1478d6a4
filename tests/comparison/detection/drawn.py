"""Cells of drawn numbers and categories, for the tests of drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.numbers import NumericReference

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers

CELLS = 128


def edges_of(values: Floats) -> Floats:
    """Quantiles of a reference, its extremes among them, and one edge below all values."""
    inner = np.quantile(values, np.linspace(0, 1, CELLS - 2), method="inverted_cdf")
    return np.concatenate([[np.nextafter(values.min(), -np.inf)], np.unique(inner)])


def counted(values: Floats, edges: Floats) -> Integers:
    """Rows of each cell: up to the first edge, between edges, and above the last one."""
    cells = np.searchsorted(edges, values, side="left")
    return np.bincount(cells, minlength=len(edges) + 1).astype(np.int64)


def reference_of(values: Floats, edges: Floats, missing: int = 0) -> NumericReference:
    """One feature's reference, without single values."""
    cells = Cells.of(counted(values, edges), missing)
    return NumericReference(cells=cells, atoms=np.zeros((1, len(edges) + 1), dtype=bool))


def windows_of(samples: list[Floats], edges: Floats, missing: int = 0) -> Cells:
    """Some windows of one feature."""
    return Cells.of(np.array([counted(sample, edges) for sample in samples]), missing)
