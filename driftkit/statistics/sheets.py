"""The states of several tables' columns, kind by kind instead of column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.statistics.arrays import values_of
from driftkit.statistics.distinct import REGISTERS
from driftkit.statistics.kll import KllSketch
from driftkit.statistics.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from driftkit.statistics.arrays import Bytes, Floats, Values

# The field that stays where it is: most of a file's bytes.
_LARGE = "levels"


class Sheets:
    """Record batches in the format of states, one a table.

    Args:
        batches: at least one, with the same columns in the same order; at least one column.
    """

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        self._shape = (len(batches), batches[0].num_rows)
        self._small = pa.Table.from_batches(batches).drop_columns([_LARGE]).combine_chunks()
        self._levels = [_Levels(batch.column(_LARGE)) for batch in batches]

    def array(self, name: str) -> pa.Array:
        """A field, table after table."""
        return self._small.column(name).chunk(0)

    def numbers(self, name: str) -> Values:
        """A field of numbers, a row a table and a column a column."""
        return values_of(self.array(name)).reshape(self._shape)

    def known_numbers(self, name: str) -> Floats:
        """A field of numbers that may be missing; NaN where they are."""
        array = self.array(name)
        values = values_of(array)
        if array.null_count:
            values = np.where(_bits(array.buffers()[0], array), values, np.nan)
        return values.reshape(self._shape)

    def truths(self, name: str) -> npt.NDArray[np.bool_]:
        """A field of truths."""
        array = self.array(name)
        return _bits(array.buffers()[1], array).reshape(self._shape)

    def registers(self) -> Bytes:
        """Those of every table and column."""
        array = self.array("registers")
        values = np.frombuffer(
            array.buffers()[1], np.uint8, len(array) * REGISTERS, array.offset * REGISTERS
        )
        return values.reshape(*self._shape, REGISTERS)

    def lists(self, name: str) -> Lists:
        """A field of lists."""
        return Lists(self.array(name), self._shape)

    def stacks(self) -> list[Stack | None]:
        """The sketches of each column that are not empty; None where all are."""
        return list(map(self._stack, range(self._shape[1])))

    def empty_sketch(self, place: int) -> KllSketch:
        """The last table's sketch of a column whose sketches are all empty."""
        levels = self._levels[-1].heights(place)
        return KllSketch(
            levels=tuple(np.empty(0) for _ in range(levels)),
            compactions=self._compactions(self._shape[0] - 1, place),
        )

    def _stack(self, place: int) -> Stack | None:
        filled = [
            (number, *found)
            for number, each in enumerate(self._levels)
            if (found := each.sketch(place))
        ]
        if not filled:
            return None
        return Stack(
            values=[values for _, values, _ in filled],
            sizes=[sizes for _, _, sizes in filled],
            compactions=self._compactions(filled[0][0], place),
        )

    def _compactions(self, table: int, place: int) -> tuple[int, ...]:
        [often] = self.array("compactions").slice(table * self._shape[1] + place, 1).to_pylist()
        return tuple(often)


class Lists:
    """A field of lists, taken apart by columns.

    Args:
        array: of all tables, one after the other.
        shape: how many tables and columns there are.
    """

    def __init__(self, array: pa.Array, shape: tuple[int, int]) -> None:
        bounds = values_of(array.offsets)
        self._items = array.values
        self._starts = bounds[:-1].reshape(shape)
        self.lengths = np.diff(bounds).reshape(shape)

    def of(self, place: int, tables: Sequence[int]) -> list[pa.Array]:
        """The lists of a column in some tables; none where all are empty."""
        if not self.lengths[tables, place].any():
            return []
        starts, lengths = (each[tables, place].tolist() for each in (self._starts, self.lengths))
        return list(map(self._items.slice, starts, lengths))


class _Levels:
    """The sketches of a table's columns, in one piece."""

    def __init__(self, array: pa.Array) -> None:
        inner = values_of(array.values.offsets)
        self._values = values_of(array.values.values)
        self._columns: list[int] = values_of(array.offsets).tolist()
        self._bounds: list[int] = inner.tolist()
        self._sizes: list[int] = np.diff(inner).tolist()

    def sketch(self, place: int) -> tuple[Floats, list[int]] | None:
        """The values of a column's sketch and how many each level has; None if it is empty."""
        first, last = self._columns[place], self._columns[place + 1]
        start, stop = self._bounds[first], self._bounds[last]
        return (self._values[start:stop], self._sizes[first:last]) if stop > start else None

    def heights(self, place: int) -> int:
        """How many levels a column's sketch has."""
        return self._columns[place + 1] - self._columns[place]


def _bits(buffer: pa.Buffer, array: pa.Array) -> npt.NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].view(np.bool_)
