"""Constraints of the model-quality monitor: no metric may get worse than it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.formats.model_quality.constraints import MetricConstraint, ModelConstraints
from driftkit.formats.model_quality.problems import OPERATORS

if TYPE_CHECKING:
    from driftkit.formats.model_quality.statistics import ModelStatistics


def suggest(statistics: ModelStatistics) -> ModelConstraints:
    """The measured values as thresholds, with the comparison that each metric needs.

    A metric that is not defined on these rows (NaN) gets no constraint.
    """
    metrics = {
        name: MetricConstraint(
            threshold=statistics.metrics[name].value, comparison_operator=operator
        )
        for name, operator in OPERATORS[statistics.problem].items()
        if name in statistics.metrics and not math.isnan(statistics.metrics[name].value)
    }
    return ModelConstraints(problem=statistics.problem, metrics=metrics)
