"""Reads files of lines in blocks that end at a line's end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.io.finding import BOM, unreadable
from driftkit.readers.dataset import ranges_of, units_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.io.finding import File
    from driftkit.readers.dataset import FileUnit

PIECE_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 16 * 1024 * 1024
TEXT_SHOWN = 80
# A request to an endpoint is at most 25 MB; longer lines are no records, or a packed file's bomb.
MOST_LINE_BYTES = 128 * 1024 * 1024
_SEARCHED_BYTES = 64 * 1024
# What is made of so many stays in a core's cache.
_COUNTED_BYTES = 128 * 1024
_LINE_END = ord("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes of a file that hold whole lines; `stop` is None up to the end."""

    file: File
    start: int = 0
    stop: int | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return (self.file.size if self.stop is None else self.stop) - self.start

    def blocks(self, size: int | None = None) -> Iterator[Block]:
        """The lines, a few megabytes at a time.

        Args:
            size: bytes to be read at a time, where it is not the usual number.

        Raises:
            InputError: the file cannot be read.
        """
        try:
            yield from self._blocks(size or BLOCK_BYTES)
        except (OSError, EOFError) as error:
            raise unreadable(self.file.path, error) from error

    def _blocks(self, size: int) -> Iterator[Block]:
        line, rest = 1, b""
        for number, part in enumerate(self._contents(size)):
            content = part if number or self.start else part.removeprefix(BOM)
            end = content.rfind(b"\n") + 1
            if len(rest) + len(content) - end > MOST_LINE_BYTES:
                raise too_long(self.file, line)
            if not end:
                rest += content
                continue
            whole = b"".join((rest, memoryview(content)[:end])) if rest else content[:end]
            yield Block(file=self.file, line=line, content=whole, start=self.start)
            line += _ends_in(whole)
            rest = content[end:]
        if rest.strip():
            yield Block(file=self.file, line=line, content=rest, start=self.start)

    def _contents(self, size: int) -> Iterator[bytes]:
        left = self.size if self.stop is not None else None
        with self.file.open() if self.start else self.file.stream() as source:
            if self.start:
                source.seek(self.start)
            while content := bytes(source.read(size if left is None else min(size, left))):
                left = None if left is None else left - len(content)
                yield content


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines of a file.

    Attributes:
        file: that they are from.
        line: number of the first, from 1, counted from `start`.
        content: the lines.
        start: byte of the file at which counting began.
    """

    file: File
    line: int
    content: bytes
    start: int = 0

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of every line that is not blank."""
        for number, text in enumerate(self.content.split(b"\n"), start=self.line):
            if text.strip():
                yield number, text

    def where(self, number: int) -> str:
        """File and line in it, for messages."""
        return f"{self.file.path}:{number + lines_before(self.file, self.start)}"

    def rejection(self, number: int, reason: str, text: str = "") -> Rejections:
        """One record set aside."""
        shown = f": {text[:TEXT_SHOWN]}" if text else ""
        return Rejections(counts={reason: 1}, examples=(f"{self.where(number)}: {reason}{shown}",))


def too_long(file: File, line: int) -> InputError:
    """The error for a line that would not end within bounded memory."""
    return InputError(
        "a line is too long",
        where=f"{file.path}, at or after line {line:,}",
        expected=f"lines of at most {MOST_LINE_BYTES:,} bytes",
        found="more",
        todo="Check that the file has lines, and that it was packed from what you expect",
    )


@lru_cache(maxsize=64)
def lines_before(file: File, start: int, *, returns: bool = False) -> int:
    """Lines that end before a byte; asked for only where a line must be named.

    Args:
        file: to be read.
        start: the byte.
        returns: whether these end lines too, as in CSV.
    """
    if not start:
        return 0
    counted, left, last = 0, start, b""
    with file.open() as source:
        while left and (content := bytes(source.read(min(BLOCK_BYTES, left)))):
            counted += _ends_in(content)
            if returns:
                counted += content.count(b"\r") - (last + content).count(b"\r\n")
            left, last = left - len(content), content[-1:]
    return counted


def _ends_in(content: bytes) -> int:
    """How many lines end in a text; the text itself would count them three times as long."""
    data = np.frombuffer(content, np.uint8)
    starts = range(0, len(data), _COUNTED_BYTES)
    return sum(int(np.count_nonzero(data[at : at + _COUNTED_BYTES] == _LINE_END)) for at in starts)


def blocks(file: File) -> Iterator[Block]:
    """The lines of a file, a few megabytes at a time.

    Raises:
        InputError: the file cannot be read.
    """
    return Piece(file=file).blocks()


def pieces(file: File) -> list[Piece]:
    """The whole file, or ranges of it that begin and end between lines."""
    ranges = ranges_of(file, PIECE_BYTES, partial(_cuts, file))
    return [Piece(file=file, start=start, stop=stop) for start, stop in ranges]


def units_of_lines(
    files: Iterable[File], read: Callable[[Sequence[Piece]], Iterator[Chunk]]
) -> tuple[FileUnit[Piece], ...]:
    """Units of the lines of some files.

    Args:
        files: in their order.
        read: gives the rows of pieces.
    """
    return units_of([piece for file in files for piece in pieces(file)], PIECE_BYTES, read)


def _cuts(file: File, length: int) -> Iterator[int]:
    try:
        with file.open() as source:
            index = length
            while index < file.size:
                index = _next_line(source, index)
                if index < file.size:
                    yield index
                index += length
    except OSError as error:
        raise unreadable(file.path, error) from error


def _next_line(source: pa.NativeFile, index: int) -> int:
    """Where the first line begins that does not begin before a place."""
    source.seek(index - 1)
    position = index - 1
    while content := bytes(source.read(_SEARCHED_BYTES)):
        end = content.find(b"\n")
        if end >= 0:
            return position + end + 1
        position += len(content)
    return position


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Neighbouring blocks taken together: small files would cost more than their lines."""

    blocks: tuple[Block, ...]

    @property
    def content(self) -> bytes:
        """All lines."""
        if len(self.blocks) == 1:
            return self.blocks[0].content
        contents = (block.content for block in self.blocks)
        return b"".join(text if text.endswith(b"\n") else text + b"\n" for text in contents)

    def lines(self) -> Iterator[tuple[Block, int, bytes]]:
        """Block, number and text of every line that is not blank."""
        for block in self.blocks:
            for number, text in block.lines():
                yield block, number, text


def batches(found: Iterable[Block]) -> Iterator[Batch]:
    """Blocks in batches of a few megabytes."""
    held: list[Block] = []
    size = 0
    for block in found:
        if held and size + len(block.content) > BLOCK_BYTES:
            yield Batch(blocks=tuple(held))
            held, size = [], 0
        held.append(block)
        size += len(block.content)
    if held:
        yield Batch(blocks=tuple(held))


def text_table(rows: Sequence[dict[str, str | None]], names: Sequence[str]) -> pa.Table:
    """Rows of named fields as text columns; a field that is not there is missing."""
    columns = [pa.array([row.get(name) for row in rows], pa.string()) for name in names]
    indices = [str(index) for index in range(len(names))]
    return pa.Table.from_arrays(columns, names=indices)


@dataclass(slots=True)
class Tally:
    """What is set aside, added up as it comes: bad lines may be millions.

    Attributes:
        total: all of it so far.
    """

    total: Rejections = field(default_factory=Rejections)

    def append(self, rejections: Rejections) -> None:
        """Adds what was set aside."""
        self.total += rejections


def summed(rejections: Iterable[Rejections]) -> Rejections:
    """All of them together."""
    total = Rejections()
    for each in rejections:
        total = total + each
    return total
