"""A run's numbers as CloudWatch knows them, by the names and dimensions of AWS's monitors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from driftkit.results.contract import Metric

# CloudWatch takes no infinity; Clarify's documentation names this number in its place.
INFINITE = 2.348543e108
_STAGE_NAMES = {"pre_training": "Pre-training", "post_training": "Post-Training"}
_DISTANCE = "distance"
_EXPECTED = "ExpectedValue"
_EXPLAINED = {"global_shap_value": "GlobalShapValues", "expected_value": _EXPECTED}
# In the order of the file.
FACET_DIMENSIONS = {
    "BiasStage": "stage",
    "Label": "target",
    "LabelValue": "target_value",
    "Facet": "facet",
    "FacetValue": "facet_value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all metrics of a job have in common.

    Attributes:
        time: of the metrics.
        endpoint: None for batch transform jobs.
        schedule: that started the job.
    """

    time: datetime
    endpoint: str | None
    schedule: str | None

    @property
    def dimensions(self) -> dict[str, str]:
        """Endpoint and schedule; jobs of batch transform have no endpoint."""
        dimensions = {"Endpoint": self.endpoint, "MonitoringSchedule": self.schedule}
        return {name: value for name, value in dimensions.items() if value}

    def namespace(self, monitor: str) -> str:
        """Where the metrics are published.

        >>> Context(time=None, endpoint=None, schedule="s").namespace("data")
        'aws/sagemaker/ModelMonitoring/data-metrics'
        """
        above = "Endpoints" if self.endpoint else "ModelMonitoring"
        return f"aws/sagemaker/{above}/{monitor}-metrics"

    def line(self, monitor: str, name: str, value: float | None = None, **dimensions: str) -> Line:
        """A metric of the job, its value as CloudWatch takes it.

        Args:
            monitor: whose metric it is.
            name: of the metric.
            value: None where it has statistics.
            dimensions: beside those of all metrics.
        """
        return Line(
            namespace=self.namespace(monitor),
            name=name,
            time=self.time,
            dimensions={**self.dimensions, **dimensions},
            value=None if value is None else number(value),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric.

    Attributes:
        namespace: which the platform adds; it is not in the file.
        name: of the metric.
        time: of the measurement.
        dimensions: name -> value.
        value: the number, or None.
        statistics: SampleCount, Sum, Minimum, Maximum in its place.
    """

    namespace: str
    name: str
    time: datetime
    dimensions: Mapping[str, str]
    value: float | None = None
    statistics: Mapping[str, float] = field(default_factory=dict)

    def datum(self) -> dict[str, Any]:
        """The metric as CloudWatch's API takes it, but for its time."""
        numbers = {"StatisticValues": {**self.statistics}} if self.statistics else {}
        value = {} if self.value is None else {"Value": self.value}
        return {
            "MetricName": self.name,
            "Dimensions": [{"Name": n, "Value": v} for n, v in self.dimensions.items()],
            **value,
            **numbers,
        }

    def to_json(self) -> bytes:
        """The line of the file."""
        time = self.time.replace(tzinfo=None).isoformat()[:19]
        document = {"MetricName": self.name, "Timestamp": f"{time}Z"}
        return orjson.dumps({**document, **self.datum()}) + b"\n"


def of_data(
    metrics: Sequence[Metric], context: Context, emitted: Container[str] | None = None
) -> tuple[Line, ...]:
    """feature_data_*, feature_non_null_* and feature_baseline_drift_* of features.

    Args:
        metrics: of a monitor of data quality.
        context: of all metrics.
        emitted: the features whose metrics may go out; None for all of them.
    """
    shown = [
        each
        for each in metrics
        if each.segment is None
        and each.feature is not None
        and (emitted is None or each.feature in emitted)
    ]
    profiles: dict[str, dict[str, float]] = {}
    for each in shown:
        if each.group == "profile" and each.feature is not None and each.value is not None:
            profiles.setdefault(each.feature, {})[each.name] = each.value
    of_columns = (
        replace(context.line("data", name), statistics=numbers)
        for feature, profile in profiles.items()
        for name, numbers in _of_feature(feature, profile)
    )
    moved = (
        context.line("data", f"feature_baseline_drift_{each.feature}", each.value)
        for each in shown
        if each.name == _DISTANCE and _finite(each)
    )
    return (*of_columns, *moved)


def _of_feature(
    feature: str, profile: Mapping[str, float]
) -> Iterator[tuple[str, dict[str, float]]]:
    present, missing = profile["num_present"], profile["num_missing"]
    if {"sum", "min", "max"} <= profile.keys():
        numbers = _set(present, profile["sum"], profile["min"], profile["max"])
        yield f"feature_data_{feature}", numbers
    if present + missing:
        least, most = float(not missing), float(bool(present))
        yield f"feature_non_null_{feature}", _set(present + missing, present, least, most)


def _set(count: float, total: float, least: float, most: float) -> dict[str, float]:
    values = (float(count), float(total), float(least), float(most))
    return dict(zip(("SampleCount", "Sum", "Minimum", "Maximum"), values, strict=True))


def _finite(metric: Metric) -> bool:
    return metric.value is not None and math.isfinite(metric.value)


def of_model(metrics: Iterable[Metric], context: Context) -> tuple[Line, ...]:
    """Every scalar metric by its name, those of the best constant classifier too."""
    return tuple(context.line("model", each.name, each.value) for each in metrics if _finite(each))


def of_bias(metrics: Iterable[Metric], context: Context) -> tuple[Line, ...]:
    """bias_metric_* of every facet; metrics without a value are left out."""
    return tuple(
        context.line(
            "bias",
            f"bias_metric_{each.name}",
            each.value,
            **{
                **{name: each.dimensions[key] for name, key in FACET_DIMENSIONS.items()},
                "BiasStage": _STAGE_NAMES[each.dimensions["stage"]],
            },
        )
        for each in metrics
        if each.known is not None
    )


def of_explanations(metrics: Iterable[Metric], context: Context) -> tuple[Line, ...]:
    """feature_* and ExpectedValue of every label."""
    return tuple(
        context.line(
            "explainability",
            _EXPECTED if each.feature is None else f"feature_{each.feature}",
            each.value,
            ExplainabilityMethod="KernelShap",
            Label=each.dimensions["label"],
            ValueType=_EXPLAINED[each.name],
        )
        for each in metrics
        if each.name in _EXPLAINED and each.known is not None
    )


def number(value: float) -> float:
    """A value that CloudWatch takes.

    >>> number(float("-inf"))
    -2.348543e+108
    """
    return math.copysign(INFINITE, value) if math.isinf(value) else value
