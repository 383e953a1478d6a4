"""Scans CSV for open quotes and the ends of lines and records, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.jit import jit
from driftkit.native.simd_words import find, repeated_bytes

if TYPE_CHECKING:
    from driftkit.native.compiled_slicing import Bytes, Offsets
    from driftkit.native.simd_words import Signs

_LINE, _RETURN, _QUOTE = (np.uint8(ord(sign)) for sign in '\n\r"')
_LINES, _QUOTES = repeated_bytes("\n" * 4), repeated_bytes('"' * 4)
_ONE = np.uint64(1)


@jit
def line_ends(data: Bytes) -> int:
    """How many lines end in some bytes; a plain loop of which the compiler makes vectors."""
    found = 0
    for index in range(len(data)):
        found += data[index] == _LINE
    return found


@jit
def after_lines(data: Bytes, indices: Offsets) -> None:
    """Fills the places behind the ends of lines, for which there is room; best for long lines."""
    size = np.uint64(len(data))
    index = np.uint64(0)
    for line in range(len(indices)):
        index = find(data, index, size, _LINES) + _ONE
        indices[line] = index


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
    index = find(data, np.uint64(0), size, _QUOTES)
    while index < size:
        letter = data[index - _ONE] if index > np.uint64(0) else last
        if is_open == 0 and before[letter] == 0:
            return -1
        is_open = np.uint8(1) - is_open
        index = find(data, index + _ONE, size, _QUOTES)
    return int(is_open)


def field_ends(delimiter: str) -> Signs:
    """What `records_end` looks for: the signs that end a field without quotes."""
    return repeated_bytes(f"{delimiter}\n\r\r")


@jit
def records_end(data: Bytes, ends: Signs) -> int:
    """Where the whole records end that some CSV begins with; quotes within fields are text.

    Args:
        data: CSV that begins with a record.
        ends: `field_ends` of the delimiter.
    """
    size, index, found = np.uint64(len(data)), np.uint64(0), np.uint64(0)
    while index < size:
        if data[index] == _QUOTE:
            index = find(data, index + _ONE, size, _QUOTES) + _ONE
            while index < size and data[index] == _QUOTE:
                index = find(data, index + _ONE, size, _QUOTES) + _ONE
        if index < size:
            index = find(data, index, size, ends)
        if index < size and (data[index] == _LINE or data[index] == _RETURN):
            found = index + _ONE
        index += _ONE
    return int(found)
