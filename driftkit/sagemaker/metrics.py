"""CloudWatch metrics of a job, in the file that SageMaker publishes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.formats.deployment.request_bodies import (
    NAMESPACE,
    ROLL_BACK_METRIC,
    guardrail_dimensions,
)
from driftkit.monitors.data_quality.checks.drift import DISTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.monitors.data_quality.results import MonitoringResult
    from driftkit.monitors.deployment.results import DeploymentReport
    from driftkit.results.contract import Metric, Result
    from driftkit.sagemaker.environment import Environment

# CloudWatch takes no infinity; Clarify's documentation names this number in its place.
INFINITE = 2.348543e108
_STAGE_NAMES = {"pre_training": "Pre-training", "post_training": "Post-Training"}
_EXPECTED = "ExpectedValue"
_EXPLAINED = {"global_shap_value": "GlobalShapValues", "expected_value": _EXPECTED}
# In the order of the file.
_FACET_DIMENSIONS = {
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

        >>> Context(time=datetime.now(UTC), endpoint=None, schedule="s").namespace("data")
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


def context_of(environment: Environment) -> Context:
    """What the environment says: metric_time, else the window's start, else now."""
    time = environment.moment("metric_time") or environment.window[0] or datetime.now(UTC)
    return Context(
        time=time,
        endpoint=environment.text("sagemaker_endpoint_name"),
        schedule=environment.text("sagemaker_monitoring_schedule_name"),
    )


def of_data(result: MonitoringResult, context: Context) -> tuple[Line, ...]:
    """feature_data_*, feature_non_null_* and feature_baseline_drift_* of the features emitted."""
    emitted = _emitted(result)
    metrics = [each for each in result.metrics() if each.segment is None]
    profiles: dict[str, dict[str, float]] = {}
    for each in metrics:
        if each.group == "profile" and each.feature is not None and each.value is not None:
            profiles.setdefault(each.feature, {})[each.name] = each.value
    of_columns = (
        replace(context.line("data", name), statistics=numbers)
        for feature, profile in profiles.items()
        if feature in emitted
        for name, numbers in _of_feature(feature, profile)
    )
    moved = (
        context.line("data", f"feature_baseline_drift_{each.feature}", each.value)
        for each in metrics
        if each.name == DISTANCE and each.feature in emitted and _finite(each)
    )
    return (*of_columns, *moved)


def _emitted(result: MonitoringResult) -> set[str]:
    """The features whose metrics the baseline's constraints let go out."""
    if result.baseline is None:
        return set()
    constraints = result.baseline.constraints
    configs = constraints.own_configs
    return {
        feature.name
        for feature in result.statistics.features
        if configs.get(feature.name, constraints.monitoring_config).emit_metrics
    }


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


def of_model(result: Result, context: Context) -> tuple[Line, ...]:
    """Every scalar metric by its name, those of the best constant classifier too."""
    return tuple(
        context.line("model", each.name, each.value) for each in result.metrics() if _finite(each)
    )


def of_bias(result: Result, context: Context) -> tuple[Line, ...]:
    """bias_metric_* of every facet; metrics without a value are left out."""
    return tuple(
        context.line(
            "bias",
            f"bias_metric_{each.name}",
            each.value,
            **{
                **{name: each.dimensions[key] for name, key in _FACET_DIMENSIONS.items()},
                "BiasStage": _STAGE_NAMES[each.dimensions["stage"]],
            },
        )
        for each in result.metrics()
        if each.value is not None and not math.isnan(each.value)
    )


def of_explanations(result: Result, context: Context) -> tuple[Line, ...]:
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
        for each in result.metrics()
        if each.name in _EXPLAINED and each.value is not None and not math.isnan(each.value)
    )


def of_deployment(report: DeploymentReport, time: datetime) -> tuple[Line, ...]:
    """deployment_roll_back, 1 where the verdict is to roll back, for alarms that do so.

    Alarms find it by exactly its dimensions, so that it has none of a schedule.

    Args:
        report: with its plan.
        time: of the metric; alarms look at the last minutes only.
    """
    assert report.plan is not None  # noqa: S101  (it was made here, not read)
    plan = report.plan
    line = Line(
        namespace=NAMESPACE,
        name=ROLL_BACK_METRIC,
        time=time,
        dimensions=guardrail_dimensions(plan.endpoint or plan.name, plan.name),
        value=float(report.verdict.verdict == "roll_back"),
    )
    return (line,)


def number(value: float) -> float:
    """A value that CloudWatch takes.

    >>> number(float("-inf"))
    -2.348543e+108
    """
    return math.copysign(INFINITE, value) if math.isinf(value) else value
