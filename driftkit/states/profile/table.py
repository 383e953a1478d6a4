"""The one pass over a table's chunks that fills its states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.states.kernels.choice import kernels
from driftkit.states.partitions.folding import PartitionFolding
from driftkit.states.partitions.partition import TableState
from driftkit.states.profile.column import OF_BLOCKS, ColumnState
from driftkit.states.profile.fold import extended
from driftkit.states.profile.fold_strings import encoded
from driftkit.states.profile.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.states.partitions.partition import PartitionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldOptions:
    """How states are filled.

    Attributes:
        row_order: sums and deviations run value by value in row order, as in Spark; otherwise
            in blocks, which is faster.
        known: column -> values that are counted even where the column has too many.
        partitions: how rows are told apart into parts that have states of their own.
    """

    row_order: bool = False
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    partitions: tuple[PartitionOptions, ...] = ()


def fold(
    columns: Sequence[Column], chunks: Iterable[Chunk], options: FoldOptions | None = None
) -> TableState:
    """The states of the rows of all chunks, in one pass, one column in memory at a time."""
    asked = options or FoldOptions()
    states = [ColumnState(name=column.name, declared=column.declared) for column in columns]
    readings = [frozenset(asked.known.get(column.name, ())) for column in columns]
    foldings = [PartitionFolding(split, columns) for split in asked.partitions]
    further = {} if asked.row_order else OF_BLOCKS
    rows, rejected = 0, Rejections()
    for chunk in chunks:
        rows += chunk.num_rows
        loops = kernels(rows * len(columns))
        for folding in foldings:
            folding.sort(chunk)
        for index, domain in enumerate(readings):
            reading = Reading(kernels=loops, row_order=asked.row_order, domain=domain)
            values = chunk.column(index)
            if foldings:
                values = encoded(values, states[index], reading)
            touched = [folding.extend(index, values, reading) for folding in foldings]
            # Nobody asks parts for further statistics, and there may be thousands.
            distinct = next(filter(None, touched), None)
            reading = replace(reading, distinct=distinct, further=further)
            states[index] = extended(states[index], values, reading)
        rejected += chunk.rejected
    return TableState(
        rows=rows,
        columns=tuple(states),
        rejected=rejected,
        partitions=tuple(folding.split() for folding in foldings),
    )
