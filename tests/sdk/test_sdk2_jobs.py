"""The jobs that the SageMaker Python SDK 2 asks for are run by the container's entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors import data_quality
from tests.container.box import CAPTURE, HOUR, SCHEDULED, Box
from tests.records.captures import record
from tests.sdk.service import Captured, Service, hour_of, run_job

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
LABELLED = b"label,prediction,probability\n" + b"1,1,0.9\n0,0,0.2\n1,0,0.4\n0,0,0.1\n" * 60
# Without a header: the request names the columns.
FACETED = b"1,0,20\n0,1,30\n1,1,40\n1,0,50\n" * 30
FOLDER = "s3://monitoring/jobs"
ROLE = "arn:aws:iam::123456789012:role/monitoring"
NO_VIOLATIONS = "Completed: Job completed successfully with no violations."


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def session(storage: Any, service: Service) -> Any:
    """A session of the SDK whose SageMaker only keeps what it is asked for."""
    boto3 = pytest.importorskip("boto3")
    sagemaker = pytest.importorskip("sagemaker", minversion="2.200")
    if not hasattr(sagemaker, "Session"):
        pytest.skip("this is no SageMaker SDK 2")
    for name, rows in (("train", ROWS), ("labelled", LABELLED), ("faceted", FACETED)):
        storage.put_object(Bucket="monitoring", Key=f"jobs/{name}.csv", Body=rows)
    return sagemaker.Session(boto3.Session(), sagemaker_client=service, default_bucket="monitoring")


def csv_with_header() -> Any:
    formats = pytest.importorskip("sagemaker.model_monitor.dataset_format")
    return formats.DatasetFormat.csv(header=True)


def read(kind: str, uri: str, session: Any) -> Any:
    files = pytest.importorskip("sagemaker.model_monitor")
    return getattr(files, kind).from_s3_uri(uri, sagemaker_session=session).body_dict


def test_a_baseline_of_data_quality(
    session: Any, service: Service, storage: Any, tmp_path: Path
) -> None:
    monitors, box = pytest.importorskip("sagemaker.model_monitor"), Box(root=tmp_path)
    monitor = monitors.DefaultModelMonitor(role=ROLE, sagemaker_session=session)

    monitor.suggest_baseline(
        baseline_dataset=f"{FOLDER}/train.csv",
        dataset_format=csv_with_header(),
        output_s3_uri=f"{FOLDER}/base",
        wait=False,
        logs=False,
    )

    assert run_job(service.of("processing_job"), box, storage) == 0
    assert box.message == NO_VIOLATIONS
    statistics = read("Statistics", f"{FOLDER}/base/statistics.json", session)
    assert statistics["dataset"]["item_count"] == ROWS.count(b"\n") - 1
    constraints = read("Constraints", f"{FOLDER}/base/constraints.json", session)
    assert [each["name"] for each in constraints["features"]] == ["a", "b"]


def test_a_baseline_of_model_quality(
    session: Any, service: Service, storage: Any, tmp_path: Path
) -> None:
    monitors, box = pytest.importorskip("sagemaker.model_monitor"), Box(root=tmp_path)
    monitor = monitors.ModelQualityMonitor(role=ROLE, sagemaker_session=session)

    monitor.suggest_baseline(
        baseline_dataset=f"{FOLDER}/labelled.csv",
        dataset_format=csv_with_header(),
        problem_type="BinaryClassification",
        inference_attribute="prediction",
        probability_attribute="probability",
        ground_truth_attribute="label",
        output_s3_uri=f"{FOLDER}/quality",
        wait=False,
        logs=False,
    )

    assert run_job(service.of("processing_job"), box, storage) == 0
    assert box.message == NO_VIOLATIONS
    metrics = read("Statistics", f"{FOLDER}/quality/statistics.json", session)[
        "binary_classification_metrics"
    ]
    # Of four rows alike, one positive is found and one is missed.
    assert (metrics["accuracy"]["value"], metrics["recall"]["value"]) == (0.75, 0.5)


def test_bias_before_training(session: Any, service: Service, storage: Any, tmp_path: Path) -> None:
    clarify, box = pytest.importorskip("sagemaker.clarify"), Box(root=tmp_path)
    processor = clarify.SageMakerClarifyProcessor(
        role=ROLE, instance_count=1, instance_type="ml.m5.large", sagemaker_session=session
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

    assert run_job(service.of("processing_job"), box, storage) == 0
    (facet,) = box.json("analysis.json")["pre_training_bias_metrics"]["facets"]["sex"]
    found = {each["name"]: each["value"] for each in facet["metrics"]}
    # As many of one sex as of the other; all against half of them have the label.
    assert found == pytest.approx({"CI": 0.0, "DPL": 0.5})


def test_an_hour_of_a_schedule(
    session: Any, service: Service, storage: Any, tmp_path: Path
) -> None:
    monitors, box = pytest.importorskip("sagemaker.model_monitor"), Box(root=tmp_path / "hour")
    normal = data_quality.baseline(f"{FOLDER}/train.csv", dialect="aws")
    normal.write(f"{FOLDER}/kept")
    # What the model answered is the first column, a.
    lines = [json.dumps(record("x", "z")) for _ in range(20)]
    storage.put_object(
        Bucket="monitoring",
        Key=f"jobs/captured/AllTraffic/{HOUR}/a.jsonl",
        Body="\n".join(lines).encode(),
    )

    monitors.DefaultModelMonitor(role=ROLE, sagemaker_session=session).create_monitoring_schedule(
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
    request = hour_of("DataQuality", service.of("DataQuality"), captured)
    assert run_job(request, box, storage) == 0
    assert box.message.startswith("CompletedWithViolations")
    uri = f"{FOLDER}/hours/constraint_violations.json"
    found = read("ConstraintViolations", uri, session)["violations"]
    assert "a" in {each["feature_name"] for each in found}
