"""Finds the whole records in pieces of CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.io.finding import BOM
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.readers.lines import Piece

PIECE_BYTES = 16 * 1024 * 1024


class OpenRowError(Exception):
    """A row of CSV has no end where it must have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the records of CSV files are laid out.

    Attributes:
        fields: of a record.
        delimiter: between them.
        header: whether the first record of a file names the columns.
    """

    fields: int
    delimiter: str
    header: bool

    @property
    def indices(self) -> list[str]:
        """What columns are called while they are read: their names may be anything."""
        return [str(index) for index in range(self.fields)]

    def heads(self, piece: Piece) -> bool:
        """Whether the first record of a piece is a header."""
        return self.header and piece.start == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Whole records without a header.

    Attributes:
        piece: that begins with them.
        content: the records.
        columns: their fields; None where a parser is needed to tell.
    """

    piece: Piece
    content: bytes | memoryview
    columns: tuple[pa.Array, ...] | None = None


def read_whole(text: bytes | memoryview | pa.Buffer) -> pa.NativeFile:
    """Text from within a file, for Arrow's parser, which drops a mark of byte order before it."""
    is_marked = bytes(memoryview(text)[: len(BOM)]) == BOM
    return pa.BufferReader(BOM + bytes(text) if is_marked else text)


def records_of(piece: Piece, layout: Layout) -> Iterator[Records | Piece]:
    """Whole records, a few megabytes at a time; from where only a parser tells, the rest.

    Raises:
        OSError: the file cannot be read.
    """
    if piece.file.is_streamed:
        yield piece
        return
    left = piece
    with piece.file.open() as source:
        while text := source.read_at(min(PIECE_BYTES, left.size), left.start):
            skipped = _header(left, text, layout)
            if layout.heads(left) and not skipped:
                yield left
                return
            content = text[skipped:] if skipped else text
            left = left.after(skipped)
            if not content:
                continue
            some = _records(left, content, layout)
            if some is None and left.size <= len(content):
                some = _rest(left, content)
            if some is None:
                yield left
                return
            yield some
            # What is cut off is read once more, which costs less than to put it before the next.
            left = left.after(len(some.content))


def blocks_of(piece: Piece, layout: Layout, size: int) -> Iterator[list[pa.Array] | memoryview]:
    """All records of a piece below its header, about `size` bytes at a time.

    Args:
        piece: to read.
        layout: of its records.
        size: of a block, and the most that a record may take.

    Yields:
        The columns of whole records, or the records where a parser is needed to tell.

    Raises:
        OpenRowError: a row does not end within so many bytes, or with the piece.
        OSError: the file cannot be read.
    """
    rest, index, header, delimiter = b"", piece.start, layout.heads(piece), layout.delimiter
    # Of other pieces it has been tried, up to here.
    plain = piece.file.is_streamed and layout.fields > 1
    for read in piece.contents(size):
        content = rest + (read if index else read.removeprefix(BOM))
        index += len(read)
        if header:
            skipped = header_bytes(content, delimiter)
            header, content = not skipped, content[skipped:]
        cut = None if header or not plain else _cut(content, layout)
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


def _cut(content: bytes, layout: Layout) -> tuple[list[pa.Array], int] | None:
    """The columns of records and where they end; None where only a parser tells, or costs less."""
    if len(content) < LEAST_BYTES or not is_worth_cutting(len(content)):
        return None
    cut = cut_records(content, layout.fields, layout.delimiter)
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


def _records(piece: Piece, content: bytes, layout: Layout) -> Records | None:
    # A line that is nothing but an empty field is for a parser of CSV to understand.
    cut = _cut(content, layout) if layout.fields > 1 else None
    if cut is not None:
        return Records(piece=piece, content=memoryview(content)[: cut[1]], columns=tuple(cut[0]))
    whole = content[: whole_records(content, layout.delimiter)]
    return Records(piece=piece, content=whole) if whole and not _has_other_ends(whole) else None


def _rest(piece: Piece, content: bytes) -> Records | None:
    """The last record, which has no line's end."""
    plain = QUOTE_SIGN not in content and not _has_other_ends(content)
    return Records(piece=piece, content=content) if plain else None


def _header(piece: Piece, content: bytes, layout: Layout) -> int:
    """Bytes before the first row; 0 where there is no header, or no end to it."""
    if layout.heads(piece):
        return header_bytes(content, layout.delimiter)
    return len(BOM) if piece.start == 0 and content.startswith(BOM) else 0


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
