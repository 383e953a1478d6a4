"""From an endpoint's description and captures in S3 to a verdict, weights that SageMaker takes, and an alarm."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit.sagemaker import cloudwatch
from driftkit.sagemaker.metrics import of_deployment
from driftkit.sagemaker.monitor_jobs import Done
from tests.capture.captures import record, side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.sdk

ROLE = "arn:aws:iam::123456789012:role/monitoring"


@pytest.fixture
def clients(storage: Any) -> Iterator[dict[str, Any]]:
    """Makes clients of other services; the endpoint `churn` has two variants, half each."""
    boto3 = pytest.importorskip("boto3")
    sagemaker = boto3.client("sagemaker")
    variants = []
    for name in ("champion", "challenger"):
        image = {"Image": "models:1", "ModelDataUrl": f"s3://monitoring/{name}.tar.gz"}
        sagemaker.create_model(ModelName=name, PrimaryContainer=image, ExecutionRoleArn=ROLE)
        variants.append(
            {
                "VariantName": name,
                "ModelName": name,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "InitialVariantWeight": 1.0,
            }
        )
    sagemaker.create_endpoint_config(EndpointConfigName="churn-1", ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn-1")
    yield {"sagemaker": sagemaker, "cloudwatch": boto3.client("cloudwatch"), "s3": storage}
    sagemaker.delete_endpoint(EndpointName="churn")
    sagemaker.delete_endpoint_config(EndpointConfigName="churn-1")
    for name in ("champion", "challenger"):
        sagemaker.delete_model(ModelName=name)


def capture(storage: Any, variant: str, right: float, rows: int = 1_500) -> None:
    """Puts an hour of merged records of a variant into S3."""
    random = np.random.default_rng([rows, int(1000 * right)])
    labels = random.integers(0, 2, rows)
    answers = np.where(random.random(rows) < right, labels, 1 - labels) * 0.8 + 0.1
    lines = [
        json.dumps(
            {
                **record("1,2", f"{answer:.1f}", "2026-11-02T10:30:00Z"),
                "groundTruthData": side(str(label)),
            }
        )
        for answer, label in zip(answers.tolist(), labels.tolist(), strict=True)
    ]
    key = f"merged/churn/{variant}/2026/11/02/10/a.jsonl"
    storage.put_object(Bucket="monitoring", Key=key, Body="\n".join([*lines, ""]).encode())


@pytest.mark.parametrize(
    ("right", "said", "weights"),
    [
        (0.95, "promote", {"champion": 0.0, "challenger": 1.0}),
        (0.7, "roll_back", {"champion": 1.0, "challenger": 0.0}),
    ],
)
def test_the_weights_of_an_endpoint_follow_the_verdict(
    clients: Any, tmp_path: Path, right: float, said: str, weights: dict[str, float]
) -> None:
    capture(clients["s3"], "champion", 0.9)
    capture(clients["s3"], "challenger", right)
    described = clients["sagemaker"].describe_endpoint(EndpointName="churn")
    (tmp_path / "endpoint.json").write_text(json.dumps(described, default=str))
    plan = driftkit.deployment.baseline(
        "s3://monitoring/merged",
        weights_file=str(tmp_path / "endpoint.json"),
        goals="accuracy:0.05",
        champion="champion",
        minimum_days=0,
        horizon_units=6_000,
        probability_attribute="0",
        runner="local",
    )
    plan.write("s3://monitoring/plan")

    report = driftkit.deployment.monitor(
        "s3://monitoring/merged", "s3://monitoring/plan", probability_attribute="0", runner="local"
    )

    assert report.verdict.verdict == said
    body = report.verdict.actions["update_endpoint_weights_and_capacities"]
    clients["sagemaker"].update_endpoint_weights_and_capacities(**body)
    after = clients["sagemaker"].describe_endpoint(EndpointName="churn")["ProductionVariants"]
    assert {each["VariantName"]: each["CurrentWeight"] for each in after} == weights


@pytest.mark.parametrize(("right", "breaching"), [(0.9, False), (0.7, True)])
def test_the_alarm_that_the_plan_writes_goes_off_by_what_is_published(
    clients: Any, tmp_path: Path, right: float, *, breaching: bool
) -> None:
    capture(clients["s3"], "champion", 0.9)
    capture(clients["s3"], "challenger", right)
    plan = driftkit.deployment.baseline(
        "s3://monitoring/merged",
        goals="accuracy:0.05",
        champion="champion",
        weights={"champion": 1, "challenger": 1},
        probability_attribute="0",
        runner="local",
    )
    plan.write(tmp_path)
    alarm = json.loads((tmp_path / "guardrail_alarm.json").read_text())
    clients["cloudwatch"].put_metric_alarm(**alarm)
    report = driftkit.deployment.monitor(
        "s3://monitoring/merged", plan, probability_attribute="0", runner="local"
    )

    cloudwatch.publish(Done(metrics=of_deployment(report, datetime.now(UTC))))

    found = clients["cloudwatch"].get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime="2026-01-01",
        EndTime="2030-01-01",
        Period=86_400,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert [each["Maximum"] >= alarm["Threshold"] for each in found] == [breaching]
