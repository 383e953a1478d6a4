"""JSON and JSON Lines: objects flattened into text columns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from driftkit.columns.chunk import Column, Rejections
from driftkit.errors import InputError
from driftkit.records.dataset import FileDataset, TableChunk, gathered, grouped
from driftkit.records.files import File
from driftkit.records.lines import (
    PIECE_BYTES,
    Batch,
    Block,
    Piece,
    batches,
    blocks,
    pieces,
    summed,
    text_table,
)
from driftkit.records.payload import JsonRow, UnreadableError, flat, from_json, json_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# All fields are known that stand in so many bytes at the beginning.
LOOKED_AT_BYTES = 32 * 1024 * 1024
NAMES_SHOWN = 5
NO_OBJECT = "no JSON object"
UNKNOWN_FIELDS = "with fields that the first records do not have"

Place: TypeAlias = tuple[Block | File, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of objects.

    Attributes:
        rows: fields by name.
        places: block of lines and line in it, or file and object in it, of each row.
        rejected: what is no object.
    """

    rows: list[JsonRow]
    places: list[Place]
    rejected: Rejections = field(default_factory=Rejections)

    def of(self, names: Sequence[str]) -> TableChunk:
        """The rows as columns; those with other fields are set aside."""
        known = frozenset(names)
        fitting, rejections = [], [self.rejected]
        for row, place in zip(self.rows, self.places, strict=True):
            if row.keys() <= known:
                fitting.append(row)
                continue
            shown = ", ".join(sorted(row.keys() - known)[:NAMES_SHOWN])
            example = f"{_where(place)}: {UNKNOWN_FIELDS}: {shown}"
            rejections.append(Rejections(counts={UNKNOWN_FIELDS: 1}, examples=(example,)))
        return TableChunk(table=text_table(fitting, names), rejected=summed(rejections))


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonUnit:
    """Neighbouring pieces of JSON Lines, or files of one JSON document each."""

    pieces: tuple[Piece, ...]
    names: tuple[str, ...]
    lines: bool

    @property
    def name(self) -> str:
        """The first of the files."""
        return self.pieces[0].file.path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(piece.size for piece in self.pieces)

    def chunks(self) -> Iterator[TableChunk]:
        """The objects as rows; those that cannot be read are set aside."""
        return gathered(rows.of(self.names) for rows in _rows(self.pieces, lines=self.lines))


def json_dataset(files: Sequence[File], name: str, *, lines: bool) -> FileDataset:
    """A dataset of objects; its columns are all fields of the first 32 MB, sorted by name.

    Raises:
        InputError: there is no object in it.
    """
    parts = [piece for file in files for piece in (pieces(file) if lines else [Piece(file=file)])]
    names = _names(parts, name, lines=lines)
    units = tuple(
        JsonUnit(pieces=tuple(parts[i:j]), names=names, lines=lines)
        for i, j in grouped([part.size for part in parts], PIECE_BYTES)
    )
    return FileDataset(name=name, columns=tuple(Column(name=each) for each in names), units=units)


def _names(parts: Sequence[Piece], where: str, *, lines: bool) -> tuple[str, ...]:
    names: set[str] = set()
    rejected = Rejections()
    looked_at = 0
    for part in parts:
        for found in _rows([part], lines=lines):
            rejected += found.rejected
            names.update(*found.rows)
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
        yield from (_of_lines(batch) for batch in batches(found))
    else:
        for part in parts:
            yield from _of_file(part.file)


def _of_lines(batch: Batch) -> Rows:
    rows: list[JsonRow] = []
    places: list[Place] = []
    rejections: list[Rejections] = []
    for block, number, text in batch.lines():
        try:
            found = from_json(text, _objects)
        except UnreadableError as error:
            reason = str(error)
            rejections.append(block.rejection(number, reason, text.decode("utf-8", "replace")))
            continue
        rows += found
        places += [(block, number)] * len(found)
    return Rows(rows=rows, places=places, rejected=summed(rejections))


def _objects(value: Any) -> list[JsonRow]:
    """The rows of a line: an object, or several in an array, as Spark reads them."""
    objects = value if isinstance(value, list) else [value]
    if not objects or not all(isinstance(each, dict) for each in objects):
        raise UnreadableError(NO_OBJECT)
    return [flat(each) for each in objects]


def _of_file(file: File) -> Iterator[Rows]:
    """The rows of a document, or of lines in a file that is called as if it were one."""
    content = file.content()
    try:
        rows = from_json(content, _document)
    except UnreadableError as error:
        if not is_lines(content):
            raise _not_json(file, content) from error
        yield from (_of_lines(batch) for batch in batches(blocks(file)))
        return
    yield Rows(rows=rows, places=[(file, number) for number in range(1, len(rows) + 1)])


def _document(value: Any) -> list[JsonRow]:
    return json_rows(value) if isinstance(value, dict | list) else []


def _where(place: Place) -> str:
    holder, number = place
    return f"{holder.path}, object {number}" if isinstance(holder, File) else holder.where(number)


def _not_json(file: File, content: bytes) -> InputError:
    line, found = 1, "text that is not UTF-8"
    try:
        json.loads(content.decode("utf-8"))
    except json.JSONDecodeError as error:
        line, found = error.lineno, error.msg
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    except RecursionError:
        found = "values nested too deeply"
    return InputError(
        "the file is not JSON",
        where=f"{file.path}:{line}",
        expected="an object or an array of objects",
        found=found,
        todo="Correct it; for one object a line choose --format jsonl",
    )


def is_lines(text: bytes) -> bool:
    r"""Whether the first line is an object by itself, and another line follows.

    >>> is_lines(b'{"a": 1}\n{"a": 2}'), is_lines(b'{"a": 1}\n'), is_lines(b'{\n"a": 1}')
    (True, False, False)
    """
    line, _, rest = text.lstrip().partition(b"\n")
    try:
        return from_json(line, lambda value: isinstance(value, dict)) and bool(rest.strip())
    except UnreadableError:
        return False
