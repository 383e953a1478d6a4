"""Reads captured records as requests: when each was, for which model, and whether it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.models import MODEL, models_of
from driftkit.capture.record import OUTPUT
from driftkit.capture.table import record_tables
from driftkit.capture.variant import variant_of
from driftkit.capture.window import all_in_utc
from driftkit.columns.chunk import Column
from driftkit.columns.types import InferredType
from driftkit.readers.dataset import FileDataset, TableChunk, units_of
from driftkit.readers.lines import PIECE_BYTES, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.capture.table import RecordTable
    from driftkit.capture.window import TimeRange
    from driftkit.io.finding import File
    from driftkit.readers.lines import Piece

TIME, ANSWERED = "time", "answered"
FOLDER = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsOfRecords:
    """The requests of captured records, one a record; pickled and sent to the workers.

    Attributes:
        window: in which records count.
        model: where the name of the model is: `folder` for the variant's folder, an attribute
            that callers give, or a field of the payload; None where it is not asked for.
    """

    window: TimeRange
    model: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a request."""
        answered = Column(name=ANSWERED, declared=InferredType.BOOLEAN, arrow=pa.bool_())
        names = (TIME,) if self.model is None else (TIME, MODEL)
        return (answered, *(Column(name=name) for name in names))

    def __call__(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        """The requests of some pieces."""
        for path, some in groupby(parts, lambda piece: piece.file.path):
            for records in record_tables(some, self.window, events=self.model is not None):
                answers = records.part(OUTPUT, "data").is_valid()
                columns = {
                    ANSWERED: pc.or_(answers, records.joined),
                    TIME: all_in_utc(records.times),
                }
                if self.model is not None:
                    columns[MODEL] = _models(records, self.model, path)
                yield TableChunk(table=pa.table(columns), rejected=records.rejected)


def request_dataset(files: Sequence[File], window: TimeRange, model: str | None) -> FileDataset:
    """The dataset of captured requests; the arguments are those of `RequestsOfRecords`.

    Args:
        files: of captured or merged records, at least one, none of them empty.
        window: in which records count.
        model: where the name of the model is.
    """
    reader = RequestsOfRecords(window=window, model=model)
    units = units_of(pieces(files), PIECE_BYTES, reader)
    return FileDataset(name=files[0].path, columns=reader.columns, units=units)


def _models(records: RecordTable, model: str, path: str) -> pa.Array:
    if model == FOLDER:
        return pa.repeat(pa.scalar(variant_of(path).variant or None, pa.string()), records.count)
    return models_of(records, model)
