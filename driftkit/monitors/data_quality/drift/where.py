"""In which segment or variant of a window, and since which of its blocks, a feature changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.capture.variant import VARIANT
from driftkit.comparison.causes.ordinary import Ordinary
from driftkit.comparison.causes.samples import Numbers
from driftkit.comparison.causes.where import changed_segment, onset
from driftkit.monitors.data_quality.drift.buckets import causes_of_buckets
from driftkit.monitors.data_quality.drift.counting import of_tables
from driftkit.monitors.data_quality.drift.units import FEW_ROWS
from driftkit.monitors.data_quality.segments import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from driftkit.comparison.causes.cause import Cause
    from driftkit.native.arrays import Integers
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.cells.grids import Grid
    from driftkit.states.partitions.partition import Partition, TableState
    from driftkit.states.states import States

_SEGMENTS = 200
# Blocks that tell how far ordinary ones are from the baseline.
_BLOCKS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows that are told apart by the values of columns.

    Attributes:
        name: in words.
        tables: the states of its segments, each of the baseline and of the window; None of variants,
            which the baseline does not know: all of its rows are what is normal in each.
        share: of the window's rows.
    """

    name: str
    tables: list[tuple[TableState | None, TableState]]
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """By which segments and hours changes are looked for."""

    before: CellCounts
    now: CellCounts
    indices: Mapping[str, int]
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(
        cls, counts: tuple[CellCounts, CellCounts], states: tuple[States | None, States | None]
    ) -> Where:
        """The segments that both sides have, the variants of the window, and its blocks.

        Args:
            counts: of the baseline and of the window.
            states: of both, where they are known.
        """
        before, now = counts
        partitions = [each.segments() if each else None for each in states]
        return cls(
            before=before.on(now.grids),
            now=now,
            indices={grid.name: index for index, grid in enumerate(now.grids)},
            parts=(*_parts(*partitions), *_variants(*states)),
        )

    def segment(self, feature: str) -> Part | None:
        """The only segment that changed; None where there is none or it is not known."""
        index = self.indices.get(feature)
        if index is None or not self.parts:
            return None
        grid = self.now.grids[index]
        counted = [(part, _sums(part.tables, grid)) for part in self.parts]
        known = [(part, sums) for part, sums in counted if sums is not None]
        if not known:
            return None
        stacked = [np.stack([sums[side] for _, sums in known]) for side in (0, 1)]
        found = changed_segment(
            self._rows(self.before, index).sum(axis=0),
            self._rows(self.now, index).sum(axis=0),
            (stacked[0], stacked[1]),
            ordered=grid.is_numeric,
        )
        return known[found.index][0] if found else None

    def hashed(self, feature: str, states: States | None) -> tuple[Cause, ...]:
        """What changed a feature whose values are told apart by their hash; else nothing."""
        index = self.indices.get(feature)
        if index is None or not self.now.grids[index].hashed:
            return ()
        columns = states.table.columns if states else ()
        found = (each.frequencies.by_bucket() for each in columns if each.name == feature)
        rows = (self._rows(each, index).sum(axis=0) for each in (self.before, self.now))
        return causes_of_buckets(self.now.grids[index].values, next(found, None), *rows)

    def ordinary(self, feature: str) -> Ordinary | None:
        """How far the blocks of the baseline are from all of it; None where few are known."""
        index = self.indices.get(feature)
        if index is None:
            return None
        return ordinary_of(self.now.grids[index], self.before.counts[index])

    def onset(self, feature: str) -> datetime | None:
        """The block of the window with which the change began; None where it began before."""
        index = self.indices.get(feature)
        if index is None or len(self.now.blocks) < 2:
            return None
        expected = self._rows(self.before, index)
        usual = expected.sum(axis=0)
        if self.before.unit == "hour":
            usual = np.stack([self._of_hour(expected, each.start) for each in self.now.blocks])
        first = onset(usual, self._rows(self.now, index))
        return self.now.blocks[first].start if first else None

    def _of_hour(self, expected: Integers, start: datetime | None) -> Integers:
        """Rows of the baseline at this hour of the day; of all hours where it has none."""
        hours = [each.start.hour if each.start else None for each in self.before.blocks]
        chosen = [hour == start.hour if start else False for hour in hours]
        rows = expected[np.array(chosen)] if any(chosen) else expected
        return np.asarray(rows.sum(axis=0))

    @staticmethod
    def _rows(counts: CellCounts, index: int) -> Integers:
        """Blocks by cells, rows without a value last."""
        return np.column_stack([counts.counts[index], counts.missing[index]])


def _parts(before: Partition | None, now: Partition | None) -> Iterator[Part]:
    """Each value of a column, then each segment if those are of several columns."""
    if before is None or now is None or before.by != now.by:
        return
    shared = [key for key in before.parts if key in now.parts][:_SEGMENTS]
    rows = max(
        1, sum(each.rows for each in now.parts.values()) + (now.rest.rows if now.rest else 0)
    )
    of_names: dict[str, list[tuple[TableState | None, TableState]]] = {}
    for columns in dict.fromkeys([*((each,) for each in before.by), before.by]):
        positions = [before.by.index(each) for each in columns]
        for key in shared:
            name = label(columns, tuple(key[each] for each in positions))
            of_names.setdefault(name, []).append((before.parts[key], now.parts[key]))
    for name, tables in of_names.items():
        share = sum(table.rows for _, table in tables) / rows
        yield Part(name=name, tables=tables, share=share)


def ordinary_of(grid: Grid, counts: Integers) -> Ordinary | None:
    """How far blocks are from all of them together; None where few are known, or of categories.

    Args:
        grid: the cells of the feature.
        counts: blocks by cells.
    """
    counts = counts[counts.sum(axis=1) >= FEW_ROWS] if grid.is_numeric else counts[:0]
    if len(counts) < _BLOCKS:
        return None
    blocks = [Numbers.of_cells(grid.edges, each) for each in counts]
    return Ordinary.of(Numbers.of_cells(grid.edges, counts.sum(axis=0)), blocks)


def _sums(
    pairs: Sequence[tuple[TableState | None, TableState]], grid: Grid
) -> tuple[Integers, Integers] | None:
    """Rows by cell of baseline and window; None where they are not known."""
    sums = [np.zeros(grid.cells + 1, np.int64) for _ in range(2)]
    for pair in pairs:
        for side, table in enumerate(pair):
            if table is None:
                continue
            counted = next(of_tables([table], [grid]))[0]
            if counted is None:
                return None
            sums[side] += np.append(counted[0], counted[1])
    return sums[0], sums[1]


def _variants(before: States | None, now: States | None) -> Iterator[Part]:
    """The production variants of a window that has several, unless they are segments anyway."""
    partitions = now.partitions if now else ()
    split = next((each for each in partitions if each.by == (VARIANT,)), None)
    known = before.segments() if before else None
    if split is None or len(split.parts) < 2 or (known and VARIANT in known.by):
        return
    rows = max(1, sum(table.rows for table in split.parts.values()))
    for key, table in split.parts.items():
        yield Part(name=label(split.by, key), tables=[(None, table)], share=table.rows / rows)
