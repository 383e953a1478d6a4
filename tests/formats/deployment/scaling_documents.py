"""Scaling policies as AWS's command line prints them, for tests that take them apart."""

from __future__ import annotations

from typing import Any

RESOURCE = "endpoint/churn/variant/champion"
_OF = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TARGET: dict[str, Any] = {**_OF, "MinCapacity": 1, "MaxCapacity": 5}
TRACKING: dict[str, Any] = {
    **_OF,
    "PolicyName": "by-requests",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1000.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 900,
        "DisableScaleIn": False,
    },
}
STEPS: dict[str, Any] = {
    **_OF,
    "PolicyARN": "arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:resource/sagemaker",
    "PolicyName": "by-steps",
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {
        "AdjustmentType": "PercentChangeInCapacity",
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 500.0, "ScalingAdjustment": 100},
            {
                "MetricIntervalLowerBound": 0.0,
                "MetricIntervalUpperBound": 500.0,
                "ScalingAdjustment": 20,
            },
        ],
        "MinAdjustmentMagnitude": 2,
        "Cooldown": 120,
        "MetricAggregationType": "Average",
    },
    "Alarms": [{"AlarmName": "many-requests", "AlarmARN": "arn:aws:cloudwatch:1"}],
}
ALARM: dict[str, Any] = {
    "AlarmName": "many-requests",
    "MetricName": "InvocationsPerInstance",
    "Namespace": "AWS/SageMaker",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 1000.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
MORNING: dict[str, Any] = {
    **_OF,
    "ScheduledActionName": "morning",
    "Schedule": "cron(0 7 ? * MON-FRI *)",
    "Timezone": "Europe/Berlin",
    "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 8},
}
EVENING: dict[str, Any] = {
    **_OF,
    "ScheduledActionName": "evening",
    "Schedule": "at(2026-11-02T19:00:00)",
    "StartTime": "2026-11-01T00:00:00+00:00",
    "EndTime": 1793800000.0,
    "ScalableTargetAction": {"MinCapacity": 1},
}


def described() -> dict[str, Any]:
    """All answers of the command line in one object."""
    return {
        "ScalableTargets": [TARGET],
        "ScalingPolicies": [TRACKING, STEPS],
        "ScheduledActions": [MORNING, EVENING],
        "MetricAlarms": [ALARM],
    }


def flat(policy: dict[str, Any] = TRACKING) -> dict[str, Any]:
    """RegisterScalableTarget and PutScalingPolicy in one object."""
    return {**TARGET, **policy}
