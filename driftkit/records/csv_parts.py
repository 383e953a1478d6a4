"""Parts of CSV files, and the whole records in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.records.csv_columns import cut_records
from driftkit.records.cuts import is_worth_cutting
from driftkit.records.dataset import LEAST_BYTES
from driftkit.records.files import BOM
from driftkit.records.quoting import QUOTE_SIGN, head_of, whole_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.records.files import File

PIECE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes of a file that hold whole records.

    Attributes:
        file: that holds them.
        start: the first byte.
        length: number of bytes; None up to the end.
        above: blank lines before the first record.
        header: whether the first record names the columns.
    """

    file: File
    start: int
    length: int | None
    above: int
    header: bool

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.size - self.start if self.length is None else self.length

    def open(self) -> pa.NativeFile:
        """The bytes."""
        if self.start == 0 and self.length is None:
            return self.file.stream()
        with self.file.open() as file:
            file.seek(self.start)
            return pa.BufferReader(file.read_buffer(self.size))

    def after(self, count: int) -> Part:
        """What follows some of its first lines, the header's among them."""
        length = None if self.length is None else self.length - count
        return replace(self, start=self.start + count, length=length, above=0, header=False)

    def parsable(self) -> pa.NativeFile:
        """The bytes, for Arrow's parser."""
        return read_whole(self.open().read_buffer()) if self.start else self.open()


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

    def parsable(self) -> pa.NativeFile:
        """The records, for Arrow's parser."""
        return read_whole(self.content)


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
    if part.file.is_gzip or not delimiter.isascii():
        yield part
        return
    left = part
    with part.open() as source:
        while text := bytes(source.read(PIECE_BYTES)):
            skipped = _header(left, text)
            content = text[skipped:] if skipped else text
            left = left.after(skipped) if skipped else left
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


def _records(part: Part, content: bytes, fields: int, delimiter: str) -> Records | None:
    # A line that is nothing but an empty field is for a parser of CSV to understand.
    if len(content) >= LEAST_BYTES and fields > 1 and is_worth_cutting(len(content)):
        cut = cut_records(content, fields, delimiter)
        if cut is not None and len(cut[0][0]):
            return Records(part=part, content=memoryview(content)[: cut[1]], columns=tuple(cut[0]))
    whole = content[: whole_records(content, delimiter)]
    return Records(part=part, content=whole) if whole and not _has_other_ends(whole) else None


def _rest(part: Part, content: bytes) -> Records | None:
    """The last record, which has no line's end."""
    plain = QUOTE_SIGN not in content and not _has_other_ends(content)
    return Records(part=part, content=content) if plain else None


def _header(part: Part, content: bytes) -> int:
    """Bytes before the first row; 0 where there is no header, or no end to it."""
    if not part.header:
        return len(BOM) if part.start == 0 and content.startswith(BOM) else 0
    head = head_of(content[:PIECE_BYTES], whole=False)
    if head is None:
        return 0
    end = content.find(head.record) + len(head.record)
    return content.find(b"\n", end) + 1


def _has_other_ends(content: bytes) -> bool:
    """Whether a line ends as on old Macs."""
    return b"\r" in content and content.count(b"\r") != content.count(b"\r\n")
