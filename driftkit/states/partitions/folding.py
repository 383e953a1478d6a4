"""Folds the rows of each partition of a chunk into states."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import short_take_indices, whole
from driftkit.states.partitions.keys import coded, hours_of_day
from driftkit.states.partitions.partition import (
    BLOCKS,
    ROOM,
    Key,
    Partition,
    TableState,
    sortable,
    too_many_blocks,
)
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.fold import extended, is_dictionary, is_number, with_presence
from driftkit.states.profile.fold_numbers import with_values
from driftkit.states.profile.fold_strings import DictionaryValues, with_dictionary_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.native.arrays import Integers, Values
    from driftkit.states.partitions.partition import PartitionOptions
    from driftkit.states.profile.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Which rows belong to which group.

    Attributes:
        codes: the number of each row's group.
        sizes: how many rows each group has.
    """

    codes: npt.NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, np.uint16))
    sizes: Integers = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def from_codes(cls, codes: Integers, groups: int) -> Rows:
        """The rows whose groups have these numbers."""
        return cls(
            # Codes of two bytes are sorted faster than others.
            codes=codes.astype(np.uint16 if groups <= 1 << 16 else np.uint32),
            sizes=np.bincount(codes, minlength=groups),
        )

    @cached_property
    def indices(self) -> pa.Array:
        """The rows group by group, for pyarrow's take."""
        return short_take_indices(np.argsort(self.codes, kind="stable"))


@dataclass(slots=True, kw_only=True)
class _Part:
    """A part while rows are added to it."""

    states: list[ColumnState]
    rows: int = 0

    def table(self) -> TableState:
        """The states as they are now."""
        return TableState(rows=self.rows, columns=tuple(self.states))


@dataclass(slots=True)
class PartitionFolding:
    """The parts of a table while its chunks are read.

    Within a day or week, times are told by their hour: what else they are is another each day.

    Attributes:
        options: how rows are told apart.
        columns: of the table.
    """

    options: PartitionOptions
    columns: Sequence[Column]
    _parts: dict[Key, _Part] = field(default_factory=dict)
    _rest: _Part | None = None
    _rows: Rows = field(default_factory=Rows)
    # The part of each group of rows.
    _groups: Sequence[_Part] = ()

    def __post_init__(self) -> None:
        for key in self.options.keys or ():
            self._parts[key] = self._new()

    def sort(self, chunk: Chunk) -> None:
        """Looks which rows of a chunk belong to which part.

        Raises:
            InputError: the columns that tell rows apart are not there.
        """
        self._groups = ()
        if not chunk.num_rows:
            return
        codes, keys = coded(chunk, [column.name for column in self.columns], self.options)
        found = self._parts_of(keys, np.bincount(codes, minlength=len(keys)))
        # All keys that are not kept apart are one group, in the order of its rows.
        parts = {id(part): part for part in found}
        numbers = {each: number for number, each in enumerate(parts)}
        self._rows = Rows.from_codes(
            np.array([numbers[id(part)] for part in found])[codes], len(parts)
        )
        self._groups = tuple(parts.values())
        for part, size in zip(self._groups, self._rows.sizes.tolist(), strict=True):
            part.rows += size

    def extend(self, index: int, values: pa.ChunkedArray, reading: Reading) -> Registers | None:
        """Takes a column of the chunk that was sorted into the parts' states.

        Returns:
            What the registers of all parts together say, if they were raised by numbers: every
            row is in a part, so that the whole's need not be raised by the same values again.
        """
        name, asked = self.columns[index].name, self.options.columns
        if asked is not None and name not in asked:
            return None
        if self.options.unit in {"day", "week"} and name in self.options.by:
            values = hours_of_day(values, name)
        if len(self._groups) < 2:
            for part in self._groups:
                part.states[index] = extended(part.states[index], values, reading)
            return None
        if is_number(values.type):
            return self._extend_by_numbers(index, whole(values), reading)
        if is_dictionary(values):
            self._extend_by_words(index, whole(values), reading)
            return None
        ordered, start = pa.chunked_array([whole(values).take(self._rows.indices)]), 0
        for part, size in zip(self._groups, self._rows.sizes.tolist(), strict=True):
            some = ordered.slice(start, size)
            part.states[index] = extended(part.states[index], some, reading)
            start += size
        return None

    def split(self) -> Partition:
        """The parts as they are now, sorted by key."""
        return Partition(
            by=self.options.by,
            unit=self.options.unit,
            parts={key: self._parts[key].table() for key in sorted(self._parts, key=sortable)},
            rest=self._rest.table() if self._rest else None,
        )

    def _extend_by_numbers(self, index: int, array: pa.Array, reading: Reading) -> Registers:
        touched = []
        for part, values, missing in self._sorted_out(array, reading):
            state = with_presence(part.states[index], len(values), missing)
            part.states[index] = with_values(state, values, reading) if len(values) else state
            touched.append(part.states[index].distinct.values)
        return Registers(values=np.maximum.reduce(touched))

    def _extend_by_words(self, index: int, array: pa.DictionaryArray, reading: Reading) -> None:
        words = DictionaryValues.from_parts(
            array.dictionary, self._groups[0].states[index], reading
        )
        for part, codes, missing in self._sorted_out(array.indices, reading):
            state = with_presence(part.states[index], len(codes), missing)
            part.states[index] = (
                with_dictionary_values(state, codes, words, reading) if len(codes) else state
            )

    def _sorted_out(self, array: pa.Array, reading: Reading) -> Iterator[tuple[_Part, Values, int]]:
        """Of each part the numbers that are there, and how many are missing."""
        numbers = reading.kernels.in_groups(array, self._rows.codes, self._rows.sizes)
        for part, some, size in zip(self._groups, numbers, self._rows.sizes.tolist(), strict=True):
            yield part, some, size - len(some)

    def _new(self) -> _Part:
        return _Part(states=[ColumnState(name=c.name, declared=c.declared) for c in self.columns])

    def _parts_of(self, keys: Sequence[Key], sizes: npt.NDArray[np.intp]) -> list[_Part]:
        """The part of each key; new ones get their own while there is room, the largest first."""
        room = BLOCKS if self.options.unit else ROOM
        for index in np.lexsort((np.arange(len(keys)), -sizes)).tolist():
            key = keys[index]
            if key not in self._parts and self.options.keys is None and len(self._parts) < room:
                self._parts[key] = self._new()
        over = any(key not in self._parts for key in keys)
        if over and self.options.unit is not None:
            raise too_many_blocks(self.options.by[0], self.options.unit, {*self._parts, *keys})
        if over and self._rest is None:
            self._rest = self._new()
        rest = self._rest or self._new()
        return [self._parts.get(key, rest) for key in keys]
