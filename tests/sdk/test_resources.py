"""Jobs and definitions made of the SageMaker Python SDK 3's resources are run by the container."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.data_quality import monitor as data_quality
from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, HOUR, SCHEDULED, Box
from tests.sdk.service import Captured, hour_of, run_job

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sdk.versions import Sdk

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
FOLDER = "s3://monitoring/resources"
ROLE = "arn:aws:iam::123456789012:role/monitoring"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/driftkit:1"
RESULTS = "/opt/ml/processing/output"
CLUSTER = {"instance_count": 1, "instance_type": "ml.m5.large", "volume_size_in_gb": 30}


@pytest.fixture
def service(sdk: Sdk, storage: Any) -> Any:
    """A client of SageMaker, which keeps what the resources ask for."""
    boto3 = pytest.importorskip("boto3")
    if sdk.major != 3:
        pytest.skip("resources are version 3's")
    storage.put_object(Bucket="monitoring", Key="resources/train.csv", Body=ROWS)
    pytest.importorskip("sagemaker.core.utils.utils").SageMakerClient.reset()
    return boto3.client("sagemaker")


def made(kind: str, **told: Any) -> None:
    """Makes a resource."""
    resources = pytest.importorskip("sagemaker.core.resources")
    getattr(resources, kind).create(role_arn=ROLE, **told)


def test_a_processing_job(service: Any, storage: Any, tmp_path: Path) -> None:
    place = "/opt/ml/processing/input/baseline_dataset_input"
    told = {"dataset_source": place, "dataset_format": '{"csv": {"header": true}}'}
    made(
        "ProcessingJob",
        processing_job_name="base",
        app_specification={"image_uri": IMAGE},
        environment=told,
        processing_inputs=[
            {
                "input_name": "data",
                "s3_input": {
                    "s3_uri": f"{FOLDER}/train.csv",
                    "s3_data_type": "S3Prefix",
                    "local_path": place,
                },
            }
        ],
        processing_output_config={
            "outputs": [
                {
                    "output_name": "result",
                    "s3_output": {
                        "s3_uri": f"{FOLDER}/base",
                        "local_path": RESULTS,
                        "s3_upload_mode": "EndOfJob",
                    },
                }
            ]
        },
        processing_resources={"cluster_config": CLUSTER},
    )
    box = Box(root=tmp_path)
    # moto keeps no environment.
    request = service.describe_processing_job(ProcessingJobName="base") | {"Environment": told}

    assert run_job(request, box, storage) == 0

    assert box.json("statistics.json")["dataset"]["item_count"] == ROWS.count(b"\n") - 1


def test_an_hour_of_a_definition(sdk: Sdk, service: Any, storage: Any, tmp_path: Path) -> None:
    data_quality.baseline(f"{FOLDER}/train.csv", dialect="aws").write(f"{FOLDER}/kept")
    lines = "\n".join(json.dumps(record("x", "z")) for _ in range(20))
    key = f"resources/captured/AllTraffic/{HOUR}/a.jsonl"
    storage.put_object(Bucket="monitoring", Key=key, Body=lines.encode())
    kept = {
        f"{name}_resource": {"s3_uri": f"{FOLDER}/kept/{name}.json"}
        for name in ("statistics", "constraints")
    }
    made(
        "DataQualityJobDefinition",
        job_definition_name="hours",
        data_quality_app_specification={"image_uri": IMAGE},
        data_quality_baseline_config=kept,
        data_quality_job_input={
            "endpoint_input": {
                "endpoint_name": "churn",
                "local_path": "/opt/ml/processing/input/endpoint",
            }
        },
        data_quality_job_output_config={
            "monitoring_outputs": [
                {"s3_output": {"s3_uri": f"{FOLDER}/hours", "local_path": RESULTS}}
            ]
        },
        job_resources={"cluster_config": CLUSTER},
        stopping_condition={"max_runtime_in_seconds": 1800},
    )
    definition = service.describe_data_quality_job_definition(JobDefinitionName="hours")
    captured = Captured(
        uri=f"{FOLDER}/captured",
        baseline=f"{FOLDER}/kept",
        window={**SCHEDULED, "dataset_format": CAPTURE},
    )
    box = Box(root=tmp_path)

    assert run_job(hour_of("DataQuality", definition, captured), box, storage) == 0

    assert box.message.startswith("CompletedWithViolations")
    read = sdk.monitors.ConstraintViolations.from_s3_uri(
        f"{FOLDER}/hours/constraint_violations.json"
    )
    assert "a" in {each["feature_name"] for each in read.body_dict["violations"]}
