"""Cells of drawn numbers and categories, for the tests of drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import numeric_scores
from driftkit.comparison.detection.numbers import NumericReference

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.detection.evidence import Strongest
    from driftkit.comparison.detection.expectation import Calendar

CELLS = 128
_ROWS = 200


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


def judged(
    means: Floats, dates: Integers | None = None, calendar: Calendar | None = None
) -> Strongest:
    """The last of days of normal numbers with such means, by those before."""
    rng = np.random.default_rng(0)
    samples = [rng.normal(mean, size=_ROWS) for mean in means]
    cells = windows_of(samples, edges_of(np.concatenate(samples[:-1])))
    kept = np.arange(len(means))[None] < len(means) - 1
    scores = numeric_scores(cells, kept, np.zeros((1, cells.counts.shape[2]), dtype=bool))
    at = np.arange(len(means)) if dates is None else dates
    return unusual(scores, at, kept, calendar=calendar)


def noise(count: int, deviation: float = 0.1) -> Floats:
    """How far the means of days differ."""
    return np.random.default_rng(1).normal(0, deviation, count)
