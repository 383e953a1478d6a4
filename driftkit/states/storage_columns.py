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
from driftkit.native.arrow_arrays import array_of
from driftkit.states.profile.column import STATES, ColumnState
from driftkit.states.profile.state_table import StateTable
from driftkit.states.schemas import COUNT, LEVELS, NUMBER, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


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


def batch_of(columns: Sequence[ColumnState], known: Sequence[int] = ()) -> pa.RecordBatch:
    """The states of columns, as they are written.

    Args:
        columns: the states.
        known: their checksums, if they were made before.
    """
    values = _values(columns)
    return _batch({**values, "checksum": known or _checksums(values, VERSION)})


def unsigned(columns: Sequence[ColumnState]) -> pa.RecordBatch:
    """The same without checksums, for states that are not written."""
    return _batch({**_values(columns), "checksum": [0] * len(columns)})


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
    empty = _values([ColumnState(name="")])
    return {f.name: array_of(empty[f.name] * rows, f.type) for f in _FIELDS if f.since > 1}


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
    pairs = zip(columns, written, checksums(columns, version), strict=True)
    return next((column.name for column, known, now in pairs if known != now), None)


def checksums(columns: Sequence[ColumnState], version: int) -> list[int]:
    """For each column a number that changes with any part of its state that the version has."""
    return _checksums(_values(columns), version)


def _values(columns: Sequence[ColumnState]) -> dict[str, list[Any]]:
    """The columns' values of each field, but for the checksum."""
    values: dict[str, list[Any]] = {
        "name": [each.name for each in columns],
        "declared": [None if each.declared is None else str(each.declared) for each in columns],
    }
    for name, schema in STATES.items():
        states = [getattr(column, name) for column in columns]
        # Those that are empty are one object.
        known = {id(state): schema.encode(state) for state in {id(x): x for x in states}.values()}
        encoded = [known[id(state)] for state in states]
        for index, field in enumerate(schema.fields):
            values[field.name] = [each[index] for each in encoded]
    return values


def _batch(values: Mapping[str, Any]) -> pa.RecordBatch:
    arrays = [array_of(values[field.name], field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _checksums(values: Mapping[str, list[Any]], version: int) -> list[int]:
    fields = _fields_of(version)
    [levels] = (values[each.name] for each in fields if each.type == LEVELS)
    texts = (_texts(each, values[each.name]) for each in fields if each.type != LEVELS)
    sums = []
    for some, sketch in zip(zip(*texts, strict=True), levels, strict=True):
        sizes = ", ".join(str(len(level)) for level in sketch)
        found = crc32(f"[{', '.join(some)}, [{sizes}]]".encode())
        for level in sketch:
            found = crc32(np.ascontiguousarray(level).data, found)
        sums.append(found)
    return sums


def _texts(field: Field, values: Sequence[Any]) -> Iterator[str]:
    """A field's name and values as JSON, as `json.dumps` writes pairs of them."""
    head = f'["{field.name}", '
    if field.type == COUNT:
        return (f"{head}{value}]" for value in values)
    if field.type == NUMBER:
        # JSON would write a missing zero's sign, but not every NaN's bits.
        return (
            f"{head}null]" if value is None else f'{head}"{float(value).hex()}"]'
            for value in values
        )
    if pa.types.is_fixed_size_binary(field.type):
        return (f'{head}"{value.hex()}"]' for value in values)
    if field.type == TEXT:
        written = {value: json.dumps(value) for value in {*values}}
        return (f"{head}{written[value]}]" for value in values)
    # Most lists are empty.
    return (f"{head}[]]" if value == [] else f"{head}{json.dumps(value)}]" for value in values)
