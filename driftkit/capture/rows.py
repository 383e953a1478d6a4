"""Datasets of the rows that a monitor makes of merged captures, or of labelled JSON."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import pyarrow as pa

from driftkit.capture.attribute_columns import chunks_apart
from driftkit.capture.record import NOT_JSON, Record, documents_of
from driftkit.capture.table import record_tables
from driftkit.columns.chunk import Column, Rejections
from driftkit.readers.dataset import FileDataset, TableChunk, units_of
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import PIECE_BYTES, Block, Piece, Tally, pieces, text_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftkit.capture.models import OneModel
    from driftkit.capture.paths import Row
    from driftkit.capture.table import RecordTable
    from driftkit.capture.window import TimeRange
    from driftkit.columns.chunk import Chunk
    from driftkit.io.finding import File
    from driftkit.settings import TimeUnit

# A record or the text of a document, how it is set aside, and the number of its line.
_Line = tuple["Record | bytes", "Callable[..., Rejections]", int]


class RowReader(Protocol):
    """What a monitor reads of a record; pickled and sent to the workers."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""

    def rows(self, found: Any) -> list[Row]:
        """The rows of a `Record`, or of a JSON document.

        Raises:
            ValueError: it cannot be read; the message is the reason, in a few words.
        """

    def at_once(self, found: RecordTable) -> pa.Table | None:
        """The rows of many records, where they can be read without a look at each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRows:
    """The rows of records or documents.

    Attributes:
        reader: what is read of them.
        window: in which captured records count; None where the lines are labelled JSON.
        is_document: whether each file is one JSON document.
        model: of which alone rows are read; None for all of them.
        unit: by which captured records are told apart by their time; None where they are not.
        attributes: that callers gave, the last columns.
    """

    reader: RowReader
    window: TimeRange | None
    is_document: bool = False
    model: OneModel | None = None
    unit: TimeUnit | None = None
    attributes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        return (*self.reader.columns, *(Column(name=each) for each in self.attributes))

    def __call__(self, parts: Sequence[Piece]) -> Iterator[Chunk]:
        """The rows; records that cannot be read are set aside."""
        if self.window is None:
            for lines in chain.from_iterable(map(self._documents, parts)):
                yield self._one_by_one(lines, Rejections())
            return
        model = self.model
        events = model is not None or bool(self.attributes)
        for table in record_tables(parts, self.window, events=events):
            records = table if model is None else model.kept(table)
            yield from chunks_apart(records, self.unit, self.attributes, self._chunk)

    def _chunk(self, records: RecordTable) -> TableChunk:
        found = self.reader.at_once(records)
        if found is not None:
            return TableChunk(table=found, rejected=records.rejected)
        numbered = enumerate(records.records())
        lines = ((record, records.rejection, number) for number, record in numbered)
        return self._one_by_one(lines, records.rejected)

    def _documents(self, piece: Piece) -> Iterator[Iterator[_Line]]:
        """The JSON documents of a piece, block by block."""
        if self.is_document:
            whole = Block(file=piece.file, line=1, content=b"")
            yield iter([(piece.file.content(), whole.rejection, 1)])
            return
        for block in piece.blocks():
            yield ((text, block.rejection, number) for number, text in block.lines())

    def _one_by_one(self, lines: Iterator[_Line], rejected: Rejections) -> TableChunk:
        rows: list[Row] = []
        rejections = Tally(rejected)
        for found, reject, number in lines:
            try:
                rows += self._rows(found)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                rejections.append(reject(number, _reason(error)))
        arrays = text_arrays(rows, len(self.reader.columns))
        table = pa.Table.from_arrays(arrays, names=[str(index) for index in range(len(arrays))])
        return TableChunk(table=table, rejected=rejections.total)

    def _rows(self, found: Record | bytes) -> list[Row]:
        if isinstance(found, Record):
            return self.reader.rows(found)
        if self.is_document:
            return self.reader.rows(orjson.loads(found))
        documents = documents_of(found)
        if self.model is not None:
            documents = [each for each in documents if self.model.holds(each)]
        return [row for each in documents for row in self.reader.rows(each)]


def _reason(error: Exception) -> str:
    if isinstance(error, orjson.JSONDecodeError):
        return NOT_JSON
    said = type(error) in {ValueError, UnreadableError}
    return str(error) if said else "not as the configuration says"


def row_dataset(files: Sequence[File], read: RecordRows, name: str) -> FileDataset:
    """A dataset of rows that a monitor makes of records.

    Args:
        files: of merged captures, or of labelled JSON.
        read: what is read of a record, and of which.
        name: of the input, for messages.
    """
    units = units_of(pieces(files, whole=read.is_document), PIECE_BYTES, read)
    return FileDataset(name=name, columns=read.columns, units=units)
