"""Plain blocks, taken all at once, give what reading record by record gives."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.capture.truth_join import tables
from driftkit.capture.truth_join.records import LABELS, labels_of
from driftkit.monitors.merge import merge
from tests.monitors.merging import capture, label, put, raw

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    record = capture(draw(st.sampled_from(["a", "b", ""])), output=draw(texts))
    if draw(st.booleans()):
        record["eventMetadata"]["inferenceId"] = draw(st.sampled_from(["a", "b", ""]))
    if draw(st.booleans()):
        del record["captureData"]["endpointInput"]
    side = record["captureData"]["endpointOutput"]
    if draw(st.booleans()):
        side.pop(draw(st.sampled_from(list(side))))
    if draw(st.integers(0, 9)) == 0:
        side["observedContentType"] = None
    if draw(st.integers(0, 9)) == 0:
        record["eventMetadata"]["customAttributes"] = ["x=1"]
    return record


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    captured=st.lists(records(), min_size=1, max_size=6),
    labels=st.lists(st.tuples(st.sampled_from("abc"), texts), max_size=4),
)
def test_the_quick_way_is_the_slow_way(
    captured: list[dict[str, Any]], labels: list[tuple[str, str]]
) -> None:
    captured = [*captured, capture("z", inference="a")]
    for number, record in enumerate(captured):
        if record["eventMetadata"]["eventId"]:
            record["eventMetadata"]["eventId"] += str(number)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        captures = put(root / "captured" / "e" / "v", "2024/03/18/15", captured)
        given_labels = [label(key, data) for key, data in [*labels, ("a", "1"), ("a0", "1")]]
        truth = put(root / "truth", "2024/03/19/02", given_labels)

        quick = _merged(captures, truth, root / "quick")
        with pytest.MonkeyPatch.context() as patch:
            for way in ("captures", "labels"):
                patch.setattr(tables, way, lambda *_: None)
            slow = _merged(captures, truth, root / "slow")

    assert quick == slow


def _merged(captures: Path, truth: Path, output: Path) -> Any:
    report = merge(captures, truth, output).report
    return raw(output), report


@pytest.mark.parametrize(
    "data", ["1", 'a "quoted" \\ text', "two\nlines\tand\rmore", "é\U0001f600"]
)
def test_labels_are_quoted_as_json(data: str) -> None:
    content = (json.dumps(label("a", data), ensure_ascii=False) + "\n").encode()

    rows = tables.labels(content)

    found, _ = labels_of(content, "")
    assert rows is not None
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        (key, text, encoding) for key, _, text, encoding in found
    ]


@pytest.mark.parametrize(
    "line",
    [
        b'{"captureData": {',
        b'{"captureData": {}, "eventMetadata": {}}',
        b'{"captureData": {}, "eventMetadata": {"eventId": 3}}',
        b'{"SageMakerInferenceId": "u"}',
        b'\xff{"captureData": {}, "eventMetadata": {"eventId": "a"}}',
    ],
)
def test_what_is_not_plain_is_left_to_the_slow_way(line: bytes) -> None:
    assert tables.captures(line + b"\n") is None


def test_tables_of_no_rows_come_together() -> None:
    assert tables.together([], tables.SEEN) == tables.SEEN.empty_table()
    assert isinstance(tables.together([], LABELS), pa.Table)


@pytest.mark.parametrize("odd", [None, "spaces", "a broken line", "no end"])
def test_hours_read_together_are_merged_as_each_alone(tmp_path: Path, odd: str | None) -> None:
    captured, truth, alone = (tmp_path / name for name in ("captured", "truth", "alone"))
    hours = [f"2024/03/18/{hour:02d}" for hour in range(4)]
    for hour in hours:
        put(captured / "e" / "v", hour, [capture(f"{hour}-{n}", output=str(n)) for n in range(3)])
        put(truth, hour, [label(f"{hour}-{number}", hour) for number in (0, 2)])
    for file in (captured / "e" / "v" / hours[1], truth / hours[2]):
        _spoil(next(file.iterdir()), odd)

    together = merge(captured, truth, tmp_path / "together")

    for hour in hours:
        merge(captured / "e" / "v" / hour, truth, alone)
    assert together.report.captures["matched"] >= 6
    assert raw(tmp_path / "together") == raw(alone)


def _spoil(file: Path, how: str | None) -> None:
    text = file.read_text()
    first, rest = text.split("\n", 1)
    spoilt = {
        None: text,
        "spaces": f"{json.dumps(json.loads(first), indent=None, separators=(',', ':'))}\n{rest}",
        "a broken line": f"{rest}{first[:-9]}\n",
        "no end": text.rstrip("\n"),
    }
    file.write_text(spoilt[how])
