"""Lines are the same records whether they are cut, parsed at once, or decoded one by one."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.capture import csv_requests, table, template
from driftkit.capture.csv_requests import csv_chunk
from driftkit.capture.record import INPUT
from driftkit.capture.table import record_table
from driftkit.io.finding import File
from driftkit.readers.lines import Batch, Block
from tests.capture.captures import record, side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.table import RecordTable
    from driftkit.settings import Position

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FIELD = st.one_of(TEXT, st.floats().map(repr), st.sampled_from(["", "a", '"', "1\n2", "\\", "/\t"]))
PAYLOAD = st.one_of(
    st.lists(FIELD, min_size=2, max_size=2).map(",".join),
    st.lists(st.integers().map(str), min_size=2, max_size=2).map(",".join),
)


def as_lines(records: Sequence[Any], *, ascii_only: bool = True) -> bytes:
    return "".join(f"{json.dumps(each, ensure_ascii=ascii_only)}\n" for each in records).encode()


COMPILED, AT_QUOTES, AT_ONCE, ONE_BY_ONE = "compiled", "at quotes", "at once", "one by one"
QUICK = [COMPILED, AT_QUOTES, AT_ONCE] if find_spec("numba") else [AT_QUOTES, AT_ONCE]


def read(content: bytes, way: str, *, events: bool = False) -> RecordTable:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(template, "is_worth_cutting", lambda _: way == COMPILED)
        if way in {AT_ONCE, ONE_BY_ONE}:
            patch.setattr(table, "same_shape", lambda _: None)
        if way == ONE_BY_ONE:
            patch.setattr(table, "_parsed", lambda *_, **__: None)
        block = Block(file=File(path="x", size=0), line=1, content=content)
        return record_table(Batch(blocks=(block,)), events=events)


def contents(found: RecordTable) -> list[Any]:
    lines = [found.rejection(number, "odd").examples for number in range(found.count)]
    return [*found.records(), *lines, found.rejected]


def assert_same(content: bytes) -> None:
    expected = contents(read(content, ONE_BY_ONE))
    for way in QUICK:
        assert contents(read(content, way)) == expected


@settings(deadline=None, max_examples=200)
@given(
    drawn=st.lists(st.tuples(PAYLOAD, FIELD), min_size=1, max_size=8),
    end=st.sampled_from(["", "\n", "\r\n"]),
    ascii_only=st.booleans(),
)
def test_columns_of_lines(drawn: list[tuple[str, str]], end: str, *, ascii_only: bool) -> None:
    records = [record(sent + end, answered + end) for sent, answered in drawn]
    content = as_lines(records, ascii_only=ascii_only)

    assert_same(content)


@settings(deadline=None, max_examples=200)
@given(
    drawn=st.lists(st.tuples(PAYLOAD, FIELD), min_size=1, max_size=8),
    position=st.sampled_from(["START", "END"]),
)
def test_rows_of_lines(drawn: list[tuple[str, str]], position: Position) -> None:
    content = as_lines([record(sent, answered) for sent, answered in drawn])
    tables = [read(content, way) for way in (*QUICK, ONE_BY_ONE)]
    chunks = []
    for cut in (True, False) if COMPILED in QUICK else (False,):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_requests, "is_worth_cutting", lambda _, cut=cut: cut)
            chunks += [csv_chunk(found, (2, 1), position) for found in tables]

    *quick, thorough = chunks
    for chunk in quick:
        assert chunk.table.to_pydict() == thorough.table.to_pydict()
        assert chunk.rejected == thorough.rejected


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
        {"captureData": {"batchTransformOutput": side("1,2"), "endpointOutput": side("3")}},
        {"captureData": {"endpointInput": {"data": {"a": "x"}}}},
        {"captureData": {"endpointInput": {"data": 5}}, "groundTruthData": {"data": ["x"]}},
        record("1,2", "0.5") | {"groundTruthData": side("1")},
        record("1,2", "0.5") | {"groundTruthData": {"data": None}},
        [record("1,2", "0.5"), record("3,4", "0.25")],
        5,
    ],
)
@pytest.mark.parametrize("places", [(0,), (2,), (0, 1, 2, 3, 4)])
def test_odd_records(odd: Any, places: tuple[int, ...]) -> None:
    records: list[Any] = [record(f"{number},2", "0.5") for number in range(5)]
    for place in places:
        records[place] = odd

    assert_same(as_lines(records))


@pytest.mark.parametrize("odd", [b"\n", b"{\n", b'"\xff"\n', b"\xef\xbb\xbf{}\n", b"{}{}\n"])
def test_odd_lines(odd: bytes) -> None:
    line = as_lines([record("1,2", "0.5")])

    for content in (odd + line, line + odd + line, line + odd):
        assert_same(content)


@pytest.mark.parametrize("way", QUICK[:-1])
@pytest.mark.parametrize("payload", ["{},é\n", "{}\\\t,"])
def test_lines_of_one_shape_are_not_parsed(
    way: str, payload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_parsed", lambda *_, **__: 1 / 0)
    payloads = [payload.format(number) for number in range(5)]
    content = as_lines([record(sent, "0.5") for sent in payloads], ascii_only=False)

    found = read(content, way)

    assert found.part(INPUT, "data").to_pylist() == payloads


def test_the_last_of_rows_with_nothing_in_them_is_a_row() -> None:
    found = read(as_lines([record(None, "")] * 3), AT_ONCE)

    assert csv_chunk(found, (0, 1), "START").table.to_pydict() == {"0": [None] * 3}


def called(inference_id: Any = "call-1", attributes: Any = ("user=7", "tier=a")) -> Any:
    """A record with an id and attributes of its caller; None for none."""
    found = record("1,2", "0.5")
    about = {"inferenceId": inference_id, "customAttributes": attributes}
    found["eventMetadata"] |= {name: each for name, each in about.items() if each is not None}
    return found


@pytest.mark.parametrize(
    "odd",
    [
        called("call-2", ['user="8"', "tier=é"]),
        called(None),
        called("", []),
        called(7),
        called(attributes=None),
        called(attributes="user=8"),
        called(attributes=["user=8"]),
        called(attributes=["user=8", None]),
        called(attributes=["user=8", 5]),
        called(attributes=["user=8", {"a": "x"}]),
        called() | {"eventMetadata": None},
        [called(), called()],
    ],
)
@pytest.mark.parametrize("places", [(), (0,), (2,), (0, 1, 2)])
def test_ids_and_attributes_of_callers(odd: Any, places: tuple[int, ...]) -> None:
    records: list[Any] = [
        called(f"call-{number}", [f"user={number}", "a=b"]) for number in range(3)
    ]
    for place in places:
        records[place] = odd
    content = as_lines(records)
    expected = read(content, ONE_BY_ONE, events=True)

    for way in QUICK:
        found = read(content, way, events=True)

        assert found.inference_ids.to_pylist() == expected.inference_ids.to_pylist()
        assert found.attributes.to_pylist() == expected.attributes.to_pylist()
        assert contents(found) == contents(expected) == contents(read(content, way))
