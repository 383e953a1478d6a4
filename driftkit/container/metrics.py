"""CloudWatch metrics of a job, in the file that SageMaker publishes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.formats.analysis import STAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from driftkit.container.environment import Environment
    from driftkit.formats.analysis import Analysis
    from driftkit.formats.explanations import Explanations
    from driftkit.formats.model_quality.statistics import ModelStatistics
    from driftkit.formats.statistics import FeatureStatistics, Statistics

# CloudWatch takes no infinity; Clarify's documentation names this number in its place.
INFINITE = 2.348543e108
_STAGE_NAMES = {"pre_training": "Pre-training", "post_training": "Post-Training"}
_EXPECTED = "ExpectedValue"
_FACET_DIMENSIONS = ("BiasStage", "Label", "LabelValue", "Facet", "FacetValue")


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
        told = {"Endpoint": self.endpoint, "MonitoringSchedule": self.schedule}
        return {name: value for name, value in told.items() if value}

    def namespace(self, monitor: str) -> str:
        """Where the metrics are published.

        >>> Context(time=datetime.now(UTC), endpoint=None, schedule="s").namespace("data")
        'aws/sagemaker/ModelMonitoring/data-metrics'
        """
        above = "Endpoints" if self.endpoint else "ModelMonitoring"
        return f"aws/sagemaker/{above}/{monitor}-metrics"


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


def of_data(
    statistics: Statistics,
    distances: Mapping[str, float],
    emitted: Collection[str],
    context: Context,
) -> tuple[Line, ...]:
    """feature_data_*, feature_non_null_* and feature_baseline_drift_* of the features emitted."""
    space = context.namespace("data")
    lines = [
        Line(
            namespace=space,
            name=name,
            time=context.time,
            dimensions=context.dimensions,
            statistics=numbers,
        )
        for feature in statistics.features
        if feature.name in emitted
        for name, numbers in _of_feature(feature)
    ]
    moved = [
        Line(
            namespace=space,
            name=f"feature_baseline_drift_{name}",
            time=context.time,
            dimensions=context.dimensions,
            value=distance,
        )
        for name, distance in distances.items()
        if name in emitted and math.isfinite(distance)
    ]
    return (*lines, *moved)


def _of_feature(feature: FeatureStatistics) -> Iterator[tuple[str, dict[str, float]]]:
    known = feature.numerical or feature.string
    if known is None:
        return
    numbers = feature.numerical
    if numbers and numbers.sum is not None and numbers.min is not None and numbers.max is not None:
        yield (
            f"feature_data_{feature.name}",
            _set(numbers.num_present, numbers.sum, numbers.min, numbers.max),
        )
    rows = known.num_present + known.num_missing
    if rows:
        least, most = float(not known.num_missing), float(bool(known.num_present))
        yield f"feature_non_null_{feature.name}", _set(rows, known.num_present, least, most)


def _set(count: float, total: float, least: float, most: float) -> dict[str, float]:
    values = (float(count), float(total), float(least), float(most))
    return dict(zip(("SampleCount", "Sum", "Minimum", "Maximum"), values, strict=True))


def of_model(statistics: ModelStatistics, context: Context) -> tuple[Line, ...]:
    """Every scalar metric by its name, those of the best constant classifier too."""
    return tuple(
        Line(
            namespace=context.namespace("model"),
            name=name,
            time=context.time,
            dimensions=context.dimensions,
            value=metric.value,
        )
        for name, metric in statistics.metrics.items()
        if math.isfinite(metric.value)
    )


def of_bias(analysis: Analysis, context: Context) -> tuple[Line, ...]:
    """bias_metric_* of every facet; metrics without a value are left out."""
    return tuple(
        Line(
            namespace=context.namespace("bias"),
            name=f"bias_metric_{name}",
            time=context.time,
            dimensions={
                **context.dimensions,
                **dict(zip(_FACET_DIMENSIONS, where, strict=True)),
            },
            value=number(value),
        )
        for where, name, value in _metrics(analysis)
        if not math.isnan(value)
    )


def _metrics(analysis: Analysis) -> Iterator[tuple[tuple[str, ...], str, float]]:
    for stage in STAGES:
        measured = analysis.stage(stage)
        if measured is None:
            continue
        label = (_STAGE_NAMES[stage], measured.label, measured.label_value_or_threshold)
        for facet, values in measured.facets.items():
            for value in values:
                for metric in value.metrics:
                    if metric.value is not None:
                        where = (*label, facet, value.value_or_threshold)
                        yield where, metric.name, metric.value


def of_explanations(explanations: Explanations, context: Context) -> tuple[Line, ...]:
    """feature_* and ExpectedValue of every label."""
    lines = []
    for label, each in explanations.labels.items():
        values = {f"feature_{name}": value for name, value in each.global_shap_values.items()}
        if each.expected_value is not None:
            values[_EXPECTED] = each.expected_value
        lines += [
            Line(
                namespace=context.namespace("explainability"),
                name=name,
                time=context.time,
                dimensions={
                    **context.dimensions,
                    "ExplainabilityMethod": "KernelShap",
                    "Label": label,
                    "ValueType": _EXPECTED if name == _EXPECTED else "GlobalShapValues",
                },
                value=number(value),
            )
            for name, value in values.items()
            if not math.isnan(value)
        ]
    return tuple(lines)


def number(value: float) -> float:
    """A value that CloudWatch takes.

    >>> number(float("-inf"))
    -2.348543e+108
    """
    return math.copysign(INFINITE, value) if math.isinf(value) else value
