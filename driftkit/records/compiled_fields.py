"""Cuts the fields out of CSV, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.jit import inlined, jit
from driftkit.columns.lanes import find, signs
from driftkit.records.compiled_cuts import DOUBLED, NULL, PLAIN, QUOTE, UNKNOWN

if TYPE_CHECKING:
    from driftkit.columns.lanes import Signs
    from driftkit.records.compiled_cuts import Bytes, Found, Offsets

_COMMA, _LINE, _RETURN = (np.uint8(ord(sign)) for sign in ",\n\r")
_COMMAS = signs(',"\n\r')
_ONE = np.uint64(1)


@jit
def cut_fields(offsets: Offsets, data: Bytes, found: Found, fits: Bytes) -> None:
    """Finds the fields of plain lines of CSV; an empty one is null.

    Args:
        offsets: line i is data[offsets[i]:offsets[i + 1]], with a line's end or without.
        data: the lines.
        found: starts, stops and kinds of the fields, a row a field and a column a line.
        fits: set to 0 where there are quotes, several lines, or another number of fields.
    """
    for row in range(len(fits)):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        if fits[row]:
            fits[row] = _cut_line(data, (start, stop), found, row)


@jit
def still_open(data: Bytes, before: Bytes, last: np.uint8, is_open: np.uint8) -> int:
    """Whether a quote is open after some CSV; -1 where one opens within a field.

    Args:
        data: the CSV.
        before: for each byte, 1 where a quote that follows it may open a field.
        last: the byte before the CSV.
        is_open: whether a quote is open there.
    """
    for place in range(len(data)):
        letter = data[place]
        if letter == QUOTE:
            if is_open == 0 and before[last] == 0:
                return -1
            is_open = np.uint8(1) - is_open
        last = letter
    return int(is_open)


@inlined
def _cut_line(data: Bytes, span: tuple[np.uint64, np.uint64], found: Found, row: int) -> np.uint8:
    place, stop = span
    starts, stops, kinds = found
    while stop > place and (data[stop - _ONE] == _LINE or data[stop - _ONE] == _RETURN):
        stop -= _ONE
    field = 0
    starts[0, row] = place
    place = find(data, place, stop, _COMMAS)
    while place < stop:
        if data[place] != _COMMA or field + 1 == len(starts):
            return np.uint8(0)
        stops[field, row] = place
        field += 1
        place += _ONE
        starts[field, row] = place
        place = find(data, place, stop, _COMMAS)
    stops[field, row] = stop
    for each in range(len(starts)):
        kinds[each, row] = PLAIN if stops[each, row] > starts[each, row] else NULL
    return np.uint8(field + 1 == len(starts))


def ends_of(delimiter: str) -> Signs:
    """What ends a field without quotes."""
    return signs(delimiter + '"\r\n')


@jit
def cut_records(
    data: Bytes, delimiter: np.uint8, ends: Signs, found: Found
) -> tuple[int, np.uint64]:
    """Finds the fields of CSV; an empty one is null, unless it is quoted.

    Args:
        data: that begins with a record; the last may be cut off.
        delimiter: between fields.
        ends: what ends a field without quotes.
        found: starts, stops and kinds of the fields, a row a field and a column a record; with
            room for all.

    Returns:
        How many whole records there are, and where the last ends; -1 where one has another
        number of fields, or odd quotes or returns.
    """
    starts, stops, kinds = found
    size, last = np.uint64(len(data)), len(starts) - 1
    place, row = np.uint64(0), 0
    while place < size:
        first = place
        if data[place] == _LINE:
            place += _ONE
            continue
        for field in range(last + 1):
            start, stop, place, kind = _field(data, place, ends)
            if place >= size:
                return row, first
            letter = data[place]
            if letter == _RETURN and field == last:
                place += _ONE
                if place == size:
                    return row, first
                letter = data[place]
            if kind == UNKNOWN or letter != (delimiter if field < last else _LINE):
                return -1, first
            starts[field, row] = start
            stops[field, row] = stop
            kinds[field, row] = kind
            place += _ONE
        row += 1
    return row, place


@inlined
def _field(
    data: Bytes, start: np.uint64, ends: Signs
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    """Where the text of a field begins and ends, what follows the field, and its kind."""
    size = np.uint64(len(data))
    if start < size and data[start] == QUOTE:
        return _quoted_field(data, start + _ONE)
    place = find(data, start, size, ends)
    return start, place, place, (PLAIN if place > start else NULL)


@inlined
def _quoted_field(
    data: Bytes, start: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint8]:
    size, place, kind = np.uint64(len(data)), start, PLAIN
    while place < size:
        if data[place] == QUOTE:
            if place + _ONE < size and data[place + _ONE] != QUOTE:
                return start, place, place + _ONE, kind
            kind = DOUBLED
            place += _ONE
        elif data[place] == _RETURN:
            return start, place, place, UNKNOWN
        place += _ONE
    return start, size, size, UNKNOWN
