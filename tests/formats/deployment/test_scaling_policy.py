"""Scaling policies read from what AWS prints, and refused where they are wrong."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.comparison.deployment.scaling_rules import StepAdjustment
from driftkit.errors import FormatError
from driftkit.formats.deployment.scaling_policy import read, read_file
from tests.formats.damage import damaged, ours, put
from tests.formats.deployment.requests import complaints
from tests.formats.deployment.scaling_documents import (
    ALARM,
    MORNING,
    RESOURCE,
    STEPS,
    TARGET,
    TRACKING,
    described,
    flat,
)

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp()) // 60
TRACKED = "TargetTrackingScalingPolicyConfiguration"
STEPPED = "StepScalingPolicyConfiguration"


def test_all_that_the_command_line_prints() -> None:
    policy = read(described())

    assert policy.resource == RESOURCE
    assert policy.variant == ("churn", "champion")
    scaling = policy.scaling
    assert (scaling.minimum, scaling.maximum) == (1, 5)
    assert scaling.may_scale_in
    assert scaling.may_scale_out
    tracking, (steps,) = scaling.tracking, scaling.steps
    assert tracking is not None
    assert (tracking.target, tracking.out_cooldown, tracking.in_cooldown) == (1000, 60, 900)
    assert (tracking.name, tracking.scales_in) == ("by-requests", True)
    assert steps.steps[0] == StepAdjustment(lower=0, upper=500, amount=20)
    assert (steps.points, steps.of_points, steps.at_least, steps.cooldown) == (2, 3, 2, 120)
    assert (steps.threshold, steps.comparison) == (1000, "GreaterThanThreshold")


def test_one_object_with_the_keys_of_both_requests() -> None:
    policy = read(flat())

    assert policy.scaling.tracking == read(described()).scaling.tracking
    assert policy.scheduled == ()


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("RegisterScalableTarget", TARGET),
        ("PutScalingPolicy", TRACKING),
        ("PutScheduledAction", MORNING),
    ],
)
def test_the_shapes_are_those_of_the_api(operation: str, body: dict[str, Any]) -> None:
    assert complaints("application-autoscaling", operation, body) == ""


def test_what_a_file_does_not_say_has_the_defaults() -> None:
    policy = flat()
    policy[TRACKED] = {"TargetValue": 70}

    tracking = read(policy).scaling.tracking

    assert tracking is not None
    assert (tracking.out_cooldown, tracking.in_cooldown, tracking.scales_in) == (300, 300, True)


def test_scheduled_actions_at_their_local_times() -> None:
    changes = read(described()).scheduled_changes(MONDAY, 1440)

    # Seven in Berlin is six in UTC in winter; the other action is in UTC.
    assert [(c.minute, c.minimum, c.maximum, c.name) for c in changes] == [
        (6 * 60, 3, 8, "morning"),
        (19 * 60, 1, None, "evening"),
    ]
    assert [c.name for c in read(described()).scheduled_changes(MONDAY - 1440, 1440)] == []


def test_an_action_is_not_made_after_its_end() -> None:
    document = deepcopy(described())
    document["ScheduledActions"][1]["EndTime"] = "2026-11-02 18:59:00+00:00"

    changes = read(document).scheduled_changes(MONDAY, 1440)

    assert [change.name for change in changes] == ["morning"]


def test_suspended_scaling() -> None:
    document = deepcopy(described())
    document["ScalableTargets"][0]["SuspendedState"] = {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }

    policy = read(document)

    assert not policy.scaling.may_scale_in
    assert policy.scaling.may_scale_out
    assert policy.scheduled == ()


def test_one_of_several_resources_is_named() -> None:
    other = "endpoint/churn/variant/challenger"
    document = deepcopy(described())
    document["ScalableTargets"].append({**TARGET, "ResourceId": other, "MaxCapacity": 9})
    document["ScalingPolicies"].append({**TRACKING, "ResourceId": other})

    policy = read(document, resource=other)

    assert policy.scaling.maximum == 9
    assert policy.scaling.steps == ()
    assert policy.scheduled == ()
    with pytest.raises(FormatError, match="the scalable target is not clear"):
        read(document)


def test_an_alarm_that_names_the_policy() -> None:
    document = described() | {
        "ScalingPolicies": [{k: v for k, v in STEPS.items() if k != "Alarms"}]
    }
    others = [{**ALARM, "Threshold": 5.0}, {**ALARM, "AlarmActions": [STEPS["PolicyARN"]]}]

    (steps,) = read(document | {"MetricAlarms": others}).scaling.steps

    assert steps.threshold == 1000


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(described()))

    assert read_file(tmp_path / "policy.json") == read(described())


WRONG: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("ScalingPolicies", 0, TRACKED, "TargetValue"), 0, f"ScalingPolicies[0].{TRACKED}.TargetVal"),
    (("ScalingPolicies", 0, TRACKED, "TargetValue"), -1.5, "TargetValue"),
    (("ScalingPolicies", 0, TRACKED, "TargetValue"), "NaN", "TargetValue"),
    (("ScalableTargets", 0, "MinCapacity"), 6, "ScalableTargets[0].MinCapacity"),
    (("ScalableTargets", 0, "MaxCapacity"), 1.5, "ScalableTargets[0].MaxCapacity"),
    (("ScalableTargets", 0, "SuspendedState"), {"ScheduledScalingSuspended": 1}, "SuspendedState"),
    (
        ("ScalingPolicies", 0, TRACKED, "PredefinedMetricSpecification", "PredefinedMetricType"),
        "SageMakerVariantProvisionedConcurrencyUtilization",
        "PredefinedMetricType",
    ),
    (
        ("ScalingPolicies", 0, TRACKED, "CustomizedMetricSpecification"),
        {"MetricName": "CPUUtilization", "Namespace": "x", "Statistic": "Average"},
        "CustomizedMetricSpecification.MetricName",
    ),
    (
        ("ScalingPolicies", 0, TRACKED, "CustomizedMetricSpecification"),
        {"MetricName": "InvocationsPerInstance", "Namespace": "x", "Statistic": "Average"},
        "CustomizedMetricSpecification.Statistic",
    ),
    (("ScalingPolicies", 1), TRACKING, f"ScalingPolicies[1].{TRACKED}"),
    (("ScalingPolicies", 1), {"PolicyType": "PredictiveScaling"}, "ScalingPolicies[1].PolicyType"),
    (("MetricAlarms",), [], f"ScalingPolicies[1].{STEPPED}"),
    (("MetricAlarms",), [ALARM, ALARM], f"ScalingPolicies[1].{STEPPED}"),
    (("MetricAlarms", 0, "MetricName"), "ModelLatency", "MetricAlarms[0].MetricName"),
    (("MetricAlarms", 0, "Statistic"), "Average", "MetricAlarms[0].Statistic"),
    (("MetricAlarms", 0, "Period"), 300, "MetricAlarms[0].Period"),
    (("MetricAlarms", 0, "DatapointsToAlarm"), 4, "MetricAlarms[0].DatapointsToAlarm"),
    (("MetricAlarms", 0, "Threshold"), "Infinity", "MetricAlarms[0].Threshold"),
    (("MetricAlarms", 0, "ComparisonOperator"), "more", "MetricAlarms[0].ComparisonOperator"),
    (("ScalingPolicies", 1, STEPPED, "StepAdjustments"), [], "StepAdjustments"),
    (
        ("ScalingPolicies", 1, STEPPED, "StepAdjustments", 0),
        {"ScalingAdjustment": 1},
        "StepAdjustments[0]",
    ),
    (
        ("ScalingPolicies", 1, STEPPED, "StepAdjustments", 0, "MetricIntervalLowerBound"),
        600,
        "StepAdjustments[0].MetricIntervalLowerBound",
    ),
    (
        ("ScalingPolicies", 1, STEPPED, "StepAdjustments", 1, "MetricIntervalUpperBound"),
        0,
        "StepAdjustments[1].MetricIntervalUpperBound",
    ),
    (("ScheduledActions", 0, "Schedule"), "cron(0 7 * * *)", "ScheduledActions[0].Schedule"),
    (("ScheduledActions", 0, "Schedule"), "every day", "ScheduledActions[0].Schedule"),
    (("ScheduledActions", 0, "Timezone"), "Mars/Base", "ScheduledActions[0].Timezone"),
    (("ScheduledActions", 0, "ScalableTargetAction", "MinCapacity"), 9, "MinCapacity"),
    (("ScheduledActions", 1, "StartTime"), "soon", "ScheduledActions[1].StartTime"),
    (("ScheduledActions", 1, "StartTime"), 1e300, "ScheduledActions[1].StartTime"),
]


@pytest.mark.parametrize(("at", "value", "path"), WRONG)
def test_wrong_values_are_named_by_their_path(
    at: tuple[str | int, ...], value: Any, path: str
) -> None:
    document = deepcopy(described())
    put(document, at, value)

    with pytest.raises(FormatError) as caught:
        read(document)

    assert path in str(caught.value)


@pytest.mark.parametrize("document", [{}, TARGET, {"ScalableTargets": [TARGET]}])
def test_nothing_that_scales(document: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        read(document)


@given(damaged(described()))
def test_damaged_files_are_read_or_refused(document: dict[str, Any]) -> None:
    with ours():
        read(document).scheduled_changes(MONDAY, 1440)
