"""The states of one or several windows of data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain, islice
from operator import add
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

import pyarrow as pa

from driftkit.errors import InputError
from driftkit.formats.derived import Derivation
from driftkit.states.merge_losses import MergeLosses
from driftkit.states.partitions.partition import TableState, merged
from driftkit.states.storage_columns import checksums, columns_of, joined_columns, unsigned
from driftkit.states.windows import Window, refuse_overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from driftkit.columns.chunk import Rejections
    from driftkit.states.partitions.partition import Partition
    from driftkit.states.profile.column import ColumnState

T = TypeVar("T")

# Parts that are added up in one go; as many are read in the meantime.
_AT_ONCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """The states of windows of data, added up.

    Attributes:
        table: the states of all columns.
        windows: what entered them, in the order in which it was added.
        derivation: how some of the columns were made of others.
        name: the file or what else they came from, for messages.
        merge_losses: what parts had that the sum has not; it is not written to files.
    """

    table: TableState
    windows: tuple[Window, ...] = ()
    derivation: Derivation = field(default_factory=Derivation)
    name: str = field(default="states", compare=False)
    merge_losses: MergeLosses = field(default_factory=MergeLosses, compare=False)

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
        # As the first version had them, so that rows are recognised that an earlier one measured.
        known = checksums(list(map(_without_domain, table.columns)), 1)
        digest = crc32(str(sorted(known)).encode())
        window = Window(
            source=source, start=start, end=end, rows=table.rows, digest=digest, paths=paths
        )
        return cls(table=table, windows=(window,), name=source or "table")

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """The states of parts of the rows."""
        return self.table.partitions

    def segments(self) -> Partition | None:
        """The states of the segments; None if rows were not told apart."""
        return next((split for split in self.table.partitions if split.unit is None), None)

    def blocks(self) -> Partition | None:
        """The states of the blocks of time; None if there are none."""
        return next((split for split in self.table.partitions if split.unit is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """States to be added up, the columns kind by kind.

    Attributes:
        name: as that of the states.
        windows: as those of the states.
        rows: number of rows.
        rejected: records that were set aside.
        derivation: as that of the states.
        partitions: the states of parts of the rows.
        columns: a row a column, in the format of states.
        merge_losses: as those of the states.
    """

    name: str
    windows: tuple[Window, ...]
    rows: int
    rejected: Rejections
    derivation: Derivation
    partitions: tuple[Partition, ...]
    columns: pa.RecordBatch
    merge_losses: MergeLosses = field(default_factory=MergeLosses)

    @classmethod
    def from_states(cls, states: States) -> Part:
        """The states."""
        return cls(
            name=states.name,
            windows=states.windows,
            rows=states.table.rows,
            rejected=states.table.rejected,
            derivation=states.derivation,
            partitions=states.table.partitions,
            columns=unsigned(states.table.columns),
            merge_losses=states.merge_losses,
        )

    def states(self) -> States:
        """The states, column by column."""
        table = TableState(
            rows=self.rows,
            columns=columns_of(self.columns),
            rejected=self.rejected,
            partitions=self.partitions,
        )
        return States(table=table, windows=self.windows, derivation=self.derivation, name=self.name)


def combined(
    parts: Iterable[States | Part], *, allow_overlap: bool = False, expected: int = 1
) -> States:
    """The states of all windows together, added up in the order given.

    Columns may stand in another order than in the first. Parts may be read one by one: only some of
    them are held at a time.

    Args:
        parts: at least one.
        allow_overlap: whether windows may have rows in common, which count twice then.
        expected: about how many parts there are.

    Raises:
        InputError: columns or their types differ, or windows overlap.
    """
    given = iter(parts)
    one, two = next(given, None), next(given, None)
    if one is None:
        raise InputError("there are no states to combine", todo="Name at least one file of states")
    if two is None:
        return one.states() if isinstance(one, Part) else one
    first = _part(one)
    placed = [(first.windows, first.name)]
    total = first
    for some in prefetched(map(_part, chain([two], given)), _AT_ONCE):
        placed += [(part.windows, part.name) for part in some]
        total = _total([total, *(_aligned(other, first) for other in some)], expected)
    if not allow_overlap:
        refuse_overlap(placed)
    return replace(
        total.states(),
        windows=tuple(window for windows, _ in placed for window in windows),
        name=f"{first.name} and {len(placed) - 1} more",
    )


def prefetched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in groups; two groups at most are held at a time.

    Args:
        items: fetched in their order; an error is raised when the group with it is due.
        size: of a group; the last one may be smaller.

    >>> list(prefetched("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    given = iter(items)
    group = list(islice(given, size))
    if len(group) < size:
        # No thread for what there is at once.
        yield from filter(None, [group])
        return
    with ThreadPoolExecutor(1) as pool:
        while group:
            following = pool.submit(list, islice(given, size))
            yield group
            group = following.result()


def _part(states: States | Part) -> Part:
    return states if isinstance(states, Part) else Part.from_states(states)


def _without_domain(column: ColumnState) -> ColumnState:
    """The state of a column's rows, whatever values a baseline asked to be counted."""
    found = column.frequencies
    plain = replace(found, domain=frozenset(), counts={} if found.overflowed else found.counts)
    return replace(column, frequencies=plain)


def _total(parts: Sequence[Part], expected: int) -> Part:
    """The sum of the parts from left to right."""
    share = min(1.0, len(parts) / expected)
    columns = joined_columns([part.columns for part in parts], share)
    return Part(
        name=parts[0].name,
        windows=(),
        rows=sum(part.rows for part in parts),
        rejected=reduce(add, (part.rejected for part in parts)),
        derivation=parts[0].derivation,
        partitions=reduce(merged, (part.partitions for part in parts)),
        columns=unsigned(columns),
    )


def _aligned(other: Part, first: Part) -> Part:
    """The part with its columns in the first one's order.

    Raises:
        InputError: it has other columns or types.
    """
    _same_derivation(first, other)
    fields = ("name", "declared")
    if all(first.columns.column(name).equals(other.columns.column(name)) for name in fields):
        return other
    mine, theirs = (part.columns.column("name").to_pylist() for part in (first, other))
    _same_names(mine, theirs, first, other)
    aligned = other if mine == theirs else _reordered(other, theirs, mine)
    _same_types(first, aligned)
    return aligned


def _reordered(part: Part, theirs: Sequence[str], mine: Sequence[str]) -> Part:
    order = {name: index for index, name in enumerate(mine)}
    found = sorted(range(len(theirs)), key=lambda index: order[theirs[index]])
    return replace(
        part,
        columns=part.columns.take(pa.array(found, pa.int64())),
        partitions=tuple(_reordered_split(split, order) for split in part.partitions),
    )


def reordered(table: TableState, order: dict[str, int]) -> TableState:
    """The table and its parts with their columns in another order."""
    columns = tuple(sorted(table.columns, key=lambda column: order[column.name]))
    partitions = tuple(_reordered_split(split, order) for split in table.partitions)
    return replace(table, columns=columns, partitions=partitions)


def _reordered_split(split: Partition, order: dict[str, int]) -> Partition:
    return replace(
        split,
        parts={key: reordered(part, order) for key, part in split.parts.items()},
        rest=None if split.rest is None else reordered(split.rest, order),
    )


def _same_derivation(first: Part, other: Part) -> None:
    if first.derivation != other.derivation:
        raise InputError(
            "columns of the states were not made of others in the same way",
            where=other.name,
            expected=f"{first.derivation.told}, as in {first.name}",
            found=other.derivation.told,
            todo="Read the data again, with the baseline of the others",
        )


def _same_names(mine: list[str], theirs: list[str], first: Part, other: Part) -> None:
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


def _same_types(first: Part, other: Part) -> None:
    fields = [
        part.columns.select(["name", "declared", "present", "missing"]).to_pylist()
        for part in (first, other)
    ]
    for one, two in zip(*fields, strict=True):
        differ = one["declared"] != two["declared"]
        if differ and all(each["present"] + each["missing"] for each in (one, two)):
            raise InputError(
                f"the states of column {one['name']!r} are of another type",
                where=other.name,
                expected=f"{one['declared'] or 'text'}, as in {first.name}",
                found=two["declared"] or "text",
                todo="Combine windows whose columns have the same types",
            )
