"""Sorts the rows of a chunk by the part of the table to which they belong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind_of

from driftkit.errors import InputError
from driftkit.statistics.arrays import short_places, values_of
from driftkit.statistics.column import ColumnState
from driftkit.statistics.fold import extended, extended_by_numbers, is_number
from driftkit.statistics.splits import BLOCKS, ROOM, Key, Split, sortable, too_many_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from driftkit.columns.chunk import Chunk, Column, TimedChunk
    from driftkit.statistics.reading import Reading
    from driftkit.statistics.splits import SplitOptions
    from driftkit.statistics.table import TableState

    Make = Callable[[int, tuple[ColumnState, ...]], TableState]

_LENGTH = {"day": 10, "hour": 13}
_SECONDS = {"day": 86_400, "hour": 3600}
_FORM = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = {
    "day": rf"^{_DATE}(?:[T ].*)?$",
    "hour": rf"^{_DATE}[T ](?:[01]\d|2[0-3])",
}
_ZONE = r"\d[+-]\d{2}:?\d{2}$"
_WITH_ZONE = re.compile(r"T?\d{2}:\d{2}.*[+-]\d{2}:?\d{2}$")


@dataclass(slots=True, kw_only=True)
class _Part:
    """A part while rows are added to it."""

    states: list[ColumnState]
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Rows of a chunk that belong to one part: a range of the chunk's sorted rows."""

    part: _Part
    start: int
    stop: int


@dataclass(slots=True)
class Grouping:
    """The parts of a table while its chunks are read.

    Attributes:
        options: how rows are told apart.
        columns: of the table.
    """

    options: SplitOptions
    columns: Sequence[Column]
    _parts: dict[Key, _Part] = field(default_factory=dict)
    _rest: _Part | None = None
    _order: pa.Array | None = None
    _groups: list[_Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key in self.options.keys or ():
            self._parts[key] = self._new()

    def sort(self, chunk: Chunk) -> None:
        """Looks which rows of a chunk belong to which part.

        Raises:
            InputError: the columns that tell rows apart are not there.
        """
        self._groups = []
        if not chunk.num_rows:
            return
        codes, keys = self._coded(chunk)
        sizes = np.bincount(codes, minlength=len(keys))
        parts = self._parts_of(keys, sizes)
        order = np.argsort(codes.astype(np.min_scalar_type(len(keys))), kind="stable")
        self._order = short_places(order)
        stops = np.cumsum(sizes).tolist()
        for part, stop, size in zip(parts, stops, sizes.tolist(), strict=True):
            self._groups.append(_Group(part=part, start=stop - size, stop=stop))
            part.rows += size

    def extend(self, index: int, values: pa.ChunkedArray, reading: Reading) -> None:
        """Takes a column of the chunk that was sorted into the parts' states."""
        if not self._groups:
            return
        if len(self._groups) > 1 and is_number(values.type):
            self._extend_by_numbers(index, _whole(values), reading)
            return
        ordered = values
        if len(self._groups) > 1:
            ordered = pa.chunked_array([_whole(values).take(self._order)])
        for group in self._groups:
            some = ordered.slice(group.start, group.stop - group.start)
            group.part.states[index] = extended(group.part.states[index], some, reading)

    def _extend_by_numbers(self, index: int, array: pa.Array, reading: Reading) -> None:
        stops = np.array([group.stop for group in self._groups])
        numbers = reading.kernels.in_groups(array, values_of(self._order), stops)
        for group, some in zip(self._groups, numbers, strict=True):
            missing = group.stop - group.start - len(some)
            state = group.part.states[index]
            group.part.states[index] = extended_by_numbers(state, some, missing, reading)

    def split(self, make: Make) -> Split:
        """The parts as they are now, sorted by key."""
        return Split(
            by=self.options.by,
            unit=self.options.unit,
            parts={
                key: make(self._parts[key].rows, tuple(self._parts[key].states))
                for key in sorted(self._parts, key=sortable)
            },
            rest=make(self._rest.rows, tuple(self._rest.states)) if self._rest else None,
        )

    def _new(self) -> _Part:
        return _Part(states=[ColumnState(name=c.name, declared=c.declared) for c in self.columns])

    def _parts_of(self, keys: Sequence[Key], sizes: npt.NDArray[np.intp]) -> list[_Part]:
        """The part of each key; new ones get their own while there is room, the largest first."""
        room = BLOCKS if self.options.unit else ROOM
        for place in np.lexsort((np.arange(len(keys)), -sizes)).tolist():
            key = keys[place]
            if key not in self._parts and self.options.keys is None and len(self._parts) < room:
                self._parts[key] = self._new()
        over = any(key not in self._parts for key in keys)
        if over and self.options.unit is not None:
            raise too_many_blocks(self.options.by[0], self.options.unit, {*self._parts, *keys})
        if over and self._rest is None:
            self._rest = self._new()
        rest = self._rest or self._new()
        return [self._parts.get(key, rest) for key in keys]

    def _coded(self, chunk: Chunk) -> tuple[npt.NDArray[np.int64], list[Key]]:
        """For each row a code, and the key of each code."""
        names = [column.name for column in self.columns]
        if self.options.unit is not None and self.options.by[0] not in names and _is_timed(chunk):
            # All rows of such a chunk are of one block.
            return np.zeros(chunk.num_rows, np.int64), [(chunk.moment,)]
        for name in self.options.by:
            if name not in names:
                raise _missing(name, names)
        columns = [_whole(chunk.column(names.index(name))) for name in self.options.by]
        texts = [
            self._texts(column, name) for column, name in zip(columns, self.options.by, strict=True)
        ]
        encoded = [text.dictionary_encode(null_encoding="encode") for text in texts]
        codes = np.zeros(chunk.num_rows, np.int64)
        for each in encoded:
            codes = codes * len(each.dictionary) + each.indices.to_numpy()
        combined = pa.array(codes).dictionary_encode()
        values = [each.dictionary.to_pylist() for each in encoded]
        keys = [_key(code, values) for code in combined.dictionary.to_pylist()]
        return combined.indices.to_numpy().astype(np.int64), keys

    def _texts(self, column: pa.Array, name: str) -> pa.Array:
        if self.options.unit is not None:
            return _times(column, self.options.unit, name)
        return column if kind_of.is_string(column.type) else column.cast(pa.string())


def _is_timed(chunk: Chunk) -> TypeGuard[TimedChunk]:
    return hasattr(chunk, "moment")


def _key(code: int, values: Sequence[Sequence[str | None]]) -> Key:
    found: list[str | None] = []
    for some in reversed(values):
        code, place = divmod(code, len(some))
        found.append(some[place])
    return tuple(reversed(found))


def _whole(values: pa.ChunkedArray) -> pa.Array:
    if kind_of.is_dictionary(values.type) and values.num_chunks > 1:
        values = values.unify_dictionaries()
    array = values.combine_chunks()
    # Older versions of pyarrow leave a chunked array where there is a single chunk.
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) and array.num_chunks else array


def _times(column: pa.Array, unit: str, name: str) -> pa.Array:
    """The day or hour of each time, in UTC; none for what is no time."""
    if kind_of.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind_of.is_date(column.type) or kind_of.is_timestamp(column.type):
        return _names(column.cast(pa.timestamp("s"), safe=False), unit)
    if not (kind_of.is_string(column.type) or kind_of.is_large_string(column.type)):
        raise InputError(
            "the column has no times",
            where=name,
            expected="dates, timestamps, or their text in ISO 8601",
            found=str(column.type),
            todo="Name another column",
        )
    texts = column.cast(pa.string())
    if pc.any(pc.match_substring_regex(texts, _ZONE)).as_py():
        texts = pa.array([_in_utc(text) for text in texts.to_pylist()], pa.string())
    heads = pc.replace_substring(
        pc.utf8_slice_codeunits(texts, 0, _LENGTH[unit]), " ", "T", max_replacements=1
    )
    return pc.if_else(
        pc.match_substring_regex(texts, _TIME[unit]), heads, pa.scalar(None, pa.string())
    )


def _names(moments: pa.Array, unit: str) -> pa.Array:
    """The day or hour of each moment; every different one is written once."""
    seconds = values_of(moments.view(pa.int64()))
    begins = pa.array(seconds - seconds % _SECONDS[unit], mask=~np.asarray(moments.is_valid()))
    encoded = begins.dictionary_encode()
    names = pc.strftime(encoded.dictionary.view(pa.timestamp("s")), format=_FORM[unit])
    return names.take(encoded.indices)


def _in_utc(text: str | None) -> str | None:
    if text is None or not _WITH_ZONE.search(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else text


def _missing(name: str, names: Sequence[str]) -> InputError:
    return InputError(
        "there is no such column to tell rows apart by",
        where=name,
        expected="one of the columns that are monitored",
        found=", ".join(names[:8]) + (", ..." if len(names) > 8 else ""),
        todo="Check the name",
    )
