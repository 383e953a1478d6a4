"""Cuts files into pieces, and reads lines in blocks that end at a line's end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.io.finding import BOM, unreadable
from driftkit.readers.dataset import units_of

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
_SEARCHED_BYTES = 256 * 1024
# What is made of so many stays in a core's cache.
_COUNTED_BYTES = 128 * 1024
_LINE_END = ord("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes of a file that hold whole lines, or records; `stop` is None up to the end."""

    file: File
    start: int = 0
    stop: int | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return (self.file.size if self.stop is None else self.stop) - self.start

    def after(self, count: int) -> Piece:
        """What follows some of its first bytes."""
        return replace(self, start=self.start + count)

    def stream(self) -> pa.NativeFile:
        """The bytes from the first to the last; those of a whole file as `File.stream` has them."""
        if self.start == 0 and self.stop is None:
            return self.file.stream()
        source = self.file.open()
        if self.stop is not None:
            return source.get_stream(self.start, self.size)
        source.seek(self.start)
        return source

    def contents(self, size: int) -> Iterator[bytes]:
        """The bytes, so many at a time.

        Raises:
            OSError: the file cannot be read.
        """
        with self.stream() as source:
            while content := bytes(source.read(size)):
                yield content

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
        for number, part in enumerate(self.contents(size)):
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


def pieces_of(file: File, target: int, cuts: Callable[[int], Iterable[int]]) -> list[Piece]:
    """The whole file, or pieces of it, all of about one size: no core waits for the last of them.

    Args:
        file: to be cut, unless it can be read from its beginning only, or is little larger than a
            piece.
        target: bytes of a piece, about.
        cuts: gives places where a file may be cut, about so many bytes apart.
    """
    count = max(round(file.size / target), 1)
    if count == 1 or file.is_streamed:
        return [Piece(file=file)]
    starts = [0, *cuts(-(-file.size // count))]
    stops = [*starts[1:], None]
    return [Piece(file=file, start=i, stop=j) for i, j in zip(starts, stops, strict=True)]


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


def pieces(files: Iterable[File], *, whole: bool = False) -> list[Piece]:
    """Files in pieces that begin and end between lines, or whole."""
    if whole:
        return [Piece(file=file) for file in files]
    return [piece for file in files for piece in pieces_of(file, PIECE_BYTES, partial(_cuts, file))]


def units_of_lines(
    files: Iterable[File], read: Callable[[Sequence[Piece]], Iterator[Chunk]]
) -> tuple[FileUnit[Piece], ...]:
    """Units of the lines of some files.

    Args:
        files: in their order.
        read: gives the rows of pieces.
    """
    return units_of(pieces(files), PIECE_BYTES, read)


def _cuts(file: File, length: int) -> Iterator[int]:
    try:
        with file.open() as source:
            index = length
            while index < file.size:
                index = place_behind(source, b"\n", index)
                if index < file.size:
                    yield index
                index += length
    except OSError as error:
        raise unreadable(file.path, error) from error


def place_behind(source: pa.NativeFile, mark: bytes, index: int) -> int:
    """The first place, from an index on, that is right behind a mark; the end if there is none."""
    index -= len(mark)
    held = b""
    while content := bytes(source.read_at(_SEARCHED_BYTES, index + len(held))):
        held += content
        found = held.find(mark)
        if found >= 0:
            return index + found + len(mark)
        kept = max(len(held) - len(mark) + 1, 0)
        index, held = index + kept, held[kept:]
    return index + len(held)


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


def text_arrays(rows: Iterable[Iterable[str | None]], width: int) -> list[pa.Array]:
    """Rows of so many fields each as text columns, of which there are as many without any rows."""
    columns = list(zip(*rows, strict=True)) or [()] * width
    return [pa.array(column, pa.string()) for column in columns]


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
