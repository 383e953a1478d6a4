"""CloudWatch metrics of a job, in the file that SageMaker publishes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftkit.formats.deployment.request_bodies import (
    NAMESPACE,
    ROLL_BACK_METRIC,
    guardrail_dimensions,
)
from driftkit.sinks.cloudwatch_metrics import Context, Line

if TYPE_CHECKING:
    from driftkit.monitors.data_quality.results import MonitoringResult
    from driftkit.monitors.deployment.results import DeploymentReport
    from driftkit.sagemaker.environment import Environment


def context_of(environment: Environment) -> Context:
    """What the environment says: metric_time, else the window's start, else now."""
    time = environment.moment("metric_time") or environment.window[0] or datetime.now(UTC)
    return Context(
        time=time,
        endpoint=environment.text("sagemaker_endpoint_name"),
        schedule=environment.text("sagemaker_monitoring_schedule_name"),
    )


def emitted(result: MonitoringResult) -> set[str]:
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
