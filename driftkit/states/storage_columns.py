"""The states of a table's columns as a record batch, one row a column, and batches added up."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from driftkit.columns.types import InferredType
from driftkit.states.profile.column import STATES, ColumnState
from driftkit.states.profile.state_table import StateTable
from driftkit.states.schemas import LEVELS, NUMBER, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.native.arrays import Floats

_FIELDS = (
    Field(name="name", type=TEXT),
    Field(name="declared", type=TEXT, nullable=True),
    *chain.from_iterable(schema.fields for schema in STATES.values()),
)
_CHECKSUM = Field(name="checksum", type=pa.uint32())
VERSION = max(field.since for field in _FIELDS)
# The first version did not write its fields state by state.
_ORDER_OF_1 = (
    *("name", "declared", "present", "missing", "integral", "fractional", "boolean", "string"),
    *("finite", "non_finite", "sum", "average", "m2", "minimum", "maximum", "levels"),
    *("compactions", "registers", "values", "rows", "counted", "domain", "overflowed"),
)


@cache
def _fields_of(version: int) -> tuple[Field, ...]:
    """The fields of a version of the format, but for the checksum."""
    found = [field for field in _FIELDS if field.since <= version]
    if version == 1:
        found.sort(key=lambda field: _ORDER_OF_1.index(field.name))
    return tuple(found)


# Of each version of the format.
SCHEMAS = {
    version: pa.schema(
        [
            pa.field(each.name, each.type, nullable=each.nullable)
            for each in (*_fields_of(version), _CHECKSUM)
        ]
    )
    for version in range(1, VERSION + 1)
}
SCHEMA = SCHEMAS[VERSION]


def batch_of(columns: Sequence[ColumnState]) -> pa.RecordBatch:
    """The states of columns, as they are written."""
    records = list(map(_record, columns))
    return _batch([{**record, "checksum": _sum_of(record, VERSION)} for record in records])


def unsigned(columns: Sequence[ColumnState]) -> pa.RecordBatch:
    """The same without checksums, for states that are not written."""
    return _batch([{**_record(column), "checksum": 0} for column in columns])


def upgraded(batch: pa.RecordBatch, version: int) -> pa.RecordBatch:
    """A batch of an earlier version of the format, in which nothing is known of what came later."""
    if version == VERSION:
        return batch
    rows, known = batch.num_rows, dict(zip(batch.schema.names, batch.columns, strict=True))
    nothing = _nothing(rows)
    arrays = [known[name] if name in known else nothing[name] for name in SCHEMA.names]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


@lru_cache(16)
def _nothing(rows: int) -> dict[str, pa.Array]:
    """For so many rows the fields that the first version does not have, as empty states have them."""
    empty = _record(ColumnState(name=""))
    return {f.name: pa.array([empty[f.name]] * rows, f.type) for f in _FIELDS if f.since > 1}


def columns_of(batch: pa.RecordBatch) -> tuple[ColumnState, ...]:
    """The states of a batch; the sketches' values stay where they are."""
    # Kind by kind and not column by column: a month of hours has tens of thousands of columns.
    return tuple(_columns(batch, {name: each.decode(batch) for name, each in STATES.items()}))


def joined_columns(batches: Sequence[pa.RecordBatch], share: float = 1.0) -> list[ColumnState]:
    """The sums of the columns' states: what `+` from left to right gives, only sooner.

    A year of hours is thousands of states of dozens of columns. Here they are added up kind by kind,
    as they stand in their files, and only the sum is taken apart.

    Args:
        batches: at least one, with the same columns in the same order.
        share: the part that they are of all that will be added up.
    """
    if not batches[0].num_rows:
        return []
    table = StateTable(batches, share=share)
    return list(_columns(batches[0], {name: each.merge(table) for name, each in STATES.items()}))


def _columns(batch: pa.RecordBatch, states: Mapping[str, Iterable[Any]]) -> Iterable[ColumnState]:
    heads = zip(*(batch.column(name).to_pylist() for name in ("name", "declared")), strict=True)
    names = tuple(states)
    for (name, declared), parts in zip(heads, zip(*states.values(), strict=True), strict=True):
        yield ColumnState(
            name=name,
            declared=None if declared is None else InferredType(declared),
            **dict(zip(names, parts, strict=True)),
        )


def damaged_column(message: pa.ipc.Message, version: int) -> str | None:
    """The first column whose state is not what was written; None if that cannot be told."""
    try:
        batch = pa.ipc.read_record_batch(message, SCHEMAS[version])
        batch.validate(full=True)
        written = batch.column("checksum").to_pylist()
        columns = columns_of(upgraded(batch, version))
    except (pa.ArrowException, ValueError, OSError):
        return None
    pairs = zip(columns, written, strict=True)
    return next((each.name for each, known in pairs if checksum(each, version) != known), None)


def checksum(column: ColumnState, version: int) -> int:
    """A number that changes with any part of a column's state that the version has."""
    return _sum_of(_record(column), version)


def _record(column: ColumnState) -> dict[str, Any]:
    """The values of all fields of a column, but for the checksum."""
    declared = None if column.declared is None else str(column.declared)
    record: dict[str, Any] = {"name": column.name, "declared": declared}
    for name, schema in STATES.items():
        values = schema.encode(getattr(column, name))
        record |= {f.name: value for f, value in zip(schema.fields, values, strict=True)}
    return record


def _batch(records: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    arrays = []
    for field in SCHEMA:
        values = [record[field.name] for record in records]
        is_large = field.type == LEVELS
        arrays.append(_nested(values) if is_large else pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _sum_of(record: Mapping[str, Any], version: int) -> int:
    plain: list[tuple[str, Any]] = []
    levels: Sequence[Floats] = ()
    for field in _fields_of(version):
        value = record[field.name]
        if field.type == LEVELS:
            levels = value
            continue
        if field.type == NUMBER and value is not None:
            # JSON would write a missing zero's sign, but not every NaN's bits.
            value = float(value).hex()
        plain.append((field.name, value.hex() if isinstance(value, bytes) else value))
    found = crc32(json.dumps([*plain, [len(level) for level in levels]]).encode())
    for level in levels:
        found = crc32(np.ascontiguousarray(level).data, found)
    return found


def _nested(sketches: Sequence[Sequence[Floats]]) -> pa.Array:
    levels = [level for sketch in sketches for level in sketch]
    values = np.concatenate([np.empty(0), *levels])
    inner = pa.ListArray.from_arrays(_offsets([len(level) for level in levels]), pa.array(values))
    return pa.ListArray.from_arrays(_offsets([len(sketch) for sketch in sketches]), inner)


def _offsets(lengths: Sequence[int]) -> pa.Array:
    return pa.array(np.cumsum([0, *lengths]), pa.int32())
