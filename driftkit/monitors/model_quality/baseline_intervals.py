"""Confidence intervals of a baseline's metrics, from its statistics.json."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.classification import Cells
from driftkit.comparison.quality_intervals import (
    Interval,
    binary_intervals,
    hanley_mcneil,
    multiclass_intervals,
    normal,
)
from driftkit.formats.model_quality.problems import Problem

if TYPE_CHECKING:
    from driftkit.formats.model_quality.statistics import Matrix, Metric, ModelStatistics

# A sample of 80 % without replacement has a quarter of the variance of a new set of rows.
_OF_SAMPLES = 2.0


def intervals_of(statistics: ModelStatistics) -> dict[str, Interval | None]:
    """The intervals that follow from matrix, AUC and deviations; empty without a matrix.

    The AUC's is after Hanley and McNeil, which needs the class sizes only; a regression's
    follows from its standard deviations over samples.
    """
    matrix = statistics.matrix
    if statistics.problem is Problem.REGRESSION or matrix is None:
        return {name: _from_deviation(metric) for name, metric in statistics.metrics.items()}
    if statistics.problem is Problem.MULTICLASS:
        names = list(dict.fromkeys([*matrix, *(key for row in matrix.values() for key in row)]))
        counts = [[matrix.get(a, {}).get(p, 0) for p in names] for a in names]
        return multiclass_intervals(np.array(counts))
    cells = _cells(matrix, statistics.metrics.get("recall"))
    if cells is None:
        return {}
    intervals = binary_intervals(cells)
    auc, positives, negatives = (
        statistics.metrics.get("auc"),
        cells.tp + cells.fn,
        cells.fp + cells.tn,
    )
    if auc is not None and positives and negatives and 0.0 <= auc.value <= 1.0:
        variance = hanley_mcneil(auc.value, positives, negatives)
        intervals["auc"] = normal(auc.value, variance, low=0.0, high=1.0)
    return intervals


def _cells(matrix: Matrix, recall: Metric | None) -> Cells | None:
    """The cells, the positive label being the second; or the first, if the recall says so."""
    names = list(matrix)
    if len(names) != 2:
        return None
    orders = [(names[0], names[1]), (names[1], names[0])]
    for negative, positive in orders:
        cells = Cells(
            tp=matrix[positive].get(positive, 0),
            fn=matrix[positive].get(negative, 0),
            fp=matrix[negative].get(positive, 0),
            tn=matrix[negative].get(negative, 0),
        )
        positives = cells.tp + cells.fn
        if recall is None or (positives and math.isclose(cells.tp / positives, recall.value)):
            return cells
    return None


def _from_deviation(metric: Metric) -> Interval | None:
    deviation = metric.standard_deviation
    if deviation is None or math.isnan(deviation):
        return None
    spread = _OF_SAMPLES * deviation
    # A product beyond doubles is infinite, a power is an error.
    return normal(metric.value, spread * spread, low=-math.inf, high=math.inf)
