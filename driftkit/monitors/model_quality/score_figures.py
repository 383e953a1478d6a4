"""Calibration and distribution of scores, from states that have every score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.quality_intervals import wilson
from driftkit.results.figures import Curve, Figure, Histogram, Line

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.quality.scores import Scores

BINS = 20


def score_figures(window: Scores, baseline: Scores | None) -> list[Figure]:
    """How often rows of each score are positive, and how scores are spread.

    Args:
        window: every score with its class.
        baseline: the baseline's; None where they are not known.
    """
    if not window.rows:
        return []
    now = _Bins.of(window)
    before = _Bins.of(baseline) if baseline is not None and baseline.rows else None
    edges = np.linspace(0, 1, BINS + 1).tolist()
    return [
        Curve(
            name="calibration",
            x_label="mean score",
            y_label="share of positives",
            window=now.line(),
            baseline=before.line() if before else None,
            diagonal=True,
        ),
        Histogram(
            feature="scores",
            edges=tuple(edges),
            window=now.shares(),
            baseline=before.shares() if before else None,
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bins:
    """Rows by score, in intervals of equal width."""

    rows: Integers
    positives: Integers
    sums: Floats

    @classmethod
    def of(cls, scores: Scores) -> _Bins:
        values = scores.values
        at = np.minimum((values * BINS).astype(np.int64), BINS - 1)
        counts = np.ones(values.size, dtype=np.int64) if scores.counts is None else scores.counts
        return cls(
            rows=np.bincount(at, counts, BINS).astype(np.int64),
            positives=np.bincount(at, counts * scores.positive, BINS).astype(np.int64),
            sums=np.bincount(at, counts * values, BINS).astype(np.float64),
        )

    def shares(self) -> tuple[float, ...]:
        return tuple((self.rows / self.rows.sum()).tolist())

    def line(self) -> Line:
        """The share of positives and Wilson's interval of 95 %, of intervals that have rows."""
        known = np.flatnonzero(self.rows)
        found = [wilson(int(self.positives[at]), int(self.rows[at])) for at in known]
        return Line(
            x=(self.sums[known] / self.rows[known]).tolist(),
            y=[each.value if each else None for each in found],
            lower=[each.low if each else None for each in found],
            upper=[each.high if each else None for each in found],
        )
