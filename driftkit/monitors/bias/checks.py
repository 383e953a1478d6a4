"""The list of checks of the bias monitor, and what they say of a window's metrics."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.comparison.bias.drift import Comparison, noise_rule, point_rule
from driftkit.comparison.bias.noise import Noise, z_of
from driftkit.dialects import IN_BOTH
from driftkit.errors import FormatError
from driftkit.formats.analysis import STAGES
from driftkit.formats.violations import BIAS_CHECK, BiasViolation
from driftkit.monitors.check import Check, of_dialect
from driftkit.results.contract import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.comparison.bias.drift import Range
    from driftkit.dialects import Dialect
    from driftkit.formats.analysis import Analysis, FacetMetrics, Metric, Stage, StageMetrics
    from driftkit.monitors.bias.sampling_noise import MetricKey

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRule:
    """How metrics are compared.

    Attributes:
        dialect: which checks run, and whether the point rule of AWS's container decides.
        noise: noise of the window's metrics.
        baseline_deviations: noise of the baseline's, where it is known.
        allowed: the user's ranges by metric name, in place of the baseline's.
        confidence: with which all intervals of a run hold together.
    """

    dialect: Dialect
    noise: Mapping[MetricKey, Noise] = field(default_factory=dict)
    baseline_deviations: Mapping[tuple[str, str, str, str], float] = field(default_factory=dict)
    allowed: Mapping[str, Range] = field(default_factory=dict)
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A metric that was compared."""

    stage: Stage
    facet: str
    facet_value: str
    metric: str
    current: float
    baseline: float
    comparison: Comparison
    check: str = BIAS_CHECK

    def violation(self) -> BiasViolation:
        """The violation, in AWS's words."""
        return BiasViolation(
            facet=self.facet,
            facet_value=self.facet_value,
            metric_name=self.metric,
            description=(
                f"Metric value {json.dumps(self.current)} doesn't meet the baseline constraint "
                f"requirement {json.dumps(self.baseline)}"
            ),
            constraint_check_type=self.check,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasOutcome:
    """What a comparison found.

    Attributes:
        violations: in the order of the report.
        compared: every metric that was compared.
        skipped: what could not be compared, and why.
    """

    violations: tuple[BiasViolation, ...]
    compared: tuple[Compared, ...]
    skipped: tuple[Skipped, ...]


def check(current: Analysis, baseline: Analysis, rule: DriftRule) -> BiasOutcome:
    """Compares a window with a baseline.

    Args:
        current: of the window.
        baseline: AWS's analysis.json or driftkit's.
        rule: how metrics are compared.

    Raises:
        FormatError: the baseline has other facets, or another label.
    """
    skipped: list[Skipped] = []
    pairs = list(_pairs(current, baseline, skipped))
    z = z_of(rule.confidence, len(pairs))
    checks = of_dialect(CHECKS, rule.dialect)
    contexts = [_MetricContext(pair=pair, rule=rule, z=z) for pair in pairs]
    compared = tuple(each.run(context) for context in contexts for each in checks)
    violations = tuple(each.violation() for each in compared if each.comparison.worse)
    return BiasOutcome(violations=violations, compared=compared, skipped=tuple(skipped))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A metric of the window and the same of the baseline."""

    stage: Stage
    facet: str
    number: int
    values: tuple[str, str]
    metric: str
    current: float
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _MetricContext:
    """What a check reads: a pair of metrics, how they are compared, deviations to either side."""

    pair: _Pair
    rule: DriftRule
    z: float

    def spread(self) -> Noise | None:
        pair = self.pair
        spread = self.rule.noise.get((pair.stage, pair.facet, pair.number, pair.metric))
        if spread is None:
            return None
        key = (pair.stage, pair.facet, pair.values[1], pair.metric)
        deviation = math.hypot(spread.deviation, self.rule.baseline_deviations.get(key, 0.0))
        return Noise(centre=spread.centre, deviation=deviation, scale=spread.scale)


def _bias_drift_check(context: _MetricContext) -> Compared:
    pair, rule = context.pair, context.rule
    comparison = (
        point_rule(pair.current, pair.baseline)
        if rule.dialect.point_rule
        else noise_rule(
            pair.current,
            pair.baseline,
            rule.allowed.get(pair.metric),
            context.spread(),
            context.z,
        )
    )
    return Compared(
        stage=pair.stage,
        facet=pair.facet,
        facet_value=pair.values[0],
        metric=pair.metric,
        current=pair.current,
        baseline=pair.baseline,
        comparison=comparison,
    )


CHECKS: tuple[Check[_MetricContext, Compared], ...] = (
    Check(name=BIAS_CHECK, dialects=IN_BOTH, run=_bias_drift_check),
)


def _pairs(current: Analysis, baseline: Analysis, skipped: list[Skipped]) -> Iterator[_Pair]:
    for stage in STAGES:
        mine, theirs = current.stage(stage), baseline.stage(stage)
        if mine is None or theirs is None:
            if mine is not None:
                skipped.append(Skipped(check=f"{stage} metrics", reason="the baseline has none"))
            continue
        require_same_roles(mine, theirs)
        for facet, values in mine.facets.items():
            for number, value in enumerate(values):
                match = _match(value, values, theirs.facets[facet])
                if match is None:
                    reason = "the baseline has no such value"
                    skipped.append(Skipped(check=_group(facet, value), reason=reason))
                    continue
                skipped += _undefined(facet, value, match)
                yield from _metrics(stage, facet, number, (value, match), skipped)


def require_same_roles(current: StageMetrics, baseline: StageMetrics) -> None:
    """Facets and label must be the baseline's.

    Raises:
        FormatError: they are not; the message names those that differ.
    """
    mine, theirs = set(current.facets), set(baseline.facets)
    if current.label != baseline.label or not mine <= theirs:
        names = ", ".join(map(repr, sorted(theirs))) or "none"
        raise FormatError(
            "the baseline is of other facets or of another label",
            where="baseline analysis.json",
            expected=f"label {current.label!r}, facets {', '.join(map(repr, sorted(mine)))}",
            found=f"label {baseline.label!r}, facets {names}; "
            f"missing {', '.join(map(repr, sorted(mine - theirs))) or 'none'}",
            todo="Make a baseline with the same analysis_config.json",
        )


def _match(
    value: FacetMetrics, values: tuple[FacetMetrics, ...], others: tuple[FacetMetrics, ...]
) -> FacetMetrics | None:
    # Intervals end at the data's maximum, which moves: a facet's only entry is its only entry.
    if len(values) == len(others) == 1:
        return others[0]
    same = (each for each in others if each.value_or_threshold == value.value_or_threshold)
    return next(same, None)


def _group(facet: str, value: FacetMetrics) -> str:
    return f"{facet} {value.value_or_threshold!r}"


def _undefined(facet: str, mine: FacetMetrics, theirs: FacetMetrics) -> list[Skipped]:
    """Metrics that have a value on one side only."""
    known = {metric.name: metric for metric in theirs.metrics}
    skipped = []
    for metric in mine.metrics:
        other = known.get(metric.name, metric)
        if (metric.value is None) != (other.value is None):
            side, error = (
                ("the window", metric.error)
                if metric.value is None
                else ("the baseline", other.error)
            )
            name = f"{_group(facet, mine)} {metric.name}"
            skipped.append(Skipped(check=name, reason=f"no value in {side}: {error}"))
    return skipped


def _metrics(
    stage: Stage,
    facet: str,
    number: int,
    pair: tuple[FacetMetrics, FacetMetrics],
    skipped: list[Skipped],
) -> Iterator[_Pair]:
    mine, theirs = pair
    known: dict[str, Metric] = {metric.name: metric for metric in theirs.metrics}
    for metric in mine.metrics:
        other = known.get(metric.name)
        if other is None or metric.value is None or other.value is None:
            continue
        if math.isnan(metric.value) or math.isnan(other.value):
            reason = f"{metric.name} is no number"
            skipped.append(Skipped(check=_group(facet, mine), reason=reason))
            continue
        yield _Pair(
            stage=stage,
            facet=facet,
            number=number,
            values=(mine.value_or_threshold, theirs.value_or_threshold),
            metric=metric.name,
            current=metric.value,
            baseline=other.value,
        )
