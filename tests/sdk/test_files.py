"""The SageMaker Python SDK reads what driftkit writes, and driftkit what the SDK writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    from tests.sdk.versions import Sdk

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20
BROKEN = ROWS.replace(b"2,y", b"z,y")
FOLDER = "s3://monitoring/files"


@pytest.fixture
def session(sdk: Sdk, storage: Any) -> Any:
    """A session of the SDK on the storage, with a baseline and a window of driftkit's there."""
    boto3 = pytest.importorskip("boto3")
    storage.put_object(Bucket="monitoring", Key="files/train.csv", Body=ROWS)
    storage.put_object(Bucket="monitoring", Key="files/window.csv", Body=BROKEN)
    normal = data_quality.baseline(f"{FOLDER}/train.csv")
    normal.write(f"{FOLDER}/base")
    data_quality.monitor(f"{FOLDER}/window.csv", normal, dialect="aws").write(f"{FOLDER}/run")
    return sdk.session(boto3.Session())


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        ("Statistics", "statistics.json"),
        ("Constraints", "constraints.json"),
        ("ConstraintViolations", "constraint_violations.json"),
    ],
)
def test_every_file_is_read(reader: str, file: str, session: Any, sdk: Sdk) -> None:

    read = getattr(sdk.monitors, reader).from_s3_uri(
        f"{FOLDER}/run/{file}", sagemaker_session=session
    )

    written = data_quality.MonitoringResult.read(f"{FOLDER}/run").files[file]
    assert read.body_dict == written


@pytest.mark.parametrize("feature", [None, "a"])
def test_what_set_monitoring_switched_off_is_not_checked(
    feature: str | None, session: Any, sdk: Sdk
) -> None:
    constraints = sdk.monitors.Constraints.from_s3_uri(
        f"{FOLDER}/base/constraints.json", sagemaker_session=session
    )
    before = data_quality.monitor(f"{FOLDER}/window.csv", Baseline.read(f"{FOLDER}/base"))

    constraints.set_monitoring(enable_monitoring=False, feature_name=feature)
    constraints.save(f"{FOLDER}/base/constraints.json")
    after = data_quality.monitor(f"{FOLDER}/window.csv", Baseline.read(f"{FOLDER}/base"))

    assert "a" in {violation.feature_name for violation in before.violations}
    assert "a" not in {violation.feature_name for violation in after.violations}


def test_an_execution_finds_the_files_of_its_output(session: Any, sdk: Sdk) -> None:
    output = sdk.output(f"{FOLDER}/run")
    execution = sdk.monitors.MonitoringExecution(
        sagemaker_session=session, job_name="hour-1", inputs=[], output=output
    )

    violations, statistics = execution.constraint_violations(), execution.statistics()

    assert {each["feature_name"] for each in violations.body_dict["violations"]} == {"a"}
    assert statistics.body_dict["dataset"]["item_count"] == 40


def test_a_baselining_job_suggests_what_was_written(session: Any, sdk: Sdk) -> None:
    output = sdk.output(f"{FOLDER}/base")
    job = sdk.monitors.BaseliningJob(
        sagemaker_session=session, job_name="base-1", inputs=[], outputs=[output]
    )

    suggested, statistics = job.suggested_constraints(), job.baseline_statistics()

    written = Baseline.read(f"{FOLDER}/base").files
    assert suggested.body_dict == written["constraints.json"]
    assert statistics.body_dict == written["statistics.json"]
