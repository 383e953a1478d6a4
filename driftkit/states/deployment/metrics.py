"""The value of each metric for each row: what is summed up, and over what it is divided.

A metric of an arm is sum(S) / sum(N). N is 1 for rows that count and 0 for others where the metric is a
rate or a mean; a ratio has any N. So precision is a rate over the rows predicted positive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.classification import BETAS
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftkit.formats.deployment.metrics import Bias
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.native.arrays import Floats
    from driftkit.states.deployment.judging import JudgedRows

# Probabilities are clipped to this distance from 0 and 1 in the logarithmic loss.
CLIPPED = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSource:
    """What a metric is computed from.

    Attributes:
        of: one of `VALUES`, `RATES` or `BETAS`, or `column`, `share_over`, `ratio` of columns of the users' own;
            `nothing` for what is not a ratio of sums of rows: the area under the curve, metrics of tables.
        column: the column; the numerator of a ratio.
        denominator: the other column of a ratio.
        limit: a value strictly above it counts, of `share_over`.
        winsor: values above it count as it; of a ratio, numerators.
        range: the least and the largest value that there can be; None where nobody says.
        bias: whose groups count, where `of` is one of `RATES`; None where all rows do.
        rest: whether the rows that are not of the group count, rather than those that are.
    """

    of: str
    column: str | None = None
    denominator: str | None = None
    limit: float | None = None
    winsor: float | None = None
    range: tuple[float, float] | None = None
    bias: Bias | None = None
    rest: bool = False


def _accuracy(rows: JudgedRows) -> Floats:
    return rows.right


def _error_rate(rows: JudgedRows) -> Floats:
    return 1.0 - rows.right


def _precision(rows: JudgedRows) -> Floats:
    return np.where(rows.prediction_is_positive == 1.0, rows.label_is_positive, np.nan)


def _recall(rows: JudgedRows) -> Floats:
    return np.where(rows.label_is_positive == 1.0, rows.prediction_is_positive, np.nan)


def _specificity(rows: JudgedRows) -> Floats:
    return np.where(rows.label_is_positive == 0.0, 1.0 - rows.prediction_is_positive, np.nan)


def _false_positive_rate(rows: JudgedRows) -> Floats:
    return 1.0 - _specificity(rows)


def _false_negative_rate(rows: JudgedRows) -> Floats:
    return 1.0 - _recall(rows)


def _rejection_rate(rows: JudgedRows) -> Floats:
    return np.where(rows.prediction_is_positive == 0.0, 1.0 - rows.label_is_positive, np.nan)


def _same_side(rows: JudgedRows) -> Floats:
    """1 where both or neither of label and prediction are positive, whatever else they are."""
    return 1.0 - np.abs(rows.label_is_positive - rows.prediction_is_positive)


def _brier(rows: JudgedRows) -> Floats:
    difference = rows.probability - rows.label_is_positive
    return np.multiply(difference, difference, out=difference)


def _log_loss(rows: JudgedRows) -> Floats:
    clipped = np.clip(rows.probability, CLIPPED, 1.0 - CLIPPED)
    likely = np.where(rows.label_is_positive == 1.0, clipped, 1.0 - clipped)
    return np.where(np.isnan(rows.label_is_positive), np.nan, -np.log(likely))


def _calibration(rows: JudgedRows) -> Floats:
    return rows.probability - rows.label_is_positive


def _mae(rows: JudgedRows) -> Floats:
    return np.abs(rows.label_number - rows.predicted_number)


def _mse(rows: JudgedRows) -> Floats:
    return np.square(rows.label_number - rows.predicted_number)


def _prediction_mean(rows: JudgedRows) -> Floats:
    return rows.predicted_number


def _positive_rate(rows: JudgedRows) -> Floats:
    return rows.prediction_is_positive


NOTHING = frozenset({"auc", "agreement"})
VALUES: Mapping[str, Callable[[JudgedRows], Floats]] = MappingProxyType(
    {
        "accuracy": _accuracy,
        "error_rate": _error_rate,
        "precision": _precision,
        "recall": _recall,
        "specificity": _specificity,
        "true_positive_rate": _recall,
        "true_negative_rate": _specificity,
        "false_positive_rate": _false_positive_rate,
        "false_negative_rate": _false_negative_rate,
        # Each class by its share of the labels: of all rows those that are right.
        "weighted_recall": _accuracy,
        "brier": _brier,
        "log_loss": _log_loss,
        "calibration": _calibration,
        "mae": _mae,
        "mse": _mse,
        "prediction_mean": _prediction_mean,
        "positive_rate": _positive_rate,
    }
)
"""Metrics whose N is 1 where they have a value."""
RATES: Mapping[str, Callable[[JudgedRows], Floats]] = MappingProxyType(
    {
        "accuracy": _same_side,
        "precision": _precision,
        "recall": _recall,
        "rejection_rate": _rejection_rate,
        "specificity": _specificity,
        "positive_rate": _positive_rate,
    }
)
"""The rates of groups that bias metrics compare, of the cells of a confusion matrix."""


def sources_of(metrics: Sequence[PlannedMetric]) -> dict[str, MetricSource]:
    """What is summed up: name -> what it is computed from.

    First all metrics in their order, of bias metrics the group; then the rest of each of these.
    """
    of_bias = [each for each in metrics if each.bias is not None]
    return {
        **{each.name: source_of(each) for each in metrics},
        **{rest_of(each): replace(source_of(each), rest=True) for each in of_bias},
    }


def rest_of(metric: PlannedMetric) -> str:
    """The name of the sums of rows that are not of a bias metric's group."""
    return f"rest of {metric.name}"


def source_of(metric: PlannedMetric) -> MetricSource:
    """What a metric of a plan is computed from."""
    if metric.name in VALUES or metric.name in BETAS:
        return MetricSource(of=metric.name, winsor=metric.winsor, range=metric.range)
    if metric.name in NOTHING or metric.table:
        return MetricSource(of="nothing")
    if metric.bias is not None:
        return MetricSource(of=metric.bias.rate, bias=metric.bias)
    if metric.kind == "ratio":
        return MetricSource(
            of="ratio",
            column=metric.numerator,
            denominator=metric.denominator,
            winsor=metric.winsor,
        )
    of = "share_over" if metric.kind == "slo" else "column"
    return MetricSource(
        of=of,
        column=metric.column,
        limit=metric.limit,
        winsor=metric.winsor,
        range=metric.range,
    )


def values(source: MetricSource, rows: JudgedRows) -> tuple[Floats, Floats]:
    """S and N of each row, 0 and 0 where the metric has no value.

    Raises:
        InputError: a column that it needs is not there, or a value is outside the plan's range.
    """
    s, n = as_told(source, rows)
    return _counted(s, np.ones(len(s)) if n is None else n)


def as_told(source: MetricSource, rows: JudgedRows) -> tuple[Floats, Floats | None]:
    """S and N of each row as the columns have them, one or the other not finite where S has no value.

    N is None where it is 1 for every row.

    Raises:
        InputError: a column that it needs is not there.
    """
    # Sums of arms and halves of pairs both ask.
    if source not in rows.told:
        rows.told[source] = _as_told(source, rows)
    return rows.told[source]


def _as_told(source: MetricSource, rows: JudgedRows) -> tuple[Floats, Floats | None]:
    if source.of == "nothing":
        return np.full(rows.rows, np.nan), None
    if source.of in BETAS:
        return _f(rows, BETAS[source.of])
    if source.of == "ratio":
        return _cut(rows.column(source.column or ""), source), rows.column(source.denominator or "")
    return _single(source, rows), None


def _f(rows: JudgedRows, beta: float) -> tuple[Floats, Floats]:
    """(1 + b2) TP over b2 (TP + FN) + TP + FP, of which a row has b2 label + prediction; b2 = beta^2.

    Source: van Rijsbergen 1979, Information Retrieval, chapter 7.
    """
    both, weight = rows.label_is_positive * rows.prediction_is_positive, beta * beta
    return (1.0 + weight) * both, weight * rows.label_is_positive + rows.prediction_is_positive


def _single(source: MetricSource, rows: JudgedRows) -> Floats:
    if source.bias is not None:
        return np.where(rows.in_group(source.bias) != source.rest, RATES[source.of](rows), np.nan)
    if source.of in VALUES:
        found = VALUES[source.of](rows)
    else:
        found = rows.column(source.column or "")
        if source.of == "share_over":
            over = (found > (source.limit or 0.0)).astype(np.float64)
            np.copyto(over, np.nan, where=np.isnan(found))
            return over
    found = _cut(found, source)
    if source.range is not None:
        _refuse_outside(found, source.range, source.column or source.of)
    return found


def _cut(found: Floats, source: MetricSource) -> Floats:
    return found if source.winsor is None else np.minimum(found, source.winsor)


def _refuse_outside(values: Floats, span: tuple[float, float], where: str) -> None:
    low, high = span
    outside = values[np.isfinite(values) & ((values < low) | (values > high))]
    if len(outside):
        raise InputError(
            "a value is outside the range that the plan gives",
            where=where,
            expected=f"{low:g} to {high:g}",
            found=f"{outside[0]:g}",
            todo="Make a plan with a wider --range, or one that cuts large values with --winsor",
        )


def _counted(s: Floats, n: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(s) & np.isfinite(n)
    return np.where(known, s, 0.0), np.where(known, n, 0.0)
