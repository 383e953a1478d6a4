"""Rows counted by facet x label x prediction x group: the state of the bias monitor.

One table a facet, as LiFT's Distribution has it: a mapping from the values of a few columns to a
number of rows. Everything in a bias report but the flip test is read from the sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.states.groups.columns import ColumnFacts, GroupColumn, Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Cell = tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPlan:
    """Which columns play which role; the numbers are places in `columns`.

    Attributes:
        columns: every column that plays a role, once.
        facets: the columns of each facet; several for an intersection.
        label: the label.
        prediction: the predicted label, None where there is none.
        group: the group variable, None where there is none.
    """

    columns: tuple[GroupColumn, ...]
    facets: tuple[tuple[int, ...], ...]
    label: int
    prediction: int | None = None
    group: int | None = None

    def outcome(self) -> tuple[int, ...]:
        """Label, prediction and group, as far as there are any."""
        others = (self.prediction, self.group)
        return (self.label, *(index for index in others if index is not None))

    def cells_of(self, facet: int) -> tuple[int, ...]:
        """Columns of the cells of a facet's table."""
        return (*self.facets[facet], *self.outcome())


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """Counts of some rows; they add up in the order of the rows.

    Attributes:
        plan: what is counted.
        rows: rows counted.
        columns: facts of each column of the plan.
        tables: for each facet, the rows with each combination of values.
        rejected: records that were set aside.
    """

    plan: CountPlan
    rows: int
    columns: tuple[ColumnFacts, ...]
    tables: tuple[Mapping[Cell, int], ...]
    rejected: Rejections

    @classmethod
    def empty(cls, plan: CountPlan) -> GroupCounts:
        """Counts of no rows, the identity of `+`."""
        return cls(
            plan=plan,
            rows=0,
            columns=tuple(ColumnFacts(column=column) for column in plan.columns),
            tables=tuple({} for _ in plan.facets),
            rejected=Rejections(),
        )

    def __add__(self, other: GroupCounts) -> GroupCounts:
        pairs = zip(self.columns, other.columns, strict=True)
        columns = tuple(mine + theirs for mine, theirs in pairs)
        return GroupCounts(
            plan=self.plan,
            rows=self.rows + other.rows,
            columns=columns,
            tables=tuple(
                _sum(self._table(index, columns), other._table(index, columns))
                for index in range(len(self.tables))
            ),
            rejected=self.rejected + other.rejected,
        )

    def _table(self, facet: int, merged: tuple[ColumnFacts, ...]) -> Mapping[Cell, int]:
        """A facet's table, with the columns collapsed that are so in the sum."""
        indices = self.plan.cells_of(facet)
        fresh = [merged[index].collapsed and not self.columns[index].collapsed for index in indices]
        table = self.tables[facet]
        if not any(fresh):
            return table
        columns = [merged[index].column for index in indices]
        counts: dict[Cell, int] = {}
        for cell, count in table.items():
            key = tuple(
                column.collapse(value) if now else value
                for column, value, now in zip(columns, cell, fresh, strict=True)
            )
            counts[key] = counts.get(key, 0) + count
        return counts


def total(plan: CountPlan, parts: Iterable[GroupCounts]) -> GroupCounts:
    """The sum of parts in the order of the rows."""
    return reduce(add, parts, GroupCounts.empty(plan))


def _sum(left: Mapping[Cell, int], right: Mapping[Cell, int]) -> Mapping[Cell, int]:
    if not left or not right:
        return left or right
    counts = dict(left)
    for cell, count in right.items():
        counts[cell] = counts.get(cell, 0) + count
    return counts
