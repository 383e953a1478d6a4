"""Looks for open quotes in CSV, and for the ends of lines and records, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.jit import jit
from driftkit.native.simd_words import find, signs

if TYPE_CHECKING:
    from driftkit.native.compiled_slicing import Bytes, Offsets
    from driftkit.native.simd_words import Signs

_LINE, _RETURN, _QUOTE = (np.uint8(ord(sign)) for sign in '\n\r"')
_LINES, _QUOTES = signs("\n" * 4), signs('"' * 4)
_ONE = np.uint64(1)


@jit
def line_ends(data: Bytes) -> int:
    """How many lines end in some bytes; a plain loop of which the compiler makes vectors."""
    found = 0
    for place in range(len(data)):
        found += data[place] == _LINE
    return found


@jit
def after_lines(data: Bytes, places: Offsets) -> None:
    """Fills the places behind the ends of lines, for which there is room; best for long lines."""
    size = np.uint64(len(data))
    place = np.uint64(0)
    for line in range(len(places)):
        place = find(data, place, size, _LINES) + _ONE
        places[line] = place


@jit
def still_open(data: Bytes, before: Bytes, last: np.uint8, is_open: np.uint8) -> int:
    """Whether a quote is open after some CSV; -1 where one opens within a field.

    Args:
        data: the CSV.
        before: for each byte, 1 where a quote that follows it may open a field.
        last: the byte before the CSV.
        is_open: whether a quote is open there.
    """
    size = np.uint64(len(data))
    place = find(data, np.uint64(0), size, _QUOTES)
    while place < size:
        letter = data[place - _ONE] if place > np.uint64(0) else last
        if is_open == 0 and before[letter] == 0:
            return -1
        is_open = np.uint8(1) - is_open
        place = find(data, place + _ONE, size, _QUOTES)
    return int(is_open)


def field_ends(delimiter: str) -> Signs:
    """What `records_end` looks for: the signs that end a field without quotes."""
    return signs(f"{delimiter}\n\r\r")


@jit
def records_end(data: Bytes, ends: Signs) -> int:
    """Where the whole records end that some CSV begins with; quotes within fields are text.

    Args:
        data: CSV that begins with a record.
        ends: `field_ends` of the delimiter.
    """
    size, place, found = np.uint64(len(data)), np.uint64(0), np.uint64(0)
    while place < size:
        if data[place] == _QUOTE:
            place = find(data, place + _ONE, size, _QUOTES) + _ONE
            while place < size and data[place] == _QUOTE:
                place = find(data, place + _ONE, size, _QUOTES) + _ONE
        if place < size:
            place = find(data, place, size, ends)
        if place < size and (data[place] == _LINE or data[place] == _RETURN):
            found = place + _ONE
        place += _ONE
    return int(found)
