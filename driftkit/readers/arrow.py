"""Arrow tables, pandas data frames and Parquet schemas as columns of declared types."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.columns.chunk import Column
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset, TableChunk, unique

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CHUNK_ROWS = 500_000
CUT = "nanoseconds are cut to microseconds, as fine as Spark's times are"
_BLOCK = 1 << 16
NAMES_SHOWN = 5


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


def holds_vectors(kind: pa.DataType | None) -> bool:
    """Whether values of a type are lists of numbers."""
    lists = (kind_of.is_list, kind_of.is_large_list, kind_of.is_fixed_size_list)
    numbers = (kind_of.is_integer, kind_of.is_floating, kind_of.is_decimal)
    return (
        kind is not None
        and any(is_list(kind) for is_list in lists)
        and any(is_number(kind.value_type) for is_number in numbers)
    )


def monitored(
    schema: pa.Schema,
    where: str,
    shown: Mapping[str, str] | None = None,
    lists: Collection[str] = (),
) -> tuple[tuple[Column, ...], dict[str, str]]:
    """The columns that can be monitored, and those that cannot, with the reason.

    Args:
        schema: the columns.
        where: they are, for messages.
        shown: column -> its type in the words of where it comes from; Arrow's, where it lacks.
        lists: columns that are read where they are lists of numbers, though others are made of them.

    Raises:
        InputError: none can, or a name stands twice.
    """
    unique(schema.names, where)
    columns, set_aside = [], {}
    for each in schema:
        kind = declared(each.type)
        if each.name in lists and holds_vectors(each.type):
            kind = InferredType.UNKNOWN
        if kind is None:
            text = (shown or {}).get(each.name, str(each.type))
            set_aside[each.name] = f"values of type {text} are {_why_not(each.type)}"
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


def _why_not(kind: pa.DataType) -> str:
    nested = kind_of.is_nested(kind) and not kind_of.is_union(kind)
    binary = kind_of.is_binary(kind) or kind_of.is_large_binary(kind)
    if nested or binary or kind_of.is_fixed_size_binary(kind) or kind_of.is_binary_view(kind):
        return "nested or binary"
    return "neither numbers, text, truth values nor times"


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
            yield TableChunk(table=self.table.slice(start, CHUNK_ROWS))


def from_table(
    table: pa.Table,
    name: str = "table",
    shown: Mapping[str, str] | None = None,
    lists: Collection[str] = (),
) -> FileDataset:
    """A dataset of an Arrow table.

    Args:
        table: of any columns.
        name: for messages.
        shown: column -> its type in words; Arrow's, where it lacks.
        lists: columns of vectors.

    Raises:
        InputError: no column can be monitored, or a name stands twice.
    """
    columns, set_aside = monitored(table.schema, name, shown, lists)
    kept = table.select([column.name for column in columns])
    unit = TableUnit(name=name, table=kept)
    fine = [each.name for each in kept.schema if in_nanoseconds(each.type)]
    cut = {each: CUT for each in fine if _is_cut(kept.column(each))}
    return FileDataset(name=name, columns=columns, units=(unit,), set_aside=set_aside, remarks=cut)


def in_nanoseconds(kind: pa.DataType) -> bool:
    """Whether values of this type are times that may be finer than Spark's."""
    plain = kind.value_type if kind_of.is_dictionary(kind) else kind
    return getattr(plain, "unit", None) == "ns"


def _is_cut(values: pa.ChunkedArray) -> bool:
    is_dictionary = kind_of.is_dictionary(values.type)
    arrays = (array.dictionary if is_dictionary else array for array in values.chunks)
    return any(_any_cut(array.drop_null()) for array in arrays)


def _any_cut(times: pa.Array) -> bool:
    longs = np.frombuffer(times.buffers()[1], np.int64, len(times), times.offset * 8)
    blocks = (longs[start : start + _BLOCK] for start in range(0, len(longs), _BLOCK))
    # The first digits that would be cut are enough; a division is faster than a remainder.
    return any(bool((block // 1000 * 1000 != block).any()) for block in blocks)


def from_pandas(frame: Any, lists: Collection[str] = ()) -> FileDataset:
    """A dataset of a pandas data frame; its index is left out.

    Raises:
        InputError: a column holds values of several types.
    """
    name = "data frame"
    names = unique([str(column) for column in frame.columns], name)
    pairs = zip(names, frame.columns, strict=True)
    table = pa.table({each: _array(frame[column], each) for each, column in pairs})
    kinds = zip(names, table.schema.types, frame.dtypes.tolist(), strict=True)
    shown = {
        each: _pandas_type(dtype)
        for each, kind, dtype in kinds
        if declared(kind) is None and str(dtype) != "object"
    }
    return from_table(table, name, shown, lists)


def _pandas_type(dtype: Any) -> str:
    categories = getattr(dtype, "categories", None)
    return str(dtype) if categories is None else f"{dtype} of {categories.dtype}"


def from_mapping(columns: Mapping[str, Any], lists: Collection[str] = ()) -> FileDataset:
    """A dataset of column names and values.

    Raises:
        InputError: the columns have different lengths, or one holds values of several types.
    """
    names = unique([str(name) for name in columns], "mapping")
    pairs = zip(names, columns.values(), strict=True)
    arrays = {name: _array(_in_order(values, name), name) for name, values in pairs}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            "the columns have different lengths",
            where="mapping",
            expected="as many values in every column",
            found=", ".join(f"{name}: {length}" for name, length in lengths.items()),
            todo="Fill them up with None",
        )
    return from_table(pa.table(arrays), "mapping", lists=lists)


def _in_order(values: Any, name: str) -> Any:
    """The values of a column; a text would fall into its letters, and sets have no rows."""
    if isinstance(values, str | bytes | AbstractSet | Mapping):
        raise InputError(
            "the column is no list of values",
            where=name,
            expected="a list, an array or a Series with a value for every row",
            found=type(values).__name__,
            todo="Write the values as a list",
        )
    return values


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


def same_schema(expected: pa.Schema, found: pa.Schema, first: str, other: str) -> None:
    """Refuses files of different columns.

    Raises:
        InputError: names or types differ.
    """
    mine = {field.name: _plain(field.type) for field in expected}
    theirs = {field.name: _plain(field.type) for field in found}
    if mine == theirs and list(mine) == list(theirs):
        return
    names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    shown = [
        f"{name}: {mine.get(name, 'not there')} | {theirs.get(name, 'not there')}" for name in names
    ]
    raise InputError(
        "the files have different columns",
        where=f"{first} and {other}",
        expected="the same names, types and order in all files of an input",
        found="; ".join(shown[:NAMES_SHOWN]) or "another order",
        todo="Monitor them apart",
    )


def _plain(kind: pa.DataType) -> str:
    """The type, whatever form Arrow keeps its values in."""
    if kind_of.is_dictionary(kind):
        return _plain(kind.value_type)
    text = kind_of.is_large_string(kind) or kind_of.is_string_view(kind)
    return "string" if text else str(kind)
