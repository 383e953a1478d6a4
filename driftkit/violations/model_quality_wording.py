"""The containers' sentences and names of metrics that got worse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.formats.jackson import double

if TYPE_CHECKING:
    from driftkit.formats.model_quality.constraints import MetricConstraint
    from driftkit.formats.model_quality.statistics import Metric

# Seen in real runs; all other names are written as they are.
_SPELLED = {
    "true_positive_rate": "truePositiveRate",
    "true_negative_rate": "trueNegativeRate",
    "false_positive_rate": "falsePositiveRate",
    "false_negative_rate": "falseNegativeRate",
}


def metric_name(name: str) -> str:
    """How constraint_violations.json spells a metric.

    >>> metric_name("true_positive_rate"), metric_name("auc")
    ('truePositiveRate', 'auc')
    """
    return _SPELLED.get(name, name)


def sentence(name: str, metric: Metric, constraint: MetricConstraint) -> str:
    """What was measured, and which bound it missed."""
    deviation = metric.standard_deviation
    known = deviation is not None and not math.isnan(deviation)
    spread = f" +/- {double(deviation)}" if known and deviation is not None else ""
    return (
        f"Metric {metric_name(name)} with {double(metric.value)}{spread} "
        f"was {constraint.comparison_operator} '{double(constraint.threshold)}'"
    )
