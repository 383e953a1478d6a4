"""Whatever way captured records are read, their rows are what their payloads say."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.capture.csv_requests import csv_chunk
from driftkit.capture.table import record_table
from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.io.finding import File
from driftkit.readers.dataset import judge
from driftkit.readers.lines import Batch, Block
from tests.capture.captures import base64_side, record, side, write
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.settings import Position

CELL = st.text(st.sampled_from('ab01.,;"\n\\ é[]'), max_size=4)
ROW = st.tuples(CELL, CELL, CELL)
CALLS = st.lists(
    st.tuples(st.lists(ROW, min_size=1, max_size=3), st.sampled_from(["CSV", "BASE64", "plain"])),
    min_size=1,
    max_size=12,
)
FEW = settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def as_csv(table: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    return text.getvalue()


def packed(text: str, way: str) -> dict[str, str]:
    if way == "BASE64":
        return side(base64.b64encode(text.encode()).decode(), "BASE64")
    return side(text)


@FEW
@given(CALLS, st.sampled_from(["START", "END"]))
def test_joined_payloads_are_the_rows_sent_and_answered(
    calls: list[tuple[list[tuple[str, str, str]], str]], position: Position
) -> None:
    records: list[dict[str, Any]] = []
    expected: list[tuple[str | None, ...]] = []
    for table, way in calls:
        plain = [("1", f"{len(row[0])}", "x") for row in table] if way == "plain" else table
        sent = as_csv([row[:2] for row in plain])
        if way == "plain":
            sent = sent.replace('"', "")
        records.append(record(packed(sent, way), packed(as_csv([row[2:] for row in plain]), way)))
        missing = [tuple(cell or None for cell in row) for row in plain]
        expected += [(*row[2:], *row[:2]) if position == "START" else row for row in missing]
    content = "".join(json.dumps(each) + "\n" for each in records).encode()
    block = Block(file=File(path="x", size=0), line=1, content=content)

    chunk = csv_chunk(record_table(Batch(blocks=(block,))), (2, 1), position)

    assert (
        list(zip(*(column.to_pylist() for column in chunk.table.columns), strict=True)) == expected
    )
    assert chunk.rejected == Rejections()


@pytest.mark.parametrize(
    ("sent", "answered", "expected"),
    [
        ('{"instances": [[1, 2], [3, 4]]}', '{"predictions": [0.1, 0.2]}', ["0.1", "0.2"]),
        ('[{"a": 1, "b": 2}, {"a": 3, "b": 4}]', "[0.1, 0.2]", ["0.1", "0.2"]),
        ('{"a": 1, "b": 2}\n{"a": 3, "b": 4}', '{"out": {"p": [0.1, 0.2]}}', ["0.1", "0.2"]),
    ],
)
def test_an_array_of_answers_is_one_for_each_row_sent(
    sent: str, answered: str, expected: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", [record(side(sent, "JSON"), side(answered, "JSON"))])

    found = rows(opened(path))

    assert [row[0] for row in found] == expected
    assert [row[1:] for row in found] == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize(
    "answered", ["[0.1, 0.2, 0.3]", '{"a": 1, "b": 2}', '{"p": [1], "q": [2]}']
)
def test_answers_of_another_number_are_set_aside(answered: str, tmp_path: Path) -> None:
    good = record(side('{"a": 1}', "JSON"), side("0.5", "JSON"))
    bad = record(side('[{"a": 1}, {"a": 2}]', "JSON"), side(answered, "JSON"))
    dataset = opened(write(tmp_path / "a.jsonl", [good, bad]))

    assert rows(dataset) == [("0.5", "1")]
    assert rejected(dataset).counts == {"whose input and output have different numbers of rows": 1}


def test_an_empty_answer_to_json_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record(side('{"a": 1}', "JSON"), side("\n", "JSON"))] * 2)

    assert (names(opened(path)), rows(opened(path))) == (["a"], [("1",), ("1",)])


@pytest.mark.parametrize("place", [0, 3, 2000])
def test_a_stray_mismatch_of_encodings_is_set_aside(place: int, tmp_path: Path) -> None:
    records: list[dict[str, Any] | str] = [record("1,2", "0.5")] * 2001
    records[place] = record("1,2", side('{"p": 1}', "JSON"))
    path = write(tmp_path / "a.jsonl", records)

    aside = rejected(opened(path))

    assert aside.total == 1
    assert aside.examples[0].startswith(f"{path}:{place + 1}: Encoding mismatch: Encoding is CSV")
    assert len(rows(opened(path))) == 2000


def test_mismatches_that_come_later_are_an_error_in_the_end(tmp_path: Path) -> None:
    records = [record("1,2", "0.5")] * 1000 + [record("1,2", side("{}", "JSON"))] * 1001
    dataset = opened(write(tmp_path / "a.jsonl", records))

    with pytest.raises(InputError, match=r"1,001 Encoding mismatch: .* at the moment"):
        judge(dataset, rejected(dataset), len(rows(dataset)))


def test_mismatch_is_told_of_what_is_in_base64(tmp_path: Path) -> None:
    path = write(tmp_path / "a: b" / "a.jsonl", [record(base64_side("1,2"), base64_side("{}"))])

    with pytest.raises(InputError) as raised:
        opened(path)

    assert str(raised.value).startswith(f"{path}:1: Encoding mismatch: Encoding is CSV for")


def test_a_mark_before_the_first_record_is_no_part_of_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1,2", "0.5"), "not json", record("3,4", "0.5")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert rows(opened(path)) == [("0.5", "1", "2"), ("0.5", "3", "4")]


@pytest.mark.parametrize(
    "time",
    ["2024-03-18T15:14:45Z", "2024-03-18T15:14:45.123456789Z", "2024-03-18T17:14:45+02:00"],
)
def test_times_of_all_spellings_decide(time: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [record("1", "0", time), record("2", "0", "{%s}")])

    inside = opened(path, start="2024-03-18T15:00:00Z", end="2024-03-18T16:00:00Z")
    outside = opened(path, start="2024-03-18T16:00:00Z")

    assert rows(inside) == [("0", "1"), ("0", "2")]
    assert rows(outside) == [("0", "2")]
