"""The constraints of model quality, and the list of checks that hold a window's metrics against them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from driftkit.comparison.quality_intervals import Interval, difference
from driftkit.dialects import IN_BOTH
from driftkit.dialects import dialect as dialect_named
from driftkit.errors import SettingsError
from driftkit.formats.jackson import double
from driftkit.formats.model_quality.constraints import MetricConstraint, ModelConstraints
from driftkit.formats.model_quality.problems import GREATER, LESS, OPERATORS
from driftkit.formats.violations import MetricViolation
from driftkit.monitors.check import Check, of_dialect
from driftkit.results.contract import Skipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from driftkit.dialects import Dialect
    from driftkit.formats.model_quality.statistics import Metric, ModelStatistics

    Intervals = Mapping[str, Interval | None]

_NEVER_REPORTED = "f0_5"

# Seen in real runs; all other names are written as they are.
_SPELLED = {
    "true_positive_rate": "truePositiveRate",
    "true_negative_rate": "trueNegativeRate",
    "false_positive_rate": "falsePositiveRate",
    "false_negative_rate": "falseNegativeRate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCheck:
    """A metric beside its constraint, in numbers for people.

    Attributes:
        metric: its name in statistics.json.
        value: of the window.
        interval: of the window's value; None where none can be given.
        threshold: the baseline's bound.
        gap: the interval of value less threshold; None where none can be given.
        worse: whether the value is on the wrong side.
    """

    metric: str
    value: float
    interval: Interval | None
    threshold: float
    gap: Interval | None
    worse: bool

    @property
    def beyond_noise(self) -> bool | None:
        """Whether chance alone would hardly make it so much worse; None where that is unknown."""
        if self.gap is None:
            return None
        return self.worse and 0.0 not in self.gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the comparison says.

    Attributes:
        violations: as constraint_violations.json lists them, in the order of the constraints.
        judgements: every metric that has a constraint.
        skipped: metrics with a constraint that the window does not have, with the reason.
    """

    violations: tuple[MetricViolation, ...]
    judgements: tuple[MetricCheck, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How sure one can be of both sides.

    Attributes:
        window: intervals of the window's metrics.
        baseline: intervals of the baseline's metrics.
        beyond_only: metrics of which only violations beyond noise are reported.
    """

    window: Intervals
    baseline: Intervals
    beyond_only: Collection[str] = ()


NO_NOISE = Noise(window={}, baseline={})


def check(
    window: ModelStatistics, bounds: ModelConstraints, *, dialect: str, noise: Noise = NO_NOISE
) -> Outcome:
    """Holds a window's metrics against the baseline's constraints.

    Raises:
        SettingsError: they are about different problems.
    """
    if window.problem is not bounds.problem:
        raise SettingsError(
            "baseline and window are about different problems",
            where="problem_type",
            expected=bounds.problem,
            found=window.problem,
            todo="Give the baseline of this model",
        )
    rules = dialect_named(dialect)
    metrics = [
        _MetricContext(
            metric=window.metrics[name],
            bound=bound,
            judgement=_compared(name, window.metrics[name], bound, noise),
            beyond_only=name in noise.beyond_only,
            dialect=rules,
        )
        for name, bound in bounds.metrics.items()
        if name in window.metrics
    ]
    checks = of_dialect(CHECKS, rules)
    found = (each.run(metric) for metric in metrics for each in checks)
    return Outcome(
        violations=tuple(violation for violation in found if violation is not None),
        judgements=tuple(each.judgement for each in metrics),
        skipped=tuple(_skipped(window, bounds)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _MetricContext:
    """What a check reads of a metric beside its constraint."""

    metric: Metric
    bound: MetricConstraint
    judgement: MetricCheck
    beyond_only: bool
    dialect: Dialect


def _threshold_check(context: _MetricContext, operator: str) -> MetricViolation | None:
    judgement, bound = context.judgement, context.bound
    name = judgement.metric
    silent = context.dialect.f0_5_unreported and name == _NEVER_REPORTED
    # What cannot be told from noise for lack of an interval is reported all the same.
    noise = context.beyond_only and judgement.beyond_noise is False
    if bound.comparison_operator != operator or not judgement.worse or silent or noise:
        return None
    return MetricViolation(
        constraint_check_type=operator,
        description=_sentence(name, context.metric, bound),
        metric_name=metric_name(name),
    )


CHECKS: tuple[Check[_MetricContext, MetricViolation | None], ...] = (
    Check(name=LESS, dialects=IN_BOTH, run=partial(_threshold_check, operator=LESS)),
    Check(name=GREATER, dialects=IN_BOTH, run=partial(_threshold_check, operator=GREATER)),
)
CHECK_NAMES = tuple(each.name for each in CHECKS)


def _compared(name: str, metric: Metric, bound: MetricConstraint, noise: Noise) -> MetricCheck:
    interval = noise.window.get(name)
    return MetricCheck(
        metric=name,
        value=metric.value,
        interval=interval,
        threshold=bound.threshold,
        gap=None if interval is None else _gap(interval, noise.baseline.get(name), bound),
        worse=bound.violated_by(metric.value),
    )


def _gap(now: Interval, before: Interval | None, bound: MetricConstraint) -> Interval:
    """The interval of the difference; a threshold that somebody chose has no noise of its own."""
    exact = Interval(value=bound.threshold, low=bound.threshold, high=bound.threshold)
    measured = before is not None and abs(before.value - bound.threshold) <= 1e-9
    return difference(now, before if measured and before is not None else exact)


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


def metric_name(name: str) -> str:
    """How constraint_violations.json spells a metric.

    >>> metric_name("true_positive_rate"), metric_name("auc")
    ('truePositiveRate', 'auc')
    """
    return _SPELLED.get(name, name)


def _sentence(name: str, metric: Metric, constraint: MetricConstraint) -> str:
    """What was measured, and which bound it missed."""
    deviation = metric.standard_deviation
    known = deviation is not None and not math.isnan(deviation)
    spread = f" +/- {double(deviation)}" if known and deviation is not None else ""
    return (
        f"Metric {metric_name(name)} with {double(metric.value)}{spread} "
        f"was {constraint.comparison_operator} '{double(constraint.threshold)}'"
    )


def _skipped(window: ModelStatistics, bounds: ModelConstraints) -> Iterator[Skipped]:
    known = OPERATORS[window.problem]
    for name in bounds.metrics:
        if name not in window.metrics:
            reason = (
                "the window has no probabilities"
                if name == "auc"
                else "the window's statistics lack it"
                if name in known
                else "driftkit does not know this metric"
            )
            yield Skipped(check=name, reason=reason)
        elif math.isnan(window.metrics[name].value):
            yield Skipped(check=name, reason="it is not defined on the window's rows")
