"""Writes the requests to SageMaker and CloudWatch that follow from a verdict, ready to be sent.

Each is the body of one call of the API, for the AWS command line's `--cli-input-json` or boto3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.deployment.verdict import Answer

WEIGHTS_NAME = "desired_weights.json"
ALARM_NAME = "guardrail_alarm.json"
ROLL_BACK_METRIC = "deployment_roll_back"
NAMESPACE = "aws/sagemaker/Endpoints/deployment-metrics"
_LONGEST_ALARM_NAME = 255
_ALARM_ENDING = "-roll-back"
_LONGEST_REASON = 1024
_PERIOD_SECONDS = 60


def desired_weights(endpoint: str, weights: Mapping[str, float]) -> dict[str, Any]:
    """The body of UpdateEndpointWeightsAndCapacities; numbers of instances are left as they are.

    Args:
        endpoint: name of the endpoint.
        weights: production variant -> weight, 0 or more; in the order of the file.

    Raises:
        FormatError: a weight is negative or not finite, or all are 0.

    >>> desired_weights("churn", {"champion": 0.82})["DesiredWeightsAndCapacities"]
    [{'VariantName': 'champion', 'DesiredWeight': 0.82}]
    """
    for variant, weight in weights.items():
        if not 0.0 <= weight < float("inf"):
            raise _wrong_weight(f"DesiredWeight of {variant}", "a finite number, 0 or more", weight)
    if not sum(weights.values()):
        raise _wrong_weight("DesiredWeightsAndCapacities", "a sum above 0", 0)
    return {
        "EndpointName": endpoint,
        "DesiredWeightsAndCapacities": [
            {"VariantName": variant, "DesiredWeight": float(weight)}
            for variant, weight in weights.items()
        ],
    }


def desired_weights_text(body: Mapping[str, Any]) -> str:
    """The text of desired_weights.json, with all variants on its second line.

    >>> weights = {"champion": 0.82, "challenger": 0.18}
    >>> print(desired_weights_text(desired_weights("churn", weights)), end="")
    {"EndpointName": "churn", "DesiredWeightsAndCapacities": [
      {"VariantName": "champion", "DesiredWeight": 0.82}, {"VariantName": "challenger", "DesiredWeight": 0.18}]}
    """
    endpoint = json.dumps(body["EndpointName"])
    variants = ", ".join(json.dumps(each) for each in body["DesiredWeightsAndCapacities"])
    return f'{{"EndpointName": {endpoint}, "DesiredWeightsAndCapacities": [\n  {variants}]}}\n'


def stop_experiment(
    experiment: str, verdict: Answer, reason: str, *, champion: str, challenger: str
) -> dict[str, Any] | None:
    """The body of StopInferenceExperiment; None for hold, which lets the experiment go on.

    The shadow variant is promoted and the production variant removed, or the production variant
    is retained as it is and the shadow variant removed: only shadow variants can be promoted.

    Args:
        experiment: name of the inference experiment.
        verdict: promote, hold or roll_back.
        reason: of the verdict; its first line is sent.
        champion: name of the production variant.
        challenger: name of the shadow variant.

    >>> names = {"champion": "champion", "challenger": "challenger"}
    >>> stop_experiment("churn-shadow", "promote", "not worse", **names)["ModelVariantActions"]
    {'champion': 'Remove', 'challenger': 'Promote'}
    """
    if verdict == "hold":
        return None
    of_both = {"promote": ("Remove", "Promote"), "roll_back": ("Retain", "Remove")}
    of_champion, of_challenger = of_both[verdict]
    (first, *_) = reason.splitlines() or [""]
    return {
        "Name": experiment,
        "ModelVariantActions": {champion: of_champion, challenger: of_challenger},
        "DesiredState": "Completed",
        "Reason": first[:_LONGEST_REASON],
    }


def guardrail_dimensions(endpoint: str, plan: str) -> dict[str, str]:
    """The dimensions of the metric deployment_roll_back; alarms find it by exactly these."""
    return {"Endpoint": endpoint, "Plan": plan}


def guardrail_alarm_name(endpoint: str) -> str:
    """What the alarm of an endpoint is called; of a name that is too long, its beginning.

    >>> guardrail_alarm_name("churn"), len(guardrail_alarm_name("x" * 300))
    ('churn-roll-back', 255)
    """
    return f"{endpoint[: _LONGEST_ALARM_NAME - len(_ALARM_ENDING)]}{_ALARM_ENDING}"


def guardrail_alarm(
    name: str, dimensions: Mapping[str, str], namespace: str = NAMESPACE
) -> dict[str, Any]:
    """The body of PutMetricAlarm for an alarm that goes off when the verdict is to roll back.

    Args:
        name: of the alarm, up to 255 characters.
        dimensions: of the metric, all of them.
        namespace: of the metric.

    Raises:
        FormatError: the name is empty or too long.
    """
    return {
        "AlarmName": _checked(name),
        "AlarmDescription": "driftkit: the new version is worse than allowed; roll back.",
        "Namespace": namespace,
        "MetricName": ROLL_BACK_METRIC,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Statistic": "Maximum",
        "Period": _PERIOD_SECONDS,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }


def _checked(alarm: str) -> str:
    if 1 <= len(alarm) <= _LONGEST_ALARM_NAME:
        return alarm
    raise FormatError(
        "it is no name of an alarm",
        where="AlarmName",
        expected=f"1 to {_LONGEST_ALARM_NAME} characters",
        found=f"{len(alarm)}",
        todo="Choose another name",
    )


def _wrong_weight(where: str, expected: str, weight: float) -> FormatError:
    return FormatError(
        "SageMaker takes no such weights",
        where=where,
        expected=expected,
        found=f"{weight}",
        todo="Check the weights",
    )
