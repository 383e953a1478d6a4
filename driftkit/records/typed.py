"""Columns whose types the input declares: Arrow tables, pandas data frames, Parquet schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.records.dataset import FileDataset, TableChunk, unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHUNK_ROWS = 500_000


def declared(kind: pa.DataType) -> InferredType | None:
    """The type that an Arrow type stands for; None where it cannot be monitored."""
    if kind_of.is_dictionary(kind):
        return declared(kind.value_type)
    if kind_of.is_boolean(kind):
        return InferredType.BOOLEAN
    if kind_of.is_integer(kind):
        return InferredType.INTEGRAL
    if kind_of.is_floating(kind) or kind_of.is_decimal(kind):
        return InferredType.FRACTIONAL
    if kind_of.is_null(kind):
        return InferredType.UNKNOWN
    text = kind_of.is_string(kind) or kind_of.is_large_string(kind) or kind_of.is_string_view(kind)
    moment = kind_of.is_temporal(kind) and not kind_of.is_interval(kind)
    return InferredType.STRING if text or moment else None


def monitored(schema: pa.Schema, where: str) -> tuple[tuple[Column, ...], dict[str, str]]:
    """The columns that can be monitored, and those that cannot, with the reason.

    Raises:
        InputError: none can, or a name stands twice.
    """
    unique(schema.names, where)
    columns, set_aside = [], {}
    for each in schema:
        kind = declared(each.type)
        if kind is None:
            set_aside[each.name] = f"values of type {each.type} are nested or binary"
        else:
            columns.append(Column(name=each.name, declared=kind, arrow=each.type))
    if not columns:
        raise InputError(
            "there is no column that can be monitored",
            where=where,
            expected="numbers, text, truth values or times",
            found="; ".join(f"{name}: {reason}" for name, reason in set_aside.items()) or "none",
            todo="Flatten nested columns into plain ones",
        )
    return tuple(columns), set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUnit:
    """A table in memory."""

    name: str
    table: pa.Table

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return int(self.table.nbytes)

    def chunks(self) -> Iterator[TableChunk]:
        """Slices of the table."""
        for start in range(0, self.table.num_rows, CHUNK_ROWS):
            yield TableChunk(table=self.table.slice(start, CHUNK_ROWS), rejected=Rejections())


def from_table(table: pa.Table, name: str = "table") -> FileDataset:
    """A dataset of an Arrow table.

    Raises:
        InputError: no column can be monitored, or a name stands twice.
    """
    columns, set_aside = monitored(table.schema, name)
    kept = table.select([column.name for column in columns])
    unit = TableUnit(name=name, table=kept)
    return FileDataset(name=name, columns=columns, units=(unit,), set_aside=set_aside)


def from_pandas(frame: Any) -> FileDataset:
    """A dataset of a pandas data frame; its index is left out.

    Raises:
        InputError: a column holds values of several types.
    """
    name = "data frame"
    unique([str(column) for column in frame.columns], name)
    arrays = {str(column): _array(frame[column], str(column)) for column in frame.columns}
    return from_table(pa.table(arrays), name)


def from_mapping(columns: Mapping[str, Any]) -> FileDataset:
    """A dataset of column names and values.

    Raises:
        InputError: the columns have different lengths, or one holds values of several types.
    """
    arrays = {str(name): _array(values, str(name)) for name, values in columns.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            "the columns have different lengths",
            where="mapping",
            expected="as many values in every column",
            found=", ".join(f"{name}: {length}" for name, length in lengths.items()),
            todo="Fill them up with None",
        )
    return from_table(pa.table(arrays), "mapping")


def _array(values: Any, name: str) -> pa.Array:
    if hasattr(values, "sparse"):
        values = values.sparse.to_dense()
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        several = isinstance(error, pa.ArrowInvalid | pa.ArrowTypeError)
        raise InputError(
            "the column holds values of several types"
            if several
            else "the column holds values that cannot be read",
            where=name,
            expected="numbers of up to 64 bits, text, truth values or times, of one type",
            found=str(error).splitlines()[0],
            todo="Convert the column, for example with astype(str)",
        ) from error
