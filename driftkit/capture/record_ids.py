"""Reads the ids that callers gave captured records, of those that have a side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.capture.record import INPUT, OUTPUT
from driftkit.capture.table import record_tables
from driftkit.columns.chunk import Column
from driftkit.readers.dataset import FileDataset, TableChunk, units_of
from driftkit.readers.lines import PIECE_BYTES, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.capture.window import TimeRange
    from driftkit.io.finding import File
    from driftkit.readers.lines import Piece

ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsOfRecords:
    """The inferenceId of each captured record, null where it has none; pickled and sent to the workers.

    Attributes:
        window: in which records count.
        sides: of which a record must have one, for example endpointInput; none for either.
    """

    window: TimeRange
    sides: tuple[str, ...] = ()

    def __call__(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        """The ids of some pieces."""
        sides = self.sides or (INPUT, OUTPUT)
        for records in record_tables(parts, self.window, events=True):
            has_side = [
                records.part(side, "data").is_valid().to_numpy(zero_copy_only=False)
                for side in sides
            ]
            kept = records.kept(sum(has_side[1:], has_side[0]))
            yield TableChunk(table=pa.table({ID: kept.inference_ids}), rejected=records.rejected)


def id_dataset(files: Sequence[File], ids: IdsOfRecords) -> FileDataset:
    """The dataset of the ids of captured records.

    Args:
        files: of captured or merged records, at least one, none of them empty.
        ids: which of them.
    """
    units = units_of(pieces(files), PIECE_BYTES, ids)
    return FileDataset(name=files[0].path, columns=(Column(name=ID),), units=units)
