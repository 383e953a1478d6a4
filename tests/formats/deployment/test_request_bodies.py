"""Bodies of requests: what botocore takes, byte for byte, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import FormatError
from driftkit.formats.deployment.endpoint import read
from driftkit.formats.deployment.request_bodies import (
    desired_weights,
    desired_weights_text,
    guardrail_alarm,
    guardrail_dimensions,
    stop_experiment,
)
from tests.formats.deployment.requests import complaints

if TYPE_CHECKING:
    from driftkit.formats.deployment.verdict import Answer

WRITTEN = """\
{"EndpointName": "churn", "DesiredWeightsAndCapacities": [
  {"VariantName": "champion", "DesiredWeight": 0.82}, {"VariantName": "challenger", "DesiredWeight": 0.18}]}
"""
NAMES = {"champion": "champion", "challenger": "challenger"}


def test_weights_are_written_byte_for_byte() -> None:
    body = desired_weights("churn", {"champion": 0.82, "challenger": 0.18})

    assert desired_weights_text(body) == WRITTEN
    assert complaints("sagemaker", "UpdateEndpointWeightsAndCapacities", body) == ""


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9-]{1,63}", fullmatch=True), st.floats(0.001, 1e6), min_size=1
    )
)
def test_weights_are_read_again(weights: dict[str, float]) -> None:
    body = desired_weights('a "quoted" name', weights)

    assert json.loads(desired_weights_text(body)) == body
    assert all("DesiredInstanceCount" not in x for x in body["DesiredWeightsAndCapacities"])


@pytest.mark.parametrize("weights", [{}, {"a": 0.0}, {"a": -1.0}, {"a": float("nan")}])
def test_weights_that_sagemaker_does_not_take(weights: dict[str, float]) -> None:
    with pytest.raises(FormatError):
        desired_weights("churn", weights)


@pytest.mark.parametrize(
    ("verdict", "actions"),
    [
        ("promote", {"champion": "Remove", "challenger": "Promote"}),
        ("roll_back", {"champion": "Retain", "challenger": "Remove"}),
    ],
)
def test_an_experiment_is_stopped(verdict: Answer, actions: dict[str, str]) -> None:
    body = stop_experiment("churn-shadow", verdict, "not worse\nthan allowed", **NAMES)

    assert body is not None
    assert body["ModelVariantActions"] == actions
    assert body["Reason"] == "not worse"
    assert complaints("sagemaker", "StopInferenceExperiment", body) == ""


@pytest.mark.parametrize("reason", ["", "\n", "x" * 5000])
def test_reasons_of_any_length(reason: str) -> None:
    body = stop_experiment("churn-shadow", "promote", reason, **NAMES)

    assert body is not None
    assert len(body["Reason"]) <= 1024
    assert complaints("sagemaker", "StopInferenceExperiment", body) == ""


def test_hold_stops_nothing() -> None:
    assert stop_experiment("churn-shadow", "hold", "too few data", **NAMES) is None


def test_an_alarm_and_the_deployment_that_names_it() -> None:
    alarm = guardrail_alarm("churn-roll-back", guardrail_dimensions("churn", "2026-11"))
    update = {
        "EndpointName": "churn",
        "EndpointConfigName": "churn-2",
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "WaitIntervalInSeconds": 3600,
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                }
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm["AlarmName"]}]},
        },
    }

    assert complaints("cloudwatch", "PutMetricAlarm", alarm) == ""
    assert complaints("sagemaker", "UpdateEndpoint", update) == ""
    assert (alarm["MetricName"], alarm["Threshold"]) == ("deployment_roll_back", 1)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_cloudwatch_keeps_the_alarm_as_it_is() -> None:
    alarm = guardrail_alarm("churn-roll-back", guardrail_dimensions("churn", "2026-11"))

    with pytest.importorskip("moto").mock_aws():
        client: Any = pytest.importorskip("boto3").client("cloudwatch", "us-east-1")
        client.put_metric_alarm(**alarm)
        (kept,) = client.describe_alarms(AlarmNames=["churn-roll-back"])["MetricAlarms"]

    assert {key: kept[key] for key in alarm} == alarm


def test_an_endpoint_takes_the_weights() -> None:
    weights = {"champion": 0.82, "challenger": 0.18}

    with pytest.importorskip("moto").mock_aws():
        client: Any = pytest.importorskip("boto3").client("sagemaker", "us-east-1")
        serve(client, {"champion": 3.0, "challenger": 1.0})
        before = read(client.describe_endpoint(EndpointName="churn"))
        client.update_endpoint_weights_and_capacities(**desired_weights("churn", weights))
        after = read(client.describe_endpoint(EndpointName="churn"))

    assert before.shares == {"champion": 0.75, "challenger": 0.25}
    assert after.shares == pytest.approx(weights)


def serve(client: Any, weights: dict[str, float]) -> None:
    """Starts an endpoint with these variants."""
    client.create_model(
        ModelName="churn",
        ExecutionRoleArn="arn:aws:iam::111122223333:role/serving",
        PrimaryContainer={"Image": "model"},
    )
    variants = [
        {
            "VariantName": name,
            "ModelName": "churn",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for name, weight in weights.items()
    ]
    client.create_endpoint_config(EndpointConfigName="churn-1", ProductionVariants=variants)
    client.create_endpoint(EndpointName="churn", EndpointConfigName="churn-1")


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_names_of_alarms_that_cloudwatch_does_not_take(name: str) -> None:
    with pytest.raises(FormatError):
        guardrail_alarm(name, guardrail_dimensions("churn", "2026-11"))
