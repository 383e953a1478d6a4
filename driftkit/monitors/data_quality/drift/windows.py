"""The blocks of a window, of the windows before it, and of their baseline, on the same cells."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from driftkit.columns.times import INFERENCE_TIME
from driftkit.errors import InputError
from driftkit.io.finding import find
from driftkit.io.locations import locate
from driftkit.monitors.data_quality.drift.counting import (
    block_of,
    cell_counts,
    grids_of,
    keys_in_time,
    of_statistics,
    of_tables,
)
from driftkit.monitors.data_quality.drift.units import UNITS
from driftkit.monitors.sources import full
from driftkit.settings.patterns import left_out
from driftkit.states.cells import counted as cells
from driftkit.states.cells.counted import Block, CellCounts
from driftkit.states.partitions.partition import PartitionOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftkit.formats.statistics import Statistics
    from driftkit.settings import Settings
    from driftkit.states.cells.grids import Grid
    from driftkit.states.partitions.partition import Partition
    from driftkit.states.states import States


def baseline_counts(statistics: Statistics | None, known: CellCounts | None) -> CellCounts | None:
    """What windows are compared with: the blocks of time that are known, else all rows as one.

    Args:
        statistics: of the baseline, where they are known.
        known: its blocks.
    """
    if known is not None:
        return known
    if statistics is None:
        return None
    grids = tuple(grids_of(statistics).values())
    return cell_counts(grids, [Block()], ([each] for each in of_statistics(statistics, grids)))


def by_time(known: CellCounts | None, settings: Settings) -> tuple[PartitionOptions, ...]:
    """How a window is told apart by time: as the baseline is; of one block anyway, by hours alone."""
    if known is None or known.by is None or known.unit is None:
        return ()
    start, end = settings.window.start, settings.window.end
    if start is None or end is None or end - start > UNITS[known.unit].length:
        return (PartitionOptions(by=(known.by,), unit=known.unit),)
    # Who leaves the column of times out asks nothing of it.
    is_monitored = not left_out([known.by], settings.selection)
    if known.unit == "hour" or known.by == INFERENCE_TIME or not is_monitored:
        return ()
    return (PartitionOptions(by=(known.by,), unit=known.unit, columns=(known.by,)),)


def window_counts(states: States, baseline: CellCounts) -> CellCounts:
    """The counts of a window's blocks; rows without a time are in none, if others have one."""
    split = states.blocks()
    keys = keys_in_time(split) if split else []
    if split is None or not keys or _hours_alone(split):
        hours = [block_of(split, key).hours for key in keys] if split else []
        together = tuple(map(sum, zip(*filter(None, hours), strict=True)))
        blocks = [Block(start=_start(states, baseline.unit), hours=together)]
        tables = [states.table]
    else:
        blocks = [block_of(split, key) for key in keys]
        tables = [split.parts[key] for key in keys]
    found = cell_counts(baseline.grids, blocks, of_tables(tables, baseline.grids))
    return replace(found, unit=baseline.unit, by=baseline.by)


def _hours_alone(split: Partition) -> bool:
    """Whether of its blocks no other column is known than that of times."""
    others = (x for part in split.parts.values() for x in part.columns if x.name not in split.by)
    return not any(each.presence.present + each.presence.missing for each in others)


def statistics_counts(statistics: Statistics, baseline: CellCounts) -> CellCounts:
    """The counts of a window of which only statistics.json is known."""
    counted = of_statistics(statistics, baseline.grids)
    return cell_counts(baseline.grids, [Block()], ([each] for each in counted))


def _start(states: States, unit: str | None) -> datetime | None:
    """The beginning of a window, where it is about as long as a block of the baseline."""
    starts = [each.start for each in states.windows]
    ends = [each.end for each in states.windows]
    known_starts = [each for each in starts if each is not None]
    if not known_starts or len(known_starts) < len(starts):
        return None
    known_ends = [each for each in ends if each is not None]
    if unit is not None and len(known_ends) == len(ends):
        length = UNITS[unit].length
        if not length / 2 <= max(known_ends) - min(known_starts) <= length:
            return None
    return min(known_starts)


def earlier_counts(
    history: Sequence[Any], grids: tuple[Grid, ...]
) -> tuple[list[CellCounts], list[str]]:
    """The counts of windows before, the oldest first, and what could not be used of them.

    Args:
        history: results of `monitor`, their folders, folders that hold these, or globs.
        grids: the cells of the baseline.

    Raises:
        InputError: something is no report.
        FormatError: a file is damaged.
    """
    found: list[CellCounts] = []
    remarks: list[str] = []
    for each in history:
        counted: list[tuple[CellCounts | None, str]] = []
        if isinstance(each, str | PathLike):
            counted += ((_read(file), file) for file in reports_in(each))
        else:
            counted.append((_of_result(each), "an earlier result"))
        if not counted:
            remarks.append(f"history: {fspath(each)} has no report with {cells.FILE} yet")
        for counts, name in counted:
            if counts is None or not set(grids) & set(counts.grids):
                remarks.append(f"history: {name} was not counted on the cells of this baseline")
            else:
                found.append(counts)
    return sorted(found, key=_in_time), remarks


def dated_blocks(
    baseline: CellCounts, before: Sequence[CellCounts], window: CellCounts
) -> tuple[CellCounts, list[tuple[int, int]]]:
    """All blocks that are known, and the numbers and indices of those up to the window's last.

    Args:
        baseline: with blocks of time.
        before: earlier windows.
        window: with blocks of time, and the features that are asked for.
    """
    unit = UNITS[baseline.unit or "day"]
    timed = [x for x in before if all(block.start is not None for block in x.blocks)]
    counts = baseline.on(window.grids).joined([*timed, window])
    found: dict[int, int] = {}
    for index, block in enumerate(counts.blocks):
        if block.start is None:
            continue
        date = unit.number(block.start)
        other = found.get(date)
        # What somebody accepted stands in the baseline, and again as the window that it was.
        if other is None or counts.blocks[other].standing != "accepted":
            found[date] = index
    last = max(unit.number(block.start) for block in window.blocks if block.start is not None)
    return counts, [(date, found[date]) for date in sorted(found) if date <= last]


def reports_in(where: str | PathLike[str], but: str | None = None) -> list[str]:
    """Files of counts in a report's folder, or in the folders inside it; none where it is missing.

    Args:
        where: the folder, a file, or a glob of them.
        but: a folder that is left out.
    """
    text = fspath(where)
    try:
        files = find([text])
    except InputError:
        return []
    own = None if but is None else full(but)
    paths = [file.path for file in files if file.path.rpartition("/")[2] == cells.FILE]
    return [path for path in paths if full(path).rpartition("/")[0] != own]


def _read(file: str) -> CellCounts:
    return cells.loads(locate(file).read_bytes(), file)


def _of_result(each: Any) -> CellCounts | None:
    if isinstance(each, CellCounts):
        return each
    if not hasattr(each, "violations") or not hasattr(each, "cells"):
        raise InputError(
            "this is no earlier report",
            where="history",
            expected="results of monitor, their folders, or folders that hold these",
            found=type(each).__name__,
            todo="Name what earlier runs returned or wrote",
        )
    found: CellCounts | None = each.cells
    return found


def _in_time(counts: CellCounts) -> tuple[bool, str]:
    start = counts.blocks[-1].start if counts.blocks else None
    return start is not None, start.isoformat() if start else ""
