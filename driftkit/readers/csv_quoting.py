"""Finds where CSV records begin, between open quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from driftkit.io.finding import BOM
from driftkit.native.slicing import is_worth_cutting, still_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from driftkit.io.finding import File

BLOCK_BYTES = 8 * 1024 * 1024
QUOTE, NEWLINE, RETURN = b'"\n\r'
QUOTE_SIGN = b'"'
# Looking for quotes costs so much less than cutting.
_SPEED_UP = 64
_BLANK_LINES = re.compile(rb"(?:\r\n|\r|\n)*")
LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_ENDS = b"\n", b"\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of a CSV file.

    Attributes:
        above: blank lines before the first record.
        record: the first record, without the line's end.
        alone: whether the file ends with it.
    """

    above: int
    record: bytes
    alone: bool


def head_of(text: bytes, *, whole: bool, delimiter: str = ",") -> Head | None:
    r"""The first record of a text; None if there is none, or if it is cut off.

    Args:
        text: beginning of a file.
        whole: whether the text is all of it.
        delimiter: between fields.

    >>> head_of(b'\n"a\nb",c\n1,2\n', whole=False)
    Head(above=1, record=b'"a\nb",c', alone=False)
    """
    text = text.removeprefix(BOM)
    blank = _BLANK_LINES.match(text)
    start = blank.end() if blank else 0
    above = len(LINE_END.findall(text, 0, start))
    record = _record(delimiter).match(text, start)
    end = record and LINE_END.match(text, record.end())
    # A return at the end may be half of a line's end.
    if record and end and (whole or end.group() != b"\r" or end.end() < len(text)):
        alone = whole and not text[end.end() :].strip(b"\r\n")
        return Head(above=above, record=record.group(), alone=alone)
    if whole and start < len(text):
        return Head(above=above, record=text[start:], alone=True)
    return None


@lru_cache
def _record(delimiter: str) -> re.Pattern[bytes]:
    """A record up to its line's end; up to the end of the text where a quote stays open.

    Quotes that stand within a field are text.
    """
    sign = re.escape(delimiter.encode())
    field = rb'(?:"[^"]*+(?:""[^"]*+)*+(?:"|\Z))?+[^' + sign + rb"\r\n]*+"
    return re.compile(field + rb"(?:" + sign + field + rb")*+")


@lru_cache
def _records(delimiter: str) -> re.Pattern[bytes]:
    """All whole records that a text begins with, and their lines' ends."""
    sign = re.escape(delimiter.encode())
    rest = rb"[^" + sign + rb"\r\n]*+"
    field = rb'(?:"[^"]*+(?:""[^"]*+)*+"' + rest + rb'|(?!")' + rest + rb")"
    return re.compile(rb"(?:" + field + rb"(?:" + sign + field + rb")*+(?:\r\n|\r|\n))*+")


def parsed_records(text: bytes, delimiter: str) -> int:
    r"""The same as `whole_records`, for any text, but slower.

    >>> parsed_records(b'5" pipe,b\n1,"\n', ",")
    10
    """
    found = _records(delimiter).match(text)
    return found.end() if found else 0


def is_closed(record: bytes, delimiter: str) -> bool:
    r"""Whether no quote is open at the end of what may be a record.

    >>> is_closed(b'a,"b"', ","), is_closed(b'a,"b', ","), is_closed(b'a 5",b', ",")
    (True, False, True)
    """
    found = _record(delimiter).match(record + b"\n")
    return found is None or found.end() <= len(record)


def line_of(pieces: Iterable[bytes], row: int, delimiter: str = ",") -> int:
    r"""The line, from 1, in which a record begins; blank lines are none, returns end lines too.

    Args:
        pieces: lines with their ends, or parts of lines that are long.
        row: of the record, from 1.
        delimiter: between fields.

    >>> line_of([b'a\n', b'\n', b'"b\n', b'c', b'"\n', b'd\n'], 3)
    5
    """
    records, number, is_open, last = 0, 1, False, b"\n"
    for piece in pieces:
        # The two halves of one line's end.
        number -= last == b"\r" and piece.startswith(b"\n")
        for part in (piece if records else piece.removeprefix(BOM)).splitlines(keepends=True):
            if last in _LINE_ENDS and not is_open and part.strip(b"\r\n"):
                records += 1
                if records == row:
                    return number
            if is_open or QUOTE_SIGN in part:
                within = _within(last, delimiter, is_open=is_open)
                is_open = not is_closed(within + part.rstrip(b"\r\n"), delimiter)
            last = part[-1:]
            number += last in _LINE_ENDS
    return row


def _within(last: bytes, delimiter: str, *, is_open: bool) -> bytes:
    """What may stand before a part of a line, by the byte before it, for its quotes to be understood."""
    if is_open or last == QUOTE_SIGN:
        return QUOTE_SIGN if is_open else QUOTE_SIGN * 2
    return b"" if last in (*_LINE_ENDS, delimiter.encode()) else b"x"


def opens_after(delimiter: str) -> bytes:
    """The bytes that a quote may follow which opens a field, or is the second of two."""
    return bytes((NEWLINE, ord(delimiter), RETURN, QUOTE))


def cuts(file: File, delimiter: str, length: int) -> Iterator[int]:
    """Places between records, about `length` bytes apart.

    There are no more of them where quotes stand within fields: these do not tell what is open.
    """
    before = opens_after(delimiter)
    index, last, is_open = 0, b"\n", False
    target = length
    compiled = is_worth_cutting(file.size // _SPEED_UP)
    with file.open() as source:
        while target < file.size and (block := bytes(source.read(BLOCK_BYTES))):
            if compiled and index and index + len(block) < target:
                after = still_open(block, before, last, is_open=is_open)
                if after is None:
                    return
                is_open = after
            else:
                quotes = np.flatnonzero(np.frombuffer(block, np.uint8) == QUOTE)
                if not _is_plain(last + block, quotes[int(is_open) :: 2], before, index):
                    return
                found = _cut(block, target - index, quotes, is_open=is_open)
                while found is not None:
                    if index + found < file.size:
                        yield index + found
                    target = index + found + length
                    found = _cut(block, target - index, quotes, is_open=is_open)
                is_open ^= len(quotes) % 2 == 1
            index += len(block)
            last = block[-1:]


def whole_records(text: bytes, delimiter: str) -> int:
    r"""Where the whole records end that a text begins with; 0 where there is none.

    Nor is there one where quotes stand within fields: these do not tell what is open.

    Args:
        text: that begins with a record.
        delimiter: between fields.

    >>> whole_records(b'1,"a\n2"\n3,"b\n', ",")
    8
    """
    end = text.rfind(b"\n")
    if QUOTE_SIGN not in text:
        return end + 1
    if end < 0:
        return 0
    # What follows the last line's end is looked at with what is read next.
    quotes = np.flatnonzero(np.frombuffer(text, np.uint8)[:end] == QUOTE)
    before = opens_after(delimiter)
    # A mark of byte order is text here; a place of 0 would allow it.
    if not _is_plain(b"\n" + text, quotes[::2], before, 1):
        return 0
    if len(quotes) % 2:
        # Short lines within quotes may be many: their ends are looked at together.
        ends = np.flatnonzero(np.frombuffer(text, np.uint8)[:end] == NEWLINE)
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        end = int(ends[-1]) if len(ends) else -1
    return end + 1


def _is_plain(text: bytes, opening: NDArray[np.int64], before: bytes, index: int) -> bool:
    """Whether all quotes that open a field stand at its beginning, or after one that is doubled."""
    if not index and text[1:].startswith(BOM):
        opening = opening[opening != len(BOM)]
    content = np.frombuffer(text, np.uint8)
    return bool(np.isin(content[opening], np.frombuffer(before, np.uint8)).all())


def _cut(block: bytes, start: int, quotes: NDArray[np.int64], *, is_open: bool) -> int | None:
    """The place after the first line's end from `start` on at which no quote is open."""
    first = max(start - 1, 0)
    end = block.find(b"\n", first)
    if end < 0 or (np.searchsorted(quotes, end) + is_open) % 2 == 0:
        return end + 1 or None
    # Short lines within quotes may be many: their ends are looked at together.
    ends = end + np.flatnonzero(np.frombuffer(block, np.uint8)[end:] == NEWLINE)
    ends = ends[(np.searchsorted(quotes, ends) + is_open) % 2 == 0]
    return int(ends[0]) + 1 if len(ends) else None
