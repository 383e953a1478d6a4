"""Counts features on the cells of their baseline: of states, of statistics, of blocks of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import sketch_allowance
from driftkit.comparison.distributions import distribution
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.monitors.data_quality.drift.units import FEW_ROWS, UNITS
from driftkit.states.cells.counted import Block, CellCounts, narrowed
from driftkit.states.cells.grids import categorical_grid, hashed_grid, numeric_grid
from driftkit.states.partitions.keys import HOUR_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.native.arrays import Integers
    from driftkit.states.cells.grids import Grid
    from driftkit.states.partitions.partition import Key, Partition, TableState
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.frequencies import Frequencies

# Of the largest block's rows: what an end has less of is no block of its own.
_PART_OF_A_BLOCK = 0.01
# A block alone that is so far from the next has a wrong time.
_FAR = timedelta(days=366)
# So many blocks of rows with a wrong time are named.
_NAMED = 3
# What one feature has in one block: counts by cell, rows without a value, the sketch's allowance.
Counted = tuple["Integers", int, float]


def grids_of(statistics: Statistics) -> dict[str, Grid]:
    """The cells of every feature whose distribution a baseline's statistics have."""
    found = {each.name: _grid(each) for each in statistics.features}
    return {name: grid for name, grid in found.items() if grid is not None}


def _grid(feature: FeatureStatistics) -> Grid | None:
    if feature.numerical is not None:
        numbers = feature.sketched()
        return numeric_grid(feature.name, numbers) if numbers else None
    counts = listed_categories(feature)
    return categorical_grid(feature.name, counts) if counts else None


def block_counts(split: Partition, table: TableState) -> CellCounts:
    """The counts of a baseline's blocks of time, on cells that its whole table gives.

    The column of times has no cells: each day's are new.

    Args:
        split: the blocks.
        table: of all rows.
    """
    grids = _grids_of_state(table, split.by)
    keys = keys_in_time(split)
    counted = of_tables([split.parts[key] for key in keys], grids)
    blocks = tuple(block_of(split, key) for key in keys)
    return replace(cell_counts(grids, blocks, counted), unit=split.unit, by=split.by[0])


def whole_counts(table: TableState) -> CellCounts:
    """The counts of all rows as one block."""
    grids = _grids_of_state(table)
    return cell_counts(grids, [Block()], of_tables([table], grids))


def block_of(split: Partition, key: Key) -> Block:
    """What is known of a block of time, as yet."""
    start, table = start_of(key), split.parts[key]
    if split.unit == "hour":
        rows = {HOUR_NAMES[start.hour]: table.rows} if start else {}
    else:
        counted = [each.frequencies for each in table.columns if each.name == split.by[0]]
        rows = dict(counted[0].counts) if counted else {}
    # Earlier versions kept the times themselves.
    known = sum(rows.get(hour, 0) for hour in HOUR_NAMES) == sum(rows.values()) > 0
    return Block(
        start=start, hours=tuple(rows.get(hour, 0) for hour in HOUR_NAMES) if known else ()
    )


def keys_in_time(split: Partition) -> list[Key]:
    """The keys of a table's blocks of time, in its order; rows without a time are in none.

    A few rows before or after all others have a wrong time or came late. As a block of their own
    they would be judged in place of the others, or make a reference of weeks one of many years. So
    would those of a clock that was never set, however many: a year and more from all others, they
    are of no block as long as the others are more.
    """
    keys = sorted((key for key in split.parts if key[0] is not None), key=lambda key: str(key[0]))
    rows = [split.parts[key].rows for key in keys]
    least = max(FEW_ROWS, _PART_OF_A_BLOCK * max(rows, default=0))
    usual = [at for at, count in enumerate(rows) if count >= least]
    if not usual:
        return keys
    return _without_far_ends(split, keys[usual[0] : usual[-1] + 1])


def _without_far_ends(split: Partition, keys: list[Key]) -> list[Key]:
    """Without a first or last block that is far from all others and has fewer rows than they."""
    of_all = sum(split.parts[key].rows for key in keys)
    for end, next_ in ((0, 1), (-1, -2)):
        if len(keys) < 2:
            break
        alone, other = start_of(keys[end]), start_of(keys[next_])
        far = alone is not None and other is not None and abs(alone - other) > _FAR
        if far and split.parts[keys[end]].rows * 2 < of_all:
            keys = keys[1:] if end == 0 else keys[:-1]
    return keys


def rows_in_none(split: Partition) -> str | None:
    """A line about the rows that are in no block of time; None where all are in one."""
    keys = keys_in_time(split)
    if split.parts and not keys:
        return f"no row has a time in {', '.join(split.by)} that can be read"
    of_others = {key: split.parts[key].rows for key in set(split.parts) - set(keys)}
    far = {key: rows for key, rows in of_others.items() if key[0] is not None}
    without = sum(of_others.values()) - sum(far.values())
    unit = split.unit or "day"
    said = [
        f"{without:,} have no time in {', '.join(split.by)} that can be read" if without else "",
        f"{sum(far.values()):,} are apart from all others ({_named(far, unit)})" if far else "",
    ]
    if not any(said):
        return None
    return f"rows in no {unit}, which verdicts of drift leave out: {'; '.join(filter(None, said))}"


def _named(keys: Collection[Key], unit: str) -> str:
    starts = sorted(start for start in map(start_of, keys) if start is not None)
    named = [f"{each:{UNITS[unit].form}}" for each in starts[:_NAMED]]
    return ", ".join([*named, *(["..."] if len(starts) > _NAMED else [])])


def start_of(key: Key) -> datetime | None:
    """The beginning of a block of time; None for rows without a time."""
    text = key[0]
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def cell_counts(
    grids: Sequence[Grid],
    blocks: Sequence[Block],
    counted: Iterable[Sequence[Counted | None]],
) -> CellCounts:
    """The counts of blocks together; features that one of them could not count are left out.

    Args:
        grids: of the features.
        blocks: what is known of each block.
        counted: of each feature, what it has in each block.
    """
    known: list[Grid] = []
    counts: list[Integers] = []
    missing: list[list[int]] = []
    allowance: list[list[float]] = []
    for grid, parts in zip(grids, counted, strict=True):
        found = [part for part in parts if part is not None]
        if len(found) < len(blocks):
            continue
        known.append(grid)
        rows = np.array([part[0] for part in found], np.int64)
        counts.append(narrowed(rows.reshape(len(blocks), grid.cells)))
        missing.append([part[1] for part in found])
        allowance.append([part[2] for part in found])
    shape = (len(known), len(blocks))
    return CellCounts(
        grids=tuple(known),
        blocks=tuple(blocks),
        counts=tuple(counts),
        missing=np.array(missing, np.int64).reshape(shape),
        allowance=np.array(allowance, np.float64).reshape(shape),
    )


def of_tables(
    tables: Sequence[TableState], grids: Iterable[Grid]
) -> Iterator[list[Counted | None]]:
    """What each feature has on its cells in each table; None where that is not known."""
    columns = [{each.name: each for each in table.columns} for table in tables]
    for grid in grids:
        count = _of_numbers if grid.is_numeric else _of_texts
        yield count([each.get(grid.name) for each in columns], grid)


def of_statistics(statistics: Statistics, grids: Sequence[Grid]) -> list[Counted | None]:
    """The same from statistics.json, which has categories of up to 120 values."""
    features = {each.name: each for each in statistics.features}
    return [_of_feature(features.get(grid.name), grid) for grid in grids]


def _of_numbers(columns: Sequence[ColumnState | None], grid: Grid) -> list[Counted | None]:
    # All blocks at once: of months there are dozens, each of a few rows.
    rows = grid.of_sketches([() if each is None else each.sketch.levels for each in columns])
    totals = rows.sum(axis=1).tolist()
    return [
        (some, column.presence.missing, sketch_allowance(total))
        if column is not None and (column.inferred.is_numeric or not column.presence.present)
        else None
        for column, some, total in zip(columns, rows, totals, strict=True)
    ]


def _of_texts(columns: Sequence[ColumnState | None], grid: Grid) -> list[Counted | None]:
    return [None if each is None else _of_text(each, grid) for each in columns]


def _of_text(column: ColumnState, grid: Grid) -> Counted | None:
    present, missing = column.presence.present, column.presence.missing
    if not present:
        return np.zeros(grid.cells, np.int64), missing, 0.0
    counts = _categories(column.frequencies, present, grid)
    return None if counts is None else (counts, missing, 0.0)


def _categories(frequencies: Frequencies, present: int, grid: Grid) -> Integers | None:
    """Rows of each cell; None where it is not known. Numbers of declared type have no counts by value."""
    if grid.hashed:
        buckets = frequencies.by_bucket()
        return grid.of_buckets(buckets) if buckets and buckets.total == present else None
    counts_all = frequencies.total == present and not frequencies.overflowed
    if not counts_all and not frequencies.domain.issuperset(grid.values):
        return None
    return grid.of_categories(frequencies.counts, present)


def _of_feature(feature: FeatureStatistics | None, grid: Grid) -> Counted | None:
    found = (feature.numerical or feature.string) if feature else None
    if feature is None or found is None:
        return None
    if not found.num_present:
        return np.zeros(grid.cells, np.int64), found.num_missing, 0.0
    if grid.is_numeric:
        if not feature.levels:
            return None
        rows = grid.of_sketches([feature.levels])[0]
        return rows, found.num_missing, sketch_allowance(int(rows.sum()))
    counts = listed_categories(feature)
    if counts is None:
        return None
    return grid.of_categories(counts, found.num_present), found.num_missing, 0.0


def _grids_of_state(table: TableState, but: Collection[str] = ()) -> list[Grid]:
    found = (_grid_of_state(each) for each in table.columns if each.name not in but)
    return [grid for grid in found if grid is not None]


def _grid_of_state(column: ColumnState) -> Grid | None:
    if not column.presence.present:
        return None
    if column.inferred.is_numeric:
        if not column.sketch.count:
            return None
        return numeric_grid(column.name, distribution(column.sketch.levels, distinct_ranks=False))
    frequencies = column.frequencies
    if frequencies.overflowed and frequencies.buckets is not None:
        return hashed_grid(column.name, frequencies.buckets)
    if frequencies.overflowed or not frequencies.counts:
        return None
    return categorical_grid(column.name, frequencies.counts)
