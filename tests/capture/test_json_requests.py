"""JSON payloads that are cut apart together give what parsing them one by one gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.capture import json_requests, pairs
from driftkit.capture.json_requests import json_chunk
from driftkit.capture.table import record_table
from driftkit.capture.template import shape_of
from driftkit.io.finding import File
from driftkit.readers.lines import Batch, Block
from tests.capture.captures import record, side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.table import RecordTable
    from driftkit.readers.dataset import TableChunk

    Payloads = Sequence[tuple[str | None, str | None]]

pytest.importorskip("numba")

NAMES = ("score", "a", "b", "c.0", "c.1", "endpointOutput.a")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
NUMBER = st.one_of(
    st.integers(),
    st.floats(),
    st.integers(-(10**6), 10**6).map(lambda number: number / 1000),
    st.sampled_from([0.0, -0.0, 1e-4, 9e-5, 1e15, 1e16, 123456789012345.6, 2.0**63, 1e300]),
)
VALUE = st.one_of(NUMBER, NUMBER, st.none(), st.booleans(), TEXT)
ODD_NUMBERS = (
    *("0", "-0", "00", "01", "-01", "-", "+1", "1.", ".5", "1.50", "0.0", "-0.0", "0.00", "00.5"),
    *("1e5", "1E-7", "1e", "1e+", "1.5e3", "0e0", "-0e-5", "1.e3", "NaN", "Infinity", "-Infinity"),
    *("0.0001", "0.00012", "0.00001", "0.10001", "123456789012345.5", "1234567890.123456", "1e400"),
    *(
        "999999999999999999",
        "9999999999999999999",
        "99999999999999999999",
        "12345678901234567890.5",
    ),
    *("true", "false", "null", "tru", "nulls", '"a"', '"', '"\\n"', '"\t"', '"é"', "[]", "{}", ""),
    *("1 ", " 1", '""', "1,2", '1,"b":2', "[1]", '"\\ud800"', "9007199254740993.0"),
)


def as_captured(payloads: Payloads) -> RecordTable:
    def side_of(text: str | None) -> dict[str, str] | None:
        return None if text is None else side(text, "JSON")

    records = [record(side_of(sent), side_of(answered)) for sent, answered in payloads]
    lines = "".join(json.dumps(each) + "\n" for each in records).encode()
    block = Block(file=File(path="x", size=0), line=1, content=lines)
    return record_table(Batch(blocks=(block,)))


def in_both_ways(
    payloads: Payloads, monkeypatch: pytest.MonkeyPatch
) -> tuple[TableChunk, TableChunk]:
    found = as_captured(payloads)
    chunks = []
    for quick in (True, False):
        monkeypatch.setattr(json_requests, "is_worth_cutting", lambda _, quick=quick: quick)
        chunks.append(json_chunk(found, NAMES))
    return chunks[0], chunks[1]


def assert_same(chunks: tuple[TableChunk, TableChunk]) -> None:
    quick, thorough = chunks
    assert quick.table.to_pydict() == thorough.table.to_pydict()
    assert quick.table.schema == thorough.table.schema
    assert quick.rejected == thorough.rejected


SENT = st.one_of(
    st.fixed_dictionaries({"a": VALUE, "b": VALUE}),
    st.fixed_dictionaries({"a": VALUE}, optional={"b": VALUE}),
    st.fixed_dictionaries({"b": VALUE, "c": st.lists(VALUE, min_size=2, max_size=2)}),
    st.lists(st.fixed_dictionaries({"a": VALUE, "b": VALUE}), max_size=3),
    st.fixed_dictionaries({"unknown": VALUE}),
)
ANSWERED = st.one_of(
    st.fixed_dictionaries({"score": VALUE}), st.fixed_dictionaries({"score": VALUE, "a": VALUE})
)


@settings(deadline=None, max_examples=300)
@given(drawn=st.lists(st.tuples(SENT, st.none() | ANSWERED), min_size=1, max_size=12))
def test_records_of_any_shapes(drawn: list[tuple[Any, Any]]) -> None:
    payloads = [
        (json.dumps(sent), None if answered is None else json.dumps(answered))
        for sent, answered in drawn
    ]

    with pytest.MonkeyPatch.context() as patch:
        assert_same(in_both_ways(payloads, patch))


@settings(deadline=None, max_examples=300)
@given(values=st.lists(NUMBER, min_size=1))
def test_numbers_are_written_as_python_writes_them(values: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert_same(in_both_ways([(f'{{"a":{json.dumps(each)}}}', None) for each in values], patch))


@pytest.mark.parametrize("first", ["1", "0.5"])
@pytest.mark.parametrize("odd", ODD_NUMBERS)
def test_odd_values(first: str, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [first, odd, first, odd, "2"]

    assert_same(in_both_ways([(f'{{"a": {each}, "b": 7}}', None) for each in values], monkeypatch))


@pytest.mark.parametrize(
    "odd",
    [
        (None, '{"score": 1}'),
        ('{"a": 1, "b": 2}', None),
        (None, None),
        ("", '{"score": 1}'),
        ('{"a": 1, "b": 2}\n', '{"score": 1}\n'),
        ('{"a": 1, "b": 2, "a": 3}', '{"score": 1}'),
        ('{"a": 1, "b": 2} ', '{"score": 1}'),
        ('{"a": 1, "b": 2', '{"score": 1}'),
        ('{"a": 1, "b": 2}\n{"a": 3, "b": 4}', "[1, 2]"),
        ('{"c.0": 1, "c": [2, 3]}', '{"score": 1}'),
        ("5", '{"score": 1}'),
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_odd_records(
    odd: tuple[str | None, str | None], place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads: list[tuple[str | None, str | None]] = [
        (f'{{"a": {number}, "b": "x"}}', '{"score": 0.5}') for number in range(5)
    ]
    payloads[place] = odd

    assert_same(in_both_ways(payloads, monkeypatch))


def test_payloads_of_a_shape_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = as_captured([(f'{{"a":{number}.25}}', '{"score": 1}') for number in range(50)])
    monkeypatch.setattr(json_requests, "is_worth_cutting", lambda _: True)
    monkeypatch.setattr(pairs, "pairs", lambda found: iter(["parsed"] * found.count))

    assert json_chunk(found, NAMES).table.num_rows == 50


@pytest.mark.parametrize("payload", ["", "{", '[{"a": 1}, {"a": 2}]', '{"a": 1, "a": 2}'])
def test_what_has_no_shape(payload: str) -> None:
    assert shape_of(payload) is None
