"""Where records of CSV begin: after a line's end at which no quote is open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.records.cuts import is_worth_cutting, still_open
from driftkit.records.files import BOM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from driftkit.records.files import File

BLOCK_BYTES = 8 * 1024 * 1024
QUOTE, NEWLINE, RETURN = b'"\n\r'
QUOTE_SIGN = b'"'
# Looking for quotes costs so much less than cutting.
_SPEED_UP = 64
_BLANK_LINES = re.compile(rb"(?:\r\n|\r|\n)*")
_LINE_END = re.compile(rb"\r\n|\r|\n")


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


def head_of(text: bytes, *, whole: bool) -> Head | None:
    r"""The first record of a text; None if there is none, or if it is cut off.

    Args:
        text: beginning of a file.
        whole: whether the text is all of it.

    >>> head_of(b'\n"a\nb",c\n1,2\n', whole=False)
    Head(above=1, record=b'"a\nb",c', alone=False)
    """
    text = text.removeprefix(BOM)
    blank = _BLANK_LINES.match(text)
    start = blank.end() if blank else 0
    above = len(_LINE_END.findall(text, 0, start))
    is_open = False
    place = start
    for end in _LINE_END.finditer(text, start):
        is_open ^= text.count(QUOTE, place, end.start()) % 2 == 1
        place = end.end()
        if not is_open:
            alone = whole and not text[place:].strip(b"\r\n")
            return Head(above=above, record=text[start : end.start()], alone=alone)
    if whole and start < len(text):
        return Head(above=above, record=text[start:], alone=True)
    return None


def line_of(lines: Iterable[bytes], row: int) -> int:
    r"""The line, from 1, in which a record begins; blank lines are none.

    >>> line_of([b'a\n', b'\n', b'"b\n', b'c"\n', b'd\n'], 3)
    5
    """
    records, is_open = 0, False
    for number, line in enumerate(lines, start=1):
        if not is_open and line.strip(b"\r\n"):
            records += 1
            if records == row:
                return number
        is_open ^= line.count(QUOTE) % 2 == 1
    return row


def cuts(file: File, delimiter: str, length: int) -> Iterator[int]:
    """Places between records, about `length` bytes apart.

    There are no more of them where quotes stand within fields: these do not tell what is open.
    """
    before = bytes((NEWLINE, ord(delimiter), RETURN, QUOTE))
    place, last, is_open = 0, b"\n", False
    target = length
    compiled = is_worth_cutting(file.size // _SPEED_UP)
    with file.open() as source:
        while target < file.size and (block := bytes(source.read(BLOCK_BYTES))):
            if compiled and place and place + len(block) < target:
                after = still_open(block, before, last, is_open=is_open)
                if after is None:
                    return
                is_open = after
            else:
                quotes = np.flatnonzero(np.frombuffer(block, np.uint8) == QUOTE)
                if not _is_plain(last + block, quotes[int(is_open) :: 2], before, place):
                    return
                found = _cut(block, target - place, quotes, is_open=is_open)
                while found is not None:
                    if place + found < file.size:
                        yield place + found
                    target = place + found + length
                    found = _cut(block, target - place, quotes, is_open=is_open)
                is_open ^= len(quotes) % 2 == 1
            place += len(block)
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
    quotes = np.flatnonzero(np.frombuffer(text, np.uint8) == QUOTE)
    before = bytes((NEWLINE, ord(delimiter), RETURN, QUOTE))
    if not _is_plain(b"\n" + text, quotes[::2], before, 0):
        return 0
    while end >= 0 and np.searchsorted(quotes, end) % 2:
        end = text.rfind(b"\n", 0, end)
    return end + 1


def _is_plain(text: bytes, opening: NDArray[np.int64], before: bytes, place: int) -> bool:
    """Whether all quotes that open a field stand at its beginning, or after one that is doubled."""
    if not place and text[1:].startswith(BOM):
        opening = opening[opening != len(BOM)]
    content = np.frombuffer(text, np.uint8)
    return bool(np.isin(content[opening], np.frombuffer(before, np.uint8)).all())


def _cut(block: bytes, start: int, quotes: NDArray[np.int64], *, is_open: bool) -> int | None:
    """The place after the first line's end from `start` on at which no quote is open."""
    end = block.find(b"\n", max(start - 1, 0))
    while end >= 0:
        if (np.searchsorted(quotes, end) + is_open) % 2 == 0:
            return end + 1
        end = block.find(b"\n", end + 1)
    return None
