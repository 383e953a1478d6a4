"""statistics.json of a model-quality run, from its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.classification import Cells, binary_metrics, multiclass_metrics
from driftkit.comparison.quality_intervals import (
    Interval,
    binary_intervals,
    deviation,
    multiclass_intervals,
    normal,
)
from driftkit.dialects import dialect as dialect_named
from driftkit.errors import InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.formats.model_quality.statistics import Metric, ModelStatistics
from driftkit.states.quality import labels as naming
from driftkit.states.quality.samples import (
    SAMPLED_FROM,
    regression_intervals,
    regression_samples,
    regression_values,
    sampled_matrices,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.comparison.classification import Counts
    from driftkit.states.quality.curves import Curves
    from driftkit.states.quality.state import QualityRequest, QualityState


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Statistics, and how sure of them one can be.

    Attributes:
        statistics: the content of statistics.json.
        intervals: of 95 %, by metric; None where there is none.
    """

    statistics: ModelStatistics
    intervals: Mapping[str, Interval | None] = field(default_factory=dict)


def describe(
    state: QualityState, judging: QualityRequest, *, curves: Curves | None = None, dialect: str
) -> Described:
    """What a state says.

    Args:
        state: of all rows; its scores are not looked at.
        judging: how the rows were judged.
        curves: of the scores; None where there were none.
        dialect: "textbook" or "aws".

    Raises:
        InputError: no row could be judged, or the labels do not fit the problem.
    """
    if not state.rows:
        raise _nothing(state)
    if judging.problem is Problem.REGRESSION:
        return _regression(state, dialect)
    if judging.problem is Problem.MULTICLASS:
        return _multiclass(state)
    return _binary(state, judging, curves)


def _nothing(state: QualityState) -> InputError:
    reasons = [f"{count:,} rows {reason}" for reason, count in state.rejected.counts.items()]
    return InputError(
        "there is no row to judge",
        expected="rows with a label and a prediction",
        found=", ".join(reasons) or "no rows",
        todo="Check the attributes and the window",
    )


def _regression(state: QualityState, dialect: str) -> Described:
    swapped = dialect_named(dialect).r2_of_predictions
    residuals = state.residuals
    values = regression_values(residuals.whole, swapped=swapped)
    samples = regression_samples(residuals, swapped=swapped)
    return Described(
        statistics=ModelStatistics(
            problem=Problem.REGRESSION,
            item_count=residuals.rows,
            metrics=_metrics(Problem.REGRESSION, values, samples),
        ),
        intervals=regression_intervals(residuals, swapped=swapped),
    )


def _multiclass(state: QualityState) -> Described:
    confusion = naming.agreed(state.confusion)
    names = naming.in_order(confusion.actual | confusion.predicted)
    matrix = _matrix(confusion.cells, names)
    samples = [multiclass_metrics(sample) for sample in _samples(matrix)]
    metrics = _metrics(Problem.MULTICLASS, multiclass_metrics(matrix), samples)
    statistics = ModelStatistics(
        problem=Problem.MULTICLASS,
        item_count=confusion.rows,
        metrics=metrics,
        matrix=_named(matrix, names),
    )
    return Described(statistics=statistics, intervals=multiclass_intervals(matrix))


def _binary(state: QualityState, judging: QualityRequest, curves: Curves | None) -> Described:
    confusion = naming.agreed(state.confusion)
    positive = naming.positive_label(confusion, judging.positive)
    labels = confusion.actual | confusion.predicted
    negative = naming.negative_label(labels, positive)
    confusion = confusion.renamed(naming.names(positive, negative))
    names = [negative, positive]
    matrix = _matrix(confusion.cells, names)
    values = binary_metrics(_cells(matrix))
    samples = [binary_metrics(_cells(sample)) for sample in _samples(matrix)]
    intervals = binary_intervals(_cells(matrix))
    if curves is not None:
        values["auc"] = curves.auc
        samples = [{**each, "auc": auc} for each, auc in zip(samples, curves.samples, strict=False)]
        intervals["auc"] = normal(curves.auc, curves.variance, low=0.0, high=1.0)
    statistics = ModelStatistics(
        problem=Problem.BINARY,
        item_count=confusion.rows,
        metrics=_metrics(Problem.BINARY, values, samples),
        matrix=_named(matrix, names),
        curves={} if curves is None else curves.by_key,
    )
    return Described(statistics=statistics, intervals=intervals)


def _cells(matrix: Counts) -> Cells:
    return Cells(
        tn=int(matrix[0, 0]), fp=int(matrix[0, 1]), fn=int(matrix[1, 0]), tp=int(matrix[1, 1])
    )


def _samples(matrix: Counts) -> Iterable[Counts]:
    return sampled_matrices(matrix) if matrix.sum() >= SAMPLED_FROM else ()


def _matrix(cells: Mapping[tuple[str, str], int], names: Sequence[str]) -> Counts:
    indexes = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)), dtype=np.int64)
    for (actual, predicted), rows in cells.items():
        matrix[indexes[actual], indexes[predicted]] += rows
    return matrix


def _named(matrix: Counts, names: Sequence[str]) -> dict[str, dict[str, int]]:
    return {
        actual: {predicted: int(matrix[i, j]) for j, predicted in enumerate(names)}
        for i, actual in enumerate(names)
    }


def _metrics(
    problem: Problem, values: Mapping[str, float], samples: Sequence[Mapping[str, float]]
) -> dict[str, Metric]:
    return {
        name: Metric(
            value=values[name],
            standard_deviation=deviation([sample[name] for sample in samples]),
        )
        for name in problem.metrics
        if name in values
    }
