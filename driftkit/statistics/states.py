"""What is kept of one or several windows of data: their states and which windows they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from operator import add
from typing import TYPE_CHECKING
from zlib import crc32

from driftkit.errors import InputError
from driftkit.statistics.joining import joined_columns
from driftkit.statistics.losses import Losses
from driftkit.statistics.splits import joined
from driftkit.statistics.storage_columns import checksum
from driftkit.statistics.table import TableState
from driftkit.statistics.windows import Window, refuse_overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from driftkit.statistics.column import ColumnState
    from driftkit.statistics.splits import Split

# Parts that are added up in one go.
_AT_ONCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The states of windows of data, added up.

    Attributes:
        table: the states of all columns.
        windows: what entered them, in the order in which it was added.
        name: the file or what else they came from, for messages.
        losses: what parts had that the sum has not; it is not written to files.
    """

    table: TableState
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)
    losses: Losses = field(default_factory=Losses, compare=False)

    @classmethod
    def of(
        cls,
        table: TableState,
        *,
        source: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        paths: tuple[str, ...] = (),
    ) -> States:
        """The states of one window."""
        digest = crc32(str(sorted(map(_checksum, table.columns))).encode())
        window = Window(
            source=source, start=start, end=end, rows=table.rows, digest=digest, paths=paths
        )
        return cls(table=table, windows=(window,), name=source or "table")

    def segments(self) -> Split | None:
        """The states of the segments; None if rows were not told apart."""
        return next((split for split in self.table.splits if split.unit is None), None)

    def blocks(self) -> Split | None:
        """The states of the blocks of time; None if there are none."""
        return next((split for split in self.table.splits if split.unit is not None), None)


def combined(parts: Iterable[States], *, allow_overlap: bool = False) -> States:
    """The states of all windows together, added up in the order given.

    Columns may stand in another order than in the first. Parts may be read one by one: only some of
    them are held at a time.

    Args:
        parts: at least one.
        allow_overlap: whether windows may have rows in common, which count twice then.

    Raises:
        InputError: columns or their types differ, or windows overlap.
    """
    given = iter(parts)
    first = next(given, None)
    if first is None:
        raise InputError("there are no states to combine", todo="Name at least one file of states")
    placed = [(first.windows, first.name)]
    total = first.table
    while some := list(islice(given, _AT_ONCE)):
        placed += [(part.windows, part.name) for part in some]
        total = _total([total, *(_aligned(other, first) for other in some)])
    if not allow_overlap:
        refuse_overlap(placed)
    return States(
        table=total,
        windows=tuple(window for windows, _ in placed for window in windows),
        name=first.name if len(placed) == 1 else f"{first.name} and {len(placed) - 1} more",
    )


def _checksum(column: ColumnState) -> int:
    """A number of a column's rows, whatever values a baseline asked to be counted."""
    found = column.frequencies
    plain = replace(found, domain=frozenset(), counts={} if found.overflowed else found.counts)
    return checksum(replace(column, frequencies=plain))


def _total(tables: Sequence[TableState]) -> TableState:
    """The sum of the tables from left to right.

    On one thread: several would wait for Python's lock between many short sorts, for longer than
    they work.
    """
    columns = zip(*(table.columns for table in tables), strict=True)
    return TableState(
        rows=sum(table.rows for table in tables),
        columns=tuple(map(joined_columns, columns)),
        rejected=reduce(add, (table.rejected for table in tables)),
        splits=reduce(joined, (table.splits for table in tables)),
    )


def _aligned(other: States, first: States) -> TableState:
    """The table with its columns in the first one's order.

    Raises:
        InputError: it has other columns or types.
    """
    mine, theirs = first.table.columns, other.table.columns
    _same_names([each.name for each in mine], [each.name for each in theirs], first, other)
    table = other.table
    if any(one.name != two.name for one, two in zip(mine, theirs, strict=True)):
        order = {column.name: place for place, column in enumerate(mine)}
        table = reordered(table, order)
    for one, two in zip(mine, table.columns, strict=True):
        if one.declared != two.declared and one.presence.rows and two.presence.rows:
            raise _other_type(one, two, first, other)
    return table


def reordered(table: TableState, order: dict[str, int]) -> TableState:
    """The table and its parts with their columns in another order."""
    columns = tuple(sorted(table.columns, key=lambda column: order[column.name]))
    splits = tuple(
        replace(
            split,
            parts={key: reordered(part, order) for key, part in split.parts.items()},
            rest=None if split.rest is None else reordered(split.rest, order),
        )
        for split in table.splits
    )
    return replace(table, columns=columns, splits=splits)


def _same_names(mine: list[str], theirs: list[str], first: States, other: States) -> None:
    if mine == theirs or sorted(mine) == sorted(theirs):
        return
    lacking = [name for name in mine if name not in theirs]
    extra = [name for name in theirs if name not in mine]
    raise InputError(
        "the states are of other columns",
        where=other.name,
        expected=f"the {len(mine)} columns of {first.name}",
        found="; ".join(
            [
                *([f"no column {', '.join(map(repr, lacking[:5]))}"] if lacking else []),
                *([f"also {', '.join(map(repr, extra[:5]))}"] if extra else []),
            ]
        ),
        todo="Combine windows of one schema",
    )


def _other_type(one: ColumnState, two: ColumnState, first: States, other: States) -> InputError:
    return InputError(
        f"the states of column {one.name!r} are of another type",
        where=other.name,
        expected=f"{one.declared or 'text'}, as in {first.name}",
        found=str(two.declared or "text"),
        todo="Combine windows whose columns have the same types",
    )
