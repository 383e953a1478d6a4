"""Outputs of batch transform jobs are rows of arms, line by line beside their inputs."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.monitors.deployment.opening import opened, plan, read

if TYPE_CHECKING:
    from pathlib import Path

JOBS = {"old": "job:job-1", "new": "job:job-2"}


def put(folder: Path, **files: str) -> Path:
    """Files by name, of which two underscores stand for a point, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def rows_in(folder: Path, **more: Any) -> tuple[list[dict[str, Any]], Any, Any]:
    found = opened(str(folder), plan(JOBS), **more)
    return (*read(found), found)


def test_answers_of_two_jobs_are_paired_by_line(tmp_path: Path) -> None:
    put(tmp_path / "job-1", a__csv__out="0.1\n0.9\n", b__csv__out="0.5\n")
    put(tmp_path / "job-2", a__csv__out="0.2\n0.8\n", b__csv__out="0.6\n")

    rows, rejected, _ = rows_in(tmp_path)

    assert rejected.total == 0
    told = [(row["arm"], row["pair"], row["probability"]) for row in rows]
    assert told == [
        ("old", "a.csv:0", "0.1"),
        ("old", "a.csv:1", "0.9"),
        ("old", "b.csv:0", "0.5"),
        ("new", "a.csv:0", "0.2"),
        ("new", "a.csv:1", "0.8"),
        ("new", "b.csv:0", "0.6"),
    ]


def test_inputs_have_labels_and_own_columns(tmp_path: Path) -> None:
    put(tmp_path / "in", a__csv="5,x,1\n6,y,0\n")
    put(tmp_path / "job-1", a__csv__out="0.1\n0.9\n")
    put(tmp_path / "job-2", a__csv__out='{"score": 0.2}\n{"score": 0.8}\n')

    found = opened(str(tmp_path), plan(JOBS, unit="field:1", columns=("0",)), label="2")
    rows, _ = read(found)

    assert [(row["label"], row["unit"], row["column:0"]) for row in rows] == [
        ("1", "x", "5"),
        ("0", "y", "6"),
    ] * 2
    assert [row["probability"] for row in rows] == ["0.1", "0.9", "0.2", "0.8"]


def test_records_without_an_answer_are_rows_and_remarked(tmp_path: Path) -> None:
    put(tmp_path / "in", a__csv="5\n6\n7\n", b__csv="8\n")
    put(tmp_path / "job-1", a__csv__out="0.1\n\n0.9\n", b__csv__out="0.5\n")
    put(tmp_path / "job-2", a__csv__out="0.1\n0.3\n0.9\n")

    rows, rejected, found = rows_in(tmp_path)

    assert rejected.total == 0
    missing = [(row["arm"], row["pair"]) for row in rows if row["probability"] is None]
    assert missing == [("old", "a.csv:1"), ("new", "b.csv:0")]
    assert Counter(row["arm"] for row in rows) == {"old": 4, "new": 4}
    assert "new: 1 of 2 inputs have no output: b.csv" in found.remarks


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ("0.1\n", "of old without an answer"),
        ("0.1\n0.2\n0.3\n0.4\n", "of old that answer no record"),
    ],
)
def test_other_numbers_of_lines_are_counted_and_not_paired(
    tmp_path: Path, answers: str, reason: str
) -> None:
    put(tmp_path / "in", a__csv="5\n6\n7\n")
    put(tmp_path / "job-1", a__csv__out=answers)
    put(tmp_path / "job-2", a__csv__out="0.1\n0.3\n0.9\n")

    rows, rejected, _ = rows_in(tmp_path)

    assert rejected.counts == {reason: abs(3 - answers.count("\n"))}
    assert {row["pair"] for row in rows if row["arm"] == "old"} == {None}
    assert [row["pair"] for row in rows if row["arm"] == "new"] == ["a.csv:0", "a.csv:1", "a.csv:2"]


def test_ids_and_times_that_jobs_append_are_no_answers(tmp_path: Path) -> None:
    time = "2026-11-02T10:00:00Z"
    put(tmp_path / "job-1", a__csv__out=f"0.25, 5dd1c7d4,{time}\n0.5, 5dd1c7d5,{time}\n")
    joined = {
        "age": 7,
        "SageMakerOutput": {"predictions": [{"score": 0.75, "predicted_label": 1}]},
        "SageMakerInferenceId": "5dd1c7d6",
        "SageMakerInferenceTime": time,
    }
    put(tmp_path / "job-2", a__csv__out=f"{json.dumps(joined)}\n" * 2)

    rows, _ = read(opened(str(tmp_path), plan(JOBS, unit="field:age")))

    assert [row["probability"] for row in rows] == ["0.25", "0.5", "0.75", "0.75"]
    assert [row["unit"] for row in rows] == [None, None, "7", "7"]
    assert {row["time"] for row in rows} == {time}


def test_manifests_stand_for_their_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for job in ("job-1", "job-2"):
        folder = put(data / job, a__csv__out="0.5\n")
        manifest = json.dumps([{"prefix": f"{folder}/"}, "a.csv.out"])
        put(tmp_path / "captured" / job / "output/2026/11/02/10", m__json=manifest)

    rows, _, _ = rows_in(tmp_path / "captured")

    assert [(row["arm"], row["pair"]) for row in rows] == [("old", "a.csv:0"), ("new", "a.csv:0")]


def test_folders_below_a_job_are_of_the_name(tmp_path: Path) -> None:
    put(tmp_path / "in/x", a__csv="1\n")
    put(tmp_path / "in/y", a__csv="2\n3\n")
    for job in ("job-1", "job-2"):
        put(tmp_path / job / "x", a__csv__out="0.5\n")
        put(tmp_path / job / "y", a__csv__out="0.5\n0.25\n")

    rows, rejected, _ = rows_in(tmp_path)

    assert rejected.total == 0
    assert [row["pair"] for row in rows] == ["x/a.csv:0", "y/a.csv:0", "y/a.csv:1"] * 2


def test_a_job_without_outputs_has_answered_nothing(tmp_path: Path) -> None:
    put(tmp_path / "in", a__csv="5\n")
    put(tmp_path / "job-1", a__csv__out="0.5\n")

    rows, _, found = rows_in(tmp_path)

    assert [(row["arm"], row["probability"]) for row in rows] == [("old", "0.5"), ("new", None)]
    assert "new=job:job-2: none of 2 files" in found.remarks[0]


def test_units_go_to_workers(tmp_path: Path) -> None:
    put(tmp_path / "job-1", a__csv__out="0.1\n0.9\n")
    put(tmp_path / "job-2", a__csv__out="0.2\n")
    found = opened(str(tmp_path), plan(JOBS))

    sent = pickle.loads(pickle.dumps(found.dataset.units))  # noqa: S301

    chunks = [chunk for unit in sent for chunk in unit.chunks()]
    assert sum(chunk.num_rows for chunk in chunks) == 3
