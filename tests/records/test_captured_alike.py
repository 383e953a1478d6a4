"""Lines of one shape that are cut into columns give what parsing them gives, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.readers.files import File
from driftkit.readers.lines import Batch, Block
from driftkit.records import capture_csv, captured_alike
from driftkit.records.capture_csv import csv_chunk
from driftkit.records.captured import INPUT, OUTPUT, captured
from tests.records.captures import record, side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.records.captured import Captured
    from driftkit.settings import Position

pytest.importorskip("numba")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FIELD = st.one_of(TEXT, st.floats().map(repr), st.sampled_from(["", "a", '"', "1\n2", "\\", "/\t"]))
PAYLOAD = st.one_of(
    st.lists(FIELD, min_size=2, max_size=2).map(",".join),
    st.lists(st.integers().map(str), min_size=2, max_size=2).map(",".join),
)


def as_lines(records: Sequence[Any], *, ascii_only: bool = True) -> bytes:
    return "".join(f"{json.dumps(each, ensure_ascii=ascii_only)}\n" for each in records).encode()


def read(content: bytes, *, cut: bool) -> Captured:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(captured_alike, "is_worth_cutting", lambda _: cut)
        block = Block(file=File(path="x", size=0), line=1, content=content)
        return captured(Batch(blocks=(block,)))


def contents(found: Captured) -> list[Any]:
    sides = [
        found.side(name, field).to_pylist()
        for name in (INPUT, OUTPUT)
        for field in ("data", "encoding", "observedContentType")
    ]
    return [*sides, found.times().to_pylist(), found.rejected]


@settings(deadline=None, max_examples=200)
@given(
    drawn=st.lists(st.tuples(PAYLOAD, FIELD), min_size=1, max_size=8),
    end=st.sampled_from(["", "\n", "\r\n"]),
    ascii_only=st.booleans(),
)
def test_columns_of_lines(drawn: list[tuple[str, str]], end: str, *, ascii_only: bool) -> None:
    records = [record(sent + end, answered + end) for sent, answered in drawn]
    content = as_lines(records, ascii_only=ascii_only)

    assert contents(read(content, cut=True)) == contents(read(content, cut=False))


@settings(deadline=None, max_examples=200)
@given(
    drawn=st.lists(st.tuples(PAYLOAD, FIELD), min_size=1, max_size=8),
    position=st.sampled_from(["START", "END"]),
)
def test_rows_of_lines(drawn: list[tuple[str, str]], position: Position) -> None:
    content = as_lines([record(sent, answered) for sent, answered in drawn])
    found = read(content, cut=False)
    chunks = []
    for cut in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(capture_csv, "is_worth_cutting", lambda _, cut=cut: cut)
            chunks.append(csv_chunk(found, (2, 1), position))

    quick, thorough = chunks
    assert quick.table.to_pydict() == thorough.table.to_pydict()
    assert quick.rejected == thorough.rejected


@pytest.mark.parametrize(
    "odd",
    [
        record("1,2", "0.5") | {"eventVersion": 1},
        record("1,2", "0.5") | {"more": "x"},
        record("1,2", None),
        record(None, None),
        record(side("1,2") | {"encoding": 5}, "0.5"),  # type: ignore[arg-type]
        record(side("1,2") | {"data": None}, "0.5"),  # type: ignore[arg-type]
        {"captureData": {"endpointInput": "text"}, "eventMetadata": {"inferenceTime": 5}},
        {"captureData": {"endpointInput.data": "1,2"}},
        {"captureData": {"batchTransformOutput": side("1,2")}},
        {"captureData": {}, "captureData.endpointInput.data": "x"},
        {"captureData": [{"endpointInput": side("1")}]},
        {"eventVersion": "0"},
        5,
    ],
)
@pytest.mark.parametrize("places", [(0,), (2,), (0, 1, 2, 3, 4)])
def test_odd_records(odd: Any, places: tuple[int, ...]) -> None:
    records: list[Any] = [record(f"{number},2", "0.5") for number in range(5)]
    for place in places:
        records[place] = odd
    content = as_lines(records)

    assert contents(read(content, cut=True)) == contents(read(content, cut=False))


@pytest.mark.parametrize("odd", [b"\n", b"{\n", b'"\xff"\n', b"\xef\xbb\xbf{}\n", b"{}{}\n"])
def test_odd_lines(odd: bytes) -> None:
    line = as_lines([record("1,2", "0.5")])

    for content in (odd + line, line + odd + line, line + odd):
        assert contents(read(content, cut=True)) == contents(read(content, cut=False))


def test_lines_of_one_shape_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.records.captured._parsed", lambda _: 1 / 0)
    content = as_lines([record(f'{number},"x"\n', "0.5") for number in range(5)])

    found = read(content, cut=True)

    assert found.side(INPUT, "data").to_pylist() == [f'{number},"x"\n' for number in range(5)]


def test_the_last_of_rows_with_nothing_in_them_is_a_row() -> None:
    found = read(as_lines([record(None, "")] * 3), cut=False)

    assert csv_chunk(found, (0, 1), "START").table.to_pydict() == {"0": [None] * 3}
