"""Record batches of states one after the other: looking through each by itself takes ten times as long."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import truths_of, valid_of, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Bytes, Floats, Integers, Truths


class StateTable:
    """Batches of states; a row is the state of a column.

    Args:
        batches: at least one, with rows.
        rows: of the table that each batch is of, where that is asked about.
        share: the part that they are of all that will be added up.

    Attributes:
        starts: the first row of each batch, and the end.
        rows: of the table that each row is of.
        levels: of the sketches, batch by batch: most of a file's bytes stay where they are.
    """

    def __init__(
        self, batches: Sequence[pa.RecordBatch], rows: Sequence[int] = (), share: float = 1.0
    ) -> None:
        self.share = share
        sizes = [batch.num_rows for batch in batches]
        self.starts = np.cumsum([0, *sizes])
        self.rows = np.repeat(rows, sizes) if rows else np.zeros(0, np.int64)
        # How many tables and columns there are, if all have the same columns.
        self.shape = (len(batches), sizes[0])
        large = [field.name for field in batches[0].schema if _is_nested(field.type)]
        small = pa.Table.from_batches(batches).drop_columns(large).combine_chunks()
        self._fields = {name: small.column(name).chunk(0) for name in small.column_names}
        self.levels = [Levels(batch.column(name)) for batch in batches for name in large]

    def array(self, name: str) -> pa.Array:
        """A field."""
        return self._fields[name]

    def numbers(self, name: str) -> Any:
        """A field of numbers."""
        return values_of(self._fields[name])

    def grid(self, name: str) -> Any:
        """A field of numbers, a row a table and a column a column."""
        return self.numbers(name).reshape(self.shape)

    def known(self, name: str) -> Floats:
        """A field of numbers that may be missing; NaN where they are."""
        array = self._fields[name]
        values = values_of(array)
        if not array.null_count:
            return values
        return np.where(valid_of(array), values, np.nan)

    def truths(self, name: str) -> Truths:
        """A field of truths."""
        return truths_of(self._fields[name])

    def bytes(self, name: str) -> Bytes:
        """A field of so many bytes each."""
        array = self._fields[name]
        width = array.type.byte_width
        buffer = array.buffers()[1]
        values = np.frombuffer(buffer, np.uint8, len(array) * width, array.offset * width)
        return values.reshape(len(array), width)

    def lists(self, name: str) -> tuple[pa.Array, Integers]:
        """The items of a field of lists, and where each list begins in them, and the end."""
        array = self._fields[name]
        bounds = values_of(array.offsets).astype(np.int64)
        return array.values.slice(bounds[0], bounds[-1] - bounds[0]), bounds - bounds[0]

    def has_gaps(self, name: str) -> bool:
        """Whether there are nulls in a field, or in its lists."""
        if name in self._fields:
            return has_gaps(self._fields[name])
        return any(each.has_gaps for each in self.levels)


class Levels:
    """The sketches of a batch: how many levels each has, and how many values each level.

    Attributes:
        heights: how many levels each sketch has.
        sizes: how many values each level has.
        starts: where the values of each sketch begin, and the end.
    """

    def __init__(self, array: pa.Array) -> None:
        outer, inner = values_of(array.offsets), values_of(array.values.offsets)
        self.heights = np.diff(outer)
        self.sizes = np.diff(inner[outer[0] : outer[-1] + 1])
        self.starts = inner[outer]
        self._array = array
        self._values = values_of(array.values.values)

    def sketches(self) -> list[tuple[Floats, list[int]] | None]:
        """Of each column the values of its sketch, and how many each level has; None if it is empty."""
        sizes, bounds = self.sizes.tolist(), pairwise(self.starts.tolist())
        levels = pairwise([0, *np.cumsum(self.heights).tolist()])
        return [
            (self._values[start:stop], sizes[first:last]) if stop > start else None
            for (start, stop), (first, last) in zip(bounds, levels, strict=True)
        ]

    @property
    def has_gaps(self) -> bool:
        """Whether there are nulls."""
        return has_gaps(self._array)

    def outside(self, low: Floats, high: Floats) -> Truths:
        """Which sketches have values below the minimum, above the maximum, or NaN."""
        wrong = np.zeros(len(low), np.bool_)
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            inside, cuts = self._values[: self.starts[-1]], self.starts[filled]
            # Of NaN among the values, both are NaN.
            lowest, highest = np.minimum.reduceat(inside, cuts), np.maximum.reduceat(inside, cuts)
            wrong[filled] = ~((lowest >= low[filled]) & (highest <= high[filled]))
        return wrong


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) and pa.types.is_list(kind.value_type))


def has_gaps(array: pa.Array) -> bool:
    """Whether there are nulls, or lists have items that are."""
    is_list = isinstance(array, pa.ListArray)
    return bool(array.null_count) or (is_list and has_gaps(array.values))


def running(numbers: Integers) -> Integers:
    """Sums up to each place; where they overflow, differences of them are right all the same."""
    sums = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers, out=sums[1:])
    return sums


def any_of(wrong: Truths, bounds: Integers) -> Truths:
    """Whether any item of each list is wrong."""
    return np.asarray(np.diff(running(wrong.astype(np.int64))[bounds]) > 0)
