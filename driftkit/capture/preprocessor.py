"""A dataset of the rows that a user's preprocessor returns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.capture.inference_record import InferenceRecord
from driftkit.capture.json_requests import UNKNOWN_FIELDS
from driftkit.capture.record import NO_CAPTURE, NOT_JSON, Record
from driftkit.capture.requests import FILES_LOOKED_AT, LOOKED_AT, named_by_place
from driftkit.capture.window import TimeRange, in_window, select
from driftkit.columns.numbers import is_index
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset, TableChunk, text_columns
from driftkit.readers.lines import Tally, blocks, text_table, units_of_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.capture.scripts import Script
    from driftkit.io.finding import File
    from driftkit.readers.json_values import JsonRow
    from driftkit.readers.lines import Block, Piece
    from driftkit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How lines become what a script takes.

    Attributes:
        script: the user's.
        settings: format, header and window.
    """

    script: Script
    settings: Settings

    def rows(self, block: Block, number: int, text: bytes) -> list[JsonRow] | str:
        """The rows of a line, or the reason why it is no record."""
        record = self._record(block, number, text)
        if isinstance(record, str) and record in {NOT_JSON, NO_CAPTURE}:
            return record
        return [] if record is None else self.script.rows(record, block.where(number))

    def _record(self, block: Block, number: int, text: bytes) -> Any:
        if self.settings.read.format != "capture":
            is_header = self.settings.read.format == "csv" and self.settings.read.header
            if is_header and number == 1 and not block.start:
                return None
            return text.decode("utf-8", "replace").rstrip("\r")
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return NOT_JSON
        record = Record.from_document(document)
        if record is None:
            return NO_CAPTURE
        return InferenceRecord(document) if self._inside(block, record.time) else None

    def _inside(self, block: Block, time: str | None) -> bool:
        window = TimeRange(start=self.settings.window.start, end=self.settings.window.end)
        return window.holds_all_of(block.file.path) or window.holds(time)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedRows:
    """Rows that a script makes of lines.

    Attributes:
        reader: what makes rows of their lines.
        names: of the fields that the script gives, in the order of the columns.
    """

    reader: Reader
    names: tuple[str, ...]

    def __call__(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        """The rows; lines that are no records are set aside.

        Raises:
            InputError: the script fails, or a file cannot be read.
        """
        for piece in parts:
            for block in piece.blocks():
                yield self._chunk(block)

    def _chunk(self, block: Block) -> TableChunk:
        known = frozenset(self.names)
        rows: list[JsonRow] = []
        rejections = Tally()
        for number, text in block.lines():
            made = self.reader.rows(block, number, text)
            if isinstance(made, str):
                rejections.append(block.rejection(number, made, ""))
            elif any(row.keys() - known for row in made):
                rejections.append(block.rejection(number, UNKNOWN_FIELDS, ""))
            else:
                rows += made
        return TableChunk(table=text_table(rows, self.names), rejected=rejections.total)


def scripted_dataset(
    files: Sequence[File], name: str, reader: Reader, known: Sequence[str] = ()
) -> FileDataset:
    """A dataset of what a script makes of the lines of files.

    Its columns are the fields of the first records, in the order in which the script gives them.
    Fields that are all numbers, as samples write them to keep the order, are the baseline's
    columns by their place.

    Args:
        files: of captured data, CSV, or lines of JSON.
        name: of the input, for messages.
        reader: script and settings.
        known: the baseline's columns.

    Raises:
        InputError: there are several variants, the window is empty, the script fails, or gives
            no row.
    """
    settings = reader.settings
    window = settings.window
    if settings.read.format == "capture":
        kept, _ = select(files, window)
    else:
        kept = [file for file in in_window(files, window.start, window.end) if file.size]
    fields = _fields(kept, name, reader)
    units = units_of_lines(kept, ScriptedRows(reader=reader, names=fields))
    columns = text_columns(_named(fields, known), name)
    return FileDataset(name=name, columns=columns, units=units, one_by_one=True)


def _fields(files: Sequence[File], name: str, reader: Reader) -> tuple[str, ...]:
    fields: dict[str, None] = {}
    unread: list[str] = []
    records = 0
    step = -(-len(files) // FILES_LOOKED_AT) or 1
    for block, number, text in chain.from_iterable(map(_first_lines, files[::step])):
        records += 1
        made = reader.rows(block, number, text)
        if isinstance(made, str):
            unread += block.rejection(number, made, "").examples
        else:
            fields.update(dict.fromkeys(key for row in made for key in row))
    if not fields:
        raise InputError(
            "the preprocessor gives no row",
            where=name,
            expected="a row of at least one of the first records",
            found=f"none of {records:,} records" + "".join(f"; {each}" for each in unread[:3]),
            todo=f"Check {reader.script.name}",
        )
    return tuple(sorted(fields, key=int)) if all(map(is_index, fields)) else tuple(fields)


def _first_lines(file: File) -> Iterator[tuple[Block, int, bytes]]:
    lines = ((block, *line) for block in blocks(file) for line in block.lines())
    return islice(lines, LOOKED_AT)


def _named(fields: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    if set(fields) <= set(known) or not all(is_index(each) for each in fields):
        return fields
    return named_by_place(known, len(fields))
