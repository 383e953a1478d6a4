"""Parses simple CSV into columns, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.native.compiled_slicing import DOUBLED, PLAIN, QUOTE, UNKNOWN
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import ceiling_of, copy, find_below

if TYPE_CHECKING:
    from driftkit.native.compiled_slicing import Bytes, Integers, Offsets

    # What is between fields; for each byte, whether it ends a field without quotes; and a byte
    # that is above all of these.
    Ends: TypeAlias = tuple[np.uint8, Bytes, np.uint64]
    # Texts; of each column where it begins in them and where it must end; its offsets, from the
    # second on; and whether its values are there: a row a column.
    Columns: TypeAlias = tuple[Bytes, Integers, Integers, Offsets, Bytes]

_LINE, _RETURN = (np.uint8(ord(sign)) for sign in "\n\r")
_ONE, _TWO = np.uint64(1), np.uint64(2)
_ABOVE_QUOTE = ceiling_of(chr(QUOTE + 1))
# Why reading ended: all is read but, maybe, a record that is cut off; only a parser tells; or a
# column is full, whose number is added.
WHOLE, CUT_OFF, ODD, FULL = range(4)


def ends_of(delimiter: str) -> Ends:
    """What ends fields that are not quoted."""
    letters = delimiter + '"\r\n'
    are_ends = np.zeros(256, np.uint8)
    are_ends[[ord(letter) for letter in letters]] = 1
    # Above the comma are signs and digits: little of a table is below.
    above = ceiling_of(chr(ord(max(letters)) + 1))
    return np.uint8(ord(delimiter)), are_ends, above


@jit
def read_records(
    data: Bytes, ends: Ends, begun: tuple[int, np.uint64], columns: Columns
) -> tuple[int, int, np.uint64]:
    """Copies the fields of records to columns; an empty one is null, quoted or not.

    Args:
        data: CSV; the last record may be cut off.
        ends: of fields.
        begun: how many records were read, and where the next begins.
        columns: filled; offsets and flags have room for all records and one that is cut off.

    Returns:
        Why reading ended, how many whole records were read, and where the last ends. What is
        odd is another number of fields, or quotes or returns in other places.
    """
    row, index = begun
    while index < np.uint64(len(data)):
        if data[index] == _LINE:
            index += _ONE
            continue
        why, after = _read_record(data, index, ends, columns, row)
        if why != WHOLE:
            return why, row, index
        index = after
        row += 1
    return WHOLE, row, index


@inlined
def _read_record(
    data: Bytes, index: np.uint64, ends: Ends, columns: Columns, row: int
) -> tuple[int, np.uint64]:
    size, last = np.uint64(len(data)), len(columns[1]) - 1
    for field in range(last + 1):
        start, stop, index, kind = _field(data, index, ends)
        if index < size and data[index] == _RETURN and field == last:
            index += _ONE
        if index >= size:
            return CUT_OFF, index
        if kind == UNKNOWN or data[index] != (ends[0] if field < last else _LINE):
            return ODD, index
        if not _put(data, (start, stop), kind, columns, (field, row)):
            return FULL + field, index
        index += _ONE
    return WHOLE, index


@jit
def read_lines(
    lines: tuple[Offsets, Bytes], ends: Ends, row: int, columns: Columns
) -> tuple[int, int]:
    """Copies the fields of lines that have no quotes to columns; an empty one is null.

    Args:
        lines: line i is data[offsets[i]:offsets[i + 1]], with a line's end or without.
        ends: of fields.
        row: the first to be read.
        columns: filled; offsets and flags have room for all lines.

    Returns:
        Why reading ended, and at which line. What is odd is a quote, several lines, or another
        number of fields.
    """
    offsets, data = lines
    while row < len(offsets) - 1:
        index, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        while stop > index and (data[stop - _ONE] == _LINE or data[stop - _ONE] == _RETURN):
            stop -= _ONE
        why = _read_line(data, (index, stop), ends, columns, row)
        if why != WHOLE:
            return why, row
        row += 1
    return WHOLE, row


@inlined
def _read_line(
    data: Bytes, span: tuple[np.uint64, np.uint64], ends: Ends, columns: Columns, row: int
) -> int:
    start, end = span
    last = len(columns[1]) - 1
    for field in range(last + 1):
        index = _end_of_field(data, start, end, ends)
        if (index == end) != (field == last) or (index < end and data[index] != ends[0]):
            return ODD
        if not _put(data, (start, index), PLAIN, columns, (field, row)):
            return FULL + field
        start = index + _ONE
    return WHOLE


@inlined
def _put(
    data: Bytes,
    span: tuple[np.uint64, np.uint64],
    kind: np.uint8,
    columns: Columns,
    where: tuple[int, int],
) -> bool:
    """Copies a field to its column, if there is room for it."""
    texts, begins, limits, offsets, known = columns
    field, row = where
    source, stop = span
    # What is empty is missing, quoted or not.
    filled = np.uint8(stop > source)
    begin = np.uint64(begins[field])
    target = begin + np.uint64(offsets[field, row])
    if target + (stop - source) > np.uint64(limits[field]):
        return False
    if kind == DOUBLED:
        while source < stop:
            texts[target] = data[source]
            source += _TWO if data[source] == QUOTE else _ONE
            target += _ONE
    else:
        target = copy(data, span, texts, target)
    offsets[field, row + 1] = target - begin
    known[field, row] = filled
    return True


@inlined
def _field(
    data: Bytes, start: np.uint64, ends: Ends
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    """Where the text of a field begins and ends, what follows the field, and its kind."""
    size = np.uint64(len(data))
    if start < size and data[start] == QUOTE:
        return _quoted_field(data, start + _ONE)
    index = _end_of_field(data, start, size, ends)
    return start, index, index, PLAIN


@inlined
def _end_of_field(data: Bytes, index: np.uint64, stop: np.uint64, ends: Ends) -> np.uint64:
    """The first place from which on something is that ends a field; `stop` if nothing is."""
    _, are_ends, above = ends
    index = find_below(data, index, stop, above)
    while index < stop and are_ends[data[index]] == 0:
        index = find_below(data, index + _ONE, stop, above)
    return index


@inlined
def _quoted_field(
    data: Bytes, start: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    size, kind = np.uint64(len(data)), PLAIN
    index = find_below(data, start, size, _ABOVE_QUOTE)
    while index < size:
        if data[index] == QUOTE:
            if index + _ONE < size and data[index + _ONE] != QUOTE:
                return start, index, index + _ONE, kind
            kind = DOUBLED
            index += _ONE
        elif data[index] == _RETURN:
            return start, index, index, UNKNOWN
        index = find_below(data, index + _ONE, size, _ABOVE_QUOTE)
    return start, size, size, UNKNOWN
