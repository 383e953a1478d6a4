"""Preprocessors and postprocessors see records as Model Monitor documents them."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.capture.scripts import Script
from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, CSV, HOUR, SCHEDULED

if TYPE_CHECKING:
    from tests.sagemaker.box import Box

CODE = "/opt/ml/processing/code/preprocessing/record_preprocessor.py"
POST = "/opt/ml/processing/code/postprocessing/post.py"
SOURCE = "/opt/ml/processing/input/endpoint"
JOB = {
    **SCHEDULED,
    "dataset_source": SOURCE,
    "dataset_format": CAPTURE,
    "record_preprocessor_script": CODE,
}
NUMBERED = """
def preprocess_handler(inference_record):
    input_data = inference_record.endpoint_input.data
    output_data = inference_record.endpoint_output.data.rstrip("\\n")
    data = output_data + "," + input_data
    return {str(i).zfill(20): d for i, d in enumerate(data.split(","))}
"""
OLD = """
import json
def preprocess_handler(inference_record):
    sent = inference_record.event_data.endpointInput.data
    return {"sent": sent.split(",")[0], "id": inference_record.event_metadata.event_id}
"""
LOGGING = """
def preprocess_handler(inference_record, logger):
    logger.info("seen %s", inference_record)
    return inference_record
"""
LIST = """
def preprocess_handler(inference_record):
    first, second = inference_record.endpoint_input.data.split(",")
    return [{"x": first}, {"x": second}]
"""
DROPPING = """
import random
def preprocess_handler(inference_record):
    time = inference_record.event_metadata.event_time
    if inference_record.endpoint_input.as_dict()["data"].startswith("2"):
        return []
    return {"time": time[:4], "mode": inference_record.endpoint_output.mode}
"""
FAILING = """
def preprocess_handler(inference_record):
    if inference_record.endpoint_input.data.startswith("3"):
        raise ValueError("no threes")
    return {"x": 1}
"""
TYPED = """
import numpy as np
import pandas as pd
def preprocess_handler(inference_record):
    number = int(inference_record.endpoint_input.data.split(",")[0])
    share = pd.NA if number == 2 else np.float32(number / 8)
    return {"whole": np.int64(number), "share": share, "day": pd.Timestamp("2024-01-02")}
"""


def _captured(box: Box, script: str) -> dict[str, str]:
    records = [record(f"{i},7", "0.5\n", time="2024-03-18T13:30:00Z") for i in (1, 2, 3)]
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", records)
    box.put(CODE, script)
    return JOB


def _values(box: Box) -> dict[str, Any]:
    found = box.json("statistics.json")
    names = [feature["name"] for feature in found["features"]]
    return {"rows": found["dataset"]["item_count"], "names": names}


@pytest.mark.parametrize(
    ("script", "rows", "names"),
    [
        (NUMBERED, 3, ["_c0", "_c1", "_c2"]),
        (OLD, 3, ["sent", "id"]),
        (LOGGING, 3, ["_c0", "_c1", "_c2"]),
        (LIST, 6, ["x"]),
        (DROPPING, 2, ["time", "mode"]),
    ],
    ids=["numbered", "old style", "with logger", "list of dicts", "dropping"],
)
def test_what_a_handler_may_give(box: Box, script: str, rows: int, names: list[str]) -> None:
    assert box.run(_captured(box, script)) == 0, box.message
    assert _values(box) == {"rows": rows, "names": names}


def test_numbered_columns_are_the_baselines_by_place(box: Box) -> None:
    baseline = "/opt/ml/processing/input/baseline_dataset_input"
    box.put(f"{baseline}/a.csv", "score,first,second\n0.5,1,7\n0.6,2,7\n")
    box.run({"dataset_source": baseline, "dataset_format": CSV})
    kept = "/opt/ml/processing/baseline/constraints/constraints.json"
    box.put(kept, box.text("/opt/ml/processing/output/constraints.json"))

    assert box.run({**_captured(box, NUMBERED), "baseline_constraints": kept}) == 0
    assert _values(box)["names"] == ["score", "first", "second"]
    assert box.json("constraint_violations.json") == {"violations": []}


def test_an_error_names_the_record_and_the_line(box: Box) -> None:
    assert box.run(_captured(box, FAILING)) == 255
    assert box.message.startswith("Exception while invoking preprocessor script")
    assert "ValueError: no threes at record_preprocessor.py:4" in box.message
    assert f"{HOUR}/a.jsonl:3" in box.message
    assert box.outputs == set()


def test_values_of_numpy_and_pandas_are_numbers_text_and_missing(box: Box) -> None:
    assert box.run(_captured(box, TYPED)) == 0, box.message

    found = {each["name"]: each for each in box.json("statistics.json")["features"]}
    kinds = {name: each["inferred_type"] for name, each in found.items()}
    assert kinds == {"whole": "Integral", "share": "Fractional", "day": "String"}
    common = found["share"]["numerical_statistics"]["common"]
    assert (common["num_present"], common["num_missing"]) == (2, 1)


def test_a_value_that_means_nothing_ends_the_job(box: Box) -> None:
    script = "def preprocess_handler(r):\n    return {'x': 1, 'y': {2}}\n"

    assert box.run(_captured(box, script)) == 255
    assert "record_preprocessor.py:2: the preprocessor gives a value that means" in box.message
    assert "builtins.set in 'y'" in box.message
    assert f"{HOUR}/a.jsonl:1" in box.message


@pytest.mark.parametrize(
    "script",
    ["x = 1\n", "def preprocess_handler(r):\n    return 5\n"],
    ids=["no handler", "neither dict nor list"],
)
def test_a_handler_that_is_none(box: Box, script: str) -> None:
    assert box.run(_captured(box, script)) == 255
    assert box.message.startswith(
        "Exception performing analysis: "
        "Preprocess Handler not implemented correctly in customer script"
    )


def test_a_baseline_of_csv_hands_over_lines(box: Box) -> None:
    script = "def preprocess_handler(line):\n    return {'first': line.split(',')[0]}\n"
    box.put(CODE, script)
    box.put("/opt/ml/processing/input/baseline_dataset_input/a.csv", "a,b\n1,x\n2,y\n")
    told = {
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
        "dataset_format": CSV,
        "record_preprocessor_script": CODE,
    }

    assert box.run(told) == 0
    assert _values(box) == {"rows": 2, "names": ["first"]}


def test_a_postprocessor_runs_after_a_success(box: Box) -> None:
    target = box.at("/opt/ml/processing/output/after.txt")
    outputs = str(target.with_name("statistics.json"))
    box.put(
        POST,
        "from pathlib import Path\n"
        "def postprocess_handler():\n"
        f"    Path({str(target)!r}).write_text(str(Path({outputs!r}).exists()))\n",
    )

    told = {**_captured(box, LIST), "post_analytics_processor_script": POST}

    assert box.run(told) == 0
    assert target.read_text() == "True"


def test_a_postprocessor_that_fails_leaves_whole_files(box: Box) -> None:
    box.put(POST, "def postprocess_handler():\n    raise KeyError('k')\n")

    assert box.run({**_captured(box, LIST), "post_analytics_processor_script": POST}) == 255
    assert "KeyError: 'k' at post.py:2" in box.message
    assert json.loads(box.text("/opt/ml/processing/output/statistics.json"))


def test_a_script_travels_to_workers() -> None:
    script = Script(name="s.py", text="def preprocess_handler(r):\n    return {'x': r}\n")

    assert pickle.loads(pickle.dumps(script)).rows("a", "here") == [{"x": "a"}]  # noqa: S301
