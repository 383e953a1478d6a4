"""Captured records keep a state for each day or hour in which they were answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit

if TYPE_CHECKING:
    from pathlib import Path

TIMES = [
    *["2024-03-18T22:59:58Z"] * 3,
    *["2024-03-18T23:00:01Z"] * 2,
    "2024-03-18T22:59:59Z",
    *["2024-03-19T00:00:00Z"] * 4,
    None,
]

pytestmark = pytest.mark.usefixtures("no_session")


def record(number: int, time: str | None, encoding: str) -> str:
    sent = f"{number},x{number % 2}" if encoding == "CSV" else json.dumps({"a": number, "b": "x"})
    answered = "0.5" if encoding == "CSV" else json.dumps({"p": 0.5})
    sides = {
        side: {"data": data, "encoding": encoding, "observedContentType": "text/csv"}
        for side, data in (("endpointInput", sent), ("endpointOutput", answered))
    }
    metadata = {"eventId": str(number)} | ({"inferenceTime": time} if time else {})
    return json.dumps({"captureData": sides, "eventMetadata": metadata, "eventVersion": "0"})


@pytest.fixture(params=["CSV", "JSON"])
def captures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "endpoint/AllTraffic/2024/03/18/23"
    folder.mkdir(parents=True)
    lines = [record(number, time, request.param) for number, time in enumerate(TIMES)]
    (folder / "a.jsonl").write_text("\n".join([*lines, "not JSON", ""]))
    return tmp_path


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("hour", {None: 1, "2024-03-18T22": 4, "2024-03-18T23": 2, "2024-03-19T00": 4}),
        ("day", {None: 1, "2024-03-18": 6, "2024-03-19": 4}),
        ("week", {None: 1, "2024-03-18": 10}),
    ],
)
def test_blocks_of_inference_time(captures: Path, unit: Any, expected: dict[str, int]) -> None:
    plain = driftkit.data_quality.baseline(str(captures))

    timed = driftkit.data_quality.baseline(
        str(captures), time_column="inferenceTime", time_unit=unit
    )

    assert timed.files == plain.files
    assert timed.run is not None
    assert timed.run.rejected.total == 1
    assert timed.states is not None
    blocks = timed.states.blocks()
    assert blocks is not None
    assert {key[0]: part.rows for key, part in blocks.parts.items()} == expected


@pytest.mark.parametrize("unit", ["hour", "day"])
def test_a_baseline_with_blocks_of_inference_time_grows(captures: Path, unit: Any) -> None:
    folder = captures / "endpoint/AllTraffic/2024/03/18"
    later = folder / "22/b.jsonl"
    later.parent.mkdir()
    later.write_text((folder / "23/a.jsonl").read_text().replace("2024-03", "2024-04"))
    asked: dict[str, Any] = {"time_column": "inferenceTime", "time_unit": unit}
    first = driftkit.data_quality.baseline(str(folder / "23"), **asked)

    grown = driftkit.data_quality.baseline([first.states, str(folder / "22")])

    assert first.states is not None
    assert grown.states is not None
    before, after = first.states.blocks(), grown.states.blocks()
    assert before is not None
    assert after is not None
    assert len(after.parts) == 2 * len(before.parts) - 1


def test_a_window_holds_for_blocks_too(captures: Path) -> None:
    window: dict[str, Any] = {"start": "2024-03-18T23:00:00Z", "end": "2024-03-18T23:30:00Z"}

    plain = driftkit.data_quality.baseline(str(captures), **window)
    timed = driftkit.data_quality.baseline(str(captures), time_column="inferenceTime", **window)

    assert timed.files == plain.files
