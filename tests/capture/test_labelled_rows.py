"""Merged captures and JSON Lines to rows: every way in which SageMaker writes them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.capture import rows
from driftkit.capture.labelled_rows import LabelledLayout
from driftkit.capture.paths import compiled
from driftkit.capture.record import Record
from driftkit.capture.rows import RecordRows, row_dataset
from driftkit.capture.window import TimeRange
from driftkit.errors import SettingsError
from driftkit.io.finding import find
from driftkit.readers import lines

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = LabelledLayout(
    features=("age", "city"),
    label="truth",
    prediction="guess",
    features_path="instances[*].features",
    label_path="instances[*].label",
    prediction_path="predictions[*].label",
)
ROWS = [["31", "Rome", "1", "0"], ["45", None, "0", "0"]]


def _json(document: Any) -> dict[str, str]:
    return {"data": json.dumps(document), "encoding": "JSON"}


def _csv(text: str) -> dict[str, str]:
    return {"data": text, "encoding": "CSV"}


ASKED = {"instances": [{"features": [31, "Rome"]}, {"features": [45, None]}]}
TRUTH = {"instances": [{"label": 1}, {"label": 0}]}
ANSWER = {"predictions": [{"label": 0, "p": 0.4}, {"label": 0, "p": 0.1}]}


def _merged(truth: Any, **captured: Any) -> dict[str, Any]:
    return {"groundTruthData": truth, "captureData": captured, "eventMetadata": {"eventId": "1"}}


def test_many_rows_in_a_record() -> None:
    record = _merged(_json(TRUTH), endpointInput=_json(ASKED), endpointOutput=_json(ANSWER))

    assert LAYOUT.rows(Record.from_document(record) or record) == ROWS


def test_base64_is_unpacked() -> None:
    text = base64.b64encode(json.dumps(ASKED).encode()).decode()
    asked = {"data": text, "encoding": "BASE64"}

    record = _merged(_json(TRUTH), endpointInput=asked, endpointOutput=_json(ANSWER))

    assert LAYOUT.rows(Record.from_document(record) or record) == ROWS


def test_batch_transform_joins_question_and_answer() -> None:
    record = _merged(_json(TRUTH), batchTransformOutput=_json({**ASKED, **ANSWER}))

    assert LAYOUT.rows(Record.from_document(record) or record) == ROWS


def test_csv_of_an_endpoint_with_a_score() -> None:
    record = _merged(
        _csv("1\n0\n"),
        endpointInput=_csv("31,Rome\n45,\n"),
        endpointOutput=_csv("0.4\n0.1"),
    )
    layout = LabelledLayout(features=("age", "city"), label="truth", prediction="guess")

    assert layout.rows(Record.from_document(record) or record) == [
        ["31", "Rome", "1", "0.4"],
        ["45", None, "0", "0.1"],
    ]


@pytest.mark.parametrize(("place", "expected"), [("0", "no"), ("1", "0.4")])
def test_csv_of_batch_transform_by_place(place: str, expected: str) -> None:
    record = _merged(_csv("1"), batchTransformOutput=_csv("31,Rome,no,0.4"))
    layout = LabelledLayout(
        features=("age", "city"), label="truth", prediction="guess", prediction_path=place
    )

    assert layout.rows(Record.from_document(record) or record) == [["31", "Rome", "1", expected]]


def test_the_likeliest_label_is_the_prediction() -> None:
    layout = LabelledLayout(
        features=("age",),
        label="truth",
        prediction="guess",
        features_path="age",
        label_path="truth",
        prediction_path="labels",
        score_path="scores",
    )
    record = {"age": 1, "truth": "a", "labels": ["a", "b", "c"], "scores": [0.2, 0.5, 0.3]}

    assert layout.rows(Record.from_document(record) or record) == [["1", "a", "b"]]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"captureData": {"endpointInput": _json(ASKED)}}, "without ground truth"),
        (_merged(_json(TRUTH)), "no captured input"),
        (_merged(_json({"instances": []}), endpointInput=_json(ASKED)), "no prediction"),
        (_merged(_json(TRUTH), endpointInput=_json({})), "no features"),
        (
            _merged(
                _json({"instances": [{"label": 1}]}),
                endpointInput=_json(ASKED),
                endpointOutput=_json(ANSWER),
            ),
            "another number of labels",
        ),
        ({"instances": [{"features": [1]}]}, "1 features where there are 2 headers"),
    ],
)
def test_records_that_cannot_be_read_say_why(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        LAYOUT.rows(Record.from_document(record) or record)


def test_bad_lines_are_counted_and_set_aside(tmp_path: Path) -> None:
    good = _merged(_json(TRUTH), endpointInput=_json(ASKED), endpointOutput=_json(ANSWER))
    file = tmp_path / "merged.jsonl"
    file.write_text("\n".join([json.dumps(good), "{", json.dumps({"captureData": {}}), ""]))
    dataset = row_dataset(
        find([str(file)]), RecordRows(reader=LAYOUT, window=TimeRange()), "merged"
    )

    (chunk,) = dataset.units[0].chunks()

    assert [chunk.column(place).to_pylist() for place in range(4)] == [
        list(column) for column in zip(*ROWS, strict=True)
    ]
    assert chunk.rejected.counts == {"not JSON": 1, "without ground truth": 1}


@pytest.mark.parametrize("folder", ["", "2024/03/18/15"])
def test_records_of_other_times_are_passed_over(tmp_path: Path, folder: str) -> None:
    times = [f"2024-03-18T15:{minute}:00Z" for minute in (10, 29, 30, 50)]
    good = _merged(_json(TRUTH), endpointInput=_json(ASKED), endpointOutput=_json(ANSWER))
    records = [{**good, "eventMetadata": {"inferenceTime": time}} for time in [*times, None]]
    file = tmp_path / folder / "merged.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(map(json.dumps, records)))
    window = TimeRange(
        start=datetime(2024, 3, 18, 15, 29, tzinfo=UTC),
        end=datetime(2024, 3, 18, 15, 50, tzinfo=UTC),
    )

    dataset = row_dataset(find([str(tmp_path)]), RecordRows(reader=LAYOUT, window=window), "merged")

    (chunk,) = dataset.units[0].chunks()
    # Two rows each of half past, of a minute before, and of the record without a time.
    assert chunk.num_rows == 6


def test_no_time_is_looked_at_in_an_hour_that_is_wholly_in_the_window(tmp_path: Path) -> None:
    good = _merged(_json(TRUTH), endpointInput=_json(ASKED), endpointOutput=_json(ANSWER))
    file = tmp_path / "2024/03/18/15/merged.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text(
        json.dumps({**good, "eventMetadata": {"inferenceTime": "2024-03-18T14:59:59Z"}})
    )
    hours = {hour: datetime(2024, 3, 18, hour, tzinfo=UTC) for hour in (15, 16)}
    window = TimeRange(start=hours[15], end=hours[16])

    dataset = row_dataset(find([str(file)]), RecordRows(reader=LAYOUT, window=window), "merged")

    (chunk,) = dataset.units[0].chunks()
    assert chunk.num_rows == 2


def test_a_file_cut_anywhere_gives_each_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = LabelledLayout(features=("x",), label="y", features_path="x", label_path="y")
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"x": n, "y": n % 2}) + "\n" for n in range(50)))
    (found,) = find([str(file)])

    for size in range(1, found.size, 7):
        monkeypatch.setattr(lines, "PIECE_BYTES", size)
        monkeypatch.setattr(rows, "PIECE_BYTES", size)
        values = [
            value
            for unit in row_dataset([found], RecordRows(reader=layout, window=None), "rows").units
            for chunk in unit.chunks()
            for value in chunk.column(0).to_pylist()
        ]
        assert values == [str(number) for number in range(50)]


def test_a_wrong_jmespath_is_named() -> None:
    with pytest.raises(SettingsError, match=r"features attribute.*not a JMESPath"):
        compiled("instances[", "features attribute")
