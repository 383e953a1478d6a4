"""The check steps of the SageMaker Python SDK 2's pipelines: their jobs, and the files between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sagemaker.box import Box
from tests.sdk.service import Service, run_job

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sdk.versions import Sdk

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
BROKEN = ROWS.replace(b"2,y", b"z,y")
PREDICTED = b"label,prediction\n" + b"1.5,1\n2,3\n" * 20
FACETED = b"1,0,20\n0,1,30\n1,1,40\n1,0,50\n" * 30
FOLDER = "s3://monitoring/pipeline"
ROLE = "arn:aws:iam::123456789012:role/monitoring"


@pytest.fixture
def session(sdk: Sdk, storage: Any) -> Any:
    """A session of the SDK in whose storage the data are."""
    boto3 = pytest.importorskip("boto3")
    if sdk.major != 2:
        pytest.skip("version 3 has the steps in a package of its own, sagemaker-mlops")
    given = {"train": ROWS, "broken": BROKEN, "predicted": PREDICTED, "faceted": FACETED}
    for name, rows in given.items():
        storage.put_object(Bucket="monitoring", Key=f"pipeline/{name}.csv", Body=rows)
    return sdk.session(boto3.Session(), sagemaker_client=Service(), default_bucket="monitoring")


def job(session: Any) -> Any:
    """How the steps' jobs are run."""
    config = pytest.importorskip("sagemaker.workflow.check_job_config")
    return config.CheckJobConfig(role=ROLE, sagemaker_session=session)


def quality(session: Any, kind: str, data: str, told: dict[str, Any], **step: Any) -> Any:
    """A step that checks the quality of data, or of a model."""
    steps = pytest.importorskip("sagemaker.workflow.quality_check_step")
    formats = pytest.importorskip("sagemaker.model_monitor.dataset_format")
    config = getattr(steps, f"{kind}QualityCheckConfig")(
        baseline_dataset=f"{FOLDER}/{data}.csv",
        dataset_format=formats.DatasetFormat.csv(header=True),
        output_s3_uri=f"{FOLDER}/{data}",
        **told,
    )
    return steps.QualityCheckStep(
        name=data, quality_check_config=config, check_job_config=job(session), **step
    )


def run(step: Any, storage: Any, folder: Path) -> Box:
    """Runs a step's job as Pipelines does, with the files that the step supplies as its baseline."""
    asked, request = step.to_request(), dict(step.arguments)
    inputs, variables = list(request["ProcessingInputs"]), dict(request.get("Environment") or {})
    for name in ("Statistics", "Constraints"):
        uri = asked.get(f"SuppliedBaseline{name}")
        if uri:
            path = f"/opt/ml/processing/baseline/{name.lower()}"
            inputs.append({"S3Input": {"S3Uri": uri, "LocalPath": path}})
            variables[f"baseline_{name.lower()}"] = f"{path}/{name.lower()}.json"
    box = Box(root=folder)
    whole = {**request, "ProcessingInputs": inputs, "Environment": variables}
    assert run_job(whole, box, storage) == 0, box.message
    return box


def test_data_are_checked_with_the_files_of_another_step(
    session: Any, storage: Any, tmp_path: Path
) -> None:
    first = run(quality(session, "Data", "train", {}), storage, tmp_path / "first")
    supplied = {
        "supplied_baseline_statistics": f"{FOLDER}/train/statistics.json",
        "supplied_baseline_constraints": f"{FOLDER}/train/constraints.json",
    }

    second = run(quality(session, "Data", "broken", {}, **supplied), storage, tmp_path / "second")

    assert first.message == "Completed: Job completed successfully with no violations."
    assert second.message.startswith("CompletedWithViolations")
    files = pytest.importorskip("sagemaker.model_monitor")
    read = files.ConstraintViolations.from_s3_uri(
        f"{FOLDER}/broken/constraint_violations.json", sagemaker_session=session
    )
    assert {each["feature_name"] for each in read.body_dict["violations"]} == {"a"}


def test_a_regression_is_checked_and_registered(session: Any, storage: Any, tmp_path: Path) -> None:
    told = {
        "problem_type": "Regression",
        "inference_attribute": "prediction",
        "ground_truth_attribute": "label",
    }

    box = run(quality(session, "Model", "predicted", told), storage, tmp_path)

    metrics = box.json("statistics.json")["regression_metrics"]
    assert metrics["mae"]["value"] == pytest.approx((0.5 + 1) / 2)
    registry = pytest.importorskip("sagemaker.model_metrics")
    kept = registry.ModelMetrics(
        model_statistics=registry.MetricsSource(
            s3_uri=f"{FOLDER}/predicted/statistics.json", content_type="application/json"
        )
    )
    bucket, _, key = (
        kept._to_request_dict()["ModelQuality"]["Statistics"]["S3Uri"]
        .removeprefix("s3://")
        .partition("/")
    )
    stored = storage.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert json.loads(stored) == box.json("statistics.json")


def test_bias_of_data_is_checked(session: Any, storage: Any, tmp_path: Path) -> None:
    steps = pytest.importorskip("sagemaker.workflow.clarify_check_step")
    clarify = pytest.importorskip("sagemaker.clarify")
    config = steps.DataBiasCheckConfig(
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
        methods=["DPL"],
    )
    step = steps.ClarifyCheckStep(
        name="bias", clarify_check_config=config, check_job_config=job(session)
    )

    box = run(step, storage, tmp_path)

    (facet,) = box.json("analysis.json")["pre_training_bias_metrics"]["facets"]["sex"]
    assert [each["value"] for each in facet["metrics"]] == [pytest.approx(0.5)]
