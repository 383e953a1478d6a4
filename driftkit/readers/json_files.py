"""JSON and JSON Lines: objects flattened into text columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from driftkit.columns.chunk import Column, Rejections
from driftkit.errors import InputError
from driftkit.io.finding import BOM, File, unreadable
from driftkit.readers.dataset import (
    FileDataset,
    TableChunk,
    gathered,
    joined,
    refuse_wide,
    units_of,
)
from driftkit.readers.json_arrays import Elements, MixedError, Opening, fault_of, not_json
from driftkit.readers.json_values import (
    JsonRow,
    UnreadableError,
    element_rows,
    flat,
    from_json,
    is_lines,
    json_rows,
)
from driftkit.readers.lines import (
    PIECE_BYTES,
    Batch,
    Block,
    Piece,
    Tally,
    batches,
    pieces,
    text_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.readers.dataset import Source

# All fields are known that stand in so many bytes at the beginning.
LOOKED_AT_BYTES = 32 * 1024 * 1024
# Rows of so much text are held before they are columns; shorter documents are read at once.
TEXT_BYTES = 1024 * 1024
# A document of more is several chunks.
CHUNK_BYTES = 64 * 1024 * 1024
READ_BYTES = 512 * 1024
NAMES_SHOWN = 5
NO_OBJECT = "no JSON object"
UNKNOWN_FIELDS = "with fields that the first records do not have"

LineRef: TypeAlias = tuple[Block | File, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of objects.

    Attributes:
        rows: fields by name.
        indices: block of lines and line in it, or file and object in it, of each row.
        rejected: what is no object.
        goes_on: whether more rows follow that belong into the same chunk.
    """

    rows: list[JsonRow]
    indices: list[LineRef]
    rejected: Rejections = field(default_factory=Rejections)
    goes_on: bool = False

    def to_chunk(self, names: Sequence[str]) -> TableChunk:
        """The rows as columns; those with other fields are set aside."""
        known = frozenset(names)
        fitting, rejections = [], Tally(self.rejected)
        for row, index in zip(self.rows, self.indices, strict=True):
            if row.keys() <= known:
                fitting.append(row)
                continue
            shown = ", ".join(sorted(row.keys() - known)[:NAMES_SHOWN])
            example = f"{_where(index)}: {UNKNOWN_FIELDS}: {shown}"
            rejections.append(Rejections(counts={UNKNOWN_FIELDS: 1}, examples=(example,)))
        return TableChunk(table=text_table(fitting, names), rejected=rejections.total)


def _chunks(names: Sequence[str], parts: Sequence[Piece], *, lines: bool) -> Iterator[TableChunk]:
    """The objects as rows; those that cannot be read are set aside."""
    return gathered(_joined(_rows(parts, lines=lines), names))


def _joined(found: Iterable[Rows], names: Sequence[str]) -> Iterator[TableChunk]:
    """The rows as columns, which take less memory than rows do, those of a chunk together.

    Where chunks end decides the last bits of sums, so it does not depend on how much was held.
    """
    held: list[TableChunk] = []
    for rows in found:
        held.append(rows.to_chunk(names))
        goes_on = rows.goes_on
        # So that they are gone before the next are read.
        del rows
        if not goes_on:
            yield joined(held)
            held = []


def read_lines(source: Source) -> FileDataset:
    """A dataset of objects, one or several a line."""
    return _dataset(source.files, source.name, lines=True)


def read_documents(source: Source) -> FileDataset:
    """A dataset of the objects in files of one document each."""
    return _dataset(source.files, source.name, lines=False)


def _dataset(files: Sequence[File], name: str, *, lines: bool) -> FileDataset:
    """A dataset of objects; its columns are all fields of the first 32 MB, sorted by name.

    Raises:
        InputError: there is no object in it.
    """
    parts = pieces(files, whole=not lines)
    names = _names(parts, name, lines=lines)
    units = units_of(parts, PIECE_BYTES, partial(_chunks, names, lines=lines))
    return FileDataset(name=name, columns=tuple(Column(name=each) for each in names), units=units)


def _names(parts: Sequence[Piece], where: str, *, lines: bool) -> tuple[str, ...]:
    names: set[str] = set()
    rejected = Rejections()
    looked_at = 0
    for part in parts:
        for found in _rows([part], lines=lines):
            rejected += found.rejected
            names.update(*found.rows)
            refuse_wide(len(names), where)
            del found
        looked_at += part.size
        if looked_at > LOOKED_AT_BYTES:
            break
    if not names:
        raise InputError(
            "there is no JSON object in it",
            where=where,
            expected="objects with fields, an array of them or one a line",
            found="; ".join(rejected.examples) or "nothing",
            todo="Check the file and --format",
        )
    return tuple(sorted(names))


def _rows(parts: Iterable[Piece], *, lines: bool) -> Iterator[Rows]:
    if lines:
        found = (block for part in parts for block in part.blocks())
        yield from (rows for batch in batches(found) for rows in _of_lines(batch))
    else:
        for part in parts:
            yield from _of_file(part.file)


def _of_lines(batch: Batch) -> Iterator[Rows]:
    rows: list[JsonRow] = []
    indices: list[LineRef] = []
    rejections = Tally()
    size = 0
    for block, number, text in batch.lines():
        if size > TEXT_BYTES:
            yield Rows(rows=rows, indices=indices, rejected=rejections.total, goes_on=True)
            rows, indices, rejections, size = [], [], Tally(), 0
        size += len(text)
        try:
            found = from_json(text, _objects)
        except UnreadableError as error:
            reason = str(error)
            rejections.append(block.rejection(number, reason, text.decode("utf-8", "replace")))
            continue
        rows += found
        indices += [(block, number)] * len(found)
    yield Rows(rows=rows, indices=indices, rejected=rejections.total)


def _objects(value: Any) -> list[JsonRow]:
    """The rows of a line: an object, or several in an array, as Spark reads them."""
    objects = value if isinstance(value, list) else [value]
    if not objects or not all(isinstance(each, dict) for each in objects):
        raise UnreadableError(NO_OBJECT)
    return [flat(each) for each in objects]


def _of_file(file: File) -> Iterator[Rows]:
    """The rows of a document, or of lines in a file that is called as if it were one."""
    try:
        with file.stream() as source:
            read = partial(source.read, READ_BYTES)
            head = _head(read)
            text = head.removeprefix(BOM)
            is_whole, lines = len(head) <= TEXT_BYTES, is_lines(text)
            opening = None if is_whole or lines else Opening.from_head(text)
            if opening is not None:
                yield from _of_elements(file, Elements(file.path, text, opening, read), opening)
                return
    except (OSError, EOFError) as error:
        raise unreadable(file.path, error) from error
    if lines and not is_whole:
        yield from _rows([Piece(file=file)], lines=True)
    else:
        yield from _of_whole(file, text if is_whole else file.content())


def _head(read: Callable[[], bytes]) -> bytes:
    """More than is read at once, or all there is."""
    head = bytearray()
    while len(head) <= TEXT_BYTES and (text := read()):
        head += text
    return bytes(head)


def _of_whole(file: File, content: bytes) -> Iterator[Rows]:
    """The same of a short file, or of one that is neither an array nor an object around one."""
    try:
        rows = from_json(
            content, lambda value: json_rows(value) if isinstance(value, dict | list) else []
        )
    except UnreadableError as error:
        if not is_lines(content):
            line, found, _ = fault_of(content)
            raise not_json(f"{file.path}:{1 + line}", found) from error
        yield from _rows([Piece(file=file)], lines=True)
        return
    yield _placed(file, rows, 1, goes_on=False)


def _of_elements(file: File, elements: Elements, opening: Opening) -> Iterator[Rows]:
    """The rows of an array's elements, which end a chunk wherever it is large."""

    def read(values: list[Any]) -> list[JsonRow]:
        if not all(isinstance(each, dict | list) for each in values):
            raise MixedError
        return element_rows(values, opening.name)

    first, size = 1, 0
    for rows, taken in elements.parsed(read):
        size += taken
        goes_on = size < CHUNK_BYTES
        size = size if goes_on else 0
        yield _placed(file, rows, first, goes_on=goes_on)
        first += len(rows)
        del rows
    yield _placed(file, [], first, goes_on=False)


def _placed(file: File, rows: list[JsonRow], first: int, *, goes_on: bool) -> Rows:
    indices: list[LineRef] = [(file, number) for number in range(first, first + len(rows))]
    return Rows(rows=rows, indices=indices, goes_on=goes_on)


def _where(index: LineRef) -> str:
    holder, number = index
    return f"{holder.path}, object {number}" if isinstance(holder, File) else holder.where(number)
