"""Parses simple CSV records into text columns with compiled loops."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.native.slicing import MOST_BYTES, is_utf8, lines_in, offsets_and_data

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.slicing import Bytes, Offsets

    Integers = npt.NDArray[np.int64]

# Texts are copied eight bytes at a time: what is behind the last may be written to.
_SPARE = 8
# Of a column, from which it is told how much it takes.
_FIRST_BYTES = 32 * 1024
_MARGIN = 1.125


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Texts of columns, one behind the other, each with room to grow.

    Attributes:
        texts: the bytes of all columns.
        begins: where in them each column begins.
        limits: where each must end.
        offsets: of its texts, from its beginning; a row a column.
        known: whether they are there.
    """

    texts: Bytes
    begins: Integers
    limits: Integers
    offsets: Offsets
    known: Bytes

    @classmethod
    def empty(cls, columns: int, rows: int, size: int) -> _Columns:
        """Columns for so many rows, and the first of so many bytes."""
        room = min(_FIRST_BYTES, 2 * size // columns + _SPARE)
        offsets = np.zeros((columns, rows + 1), np.int32)
        known = np.empty((columns, rows), np.uint8)
        return cls._with_room(np.full(columns, room), offsets, known)

    @classmethod
    def _with_room(cls, room: Integers, offsets: Offsets, known: Bytes) -> _Columns:
        ends = np.cumsum(room + _SPARE)
        begins = ends - room - _SPARE
        texts = np.empty(int(ends[-1]), np.uint8)
        return cls(texts=texts, begins=begins, limits=begins + room, offsets=offsets, known=known)

    def buffers(self) -> tuple[Bytes, Integers, Integers, Offsets, Bytes]:
        """All of it, for the compiled loop."""
        return self.texts, self.begins, self.limits, self.offsets, self.known

    def grown(self, full: int, rows: int, share: float) -> _Columns:
        """The same with room for the rest: twice as much for the column that is full.

        Args:
            full: that column.
            rows: that were read.
            share: of the text that was read, by which the other columns grow.
        """
        used, room = self.offsets[:, rows].astype(np.int64), self.limits - self.begins
        if share:
            room = np.maximum(room, (used / share * _MARGIN).astype(np.int64))
        room[full] = max(room[full], 2 * (self.limits[full] - self.begins[full]))
        grown = self._with_room(room, self.offsets, self.known)
        for start, begin, size in zip(self.begins, grown.begins, used, strict=True):
            grown.texts[begin : begin + size] = self.texts[start : start + size]
        return grown

    def arrays(self, rows: int) -> list[pa.Array]:
        """The texts of each column."""
        return [self._array(column, rows) for column in range(len(self.begins))]

    def _array(self, column: int, rows: int) -> pa.Array:
        offsets, known = self.offsets[column, : rows + 1], self.known[column, :rows]
        begin = self.begins[column]
        texts = pa.py_buffer(self.texts[begin : begin + offsets[-1]])
        valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
        return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), texts, valid)


def cut_records(content: bytes, fields: int, delimiter: str) -> tuple[list[pa.Array], int] | None:
    """The columns of the whole records that a text begins with, and where these end.

    None where not all have as many fields, where they are not UTF-8, or where only a parser
    tells, as of returns within lines.

    Args:
        content: CSV.
        fields: of a record; more than one.
        delimiter: between them.
    """
    if len(content) > MOST_BYTES:
        return None
    compiled, data = _compiled(), np.frombuffer(content, np.uint8)
    ends = compiled.ends_of(delimiter)
    # One more than there can be: the fields of a record that is cut off are noted too.
    columns = _Columns.empty(fields, lines_in(data) + 1, len(data))
    why, rows, end = compiled.read_records(data, ends, (0, np.uint64(0)), columns.buffers())
    while why >= compiled.FULL:
        columns = columns.grown(why - compiled.FULL, rows, end / len(data))
        begun = rows, np.uint64(end)
        why, rows, end = compiled.read_records(data, ends, begun, columns.buffers())
    if why == compiled.ODD or not is_utf8(content, int(end)):
        return None
    return columns.arrays(rows), int(end)


def cut_lines(lines: pa.Array, fields: int) -> list[pa.Array] | None:
    """The columns of plain lines of CSV; None where there are quotes or other numbers of fields.

    Args:
        lines: strings without nulls, with a line's end or without.
        fields: of a line.
    """
    compiled, (offsets, data) = _compiled(), offsets_and_data(lines)
    ends, size = compiled.ends_of(","), int(offsets[-1] - offsets[0])
    columns = _Columns.empty(fields, len(lines), size)
    why, row = compiled.read_lines((offsets, data), ends, 0, columns.buffers())
    while why >= compiled.FULL:
        share = int(offsets[row] - offsets[0]) / size
        columns = columns.grown(why - compiled.FULL, row, share)
        why, row = compiled.read_lines((offsets, data), ends, row, columns.buffers())
    return columns.arrays(row) if why == compiled.WHOLE else None


def _compiled() -> Any:
    return import_module("driftkit.native.compiled_csv")
