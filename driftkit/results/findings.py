"""Violations of a metric's constraint as findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.results.contract import Finding, in_words

if TYPE_CHECKING:
    from driftkit.formats.violations import AttributionViolation, BiasViolation, MetricViolation
    from driftkit.results.contract import Metric


def finding_of(
    violation: MetricViolation | BiasViolation | AttributionViolation,
    metric: Metric | None,
    **dimensions: str,
) -> Finding:
    """A violation of a metric's constraint as a finding, with the metric's numbers where known."""
    bare = Finding(
        check=violation.constraint_check_type,
        metric=violation.metric_name,
        dimensions=dimensions,
        message=violation.description,
    )
    if metric is None:
        return bare
    noise = f" ({metric.lower:.4g} to {metric.upper:.4g})" if metric.interval else ""
    return replace(
        bare,
        metric=metric.name,
        expected="" if metric.allowed is None else in_words(metric.allowed),
        observed="" if metric.value is None else f"{metric.value:.4g}{noise}",
        cause=_cause(metric) or violation.description,
        value=metric.value,
        baseline=metric.baseline,
        allowed=metric.allowed,
        interval=metric.interval,
    )


def _cause(metric: Metric) -> str:
    """How far it is from the baseline's value, and whether chance may explain it; "" if unknown.

    Of deployments the value is a difference by itself.
    """
    if metric.group == "deployment" or metric.value is None or metric.baseline is None:
        return ""
    change = metric.value - metric.baseline
    moved = f"{abs(change):.4g} {'more' if change > 0 else 'less'} than the baseline's"
    chance = {
        True: "; chance alone would hardly explain it",
        False: "; chance alone may explain it",
        None: "",
    }
    return f"{moved} {metric.baseline:.4g}{chance[metric.beyond_noise]}."
