"""Descriptions of endpoints and experiments: variants, weights, shadows, and what is refused."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.errors import FormatError
from driftkit.formats.deployment.endpoint import Shadow, Variant, read, read_file
from tests.formats.damage import damaged, ours, put
from tests.formats.deployment.requests import complaints

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT: dict[str, Any] = {
    "EndpointName": "churn",
    "EndpointArn": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn",
    "EndpointConfigName": "churn-2",
    "ProductionVariants": [
        {
            "VariantName": "champion",
            "CurrentWeight": 9.0,
            "DesiredWeight": 5.0,
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 2,
            "VariantStatus": [{"Status": "Baking", "StartTime": "2026-11-02T10:00:00Z"}],
        },
        {"VariantName": "challenger", "CurrentWeight": 1.0, "DesiredWeight": 5.0},
    ],
    "DataCaptureConfig": {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 20,
        "DestinationS3Uri": "s3://bucket/captures",
    },
    "EndpointStatus": "Updating",
    "LastDeploymentConfig": {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "CANARY", "WaitIntervalInSeconds": 600}
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "churn-roll-back"}]},
    },
}
CONFIG: dict[str, Any] = {
    "EndpointConfigName": "churn-2",
    "ProductionVariants": [
        {
            "VariantName": "champion",
            "ModelName": "churn-1",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
    ],
    "ShadowProductionVariants": [
        {
            "VariantName": "challenger",
            "ModelName": "churn-2",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": 0.5,
        }
    ],
    "DataCaptureConfig": {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://bucket/captures",
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    },
}
_HOSTED = {
    "InfrastructureType": "RealTimeInference",
    "RealTimeInferenceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
EXPERIMENT: dict[str, Any] = {
    "Name": "churn-shadow",
    "Type": "ShadowMode",
    "RoleArn": "arn:aws:iam::111122223333:role/experiments",
    "EndpointName": "churn",
    "ModelVariants": [
        {"ModelName": "churn-1", "VariantName": "champion", "InfrastructureConfig": _HOSTED},
        {"ModelName": "churn-2", "VariantName": "challenger", "InfrastructureConfig": _HOSTED},
    ],
    "DataStorageConfig": {"Destination": "s3://bucket/experiment"},
    "ShadowModeConfig": {
        "SourceModelVariantName": "champion",
        "ShadowModelVariants": [{"ShadowModelVariantName": "challenger", "SamplingPercentage": 40}],
    },
}


SENT: dict[str, Any] = {
    "EndpointName": "churn",
    "DesiredWeightsAndCapacities": [
        {"VariantName": "champion", "DesiredWeight": 4.0},
        {"VariantName": "challenger", "DesiredWeight": 0.0},
    ],
}


def test_weights_that_were_sent() -> None:
    endpoint = read(SENT)

    assert (endpoint.name, endpoint.shares) == ("churn", {"champion": 1.0, "challenger": 0.0})
    assert complaints("sagemaker", "UpdateEndpointWeightsAndCapacities", SENT) == ""


def test_an_endpoint_as_it_is_described() -> None:
    endpoint = read(ENDPOINT)

    assert endpoint.name == "churn"
    assert endpoint.status == "Updating"
    assert endpoint.variants == (
        Variant(name="champion", weight=9.0, statuses=("Baking",)),
        Variant(name="challenger", weight=1.0),
    )
    assert endpoint.shares == {"champion": 0.9, "challenger": 0.1}
    assert endpoint.baking
    assert endpoint.wait_seconds == 600
    assert endpoint.rollback_alarms == ("churn-roll-back",)
    assert (endpoint.capture_percentage, endpoint.capture_destination) == (
        20.0,
        "s3://bucket/captures",
    )


def test_a_new_fleet_that_bakes() -> None:
    document = deepcopy(ENDPOINT)
    del document["ProductionVariants"][0]["VariantStatus"]
    assert not read(document).baking

    document["PendingDeploymentSummary"] = {
        "EndpointConfigName": "churn-3",
        "ProductionVariants": [
            {"VariantName": "champion", "VariantStatus": [{"Status": "Baking"}]}
        ],
    }

    assert read(document).baking


def test_a_rolling_update_without_alarms() -> None:
    document = deepcopy(ENDPOINT)
    document["LastDeploymentConfig"] = {"RollingUpdatePolicy": {"WaitIntervalInSeconds": 30}}

    endpoint = read(document)

    assert (endpoint.wait_seconds, endpoint.rollback_alarms) == (30, ())


def test_an_endpoint_that_says_little() -> None:
    variants = [{"VariantName": "champion", "CurrentWeight": 1}]

    endpoint = read({"EndpointName": "churn", "ProductionVariants": variants})

    assert endpoint.rollback_alarms is None
    assert endpoint.wait_seconds is None
    assert endpoint.capture_percentage is None


def test_a_configuration_with_a_shadow() -> None:
    endpoint = read(CONFIG)

    assert endpoint.name is None
    assert endpoint.variants == (Variant(name="champion", weight=1.0),)
    assert endpoint.shadow == Shadow(name="challenger", source="champion")
    assert endpoint.capture_percentage == 100.0
    assert complaints("sagemaker", "CreateEndpointConfig", CONFIG) == ""


def test_capture_that_is_switched_off() -> None:
    document = deepcopy(CONFIG)
    document["DataCaptureConfig"]["EnableCapture"] = False

    assert read(document).capture_percentage is None


def test_an_experiment_as_it_is_created_and_described() -> None:
    described = {key: value for key, value in EXPERIMENT.items() if key != "EndpointName"}
    described |= {"EndpointMetadata": {"EndpointName": "churn"}, "Status": "Running"}

    created, running = read(EXPERIMENT), read(described)

    assert created.shadow == Shadow(name="challenger", source="champion", sampling_percentage=40.0)
    assert (created.name, created.experiment) == ("churn", "churn-shadow")
    assert created.capture_destination == "s3://bucket/experiment"
    assert (running.name, running.status, running.shadow) == ("churn", "Running", created.shadow)
    assert complaints("sagemaker", "CreateInferenceExperiment", EXPERIMENT) == ""


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "endpoint.json").write_text(json.dumps(ENDPOINT))

    assert read_file(tmp_path / "endpoint.json") == read(ENDPOINT)


MANY = [{"VariantName": f"v{i}", "CurrentWeight": 1} for i in range(11)]
WRONG: list[tuple[dict[str, Any], tuple[str | int, ...], Any, str]] = [
    (ENDPOINT, ("ProductionVariants",), MANY, "ProductionVariants"),
    (ENDPOINT, ("ProductionVariants",), [], "ProductionVariants"),
    (ENDPOINT, ("ProductionVariants", 1, "VariantName"), "b_2", "ProductionVariants[1].Variant"),
    (ENDPOINT, ("ProductionVariants", 1, "VariantName"), "b" * 64, "ProductionVariants[1]"),
    (ENDPOINT, ("ProductionVariants", 1, "VariantName"), "champion", "ProductionVariants[1]"),
    (ENDPOINT, ("ProductionVariants", 1, "CurrentWeight"), "9", "[1].CurrentWeight"),
    (ENDPOINT, ("ProductionVariants", 1, "CurrentWeight"), -1, "[1].CurrentWeight"),
    (ENDPOINT, ("ProductionVariants", 1, "CurrentWeight"), "NaN", "[1].CurrentWeight"),
    (ENDPOINT, ("DataCaptureConfig", "CurrentSamplingPercentage"), 0, "CurrentSamplingPercentage"),
    (CONFIG, ("ProductionVariants", 0, "InitialVariantWeight"), 0, "ProductionVariants"),
    (SENT, ("DesiredWeightsAndCapacities", 1, "DesiredWeight"), -1, "[1].DesiredWeight"),
    (SENT, ("DesiredWeightsAndCapacities", 1, "VariantName"), "champion", "[1].VariantName"),
    (SENT, ("DesiredWeightsAndCapacities", 0, "DesiredWeight"), 0, "DesiredWeightsAndCapacities"),
    (CONFIG, ("ShadowProductionVariants", 0, "VariantName"), "champion", "ShadowProductionVari"),
    (CONFIG, ("ProductionVariants",), [{"VariantName": "a"}, {"VariantName": "b"}], "ShadowProd"),
    (EXPERIMENT, ("ShadowModeConfig", "SourceModelVariantName"), "challenger", "ShadowModelVar"),
    (EXPERIMENT, ("ShadowModeConfig", "ShadowModelVariants"), [], "ShadowModelVariants"),
    (
        EXPERIMENT,
        ("ShadowModeConfig", "ShadowModelVariants", 0, "SamplingPercentage"),
        0,
        "ShadowModelVariants[0].SamplingPercentage",
    ),
    (
        EXPERIMENT,
        ("ShadowModeConfig", "ShadowModelVariants", 0, "SamplingPercentage"),
        101,
        "ShadowModelVariants[0].SamplingPercentage",
    ),
]


@pytest.mark.parametrize(("document", "at", "value", "path"), WRONG)
def test_wrong_values_are_named_by_their_path(
    document: dict[str, Any], at: tuple[str | int, ...], value: Any, path: str
) -> None:
    document = deepcopy(document)
    put(document, at, value)

    with pytest.raises(FormatError) as caught:
        read(document)

    assert path in str(caught.value)


@pytest.mark.parametrize("document", [{}, {"EndpointName": "churn"}])
def test_another_file(document: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match="no description of an endpoint"):
        read(document)


@pytest.mark.parametrize("document", [ENDPOINT, CONFIG, EXPERIMENT, SENT])
def test_damaged_files_are_read_or_refused(document: dict[str, Any]) -> None:
    @given(damaged(document))
    def reads(broken: dict[str, Any]) -> None:
        with ours():
            assert sum(read(broken).shares.values()) == pytest.approx(1.0)

    reads()
