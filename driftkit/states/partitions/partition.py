"""States of a table, and of its parts: by the values of columns, or by the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.states.profile.column import ColumnState

Key = tuple[str | None, ...]

# Which values are the most frequent is known only at the end, so more of them are kept till then.
ROOM = 200
BLOCKS = 1000
_FEWER = {
    "hour": "Use --time-unit day, or a baseline of fewer days",
    "day": "Use --time-unit week, or a baseline of fewer days",
    "week": "Make a baseline of fewer weeks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionOptions:
    """How the rows of a table are told apart.

    Attributes:
        by: the columns whose values tell rows apart; one column with times for blocks of time.
        unit: "day", "hour" or "week" for blocks of time, None for segments.
        keys: the only values to be kept apart, such as those of a baseline; None for the most
            frequent.
        columns: the only ones whose states are told apart; None for all.
    """

    by: tuple[str, ...]
    unit: str | None = None
    keys: tuple[Key, ...] | None = None
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """The states of a table's parts.

    Every row is in exactly one part or in the rest, and a key's rows are together.

    Attributes:
        by: the columns whose values are the keys.
        unit: "day", "hour" or "week" where keys are times, None otherwise.
        parts: key -> state of its rows.
        rest: the rows of all other keys; None if there are none.
    """

    by: tuple[str, ...]
    unit: str | None = None
    parts: Mapping[Key, TableState] = field(default_factory=dict)
    rest: TableState | None = None

    def __add__(self, other: Partition) -> Partition:
        """Joins part by part.

        A key that one side has among its rest goes to the rest with all of its rows.

        Raises:
            InputError: there are too many blocks of time.
        """
        parts: dict[Key, TableState] = {}
        rest = [each for each in (self.rest, other.rest) if each is not None]
        for key in {**self.parts, **other.parts}:
            mine, theirs = self.parts.get(key), other.parts.get(key)
            found = [each for each in (mine, theirs) if each is not None]
            lost = (mine is None and self.rest is not None) or (
                theirs is None and other.rest is not None
            )
            if lost:
                rest += found
            else:
                parts[key] = reduce(add, found)
        if self.unit is not None and len(parts) > BLOCKS:
            raise too_many_blocks(self.by[0], self.unit, parts)
        both = Partition(by=self.by, unit=self.unit, parts=parts, rest=_sum(rest))
        return both if self.unit else both.largest(ROOM)

    def largest(self, count: int, least: int = 0) -> Partition:
        """The keys with most rows; all others join the rest.

        Args:
            count: of the keys, at most.
            least: rows that each has.
        """
        ranked = sorted(self.parts, key=lambda key: (-self.parts[key].rows, sortable(key)))
        kept = frozenset(key for key in ranked[:count] if self.parts[key].rows >= least)
        if len(kept) == len(ranked):
            return self
        others = [self.parts[key] for key in ranked if key not in kept]
        return Partition(
            by=self.by,
            unit=self.unit,
            parts={key: part for key, part in self.parts.items() if key in kept},
            rest=_sum([*([] if self.rest is None else [self.rest]), *others]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """The states of all columns, in the dataset's order.

    Attributes:
        rows: number of rows, those set aside not counted.
        columns: one state a column.
        rejected: records that were set aside.
        partitions: the states of parts of the rows.
    """

    rows: int = 0
    columns: tuple[ColumnState, ...] = ()
    rejected: Rejections = field(default_factory=Rejections)
    partitions: tuple[Partition, ...] = ()

    def __add__(self, other: TableState) -> TableState:
        """Joins the states of two parts of a table.

        Raises:
            InputError: the parts have different columns.
        """
        partitions = self.partitions or other.partitions
        if self.columns and other.columns:
            partitions = merged(self.partitions, other.partitions)
        return TableState(
            rows=self.rows + other.rows,
            columns=_joined(self.columns, other.columns),
            rejected=self.rejected + other.rejected,
            partitions=partitions,
        )


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


def merged(first: tuple[Partition, ...], second: tuple[Partition, ...]) -> tuple[Partition, ...]:
    """The splits that both parts of a table have, joined."""
    others = {(split.by, split.unit): split for split in second}
    return tuple(
        split + others[split.by, split.unit] for split in first if (split.by, split.unit) in others
    )


def too_many_blocks(column: str, unit: str, keys: Iterable[Key]) -> InputError:
    """The error for more blocks of time than are kept."""
    known = sorted(key[0] for key in keys if key[0] is not None)
    return InputError(
        "there are too many blocks of time",
        where=column,
        expected=f"at most {BLOCKS:,} {unit}s",
        found=f"{len(known):,} {unit}s so far, from {known[0]} to {known[-1]}",
        todo=_FEWER[unit],
    )


def sortable(key: Key) -> tuple[str, ...]:
    """A key as it is sorted, a missing value first."""
    return tuple("" if value is None else "=" + value for value in key)


def _sum(states: Iterable[TableState]) -> TableState | None:
    found = list(states)
    return reduce(add, found) if found else None
