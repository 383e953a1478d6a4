"""All states of a table, and the one pass over its chunks that fills them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.statistics.column import ColumnState
from driftkit.statistics.fold import extended
from driftkit.statistics.fold_texts import encoded
from driftkit.statistics.grouping import Grouping
from driftkit.statistics.kernels.choice import kernels
from driftkit.statistics.reading import Reading
from driftkit.statistics.splits import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.statistics.splits import Split, SplitOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldOptions:
    """How states are filled.

    Attributes:
        row_order: sums and deviations run value by value in row order, as in Spark; otherwise
            in blocks, which is faster.
        known: column -> values that are counted even where the column has too many.
        splits: how rows are told apart into parts that have states of their own.
    """

    row_order: bool = False
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    splits: tuple[SplitOptions, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """The states of all columns, in the dataset's order.

    Attributes:
        rows: number of rows, those set aside not counted.
        columns: one state a column.
        rejected: records that were set aside.
        splits: the states of parts of the rows.
    """

    rows: int = 0
    columns: tuple[ColumnState, ...] = ()
    rejected: Rejections = field(default_factory=Rejections)
    splits: tuple[Split, ...] = ()

    def __add__(self, other: TableState) -> TableState:
        """Joins the states of two parts of a table.

        Raises:
            InputError: the parts have different columns.
        """
        return TableState(
            rows=self.rows + other.rows,
            columns=_joined(self.columns, other.columns),
            rejected=self.rejected + other.rejected,
            splits=self._splits(other),
        )

    def _splits(self, other: TableState) -> tuple[Split, ...]:
        if not self.columns or not other.columns:
            return self.splits or other.splits
        return joined(self.splits, other.splits)


def fold(
    columns: Sequence[Column], chunks: Iterable[Chunk], options: FoldOptions | None = None
) -> TableState:
    """The states of the rows of all chunks, in one pass, one column in memory at a time."""
    asked = options or FoldOptions()
    states = [ColumnState(name=column.name, declared=column.declared) for column in columns]
    readings = [frozenset(asked.known.get(column.name, ())) for column in columns]
    groupings = [Grouping(split, columns) for split in asked.splits]
    rows, rejected = 0, Rejections()
    for chunk in chunks:
        rows += chunk.num_rows
        loops = kernels(rows * len(columns))
        for grouping in groupings:
            grouping.sort(chunk)
        for index, domain in enumerate(readings):
            reading = Reading(kernels=loops, row_order=asked.row_order, domain=domain)
            values = chunk.column(index)
            if groupings:
                values = encoded(values, states[index], reading)
            touched = [grouping.extend(index, values, reading) for grouping in groupings]
            reading = replace(reading, distinct=next(filter(None, touched), None))
            states[index] = extended(states[index], values, reading)
        rejected += chunk.rejected
    return TableState(
        rows=rows,
        columns=tuple(states),
        rejected=rejected,
        splits=tuple(grouping.split(_part) for grouping in groupings),
    )


def _part(rows: int, columns: tuple[ColumnState, ...]) -> TableState:
    return TableState(rows=rows, columns=columns)


def _joined(
    first: tuple[ColumnState, ...], second: tuple[ColumnState, ...]
) -> tuple[ColumnState, ...]:
    if not first or not second:
        return first or second
    names, others = [each.name for each in first], [each.name for each in second]
    if names != others:
        differing = sorted(set(names) ^ set(others)) or names
        raise InputError(
            "parts of a table have different columns",
            where=", ".join(differing[:5]),
            expected=f"{len(names)} columns with the same names in the same order",
            found=f"{len(others)} columns",
            todo="Give files of one schema",
        )
    return tuple(one + other for one, other in zip(first, second, strict=True))
