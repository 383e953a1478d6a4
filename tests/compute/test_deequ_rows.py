"""Rows for Deequ: plain columns, finite numbers, and a summary that closes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from driftkit.columns.chunk import Rejections
from driftkit.compute.deequ_rows import Carried, Summary, ddl, kinds, prepared
from driftkit.compute.worker import unpacked
from driftkit.errors import InputError
from driftkit.readers.arrow import from_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.readers.dataset import TableChunk


@pytest.fixture(autouse=True)
def keep_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.compute.deequ_rows.settle_worker", lambda: None)


def carried(values: pa.Array, *, typed: bool = True) -> Carried:
    return Carried(index=0, kind=values.type, typed=typed)


@pytest.mark.parametrize(
    ("values", "typed", "schema", "rows"),
    [
        (pa.array([1, None], pa.int8()), True, "c0 int, n0 double", [[1, None], [1.0, None]]),
        (pa.array([3], pa.uint32()), True, "c0 bigint, n0 double", [[3], [3.0]]),
        (pa.array([2**63], pa.uint64()), True, "c0 decimal(20,0), n0 double", [[2**63], [2.0**63]]),
        (pa.array([0.5, float("inf")]), True, "c0 double, n0 double", [None, [0.5, None]]),
        (
            pa.array([Decimal("0.10")], pa.decimal128(4, 2)),
            True,
            "c0 decimal(4,2), n0 double",
            [[Decimal("0.10")], [0.1]],
        ),
        (pa.array(["a", None]), True, "c0 string", [["a", None]]),
        (
            pa.array(["7", "x", "1e999"]),
            False,
            "c0 string, n0 double",
            [["7", "x", "1e999"], [7.0, None, None]],
        ),
        (pa.array(["a", "b"]).dictionary_encode(), True, "c0 string", [["a", "b"]]),
        (pa.array([True, None]), True, "c0 boolean", [[True, None]]),
        (
            pa.array([1_500_000], pa.timestamp("us")),
            True,
            "c0 bigint, t0 string",
            [[1_500_000], ["1970-01-01 00:00:01.5"]],
        ),
        (pa.array([1], pa.date32()), True, "c0 int, t0 string", [[1], ["1970-01-02"]]),
        (pa.nulls(2), True, "c0 string", [[None, None]]),
    ],
)
def test_columns_are_carried_plainly(
    values: pa.Array, *, typed: bool, schema: str, rows: list[Any]
) -> None:
    column = carried(values, typed=typed)

    arrays = column.arrays(pa.chunked_array([values])).fields

    assert ddl([column]) == f"part int, summary binary, {schema}"
    assert [array.type for array in arrays] == [kind for _, kind, _ in column.fields]
    for array, expected in zip(arrays, rows, strict=True):
        assert expected is None or array.to_pylist() == expected


def test_last_row_is_the_summary() -> None:
    values = pa.array([1.0, float("nan"), None, float("inf")])
    dataset = from_table(pa.table({"x": values}))

    table = pa.Table.from_batches(prepared(4, dataset.units[0].chunks, (carried(values),)))

    last = table.to_pylist()[-1]
    assert unpacked(last["summary"]) == Summary(rows=4, rejected=Rejections(), non_finite=(2,))
    assert (last["part"], last["c0"]) == (4, None)
    assert table["summary"].null_count == len(values)


def test_error_of_the_input_is_the_summary() -> None:
    def chunks() -> Iterator[TableChunk]:
        raise InputError("the file is cut off")

    (batch,) = prepared(0, chunks, (carried(pa.array([1])),))

    with pytest.raises(InputError, match="cut off"):
        unpacked(batch.column("summary")[0].as_py())


def test_kinds_are_those_of_the_first_rows() -> None:
    dataset = from_table(pa.table({"x": pa.array([1], pa.int16()), "s": ["a"]}))

    (found,) = kinds(2, dataset.units)

    assert unpacked(found) == [pa.int16(), pa.string()]
