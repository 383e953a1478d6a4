"""JSON and JSON Lines: objects flattened into text columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from driftkit.columns.chunk import Column, Rejections
from driftkit.errors import InputError
from driftkit.records.dataset import FileDataset, TableChunk, grouped
from driftkit.records.lines import (
    PIECE_BYTES,
    Batch,
    Block,
    Piece,
    batches,
    pieces,
    summed,
    text_table,
)
from driftkit.records.payload import JsonRow, flat, json_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.records.files import File

# All fields are known that stand in so many bytes at the beginning.
LOOKED_AT_BYTES = 32 * 1024 * 1024
NAMES_SHOWN = 5
NOT_JSON = "not JSON"
NO_OBJECT = "no JSON object"
UNKNOWN_FIELDS = "with fields that the first records do not have"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows, and a function that names the place of one of them."""

    rows: list[JsonRow]
    where: Callable[[int], str]
    rejected: Rejections = field(default_factory=Rejections)

    def of(self, names: Sequence[str]) -> TableChunk:
        """The rows as columns; those with other fields are set aside."""
        known = frozenset(names)
        fitting, rejected = [], self.rejected
        for number, row in enumerate(self.rows):
            if row.keys() <= known:
                fitting.append(row)
                continue
            shown = ", ".join(sorted(row.keys() - known)[:NAMES_SHOWN])
            example = f"{self.where(number)}: {UNKNOWN_FIELDS}: {shown}"
            rejected += Rejections(counts={UNKNOWN_FIELDS: 1}, examples=(example,))
        return TableChunk(table=text_table(fitting, names), rejected=rejected)


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
        return (rows.of(self.names) for rows in _rows(self.pieces, lines=self.lines))


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
        yield from (_document(part.file) for part in parts)


def _of_lines(batch: Batch) -> Rows:
    rows: list[JsonRow] = []
    places: list[tuple[Block, int]] = []
    rejections: list[Rejections] = []
    for block, number, text in batch.lines():
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            rejections.append(block.rejection(number, NOT_JSON, text.decode("utf-8", "replace")))
            continue
        if isinstance(value, dict):
            rows.append(flat(value))
            places.append((block, number))
        else:
            rejections.append(block.rejection(number, NO_OBJECT, text.decode()))
    return Rows(
        rows=rows,
        where=lambda row: places[row][0].where(places[row][1]),
        rejected=summed(rejections),
    )


def _document(file: File) -> Rows:
    try:
        value = orjson.loads(file.content())
    except orjson.JSONDecodeError as error:
        raise InputError(
            "the file is not JSON",
            where=f"{file.path}:{error.lineno}",
            expected="an object or an array of objects",
            found=error.msg,
            todo="Correct it; for one object a line choose --format jsonl",
        ) from error
    rows = json_rows(value) if isinstance(value, dict | list) else []
    return Rows(rows=rows, where=lambda row: f"{file.path}, object {row + 1}")
