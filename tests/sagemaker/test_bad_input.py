"""Whatever is wrong with a job ends in one clear message, whole files or none, and no secret."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import OutputError
from driftkit.io import finding
from driftkit.readers import lines
from driftkit.sagemaker import container, monitor_jobs
from tests.capture.captures import record, side
from tests.sagemaker.box import CAPTURE, CSV, HOUR, SCHEDULED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sagemaker.box import Box

SOURCE = "/opt/ml/processing/input/endpoint"
BASELINE = "/opt/ml/processing/input/baseline_dataset_input"
JOB = {"dataset_source": SOURCE, "dataset_format": CAPTURE, **SCHEDULED}
TRAINING = {"dataset_source": BASELINE, "dataset_format": CSV}


def _captured(box: Box) -> None:
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", [record("1,x", "0.5\n")] * 3)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dataset_format": ""}, "Error: the environment variable dataset_format is missing"),
        ({"dataset_source": ""}, "Error: the environment variable dataset_source is missing"),
        ({"dataset_format": "{"}, "it is not JSON"),
        ({"dataset_format": '{"orc": {}}'}, "it names a format that is not known"),
        ({"dataset_format": '{"csv": {}, "json": {}}'}, "it names not exactly one format"),
        ({"start_time": "yesterday"}, "start_time: it is not a time"),
        ({"start_time": "2024-03-18T15:00:00Z"}, "the window is empty"),
        ({"start_time_offset": "an hour"}, "start_time_offset: it is no duration"),
        ({"analysis_type": "PREMONITION"}, "analysis_type: the analysis is not known"),
        ({"publish_cloudwatch_metrics": "maybe"}, "it is neither Enabled nor Disabled"),
        ({"output_path": "/etc"}, "output_path: the path is outside of the job's folders"),
        ({"dataset_source": "/etc"}, "dataset_source: the path is outside of the job's folders"),
        ({"dataset_source": "s3://b/k"}, "the path is outside of the job's folders"),
        (
            {"record_preprocessor_script": "/opt/ml/processing/../../../etc/passwd"},
            "record_preprocessor_script: the path is outside of the job's folders",
        ),
        (
            {"baseline_constraints": "/opt/ml/processing/baseline/none.json"},
            "baseline_constraints: there is no such file or folder",
        ),
        (
            {"sagemaker_monitoring_schedule_name": ""},
            (
                "AlgorithmError: CloudWatch publishing is available only for jobs from "
                "MonitoringSchedules."
            ),
        ),
        ({"analysis_type": "MODEL_QUALITY"}, "baseline_constraints: there is nothing to compare"),
        ({"analysis_type": "MODEL_BIAS"}, "the analysis configuration is missing"),
        (
            {"start_time": "2024-03-18T16:00:00Z", "end_time": "2024-03-18T17:00:00Z"},
            "Job inputs had no data",
        ),
        ({"data_quality_monitoring_config": "[]"}, "data_quality_monitoring_config"),
        ({"categorical_drift_method": "Astrology"}, "categorical_drift_method"),
    ],
)
def test_variables_that_are_wrong(box: Box, changed: dict[str, str], said: str) -> None:
    _captured(box)

    assert box.run({**JOB, **changed}) == 255
    assert said in box.message
    assert box.outputs == set()


def test_a_link_out_of_the_folders_is_refused(box: Box, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("")
    link = box.at("/opt/ml/processing/code/link.py")
    link.symlink_to(tmp_path / "secret.py")
    _captured(box)

    assert box.run({**JOB, "record_preprocessor_script": "/opt/ml/processing/code/link.py"}) == 255
    assert "outside of the job's folders" in box.message


@pytest.mark.parametrize(("format", "kind"), [('{"json": {"lines": true}}', "json"), (CSV, "csv")])
def test_a_baseline_without_files(box: Box, format: str, kind: str) -> None:  # noqa: A002
    name = "a.txt" if kind == "json" else "_hidden.csv"
    box.put(f"{BASELINE}/{name}", "x\n1\n")

    assert box.run({**TRAINING, "dataset_format": format}) == 255
    assert box.message.startswith(
        f"Error: Could not find any {kind} file under directory {BASELINE}. Please verify"
    )


def test_two_encodings_in_a_record(box: Box) -> None:
    answered = side('{"a": 1}', "JSON")
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", [record("1,2", answered)] * 3)

    assert box.run(JOB) == 255
    assert box.message == (
        "Error: Encoding mismatch: Encoding is CSV for endpointInput, but Encoding is JSON for "
        "endpointOutput. We currently only support the same type of input and output encoding at "
        "the moment."
    )


def test_several_endpoints_hours_are_read_together(box: Box) -> None:
    for endpoint in ("a", "b"):
        box.put_lines(f"{SOURCE}/{endpoint}/v/{HOUR}/x.jsonl", [record("1,x", "0.5\n")])

    assert box.run(JOB) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 2


def test_offsets_move_the_window(box: Box) -> None:
    earlier = "2024/03/18/11"
    box.put_lines(f"{SOURCE}/e/v/{earlier}/x.jsonl", [record("1,x", "0.5\n")] * 2)
    _captured(box)

    told = {**JOB, "start_time_offset": "-PT2H", "end_time_offset": "-PT1H"}

    assert box.run(told) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 2


@pytest.mark.parametrize(
    ("sides", "columns"),
    [
        ('["endpointInput"]', 2),
        ('["endpointOutput"]', 1),
        ('["endpointInput","endpointOutput"]', 3),
        ("null", 3),
    ],
)
def test_only_the_sides_that_are_asked_for(box: Box, sides: str, columns: int) -> None:
    _captured(box)
    told = {"dataset_format": f'{{"SageMakerCaptureJson": {{"captureIndexNames": {sides}}}}}'}

    assert box.run({**JOB, **told}) == 0
    assert len(box.json("statistics.json")["features"]) == columns


def test_secrets_are_never_shown(box: Box, capfd: pytest.CaptureFixture[str]) -> None:
    script = (
        "import os\n"
        "def preprocess_handler(record):\n"
        "    raise ValueError('token is hunter2-hunter2')\n"
    )
    code = "/opt/ml/processing/code/preprocessing/p.py"
    box.put(code, script)
    _captured(box)
    told = {**JOB, "record_preprocessor_script": code, "MY_API_TOKEN": "hunter2-hunter2"}

    assert box.run(told) == 255
    assert "hunter2" not in box.message + "".join(capfd.readouterr())
    assert "ValueError: token is ***" in box.message


def test_the_message_is_one_kilobyte(box: Box) -> None:
    code = "/opt/ml/processing/code/preprocessing/p.py"
    box.put(code, "def preprocess_handler(record):\n    raise ValueError('ä' * 5000)\n")
    _captured(box)

    assert box.run({**JOB, "record_preprocessor_script": code}) == 255
    assert 1022 <= len(box.message.encode()) <= 1024


@pytest.mark.parametrize("packed", [False, True], ids=["a long line", "a bomb"])
def test_lines_that_do_not_end(box: Box, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    monkeypatch.setattr(lines, "MOST_LINE_BYTES", 1_000_000)
    content = b'{"captureData":{}}\n' + b" " * 20_000_000 + b"\n"
    name = "a.jsonl.gz" if packed else "a.jsonl"
    box.put(f"{SOURCE}/e/v/{HOUR}/{name}", gzip.compress(content) if packed else content)

    assert box.run(JOB) == 255
    assert "a line is too long" in box.message
    assert box.outputs == set()


def test_a_document_that_is_a_bomb(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_BYTES", 1_000_000)
    box.put(f"{BASELINE}/a.json", gzip.compress(b"[" + b" " * 20_000_000 + b"]"))

    assert box.run({**TRAINING, "dataset_format": '{"json": {"lines": false}}'}) == 255
    assert "the file is too large to be read as a whole" in box.message


def test_stop_processing_job_leaves_nothing_half(box: Box) -> None:
    script = "/opt/ml/processing/code/preprocessing/p.py"
    box.put(
        script,
        "import sys\n"
        "def preprocess_handler(record):\n"
        "    print('in the middle', file=sys.stderr, flush=True)\n"
        "    sys.stdin.read()\n"
        "    return {'x': 1}\n",
    )
    _captured(box)
    command = [sys.executable, "-m", "driftkit", "container", "--root", str(box.root)]

    with subprocess.Popen(
        command,
        env={**os.environ, **JOB, "record_preprocessor_script": script},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stderr is not None
        assert any(line == "in the middle\n" for line in run.stderr)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=900)

    assert run.returncode == 143
    assert err.startswith("Stopped:")
    assert "Traceback" not in err
    assert box.outputs == set()


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("y"), AttributeError("z")])
def test_an_error_that_nobody_knows_leaves_a_message(
    error: Exception,
    box: Box,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    _captured(box)
    monkeypatch.setattr(monitor_jobs, "run", fail)

    assert box.run(TRAINING) == 255
    assert box.message == f"Error: {type(error).__name__}: {error}"
    assert box.outputs == set()
    assert "Traceback" in capsys.readouterr().err


def test_a_message_that_cannot_be_left_is_said(
    box: Box, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        what = "the results cannot be written"
        raise OutputError(what)

    monkeypatch.setattr(container, "write_outputs", full)

    assert box.run({**TRAINING, "dataset_format": ""}) == 255
    log = capsys.readouterr().err
    assert "the environment variable dataset_format is missing" in log
    assert "No message was left: the results cannot be written" in log


def test_other_separators_and_decimals_are_text_as_in_the_containers_of_aws(box: Box) -> None:
    box.put(f"{BASELINE}/a.csv", 'a;b,c\n1,"1,5"\n2,"2,5"\n')

    assert box.run({**TRAINING, "dataset_format": CSV}) == 0
    features = box.json("statistics.json")["features"]
    assert [each["name"] for each in features] == ["a;b", "c"]
    assert [each["inferred_type"] for each in features] == ["Integral", "String"]

    box.put(f"{BASELINE}/a.csv", "a;b\n1;2\n3;4\n")

    assert box.run({**TRAINING, "dataset_format": CSV}) == 0
    assert [each["name"] for each in box.json("statistics.json")["features"]] == ["a;b"]
