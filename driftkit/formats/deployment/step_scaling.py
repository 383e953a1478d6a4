"""Reads a policy of step scaling together with the alarm that starts it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from driftkit.comparison.deployment.scaling_rules import (
    ADJUSTMENTS,
    COMPARISONS,
    COOLDOWN_SECONDS,
    MINUTE_SECONDS,
    StepAdjustment,
    StepScaling,
)
from driftkit.formats.deployment.strict import finite
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "StepScalingPolicyConfiguration"
# Metric -> whether it is of one instance.
_METRICS: Mapping[str, bool] = {
    "InvocationsPerInstance": True,
    "InvocationsPerCopy": True,
    "Invocations": False,
}
_UNBOUNDED = float("inf")


def read_step_scaling(policy: Node, root: Node) -> StepScaling:
    """A policy as PutScalingPolicy has it.

    Args:
        policy: the object that has the configuration.
        root: of the file, whose MetricAlarms have the alarm.

    Raises:
        FormatError: a key is missing or wrong, or its alarm is not in the file.
    """
    node = policy.child(KEY)
    alarm = _alarm(policy, root)
    points = alarm.count("EvaluationPeriods")
    return StepScaling(
        steps=_steps(node),
        adjustment=node.choice("AdjustmentType", {word.lower(): word for word in ADJUSTMENTS}),
        threshold=finite(alarm, "Threshold"),
        comparison=alarm.choice("ComparisonOperator", {word.lower(): word for word in COMPARISONS}),
        points=_points(alarm, points),
        of_points=points,
        per_instance=_METRICS[_metric(alarm)],
        at_least=node.defaulted(Node.count, "MinAdjustmentMagnitude", 1),
        cooldown=node.defaulted(Node.count, "Cooldown", COOLDOWN_SECONDS),
        name=policy.defaulted(Node.text, "PolicyName", "step scaling"),
    )


def _steps(node: Node) -> tuple[StepAdjustment, ...]:
    nodes = node.children("StepAdjustments")
    if not nodes:
        raise node.wrong("StepAdjustments", "one step at least", node.value["StepAdjustments"])
    read = [(each, _step(each)) for each in nodes]
    read.sort(key=lambda pair: -_UNBOUNDED if pair[1].lower is None else pair[1].lower)
    for (_, before), (later, step) in pairwise(read):
        if before.upper is None or before.upper != step.lower:
            raise later.error(
                "MetricIntervalLowerBound",
                "steps overlap or leave a gap",
                expected=f"the upper bound of the step before, {before.upper}",
                found=str(step.lower),
            )
    return tuple(step for _, step in read)


def _step(node: Node) -> StepAdjustment:
    lower = node.maybe(finite, "MetricIntervalLowerBound")
    upper = node.maybe(finite, "MetricIntervalUpperBound")
    if lower is None and upper is None:
        raise node.error(
            "",
            "a step has no bounds",
            expected="a lower bound, an upper bound or both",
            found="none",
        )
    if lower is not None and upper is not None and lower >= upper:
        raise node.wrong("MetricIntervalUpperBound", f"more than the lower bound, {lower}", upper)
    return StepAdjustment(lower=lower, upper=upper, amount=finite(node, "ScalingAdjustment"))


def _alarm(policy: Node, root: Node) -> Node:
    """The one alarm that the policy names, or that names the policy, or that is there."""
    alarms = list(root.children("MetricAlarms")) if root.has("MetricAlarms") else []
    named = (
        {each.text("AlarmName") for each in policy.children("Alarms")}
        if policy.has("Alarms")
        else set()
    )
    arn = policy.maybe(Node.text, "PolicyARN")
    fitting = [
        each for each in alarms if each.maybe(Node.text, "AlarmName") in named or _starts(each, arn)
    ]
    if not fitting and not named and arn is None:
        fitting = alarms
    if len(fitting) != 1:
        raise policy.error(
            KEY,
            "the alarm of a step policy is not clear",
            expected="one alarm in MetricAlarms that the policy names or that names the policy",
            found=f"{len(fitting)} of {len(alarms)} alarms",
            todo="Add what `aws cloudwatch describe-alarms` answers to the file",
        )
    return fitting[0]


def _starts(alarm: Node, arn: str | None) -> bool:
    return arn is not None and alarm.has("AlarmActions") and arn in alarm.texts("AlarmActions")


def _metric(alarm: Node) -> str:
    name = alarm.text("MetricName")
    if name not in _METRICS:
        expected = f"{', '.join(_METRICS)}, for the replay knows requests only"
        raise alarm.wrong("MetricName", expected, name)
    if alarm.text("Statistic") != "Sum":
        raise alarm.wrong("Statistic", "Sum", alarm.value["Statistic"])
    if alarm.count("Period") != MINUTE_SECONDS:
        raise alarm.wrong("Period", "60, for the replay goes by minutes", alarm.value["Period"])
    return name


def _points(alarm: Node, of_points: int) -> int:
    points = alarm.defaulted(Node.count, "DatapointsToAlarm", of_points)
    if not 1 <= points <= of_points:
        raise alarm.wrong(
            "DatapointsToAlarm" if alarm.has("DatapointsToAlarm") else "EvaluationPeriods",
            f"from 1 to EvaluationPeriods, {of_points}",
            points,
        )
    return points
