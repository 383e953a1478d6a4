"""Prepares rows for the deequ engine: plain columns, and a row of sums.

Column i of a dataset becomes c<i>, its values as they are, for presence, types and distinct
values; n<i>, the finite numbers among them, also those written as text; and t<i>, the text of
times. Deequ never sees NaN, infinity, a decimal to add up or a name that it would have to escape.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind_of

from driftkit.columns.chunk import Rejections
from driftkit.compute.worker import packed, settle_worker
from driftkit.errors import DriftkitError
from driftkit.states.kernels.choice import kernels
from driftkit.states.profile.distinct import REGISTERS
from driftkit.states.profile.fold_numbers import micros, time_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Bytes
    from driftkit.readers.dataset import Unit

PART, SUMMARY = "part", "summary"
_BATCH_ROWS = 10_000
_MICROS, _DAYS = (pa.int64(), "bigint"), (pa.int32(), "int")
# Spark has no unsigned integers; it reads each as the next wider signed one.
_CARRIERS = {
    pa.bool_(): (pa.bool_(), "boolean"),
    pa.int8(): (pa.int32(), "int"),
    pa.int16(): (pa.int32(), "int"),
    pa.int32(): (pa.int32(), "int"),
    pa.uint8(): (pa.int32(), "int"),
    pa.uint16(): (pa.int32(), "int"),
    pa.int64(): (pa.int64(), "bigint"),
    pa.uint32(): (pa.int64(), "bigint"),
    pa.uint64(): (pa.decimal128(20), "decimal(20,0)"),
    pa.float16(): (pa.float32(), "float"),
    pa.float32(): (pa.float32(), "float"),
    pa.float64(): (pa.float64(), "double"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the last row of a part says of those before it.

    Attributes:
        rows: number of rows.
        rejected: records set aside.
        non_finite: NaN and infinite numbers, of each column.
    """

    rows: int
    rejected: Rejections
    non_finite: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """The arrays of one column of a chunk, and how many of its numbers are not finite."""

    fields: tuple[pa.Array, ...]
    non_finite: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A column of the dataset on its way to Spark.

    Attributes:
        index: of the column in the dataset.
        kind: the Arrow type of its values.
        typed: whether the input declares its type; text that is not typed may hold numbers.
    """

    index: int
    kind: pa.DataType
    typed: bool

    @property
    def as_is(self) -> tuple[pa.DataType, str]:
        """The Arrow and the Spark type of c<i>."""
        if self.has_text:
            return _DAYS if kind_of.is_date(self.kind) else _MICROS
        if kind_of.is_decimal(self.kind):
            return self.kind, f"decimal({self.kind.precision},{self.kind.scale})"
        return _CARRIERS.get(self.kind, (pa.string(), "string"))

    @property
    def is_text(self) -> bool:
        """Whether c<i> is text."""
        return bool(kind_of.is_string(self.as_is[0]))

    @property
    def has_numbers(self) -> bool:
        """Whether there is n<i>."""
        if self.is_text:
            return not self.typed
        return not (self.has_text or kind_of.is_boolean(self.kind))

    @property
    def has_text(self) -> bool:
        """Whether there is t<i>."""
        return bool(kind_of.is_temporal(self.kind))

    @property
    def fields(self) -> tuple[tuple[str, pa.DataType, str], ...]:
        """The names, Arrow and Spark types in the frame."""
        fields = [(f"c{self.index}", *self.as_is)]
        if self.has_numbers:
            fields.append((f"n{self.index}", pa.float64(), "double"))
        if self.has_text:
            fields.append((f"t{self.index}", pa.string(), "string"))
        return tuple(fields)

    def arrays(self, values: pa.ChunkedArray) -> Arrays:
        """The values as the arrays of `fields`."""
        array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if kind_of.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        fields, non_finite = [_as_is(array, self.as_is[0])], 0
        if self.has_numbers:
            numbers = _doubles(array)
            finite = pc.is_finite(numbers)
            fields.append(pc.if_else(finite, numbers, pa.scalar(None, pa.float64())))
            non_finite = int(pc.sum(pc.invert(finite)).as_py() or 0)
        if self.has_text:
            encoded = (array if kind_of.is_date(array.type) else micros(array)).dictionary_encode()
            texts = pa.array(time_texts(encoded.dictionary), pa.string())
            fields.append(texts.take(encoded.indices))
        return Arrays(fields=tuple(fields), non_finite=non_finite)


def ddl(columns: Iterable[Carried]) -> str:
    """The schema of the prepared rows, as Spark writes it."""
    fields = [f"{name} {kind}" for column in columns for name, _, kind in column.fields]
    return ", ".join([f"{PART} int", f"{SUMMARY} binary", *fields])


def kinds(columns: int, units: Iterable[Unit]) -> Iterator[bytes]:
    """The packed Arrow types of the first rows of each unit, none if it has no rows."""

    def found(unit: Unit) -> list[pa.DataType]:
        chunk = next(iter(unit.chunks()), None)
        return [chunk.column(index).type for index in range(columns)] if chunk else []

    return (packed(partial(found, unit)) for unit in units)


def prepared(
    part: int, chunks: Callable[[], Iterable[Chunk]], columns: tuple[Carried, ...]
) -> Iterator[pa.RecordBatch]:
    """The rows of a part, and at last its summary: a `Summary` or the error that ended it."""
    settle_worker()
    summary: Summary | DriftkitError
    rows, rejected, non_finite = 0, Rejections(), np.zeros(len(columns), np.int64)
    try:
        for chunk in chunks():
            rows, rejected = rows + chunk.num_rows, rejected + chunk.rejected
            arrays = [column.arrays(chunk.column(column.index)) for column in columns]
            non_finite += [each.non_finite for each in arrays]
            nothing = pa.nulls(chunk.num_rows, pa.binary())
            fields = [field for each in arrays for field in each.fields]
            table = _table(part, nothing, fields, columns)
            yield from table.to_batches(max_chunksize=_BATCH_ROWS)
        summary = Summary(rows=rows, rejected=rejected, non_finite=tuple(non_finite.tolist()))
    except DriftkitError as error:
        summary = error
    content = pa.array([pickle.dumps(summary)], pa.binary())
    nulls = [pa.nulls(1, kind) for column in columns for _, kind, _ in column.fields]
    yield from _table(part, content, nulls, columns).to_batches()


def _table(
    part: int, summary: pa.Array, arrays: list[pa.Array], columns: tuple[Carried, ...]
) -> pa.Table:
    parts = pa.array(np.full(len(summary), part, np.int32))
    names = [name for column in columns for name, _, _ in column.fields]
    return pa.Table.from_arrays([parts, summary, *arrays], names=[PART, SUMMARY, *names])


def _as_is(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if kind_of.is_date(array.type):
        return array.cast(pa.date32(), safe=False).view(kind)
    if kind_of.is_temporal(array.type):
        return micros(array).view(kind)
    return array.cast(kind)


def _doubles(array: pa.Array) -> pa.Array:
    if kind_of.is_string(array.type) or kind_of.is_large_string(array.type):
        return _numbers_of_texts(array)
    exact = array.cast(pa.string()) if kind_of.is_decimal(array.type) else array
    return exact.cast(pa.float64(), safe=False)


def _numbers_of_texts(array: pa.Array) -> pa.Array:
    present = array.drop_null()
    scratch: Bytes = np.zeros(REGISTERS, np.uint8)
    numbers = kernels(len(present)).read_texts(present, scratch).numbers
    found = np.full(len(array), np.nan)
    found[array.is_valid().to_numpy(zero_copy_only=False)] = numbers
    return pa.array(found, from_pandas=True)
