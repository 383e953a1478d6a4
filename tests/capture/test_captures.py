"""Captured records become rows of what was sent and what was answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import InputError
from driftkit.readers import lines
from tests.capture.captures import base64_side, record, side, write
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_answered_columns_come_first_or_last(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1,x", "0.5\n"), record("2,y", "0.25\n")])

    first, last = (opened(path, output_columns_position=where) for where in ("START", "END"))

    assert names(first) == ["_c0", "_c1", "_c2"]
    assert rows(first) == [("0.5", "1", "x"), ("0.25", "2", "y")]
    assert rows(last) == [("1", "x", "0.5"), ("2", "y", "0.25")]


def test_columns_take_the_names_of_the_baseline_by_position(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1,x", "0.5")])

    assert names(opened(path, known=("score", "a"))) == ["score", "a", "_c2"]


@pytest.mark.parametrize(
    ("sent", "answered", "expected"),
    [
        ("1,2", "0.5", [("0.5", "1", "2")]),
        ("1,2\n", "0.5\r\n", [("0.5", "1", "2")]),
        ("1,2\n3,4\n", "0.5\n0.7\n", [("0.5", "1", "2"), ("0.7", "3", "4")]),
        ('"a, b",2', "0.5", [("0.5", "a, b", "2")]),
        ('"a ""b""",2', "0.5", [("0.5", 'a "b"', "2")]),
        ('"a\nb",2', "0.5", [("0.5", "a\nb", "2")]),
        (",2", "0.5", [("0.5", None, "2")]),
        ('"",2', "0.5", [("0.5", None, "2")]),
        ('1,""', "0.5", [("0.5", "1", None)]),
        ('"x",', "0.5", [("0.5", "x", None)]),
        ('""\n,2'.replace("\n", ""), "", [(None, None, "2")]),
        ("1,2\r3,4", "0.5\r0.7", [("0.5", "1", "2"), ("0.7", "3", "4")]),
        ('"a\rb",2', "0.5", [("0.5", "a\rb", "2")]),
        ("é,ü", "0.5", [("0.5", "é", "ü")]),
        (base64_side("1,2\n"), "0.5", [("0.5", "1", "2")]),
        (base64_side("1,2"), base64_side("0.5"), [("0.5", "1", "2")]),
        ("1,2", None, [("1", "2")]),
        (None, "0.5", [("0.5",)]),
        (None, "", [(None,)]),
    ],
)
def test_csv_payloads(
    sent: str | dict[str, str] | None,
    answered: str | dict[str, str] | None,
    expected: list[Any],
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.jsonl", [record(sent, answered)] * 3)

    assert rows(opened(path)) == expected * 3
    assert rejected(opened(path)).total == 0


@pytest.mark.parametrize(
    ("sent", "answered", "expected"),
    [
        ('{"b": 2, "a": 1}', '{"p": 0.5}', [{"p": "0.5", "a": "1", "b": "2"}]),
        ('{"a": {"b": [1, null]}}', '{"p": true}', [{"p": "true", "a.b.0": "1", "a.b.1": None}]),
        ('{"x": 3.0}', '{"p": "no"}', [{"p": "no", "x": "3.0"}]),
        ('{"x": 1e5}', '{"p": 1}', [{"p": "1", "x": "100000.0"}]),
        ('{"id": 1}', '{"id": 2}', [{"endpointOutput.id": "2", "id": "1"}]),
        (
            '[{"a": 1}, {"a": 2}]',
            '{"predictions": [{"p": 3}, {"p": 4}]}',
            [{"p": "3", "a": "1"}, {"p": "4", "a": "2"}],
        ),
        (
            '{"instances": [[1, 2], [3, 4]]}',
            '{"predictions": [[5], [6]]}',
            [
                {"predictions.0": "5", "instances.0": "1", "instances.1": "2"},
                {"predictions.0": "6", "instances.0": "3", "instances.1": "4"},
            ],
        ),
        (
            '{"a": 1}\n{"a": 2}\n',
            '{"p": 3}\n{"p": 4}',
            [{"p": "3", "a": "1"}, {"p": "4", "a": "2"}],
        ),
    ],
)
def test_json_payloads(
    sent: str, answered: str, expected: list[dict[str, str]], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", [record(side(sent, "JSON"), side(answered, "JSON"))] * 2)
    dataset = opened(path)

    found = [dict(zip(names(dataset), row, strict=True)) for row in rows(dataset)]

    assert found == expected * 2
    assert names(dataset) == list(expected[0])


def test_base64_of_json_is_json(tmp_path: Path) -> None:
    both = record(base64_side('{"a": 1}'), base64_side("[2]", "application/json"))
    path = write(tmp_path / "a.jsonl", [both])

    assert names(opened(path)) == ["0", "a"]
    assert rows(opened(path)) == [("2", "1")]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("not json", "not JSON"),
        ('{"eventVersion": "0"}', "without captureData"),
        ('{"captureData": {}, "eventVersion": "0"}', "without data"),
        (record("1,2,3", "0.5"), "another number of fields"),
        (record("1,2", "0.5,0.5"), "another number of fields"),
        (record("1", "0.5,2"), "another number of fields"),
        (record("1,2\n3", "0.5\n0.5"), "another number of fields"),
        (record("1,2\n3,4", "0.5"), "different numbers of rows"),
        (record('1,"2', "0.5"), "not CSV"),
        (record("1,2", None), "another number of fields"),
        (record(side("??", "BASE64"), "0.5"), "BASE64"),
        (record(side("1,2", "XML"), "0.5"), "XML"),
    ],
)
def test_bad_records_are_counted_and_set_aside(
    bad: dict[str, Any] | str, reason: str, tmp_path: Path
) -> None:
    good = [record(f"{number},x", "0.5\n") for number in range(5)]
    path = write(tmp_path / "a.jsonl", [*good, bad, *good])
    dataset = opened(path)

    found, aside = rows(dataset), rejected(dataset)

    assert found == [("0.5", str(number), "x") for number in range(5)] * 2
    assert aside.total == 1
    assert f"{path}:6: " in aside.examples[0]
    assert reason in aside.examples[0]


def test_bytes_that_are_not_utf8_spoil_their_record_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1,caf#", "0.5"), record("2,tea", "0.5")])
    path.write_bytes(path.read_bytes().replace(b"#", b"\xe9"))

    assert rows(opened(path)) == [("0.5", "2", "tea")]
    assert rejected(opened(path)).counts == {"not JSON": 1}


def test_two_encodings_end_in_the_sentence_of_aws(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1,2", side('{"p": 1}', "JSON"))])

    with pytest.raises(InputError) as raised:
        opened(path)

    assert (
        "Encoding mismatch: Encoding is CSV for endpointInput, but Encoding is JSON for "
        "endpointOutput. We currently only support the same type of input and output encoding at "
        "the moment." in str(raised.value)
    )
    assert f"{path}:1" in str(raised.value)


def test_nothing_captured_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ["not json", "{}"])

    with pytest.raises(InputError, match="no captured record"):
        opened(path, format="capture")


def test_json_fields_of_later_files_are_known(tmp_path: Path) -> None:
    for hour in range(40):
        sent = json.dumps({"a": 1, f"only{hour // 20}": 2})
        capture = record(side(sent, "JSON"), side('{"p": 1}', "JSON"))
        write(tmp_path / f"e/v/2024/03/18/{hour % 24:02d}/{hour}.jsonl", [capture])

    assert names(opened(tmp_path)) == ["p", "a", "only0", "only1"]


def test_merged_records_are_read_without_their_truth(tmp_path: Path) -> None:
    merged = record("1,2", "0.5") | {"groundTruthData": side("1")}
    path = write(tmp_path / "a.jsonl", [merged, merged])

    assert rows(opened(path)) == [("0.5", "1", "2")] * 2


def test_batch_transform_records_have_one_payload(tmp_path: Path) -> None:
    batch = {"captureData": {"batchTransformOutput": side("1,2,0.5")}, "eventVersion": "0"}
    path = write(tmp_path / "a.jsonl", [batch, batch])

    assert rows(opened(path)) == [("1", "2", "0.5")] * 2


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    """Three hours of one endpoint, a record in each half of an hour."""
    for hour in (14, 15, 16):
        write(
            tmp_path / f"endpoint/AllTraffic/2024/03/18/{hour}/14-45-000-x.jsonl",
            [record(f"{hour},{m}", "0", f"2024-03-18T{hour}:{m}:00Z") for m in ("10", "50")],
        )
    return tmp_path


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, ["14:10", "14:50", "15:10", "15:50", "16:10", "16:50"]),
        ("2024-03-18T15:00:00Z", None, ["15:10", "15:50", "16:10", "16:50"]),
        (None, "2024-03-18T15:00:00Z", ["14:10", "14:50"]),
        ("2024-03-18T15:00:00Z", "2024-03-18T16:00:00Z", ["15:10", "15:50"]),
        ("2024-03-18T14:30:00Z", "2024-03-18T15:30:00Z", ["14:50", "15:10"]),
        ("2024-03-18T16:00:00+01:00", "2024-03-18T17:00:00+01:00", ["15:10", "15:50"]),
    ],
)
def test_the_window_begins_at_its_start_and_ends_before_its_end(
    start: str | None, end: str | None, expected: list[str], hours: Path
) -> None:
    dataset = opened(hours, start=start, end=end)

    assert [f"{hour}:{minute}" for _, hour, minute in rows(dataset)] == expected


def test_without_hours_in_the_path_the_records_own_times_decide(hours: Path) -> None:
    flat = hours / "flat.jsonl"
    flat.write_text("".join(path.read_text() for path in sorted(hours.rglob("*.jsonl"))))

    dataset = opened(flat, start="2024-03-18T15:00:00Z", end="2024-03-18T16:00:00Z")

    assert [row[1] for row in rows(dataset)] == ["15", "15"]


def test_an_empty_window_says_what_there_is(hours: Path) -> None:
    with pytest.raises(InputError) as raised:
        opened(hours, start="2024-03-19T00:00:00Z")

    assert "2024-03-18T14:00:00+00:00 to 2024-03-18T16:00:00+00:00" in str(raised.value)


def test_many_small_files_are_few_units_and_chunks_in_their_order(tmp_path: Path) -> None:
    for number in range(300):
        path = tmp_path / f"e/v/2024/03/{number // 24 + 1:02d}/{number % 24:02d}/a.jsonl"
        write(path, [record(f"{number},x", "0.5")] + ["no record"] * (number == 200))
    dataset = opened(tmp_path)

    chunks = [chunk for unit in dataset.units for chunk in unit.chunks()]

    assert (len(dataset.units), len(chunks)) == (1, 1)
    assert [row[1] for row in rows(dataset)] == [str(number) for number in range(300)]
    assert "2024/03/09/08/a.jsonl:2: not JSON" in rejected(dataset).examples[0]


def test_a_large_file_is_cut_between_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records: list[dict[str, Any] | str] = [record(f"{number},x", "0.5") for number in range(500)]
    records[400] = "not json"
    path = write(tmp_path / "a.jsonl", records)
    whole = rows(opened(path))
    monkeypatch.setattr(lines, "PIECE_BYTES", 10_000)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1_000)

    pieces = lines.pieces([opened(path).units[0].pieces[0].file])  # type: ignore[attr-defined]
    read = [block for piece in pieces for block in piece.blocks()]
    (place,) = [b.where(n) for b in read for n, text in b.lines() if text == b"not json"]

    assert len(pieces) > 10
    assert b"".join(block.content for block in read) == path.read_bytes()
    assert place == f"{path}:401"
    assert len(whole) == 499


@pytest.mark.parametrize(
    ("file", "columns", "count"),
    [
        ("sdk/tests/data/monitor/capture.jsonl", 8, 44),
        ("captures/dsoaws_captured_data_example.jsonl", None, 9),
        ("sdk/tests/data/monitor/captured-data.jsonl", 6, 2),
        ("captures/sample_aiops_llm_capture.jsonl", None, 3),
    ],
)
def test_real_captures(
    file: str, columns: int | None, count: int, golden: Callable[[str], Path]
) -> None:
    dataset = opened(golden(file))

    found, aside = rows(dataset), rejected(dataset)

    assert len(found) + aside.total >= count
    assert len(found) > count // 2
    if columns is not None:
        assert (len(dataset.columns), aside.total, len(found)) == (columns, 0, count)
