"""Metrics of all classes together, each against all others, and how sure they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.comparison.estimation.outcomes import macro
from driftkit.comparison.estimation.uncertainty import around, sampling_variances
from driftkit.comparison.quality_intervals import Z

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.estimation.outcomes import Outcomes


def values_of(by_class: Sequence[Outcomes]) -> dict[str, float]:
    """The metrics: of two classes those of the positive one, of several the means over classes.

    The accuracy of several is the share of rows that were predicted as what they are.

    Args:
        by_class: one of the positive class, or one of each of several.
    """
    if len(by_class) == 1:
        return by_class[0].metrics()
    return {"accuracy": _accuracy(by_class), **macro([each.metrics() for each in by_class])}


def deviations_of(
    by_class: Sequence[Outcomes], more: Sequence[Mapping[str, float]] = ()
) -> dict[str, float]:
    """How far each metric is off by chance in windows of as many rows.

    Means over classes are taken to be as uncertain as if all classes erred in the same direction.

    Args:
        by_class: as for `values_of`.
        more: variances by metric that add to those of sampling, for each class.
    """
    deviations = []
    for at, each in enumerate(by_class):
        added = more[at] if more else {}
        found = sampling_variances(each)
        deviations.append(
            {name: math.sqrt(of + added.get(name, 0.0)) for name, of in found.items()}
        )
    if len(by_class) == 1:
        return deviations[0]
    names = dict.fromkeys(name for each in deviations for name in each)
    of_names = {name: [each[name] for each in deviations if name in each] for name in names}
    means = {name: math.fsum(of) / len(of) for name, of in of_names.items()}
    value, rows = _accuracy(by_class), sum(by_class[0].matrix)
    if rows:
        means["accuracy"] = math.sqrt(max(value * (1 - value), 0.0) / rows)
    return means


def days_of_metrics(
    measured: Mapping[str, float], by_odds: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    """How far days move each metric: the larger of two measures of its variance.

    Metrics of single days say it directly, but those of few rows, or of none that are positive, say
    little; log odds are known of all days and tell it of other scores too, but move in two ways only.

    Args:
        measured: variances of metrics of days.
        by_odds: those that log odds of days lead to, for each class.
    """
    found = dict(measured)
    for name in dict.fromkeys(name for each in by_odds for name in each):
        # Of several classes the accuracy is no mean of theirs.
        if len(by_odds) == 1 or name != "accuracy":
            of = [math.sqrt(each[name]) for each in by_odds if name in each]
            found[name] = max(found.get(name, 0.0), (math.fsum(of) / len(of)) ** 2)
    return found


def _accuracy(by_class: Sequence[Outcomes]) -> float:
    rows = sum(by_class[0].matrix)
    return math.fsum(each.matrix[0] for each in by_class) / rows if rows else math.nan


def interval_of(value: float, deviation: float | None) -> tuple[float | None, float | None]:
    """The interval of 95 %, within what a share can be; none where the deviation is not known."""
    if deviation is None or math.isnan(value):
        return None, None
    return around(value, deviation, Z)
