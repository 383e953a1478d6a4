"""Byte ranges of CSV files, and the whole records in them."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.io.finding import BOM
from driftkit.io.streams import Range
from driftkit.native.slicing import is_worth_cutting, records_end, still_open
from driftkit.readers.csv_columns import cut_records
from driftkit.readers.csv_quoting import (
    LINE_END,
    QUOTE_SIGN,
    head_of,
    opens_after,
    parsed_records,
    whole_records,
)
from driftkit.readers.dataset import LEAST_BYTES
from driftkit.readers.lines import lines_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.io.finding import File

PIECE_BYTES = 16 * 1024 * 1024
# Parts are smaller, but of files in which only a parser tells where records end.
MOST_HELD_BYTES = 128 * 1024 * 1024


class OpenRowError(Exception):
    """A row of CSV has no end where it must have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes of a file that hold whole records.

    Attributes:
        file: that holds them.
        start: the first byte.
        stop: the byte behind them; None up to the end.
        header: whether the first record names the columns.
    """

    file: File
    start: int
    stop: int | None
    header: bool

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return (self.file.size if self.stop is None else self.stop) - self.start

    def open(self) -> pa.NativeFile:
        """The bytes."""
        if self.start == 0 and self.stop is None:
            return self.file.stream()
        if self.size > MOST_HELD_BYTES:
            return pa.PythonFile(Range(self.file.open(), self.start, self.size), "r")
        with self.file.open() as file:
            file.seek(self.start)
            return pa.BufferReader(file.read_buffer(self.size))

    def line_of_bad_text(self) -> int | None:
        """The first line of the file that is in this part and not UTF-8; None if all are."""
        with self.open() as source:
            pieces = (line.splitlines() for line in io.BufferedReader(source))
            for number, line in enumerate(chain.from_iterable(pieces), start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return number + lines_before(self.file, self.start, returns=True)
        return None

    def after(self, count: int) -> Part:
        """What follows some of its first lines, the header's among them."""
        return replace(self, start=self.start + count, header=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Whole records without a header.

    Attributes:
        part: that begins with them.
        content: the records.
        columns: their fields; None where a parser is needed to tell.
    """

    part: Part
    content: bytes | memoryview
    columns: tuple[pa.Array, ...] | None = None


def read_whole(text: bytes | memoryview | pa.Buffer) -> pa.NativeFile:
    """Text from within a file, for Arrow's parser, which drops a mark of byte order before it."""
    is_marked = bytes(memoryview(text)[: len(BOM)]) == BOM
    return pa.BufferReader(BOM + bytes(text) if is_marked else text)


def records_of(part: Part, fields: int, delimiter: str) -> Iterator[Records | Part]:
    """Whole records, a few megabytes at a time; from where only a parser tells, the rest.

    Args:
        part: to read.
        fields: of a record.
        delimiter: between them.

    Raises:
        OSError: the file cannot be read.
    """
    if part.file.is_streamed or not delimiter.isascii():
        yield part
        return
    left = part
    with part.open() as source:
        while text := bytes(source.read(PIECE_BYTES)):
            skipped = _header(left, text, delimiter)
            if left.header and not skipped:
                yield left
                return
            content = text[skipped:] if skipped else text
            left = left.after(skipped) if skipped else left
            if not content:
                continue
            some = _records(left, content, fields, delimiter)
            if some is None and left.size <= len(content):
                some = _rest(left, content)
            if some is None:
                yield left
                return
            yield some
            # What is cut off is read once more, which costs less than to put it before the next.
            left = left.after(len(some.content))
            source.seek(left.start - part.start)


def blocks_of(
    part: Part, fields: int, delimiter: str, size: int
) -> Iterator[list[pa.Array] | memoryview]:
    """All records of a part below its header, about `size` bytes at a time.

    Args:
        part: to read.
        fields: of a record.
        delimiter: between them.
        size: of a block, and the most that a record may take.

    Yields:
        The columns of whole records, or the records where a parser is needed to tell.

    Raises:
        OpenRowError: a row does not end within so many bytes, or with the part.
        OSError: the file cannot be read.
    """
    rest, index, header = b"", part.start, part.header
    # Of other parts it has been tried, up to here.
    plain = part.file.is_streamed and fields > 1
    with part.open() as source:
        while read := bytes(source.read(size)):
            content = rest + (read if index else read.removeprefix(BOM))
            index += len(read)
            if header:
                skipped = header_bytes(content, delimiter)
                header, content = not skipped, content[skipped:]
            cut = None if header or not plain else _cut(content, fields, delimiter)
            end = cut[1] if cut else 0 if header else _end_of_records(content, delimiter, size)
            rest, plain = content[end:], plain and (header or cut is not None)
            if end:
                yield cut[0] if cut else memoryview(content)[:end]
            if len(rest) > size:
                raise OpenRowError
    yield from _last(rest, delimiter, header=header)


def _last(rest: bytes, delimiter: str, *, header: bool) -> Iterator[memoryview]:
    """What follows the last line's end."""
    content = rest + b"\n" if rest else b""
    end = parsed_records(content, delimiter)
    # What is before the open row is counted first, and so the row is named.
    if end and not header:
        yield memoryview(content)[:end]
    if end < len(content):
        raise OpenRowError


def _cut(content: bytes, fields: int, delimiter: str) -> tuple[list[pa.Array], int] | None:
    """The columns of records and where they end; None where only a parser tells, or costs less."""
    if len(content) < LEAST_BYTES or not is_worth_cutting(len(content)):
        return None
    cut = cut_records(content, fields, delimiter)
    return cut if cut is not None and len(cut[0][0]) else None


def _end_of_records(content: bytes, delimiter: str, size: int) -> int:
    """Where the whole records end that a text begins with.

    The same whether it is looked for by compiled loops or not: where blocks end decides in which
    order sums are made.
    """
    compiled = is_worth_cutting(len(content))
    end = _quoted_end(content, delimiter) if compiled else whole_records(content, delimiter)
    # Returns may end lines too.
    if end and len(content) - end <= size:
        return end
    return (records_end if compiled else parsed_records)(content, delimiter)


def _quoted_end(content: bytes, delimiter: str) -> int:
    """The same as `whole_records`, but faster."""
    end = content.rfind(b"\n") + 1
    is_open = still_open(content[:end], opens_after(delimiter), b"\n", is_open=False)
    if is_open is None:
        return 0
    return whole_records(content, delimiter) if is_open else end


def _records(part: Part, content: bytes, fields: int, delimiter: str) -> Records | None:
    # A line that is nothing but an empty field is for a parser of CSV to understand.
    cut = _cut(content, fields, delimiter) if fields > 1 else None
    if cut is not None:
        return Records(part=part, content=memoryview(content)[: cut[1]], columns=tuple(cut[0]))
    whole = content[: whole_records(content, delimiter)]
    return Records(part=part, content=whole) if whole and not _has_other_ends(whole) else None


def _rest(part: Part, content: bytes) -> Records | None:
    """The last record, which has no line's end."""
    plain = QUOTE_SIGN not in content and not _has_other_ends(content)
    return Records(part=part, content=content) if plain else None


def _header(part: Part, content: bytes, delimiter: str) -> int:
    """Bytes before the first row; 0 where there is no header, or no end to it."""
    if not part.header:
        return len(BOM) if part.start == 0 and content.startswith(BOM) else 0
    return header_bytes(content, delimiter)


def header_bytes(content: bytes, delimiter: str) -> int:
    """Bytes of a header, its line's end and what is above; 0 where there is none, or no end."""
    head = head_of(content, whole=False, delimiter=delimiter)
    if head is None:
        return 0
    end = LINE_END.match(content, content.find(head.record) + len(head.record))
    return end.end() if end else 0


def _has_other_ends(content: bytes) -> bool:
    """Whether a line ends as on old Macs."""
    return b"\r" in content and content.count(b"\r") != content.count(b"\r\n")
