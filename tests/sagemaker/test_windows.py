"""The window of a job and its variants, as the environment tells them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.capture.captures import record
from tests.monitors.merging import label
from tests.sagemaker.box import CAPTURE, HOUR, MERGED, SCHEDULED

if TYPE_CHECKING:
    from tests.sagemaker.box import Box

SOURCE = "/opt/ml/processing/input/endpoint"
JOB = {**SCHEDULED, "dataset_source": SOURCE, "dataset_format": CAPTURE}
TIMES = ["13:00:00Z", "13:29:59.9Z", "13:30:00Z", "15:45:00+02:00", "13:59:59", "14:00:00Z"]


def _captured(box: Box, variant: str = "blue") -> None:
    records = [
        record(f"{number},x", "0.5", f"2024-03-18T{time}") for number, time in enumerate(TIMES)
    ]
    box.put_lines(f"{SOURCE}/e/{variant}/{HOUR}/x.jsonl", records)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-03-18T13:00:00Z", "2024-03-18T14:00:00Z", 6),
        ("2024-03-18T13:30:00Z", "2024-03-18T14:00:00Z", 3),
        ("2024-03-18T13:30:00", "2024-03-18T14:00:00", 3),
        ("2024-03-18T15:30:00+02:00", "2024-03-18T16:00:00+02:00", 3),
        ("2024-03-18T13: 00: 00Z", "2024-03-18T13: 30: 00Z", 2),
    ],
)
def test_a_job_takes_the_records_of_its_window(
    box: Box, start: str, end: str, expected: int
) -> None:
    _captured(box)

    assert box.run({**JOB, "start_time": start, "end_time": end}) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == expected


def test_variants_in_the_folder_are_taken_as_one(box: Box) -> None:
    _captured(box, "blue")
    _captured(box, "green")

    assert box.run(JOB) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 12


def test_a_preprocessor_sees_all_variants(box: Box) -> None:
    _captured(box, "blue")
    _captured(box, "green")
    script = "/opt/ml/processing/code/p.py"
    box.put(
        script, "def preprocess_handler(record):\n    return {'x': record.endpoint_input.data}\n"
    )
    half = {"start_time": "2024-03-18T13:30:00Z", "record_preprocessor_script": script}

    assert box.run({**JOB, **half}) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 6


def test_merged_variants_are_judged_as_one(box: Box) -> None:
    for variant in ("blue", "green"):
        truth = label("", "1")["groundTruthData"]
        records = [
            {**record("1,x", score, f"2024-03-18T{time}"), "groundTruthData": truth}
            for score, time in zip("010101", TIMES, strict=True)
        ]
        box.put_lines(f"{SOURCE}/e/{variant}/{HOUR}/x.jsonl", records)
    told = {
        "dataset_format": MERGED,
        "analysis_type": "MODEL_QUALITY",
        "problem_type": "Regression",
        "inference_attribute": "0",
        "start_time": "2024-03-18T13:30:00Z",
        "baseline_constraints": "/opt/ml/processing/baseline/constraints.json",
    }
    metric = {"threshold": 1.0, "comparison_operator": "GreaterThanThreshold"}
    constraints = {"version": 0.0, "regression_constraints": {"mae": metric}}
    box.put(told["baseline_constraints"], json.dumps(constraints))

    assert box.run({**JOB, **told}) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 6


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"start_time": "0001-01-01T00:00:00+02:00"}, "start_time: it has no date in UTC"),
        ({"end_time": "9999-12-31T23:00:00-05:00"}, "end_time: it has no date in UTC"),
        (
            {"start_time": "0001-01-01T00:00:00Z", "start_time_offset": "-P1D"},
            "start_time: it has no date in UTC",
        ),
        (
            {"end_time": "9999-12-31T23:00:00Z", "end_time_offset": "PT1H"},
            "end_time: it has no date in UTC",
        ),
        ({"start_time_offset": f"-P{'9' * 12}D"}, "the duration is too long"),
        ({"start_time_offset": f"-P{'9' * 5000}D"}, "the duration is too long"),
    ],
)
def test_times_beyond_all_dates_are_refused(box: Box, told: dict[str, Any], said: str) -> None:
    _captured(box)

    assert box.run({**JOB, **told}) == 255
    assert said in box.message
