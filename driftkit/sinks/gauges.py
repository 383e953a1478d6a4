"""The gauges that monitoring systems get of a run: names, labels, values, and how many at most."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from driftkit.results.history import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts

MAX_SERIES = 2000
MAX_SEGMENTS = 20


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a gauge tells.

    Attributes:
        name: in Prometheus, with the unit.
        dotted: in OpenTelemetry, whose metrics have the unit beside the name.
        unit: 1, s or a word in braces, as UCUM has it.
        about: one sentence.
    """

    name: str
    dotted: str
    unit: str
    about: str


WINDOW_END = Quantity(
    "driftkit_window_end_timestamp_seconds", "driftkit.window.end", "s", "End of the window."
)
RUN_AT = Quantity("driftkit_run_timestamp_seconds", "driftkit.run.end", "s", "When it was judged.")
RUN_SECONDS = Quantity(
    "driftkit_run_duration_seconds", "driftkit.run.duration", "s", "How long the run took."
)
ROWS = Quantity("driftkit_rows", "driftkit.rows", "{row}", "Rows of the window.")
REJECTED = Quantity(
    "driftkit_rejected_rows", "driftkit.rejected_rows", "{row}", "Records that were set aside."
)
STATUS = Quantity(
    "driftkit_status", "driftkit.status", "1", "1 for what the window was found to be, else 0."
)
VIOLATIONS = Quantity(
    "driftkit_violations", "driftkit.violations", "{violation}", "Violations by check."
)
DISTANCE = Quantity(
    "driftkit_drift_distance", "driftkit.drift.distance", "1", "Distance to the baseline."
)
P_VALUE = Quantity(
    "driftkit_drift_p_value", "driftkit.drift.p_value", "1", "Of the test; small ones are drift."
)
CHI_SQUARED = Quantity(
    "driftkit_drift_chi_squared", "driftkit.drift.chi_squared", "1", "Statistic of the test."
)
THRESHOLD = Quantity(
    "driftkit_drift_threshold", "driftkit.drift.threshold", "1", "Where drift begins."
)
COMPLETENESS = Quantity(
    "driftkit_completeness_ratio", "driftkit.completeness", "1", "Share of rows with a value."
)
QUALITY = Quantity("driftkit_quality", "driftkit.quality", "1", "Metric of the predictions.")
QUALITY_LOWER = Quantity(
    "driftkit_quality_lower", "driftkit.quality.lower", "1", "Lower end of its interval."
)
QUALITY_UPPER = Quantity(
    "driftkit_quality_upper", "driftkit.quality.upper", "1", "Upper end of its interval."
)
QUALITY_BASELINE = Quantity(
    "driftkit_quality_baseline", "driftkit.quality.baseline", "1", "The baseline's value."
)
ESTIMATE = Quantity(
    "driftkit_quality_estimate",
    "driftkit.quality.estimate",
    "1",
    "Metric that is expected of predictions whose labels have not come.",
)
ESTIMATE_LOWER = Quantity(
    "driftkit_quality_estimate_lower",
    "driftkit.quality.estimate.lower",
    "1",
    "Lower end of its interval.",
)
ESTIMATE_UPPER = Quantity(
    "driftkit_quality_estimate_upper",
    "driftkit.quality.estimate.upper",
    "1",
    "Upper end of its interval.",
)
BIAS = Quantity("driftkit_bias", "driftkit.bias", "1", "Bias metric of a group.")
NDCG = Quantity(
    "driftkit_attribution_ndcg",
    "driftkit.attribution.ndcg",
    "1",
    "How much the order of the features is the baseline's.",
)
DIFFERENCE = Quantity(
    "driftkit_deployment_difference",
    "driftkit.deployment.difference",
    "1",
    "Challenger minus champion.",
)
DIFFERENCE_LOWER = Quantity(
    "driftkit_deployment_difference_lower",
    "driftkit.deployment.difference.lower",
    "1",
    "Lower end of its interval.",
)
DIFFERENCE_UPPER = Quantity(
    "driftkit_deployment_difference_upper",
    "driftkit.deployment.difference.upper",
    "1",
    "Upper end of its interval.",
)
OTHER = Quantity("driftkit_metric", "driftkit.metric", "1", "Metric of another monitor.")
DROPPED = Quantity(
    "driftkit_series_dropped",
    "driftkit.series_dropped",
    "{series}",
    "Series that were left out because there are too many.",
)
_DRIFT = {"distance": DISTANCE, "p_value": P_VALUE, "chi_squared": CHI_SQUARED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a gauge.

    Attributes:
        quantity: what it tells.
        value: finite or infinite, never NaN.
        labels: name -> value, besides those that all have.
        segment: the rows it is about, in words; empty for all rows.
    """

    quantity: Quantity
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    segment: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from all others."""
        return (self.quantity.name, self.segment, *sorted(map(str, self.labels.items())))


def common_labels(facts: Facts) -> dict[str, str]:
    """The labels that all series of a run have."""
    of = facts.subject
    return {"model": of.model, "variant": of.variant, "monitor": facts.monitor}


def series_of(facts: Facts, max_series: int = MAX_SERIES) -> list[Series]:
    """The series of a run, at most so many: what is violated first, then by distance to threshold.

    Segments are told apart where there are at most 20. The last series counts what was left out.

    Args:
        facts: what the run found.
        max_series: how many at most, the count of those that were left out included.
    """
    about = [each.segment for each in facts.metrics] + [each.segment for each in facts.findings]
    segments = {each for each in about if each}
    measured = sorted(facts.metrics, key=_urgency(facts))
    found = [
        *_of_run(facts),
        *_violations(facts),
        *(each for metric in measured for each in _of_metric(metric)),
    ]
    unique: dict[tuple[str, ...], Series] = {}
    for each in found:
        unique.setdefault(each.key, each)
    apart = len(segments) <= MAX_SEGMENTS
    told = [each for each in unique.values() if apart or not each.segment]
    kept = told[: max(0, max_series - 1)]
    return [*kept, Series(quantity=DROPPED, value=len(unique) - len(kept))]


def _urgency(facts: Facts) -> Callable[[Metric], tuple[bool, bool, bool, float]]:
    violated = {(each.feature, each.segment) for each in facts.findings}

    def key(metric: Metric) -> tuple[bool, bool, bool, float]:
        broken = bool(metric.violated) or (metric.feature, metric.segment) in violated
        of_part = metric.feature is not None or metric.segment is not None
        return (of_part, not broken, metric.segment is not None, -_used_up(metric))

    return key


def _used_up(metric: Metric) -> float:
    """The value as a share of what is allowed; 0 where that is not known."""
    if metric.known is None or metric.allowed is None:
        return 0.0
    low, high = metric.allowed
    if math.isfinite(high) and high > 0:
        return metric.known / high
    return low / metric.known if math.isfinite(low) and metric.known > 0 else 0.0


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _of_run(facts: Facts) -> Iterator[Series]:
    if facts.subject.end is not None:
        yield Series(quantity=WINDOW_END, value=facts.subject.end.timestamp())
    yield Series(quantity=RUN_AT, value=facts.evaluated_at.timestamp())
    yield Series(quantity=RUN_SECONDS, value=facts.seconds)
    if facts.rows is not None:
        yield Series(quantity=ROWS, value=facts.rows)
    yield Series(quantity=REJECTED, value=sum(facts.rejected.values()))
    for status in get_args(Status):
        labels = {"status": status}
        yield Series(quantity=STATUS, value=float(status == facts.status), labels=labels)


def _violations(facts: Facts) -> Iterator[Series]:
    counts = Counter((each.check, each.segment or "") for each in facts.findings)
    for (check, segment), count in counts.items():
        yield Series(quantity=VIOLATIONS, value=count, labels={"check": check}, segment=segment)


def _of_metric(metric: Metric) -> Iterator[Series]:
    """The series of one metric; what could not be measured has none."""
    labels, values = _SERIES.get(metric.group, _of_another)(metric)
    for quantity, value in values:
        if value is not None and _known(value):
            segment = metric.segment or ""
            yield Series(quantity=quantity, value=value, labels=labels, segment=segment)


Found = tuple[dict[str, str], "Iterable[tuple[Quantity, float | None]]"]


def _of_drift(metric: Metric) -> Found:
    labels = {"feature": metric.feature or "", "method": metric.dimensions.get("method", "")}
    threshold = None if metric.value is None else metric.threshold
    return labels, ((_DRIFT.get(metric.name, OTHER), metric.value), (THRESHOLD, threshold))


def _of_profile(metric: Metric) -> Found:
    if metric.name != "completeness":
        return {}, ()
    return {"feature": metric.feature or ""}, ((COMPLETENESS, metric.value),)


def _of_quality(metric: Metric) -> Found:
    return {"metric": metric.name}, (
        (QUALITY, metric.value),
        (QUALITY_LOWER, metric.lower),
        (QUALITY_UPPER, metric.upper),
        (QUALITY_BASELINE, metric.baseline),
    )


def _of_estimate(metric: Metric) -> Found:
    if metric.dimensions.get("source") == "labels":
        return {"metric": metric.name}, ((QUALITY, metric.value),)
    return {"metric": metric.name}, (
        (ESTIMATE, metric.value),
        (ESTIMATE_LOWER, metric.lower),
        (ESTIMATE_UPPER, metric.upper),
        (QUALITY_BASELINE, metric.baseline),
    )


def _of_bias(metric: Metric) -> Found:
    dimensions = {name: metric.dimensions.get(name, "") for name in _OF_BIAS}
    return {"metric": metric.name, **dimensions}, ((BIAS, metric.value),)


_OF_BIAS = ("facet", "facet_value", "stage")


def _of_attribution(metric: Metric) -> Found:
    if metric.name != "ndcg":
        return {}, ()
    return {"label": metric.dimensions.get("label", "")}, ((NDCG, metric.value),)


def _of_deployment(metric: Metric) -> Found:
    labels = {"metric": metric.name, "challenger": metric.dimensions.get("challenger", "")}
    return labels, (
        (DIFFERENCE, metric.value),
        (DIFFERENCE_LOWER, metric.lower),
        (DIFFERENCE_UPPER, metric.upper),
    )


def _of_another(metric: Metric) -> Found:
    labels = {"group": metric.group, "metric": metric.name, "feature": metric.feature or ""}
    return labels, ((OTHER, metric.value),)


_SERIES: Mapping[str, Callable[[Metric], Found]] = {
    "drift": _of_drift,
    "profile": _of_profile,
    "quality": _of_quality,
    "estimate": _of_estimate,
    "bias": _of_bias,
    "attribution": _of_attribution,
    "deployment": _of_deployment,
}
