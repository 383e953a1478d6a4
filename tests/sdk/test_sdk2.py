"""The SageMaker Python SDK 2 reads what driftkit writes, and driftkit what the SDK writes."""

from __future__ import annotations

from typing import Any

import pytest

from driftkit.monitors import data_quality
from driftkit.monitors.results import Baseline

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
BROKEN = ROWS.replace(b"2,y", b"z,y")
FOLDER = "s3://monitoring/sdk2"


@pytest.fixture
def session(storage: Any) -> Any:
    """A session of the SDK on the storage, with a baseline and a window of driftkit's there."""
    boto3 = pytest.importorskip("boto3")
    sagemaker = pytest.importorskip("sagemaker", minversion="2.200")
    if not hasattr(sagemaker, "Session"):
        pytest.skip("this is no SageMaker SDK 2")
    storage.put_object(Bucket="monitoring", Key="sdk2/train.csv", Body=ROWS)
    storage.put_object(Bucket="monitoring", Key="sdk2/window.csv", Body=BROKEN)
    normal = data_quality.baseline(f"{FOLDER}/train.csv")
    normal.write(f"{FOLDER}/base")
    data_quality.monitor(f"{FOLDER}/window.csv", normal, dialect="aws").write(f"{FOLDER}/run")
    return sagemaker.Session(boto3.Session())


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        ("Statistics", "statistics.json"),
        ("Constraints", "constraints.json"),
        ("ConstraintViolations", "constraint_violations.json"),
    ],
)
def test_every_file_is_read(reader: str, file: str, session: Any) -> None:
    model_monitor = pytest.importorskip("sagemaker.model_monitor")

    read = getattr(model_monitor, reader).from_s3_uri(
        f"{FOLDER}/run/{file}", sagemaker_session=session
    )

    written = data_quality.MonitoringResult.read(f"{FOLDER}/run").files[file]
    assert read.body_dict == written


@pytest.mark.parametrize("feature", [None, "a"])
def test_what_set_monitoring_switched_off_is_not_checked(feature: str | None, session: Any) -> None:
    model_monitor = pytest.importorskip("sagemaker.model_monitor")
    constraints = model_monitor.Constraints.from_s3_uri(
        f"{FOLDER}/base/constraints.json", sagemaker_session=session
    )
    before = data_quality.monitor(f"{FOLDER}/window.csv", Baseline.read(f"{FOLDER}/base"))

    constraints.set_monitoring(enable_monitoring=False, feature_name=feature)
    constraints.save(f"{FOLDER}/base/constraints.json")
    after = data_quality.monitor(f"{FOLDER}/window.csv", Baseline.read(f"{FOLDER}/base"))

    assert "a" in {violation.feature_name for violation in before.violations}
    assert "a" not in {violation.feature_name for violation in after.violations}


def test_an_execution_finds_the_files_of_its_output(session: Any) -> None:
    model_monitor = pytest.importorskip("sagemaker.model_monitor")
    output = pytest.importorskip("sagemaker.processing").ProcessingOutput(
        source="/opt/ml/processing/output", destination=f"{FOLDER}/run", output_name="result"
    )
    execution = model_monitor.MonitoringExecution(
        sagemaker_session=session, job_name="hour-1", inputs=[], output=output
    )

    violations, statistics = execution.constraint_violations(), execution.statistics()

    assert {each["feature_name"] for each in violations.body_dict["violations"]} == {"a"}
    assert statistics.body_dict["dataset"]["item_count"] == 40


def test_a_baselining_job_suggests_what_was_written(session: Any) -> None:
    model_monitor = pytest.importorskip("sagemaker.model_monitor")
    output = pytest.importorskip("sagemaker.processing").ProcessingOutput(
        source="/opt/ml/processing/output", destination=f"{FOLDER}/base"
    )
    job = model_monitor.BaseliningJob(
        sagemaker_session=session, job_name="base-1", inputs=[], outputs=[output]
    )

    suggested, statistics = job.suggested_constraints(), job.baseline_statistics()

    written = Baseline.read(f"{FOLDER}/base").files
    assert suggested.body_dict == written["constraints.json"]
    assert statistics.body_dict == written["statistics.json"]
