"""The states of a table's columns as a record batch, one row a column."""

from __future__ import annotations

import json
from itertools import pairwise, starmap
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from driftkit.columns.types import InferredType
from driftkit.statistics.column import ColumnState
from driftkit.statistics.distinct import REGISTERS, Registers
from driftkit.statistics.extremes import Extremes
from driftkit.statistics.frequencies import Frequencies
from driftkit.statistics.kll import KllSketch
from driftkit.statistics.moments import Moments
from driftkit.statistics.presence import Presence
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.statistics.arrays import Floats

_COUNT, _NUMBER, _TEXT = pa.int64(), pa.float64(), pa.string()
SCHEMA = pa.schema(
    [
        pa.field("name", _TEXT, nullable=False),
        pa.field("declared", _TEXT),
        *(pa.field(name, _COUNT, nullable=False) for name in ("present", "missing")),
        *(
            pa.field(name, _COUNT, nullable=False)
            for name in ("integral", "fractional", "boolean", "string")
        ),
        pa.field("finite", _COUNT, nullable=False),
        pa.field("non_finite", _COUNT, nullable=False),
        *(pa.field(name, _NUMBER, nullable=False) for name in ("sum", "average", "m2")),
        *(pa.field(name, _NUMBER) for name in ("minimum", "maximum")),
        pa.field("levels", pa.list_(pa.list_(_NUMBER)), nullable=False),
        pa.field("compactions", pa.list_(_COUNT), nullable=False),
        pa.field("registers", pa.binary(REGISTERS), nullable=False),
        pa.field("values", pa.list_(_TEXT), nullable=False),
        pa.field("rows", pa.list_(_COUNT), nullable=False),
        pa.field("counted", _COUNT, nullable=False),
        pa.field("domain", pa.list_(_TEXT), nullable=False),
        pa.field("overflowed", pa.bool_(), nullable=False),
        pa.field("checksum", pa.uint32(), nullable=False),
    ]
)
_TYPES = ("integral", "fractional", "boolean", "string")
_COUNTS = ("values", "rows", "counted", "domain", "overflowed")


def batch_of(columns: Sequence[ColumnState]) -> pa.RecordBatch:
    """The states of columns, as they are written."""
    return _batch(columns, list(map(_record, columns)))


def unsigned(columns: Sequence[ColumnState]) -> pa.RecordBatch:
    """The same without checksums, for states that are not written."""
    return _batch(columns, [{**_fields(column), "checksum": 0} for column in columns])


def columns_of(batch: pa.RecordBatch) -> tuple[ColumnState, ...]:
    """The states of a batch; the sketches' values stay where they are."""
    # Kind by kind and not column by column: a month of hours has tens of thousands of columns.
    parts = zip(
        *_lists(batch, "name", "declared", "non_finite"),
        starmap(_presence, zip(*_lists(batch, "present", "missing"), strict=True)),
        starmap(_types, zip(*_lists(batch, *_TYPES), strict=True)),
        starmap(_moments, zip(*_lists(batch, "finite", "sum", "average", "m2"), strict=True)),
        starmap(_extremes, zip(*_lists(batch, "minimum", "maximum"), strict=True)),
        _sketches(batch),
        *_lists(batch, "registers"),
        starmap(_frequencies, zip(*_lists(batch, *_COUNTS), strict=True)),
        strict=True,
    )
    return tuple(starmap(_column, parts))


def damaged_column(message: pa.ipc.Message, schema: pa.Schema) -> str | None:
    """The first column whose state is not what was written; None if that cannot be told."""
    try:
        batch = pa.ipc.read_record_batch(message, schema)
        batch.validate(full=True)
        written = batch.column("checksum").to_pylist()
        columns = columns_of(batch)
    except (pa.ArrowException, ValueError, OSError):
        return None
    pairs = zip(columns, written, strict=True)
    return next((column.name for column, known in pairs if checksum(column) != known), None)


def checksum(column: ColumnState) -> int:
    """A number that changes with any part of a column's state."""
    return _sum_of(_fields(column), column.sketch.levels)


def _batch(columns: Sequence[ColumnState], records: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    arrays = {
        each.name: pa.array([record[each.name] for record in records], each.type)
        for each in SCHEMA
        if each.name != "levels"
    }
    arrays["levels"] = _nested([column.sketch.levels for column in columns])
    return pa.RecordBatch.from_arrays([arrays[name] for name in SCHEMA.names], schema=SCHEMA)


def _record(column: ColumnState) -> dict[str, Any]:
    fields = _fields(column)
    return {**fields, "checksum": _sum_of(fields, column.sketch.levels)}


def _fields(column: ColumnState) -> dict[str, Any]:
    types, moments, frequencies = column.types, column.moments, column.frequencies
    return {
        "name": column.name,
        "declared": None if column.declared is None else str(column.declared),
        "present": column.presence.present,
        "missing": column.presence.missing,
        "integral": types.integral,
        "fractional": types.fractional,
        "boolean": types.boolean,
        "string": types.string,
        "finite": moments.n,
        "non_finite": column.non_finite,
        "sum": moments.total,
        "average": moments.average,
        "m2": moments.m2,
        "minimum": column.extremes.minimum,
        "maximum": column.extremes.maximum,
        "compactions": list(column.sketch.compactions),
        "registers": column.distinct.values.tobytes(),
        "values": list(frequencies.counts),
        "rows": list(frequencies.counts.values()),
        "counted": frequencies.total,
        "domain": sorted(frequencies.domain),
        "overflowed": frequencies.overflowed,
    }


def _sum_of(fields: dict[str, Any], levels: Sequence[Floats]) -> int:
    numbers = ("sum", "average", "m2", "minimum", "maximum")
    plain = {**fields, "registers": fields["registers"].hex()}
    # JSON would write a missing zero's sign, but not every NaN's bits.
    plain |= {name: float(plain[name]).hex() for name in numbers if plain[name] is not None}
    found = crc32(json.dumps([*plain.items(), [len(level) for level in levels]]).encode())
    for level in levels:
        found = crc32(np.ascontiguousarray(level).data, found)
    return found


def _lists(batch: pa.RecordBatch, *names: str) -> list[list[Any]]:
    return [batch.column(name).to_pylist() for name in names]


def _column(*parts: Any) -> ColumnState:
    name, declared, non_finite, presence, types, moments, extremes, sketch, registers, counts = (
        parts
    )
    return ColumnState(
        name=name,
        declared=None if declared is None else InferredType(declared),
        presence=presence,
        types=types,
        moments=moments,
        extremes=extremes,
        sketch=sketch,
        distinct=Registers(values=np.frombuffer(registers, np.uint8)),
        frequencies=counts,
        non_finite=non_finite,
    )


def _presence(present: int, missing: int) -> Presence:
    return Presence(present=present, missing=missing)


def _types(integral: int, fractional: int, boolean: int, string: int) -> TypeCounts:
    return TypeCounts(integral=integral, fractional=fractional, boolean=boolean, string=string)


def _moments(n: int, total: float, average: float, m2: float) -> Moments:
    return Moments(n=n, total=total, average=average, m2=m2)


def _extremes(minimum: float | None, maximum: float | None) -> Extremes:
    return Extremes(minimum=minimum, maximum=maximum)


def _frequencies(
    values: list[str],
    rows: list[int],
    total: int,
    domain: list[str],
    overflowed: bool,  # noqa: FBT001
) -> Frequencies:
    return Frequencies(
        counts=dict(zip(values, rows, strict=True)),
        total=total,
        domain=frozenset(domain),
        overflowed=overflowed,
    )


def _sketches(batch: pa.RecordBatch) -> Iterator[KllSketch]:
    [compactions] = _lists(batch, "compactions")
    levels = _unnested(batch.column("levels"))
    for level, often in zip(levels, compactions, strict=True):
        yield KllSketch(levels=level, compactions=tuple(often))


def _nested(sketches: Sequence[Sequence[Floats]]) -> pa.Array:
    levels = [level for sketch in sketches for level in sketch]
    values = np.concatenate([np.empty(0), *levels])
    inner = pa.ListArray.from_arrays(_offsets([len(level) for level in levels]), pa.array(values))
    return pa.ListArray.from_arrays(_offsets([len(sketch) for sketch in sketches]), inner)


def _offsets(lengths: Sequence[int]) -> pa.Array:
    return pa.array(np.cumsum([0, *lengths]), pa.int32())


def _unnested(array: pa.Array) -> Iterator[tuple[Floats, ...]]:
    outer, inner = array.offsets.to_pylist(), array.values.offsets.to_pylist()
    values = array.values.values.to_numpy()
    for start, stop in pairwise(outer):
        bounds = inner[start : stop + 1]
        yield tuple(values[first:last] for first, last in pairwise(bounds))
