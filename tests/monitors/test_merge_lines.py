"""Merges of batch jobs, whose folders name no endpoint, and of lines that end in other ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driftkit import merge
from tests.monitors.merging import capture, contents, label, put

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "churn/AllTraffic"
HOUR, LATER = "2024/03/18/15", "2024/03/19/02"


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """A folder for captures of an endpoint."""
    return tmp_path / "captured" / ENDPOINT


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A folder for ground truth."""
    return tmp_path / "labels"


@pytest.mark.parametrize(
    ("below", "source", "expected"),
    [
        ("schedule", "in", f"schedule/{HOUR}"),
        ("schedule", "in/schedule", HOUR),
        ("", "in", HOUR),
        ("team/schedule", "in", f"team/schedule/{HOUR}"),
        ("schedule", "in/schedule/2024", HOUR),
        ("schedule", "in/sch*/2024/03", f"schedule/{HOUR}"),
        ("schedule", f"in/schedule/{HOUR}/a.csv.out", HOUR),
    ],
)
@pytest.mark.parametrize("as_url", [False, True])
def test_batch_merges_lie_in_the_folders_below_the_source(
    tmp_path: Path, labels: Path, below: str, source: str, expected: str, *, as_url: bool
) -> None:
    place = tmp_path / "in" / below / HOUR
    place.mkdir(parents=True)
    (place / "a.csv.out").write_text("0.7,u1,2024-03-18T15:00:00Z\n")
    put(labels, LATER, [label("u1")])
    named = f"file://{tmp_path}/{source}" if as_url else str(tmp_path / source)

    done = merge(named, labels, tmp_path / "merged")

    assert done.changed_hours == (expected,)


def test_endpoints_are_named_by_their_folders_wherever_the_source_is(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [capture("a")])
    put(labels, LATER, [label("a")])

    done = merge(captures / "2024", labels, tmp_path / "merged")

    assert done.changed_hours == (f"{ENDPOINT}/{HOUR}",)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_may_end_with_a_carriage_return(
    tmp_path: Path, captures: Path, labels: Path, end: str
) -> None:
    put(captures, HOUR, [])
    put(labels, LATER, [])
    written = [json.dumps(capture(event)) for event in "abc"]
    (captures / HOUR / "a.jsonl").write_bytes(f"{end.join(written)}{end}".encode())
    truths = [json.dumps(label(event)) for event in "abc"]
    (labels / LATER / "a.jsonl").write_bytes(end.join(truths).encode())

    report = merge(captures, labels, tmp_path / "merged").report

    assert report.captures["matched"] == 3
    assert report.rejected == {}


def test_a_carriage_return_within_a_record_is_a_space(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [])
    put(labels, LATER, [label("a")])
    text = json.dumps(capture("a")).replace(", ", ",\r").encode()
    (captures / HOUR / "a.jsonl").write_bytes(text + b"\n{\r{x\n")

    report = merge(captures, labels, tmp_path / "merged").report

    assert report.captures["matched"] == 1
    assert report.rejected == {"captures": {"that are not JSON": 2}}


def test_carriage_returns_in_rows_of_a_batch_job(tmp_path: Path, labels: Path) -> None:
    rows = ["1,u1,2024-03-18T15:00:00Z", '"a\rb",u2,2024-03-18T15:00:00Z', "3\r4"]
    long = f'"{"x" * 200_000}",u3,2024-03-18T15:00:00Z'
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv.out").write_bytes("\r".join([*rows, long]).encode())
    put(labels, LATER, [label(f"u{number}") for number in (1, 2, 3)])

    report = merge(tmp_path / "in", labels, tmp_path / "merged").report

    assert report.captures["matched"] == 3
    assert report.rejected == {"captures": {"that are no captured data": 2}}


def test_a_time_that_is_no_time_leads_nowhere(tmp_path: Path, labels: Path) -> None:
    (tmp_path / "in").mkdir()
    record = capture("a", time="../../../../../x")
    (tmp_path / "in/a.jsonl").write_text(json.dumps(record))
    put(labels, LATER, [label("a")])

    merge(tmp_path / "in", labels, tmp_path / "out/merged")

    assert len(contents(tmp_path / "out/merged")) == 1
