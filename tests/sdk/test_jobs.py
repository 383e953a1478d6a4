"""The jobs that the SageMaker Python SDK asks for are run by the container's entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.data_quality import monitor as data_quality
from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, HOUR, SCHEDULED, Box
from tests.sdk.service import Captured, Service, hour_of, run_job

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sdk.versions import Sdk

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
LABELLED = b"label,prediction,probability\n" + b"1,1,0.9\n0,0,0.2\n1,0,0.4\n0,0,0.1\n" * 60
# Without a header: the request names the columns.
FACETED = b"1,0,20\n0,1,30\n1,1,40\n1,0,50\n" * 30
FOLDER = "s3://monitoring/jobs"
ROLE = "arn:aws:iam::123456789012:role/monitoring"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/driftkit-sagemaker"
NO_VIOLATIONS = "Completed: Job completed successfully with no violations."


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def session(sdk: Sdk, storage: Any, service: Service) -> Any:
    """A session of the SDK whose SageMaker only keeps what it is asked for."""
    boto3 = pytest.importorskip("boto3")
    for name, rows in (("train", ROWS), ("labelled", LABELLED), ("faceted", FACETED)):
        storage.put_object(Bucket="monitoring", Key=f"jobs/{name}.csv", Body=rows)
    return sdk.session(boto3.Session(), sagemaker_client=service, default_bucket="monitoring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user's account.

    Attributes:
        sdk: that the user has.
        session: of the SDK.
        service: that keeps what the session asks for.
        storage: client of S3.
        box: of the container.
    """

    sdk: Sdk
    session: Any
    service: Service
    storage: Any
    box: Box

    def monitor(self, kind: str) -> Any:
        """One of the monitors."""
        found = getattr(self.sdk.monitors, f"{kind}Monitor")
        return found(role=ROLE, sagemaker_session=self.session)

    def csv(self) -> Any:
        """CSV with a header."""
        return self.sdk.formats.DatasetFormat.csv(header=True)

    def run(self, request: Any) -> None:
        """Runs a job's request, which must end well."""
        assert run_job(request, self.box, self.storage) == 0, self.box.message

    def read(self, kind: str, uri: str) -> Any:
        """A file, as the SDK reads it."""
        files = getattr(self.sdk.monitors, kind)
        return files.from_s3_uri(uri, sagemaker_session=self.session).body_dict


@pytest.fixture
def account(sdk: Sdk, session: Any, service: Service, storage: Any, tmp_path: Path) -> Account:
    return Account(
        sdk=sdk, session=session, service=service, storage=storage, box=Box(root=tmp_path)
    )


def test_a_baseline_of_data_quality(account: Account) -> None:
    monitor = account.monitor("DefaultModel")
    monitor.image_uri = IMAGE

    monitor.suggest_baseline(
        baseline_dataset=f"{FOLDER}/train.csv",
        dataset_format=account.csv(),
        output_s3_uri=f"{FOLDER}/base",
        wait=False,
        logs=False,
    )

    request = account.service.of("processing_job")
    assert request["AppSpecification"]["ImageUri"] == IMAGE
    account.run(request)
    assert account.box.message == NO_VIOLATIONS
    statistics = account.read("Statistics", f"{FOLDER}/base/statistics.json")
    assert statistics["dataset"]["item_count"] == ROWS.count(b"\n") - 1
    constraints = account.read("Constraints", f"{FOLDER}/base/constraints.json")
    assert [each["name"] for each in constraints["features"]] == ["a", "b"]


def test_a_baseline_of_model_quality(account: Account) -> None:
    monitor = account.monitor("ModelQuality")

    monitor.suggest_baseline(
        baseline_dataset=f"{FOLDER}/labelled.csv",
        dataset_format=account.csv(),
        problem_type="BinaryClassification",
        inference_attribute="prediction",
        probability_attribute="probability",
        ground_truth_attribute="label",
        output_s3_uri=f"{FOLDER}/quality",
        wait=False,
        logs=False,
    )

    account.run(account.service.of("processing_job"))
    assert account.box.message == NO_VIOLATIONS
    metrics = account.read("Statistics", f"{FOLDER}/quality/statistics.json")[
        "binary_classification_metrics"
    ]
    # Of four rows alike, one positive is found and one is missed.
    assert (metrics["accuracy"]["value"], metrics["recall"]["value"]) == (0.75, 0.5)


def test_bias_before_training(account: Account) -> None:
    clarify = account.sdk.clarify
    processor = clarify.SageMakerClarifyProcessor(
        role=ROLE, instance_count=1, instance_type="ml.m5.large", sagemaker_session=account.session
    )

    processor.run_pre_training_bias(
        data_config=clarify.DataConfig(
            s3_data_input_path=f"{FOLDER}/faceted.csv",
            s3_output_path=f"{FOLDER}/bias",
            label="y",
            headers=["y", "sex", "age"],
            dataset_type="text/csv",
        ),
        data_bias_config=clarify.BiasConfig(
            label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[1]
        ),
        methods=["CI", "DPL"],
        wait=False,
        logs=False,
    )

    account.run(account.service.of("processing_job"))
    (facet,) = account.box.json("analysis.json")["pre_training_bias_metrics"]["facets"]["sex"]
    found = {each["name"]: each["value"] for each in facet["metrics"]}
    # As many of one sex as of the other; all against half of them have the label.
    assert found == pytest.approx({"CI": 0.0, "DPL": 0.5})


def test_an_hour_of_a_schedule(account: Account) -> None:
    normal = data_quality.baseline(f"{FOLDER}/train.csv", dialect="aws")
    normal.write(f"{FOLDER}/kept")
    # What the model answered is the first column, a.
    lines = [json.dumps(record("x", "z")) for _ in range(20)]
    account.storage.put_object(
        Bucket="monitoring",
        Key=f"jobs/captured/AllTraffic/{HOUR}/a.jsonl",
        Body="\n".join(lines).encode(),
    )

    monitor = account.monitor("DefaultModel")
    monitor.image_uri = IMAGE
    monitor.create_monitoring_schedule(
        endpoint_input="churn",
        output_s3_uri=f"{FOLDER}/hours",
        statistics=f"{FOLDER}/kept/statistics.json",
        constraints=f"{FOLDER}/kept/constraints.json",
        schedule_cron_expression="cron(0 * ? * * *)",
    )

    captured = Captured(
        uri=f"{FOLDER}/captured",
        baseline=f"{FOLDER}/kept",
        window={**SCHEDULED, "dataset_format": CAPTURE},
    )
    definition = account.service.of("DataQuality")
    assert definition["DataQualityAppSpecification"]["ImageUri"] == IMAGE
    request = hour_of("DataQuality", definition, captured)
    account.run(request)
    assert account.box.message.startswith("CompletedWithViolations")
    uri = f"{FOLDER}/hours/constraint_violations.json"
    found = account.read("ConstraintViolations", uri)["violations"]
    assert "a" in {each["feature_name"] for each in found}
