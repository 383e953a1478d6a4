"""Reading records by their layout gives what parsing every record gives, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.readers.files import File
from driftkit.readers.lines import Batch, Block
from driftkit.records.capture_csv import csv_chunk, plain_table
from driftkit.records.captured import captured
from driftkit.records.uniform import uniform
from tests.records.captures import record, side

if TYPE_CHECKING:
    from driftkit.settings import Position

NUMBER = st.one_of(st.integers().map(str), st.floats(allow_nan=False).map(repr))
FIELD = st.one_of(NUMBER, st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
RECORDS = st.lists(st.tuples(st.lists(FIELD, min_size=2, max_size=2), FIELD), min_size=1)


def batch(content: bytes) -> Batch:
    return Batch(blocks=(Block(file=File(path="x", size=0), line=1, content=content),))


def as_lines(records: list[dict[str, Any]], *, spaces: bool = False) -> bytes:
    separators = None if spaces else (",", ":")
    texts = [json.dumps(each, separators=separators, ensure_ascii=False) for each in records]
    return "".join(f"{text}\n" for text in texts).encode()


@settings(deadline=None)
@given(
    drawn=RECORDS,
    position=st.sampled_from(["START", "END"]),
    end=st.sampled_from(["", "\n"]),
    spaces=st.booleans(),
)
def test_the_quick_way_and_the_thorough_one_agree(
    *, drawn: list[tuple[list[str], str]], position: Position, end: str, spaces: bool
) -> None:
    records = [record(",".join(sent) + end, answered + end) for sent, answered in drawn]
    content = as_lines(records, spaces=spaces)

    quick = plain_table(content, (2, 1), position)
    thorough = csv_chunk(captured(batch(content)), (2, 1), position)

    if quick is not None:
        assert quick.equals(thorough.table)
        assert thorough.rejected.total == 0


def test_records_of_an_endpoint_are_read_the_quick_way() -> None:
    records = [
        record(f"{number},é{number}", f"0.{number}\n", f"2024-03-18T15:14:{number}Z")
        for number in range(10, 60)
    ]

    table = plain_table(as_lines(records), (2, 1), "START")

    assert table is not None
    assert table.column(2).to_pylist() == [f"é{number}" for number in range(10, 60)]


@pytest.mark.parametrize(
    "odd",
    [
        record("1,2", "0.5") | {"eventVersion": "1"},
        record("1,2", "0.5") | {"more": "x"},
        record(side("1,2", content_type="text/plain"), "0.5"),
        record('1,"2"', "0.5"),
        record("1,2\n3,4", "0.5\n0.6"),
        record("1,2", None),
        {"eventVersion": "0"},
        record("1,2,3", "0.5"),
        record("1", "2,0.5"),
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_record_that_is_laid_out_differently_is_noticed(odd: dict[str, Any], place: int) -> None:
    records = [record("1,2", "0.5") for _ in range(5)]
    records[place] = odd

    assert plain_table(as_lines(records), (2, 1), "START") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json\n",
        b'"a"\n',
        b'{"captureData": {}}\n',
        as_lines([record("1,2", "3")]).replace(b"\n", b"\r\n"),
        as_lines([record("1,2", "3")]).replace(b"1,2", b"1,\xe9"),
        as_lines([record("1,2", "3")]) + b"\n" + as_lines([record("1,2", "3")]),
        as_lines([record("1,2", "3")] * 2)[:-4],
    ],
)
def test_other_lines_are_left_to_the_parser(content: bytes) -> None:
    assert uniform(content) is None
