"""Chooses the blocks of time by which a window is judged, and says whether they are enough for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.expectation import step_of
from driftkit.monitors.data_quality.drift.calendars import KnownCauses
from driftkit.monitors.data_quality.drift.judging import Days, last_days
from driftkit.monitors.data_quality.drift.units import UNITS
from driftkit.monitors.data_quality.drift.windows import dated_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.drift import Calibration
    from driftkit.native.arrays import Truths
    from driftkit.settings.detection import Detection
    from driftkit.states.cells.counted import Block, CellCounts

# Of the least rows that a block of the reference has: with fewer, a block is not over, or lacks rows.
_WHOLE = 0.9


def reference_of(
    baseline: CellCounts, before: Sequence[CellCounts], window: CellCounts, asked: Detection
) -> Days | None:
    """The blocks by which a window's last one is judged; None where times are not known.

    Args:
        baseline: with its blocks of time, if it has some.
        before: earlier windows.
        window: that is judged.
        asked: how long the reference is.
    """
    unit = UNITS.get(baseline.unit or "")
    if unit is None or any(each.start is None for each in window.blocks):
        return None
    counts, dated = dated_blocks(baseline, before, window)
    first = min(unit.number(block.start) for block in window.blocks if block.start is not None)
    own = len(baseline.blocks)
    days = _narrowed(counts, dated, first, asked.reference_days * unit.a_day, own)
    causes = KnownCauses(asked.calendar, unit) if asked.calendar else None
    return replace(days, causes=causes)


def _narrowed(
    counts: CellCounts, dated: Sequence[tuple[int, int]], first: int, most: int, own: int
) -> Days:
    """The reference, and the last blocks whether or not they belong to it.

    Args:
        counts: of all blocks, the baseline's own first.
        dated: numbers and indices of the blocks up to the window's last.
        first: the number of the window's first block.
        most: blocks that the reference has at most.
        own: how many the baseline has.
    """
    # A day that was unusual by itself was told, and would be told again with those after it. One that
    # differs from the baseline and not from other days was not, and of many rows nearly all do.
    recent = [
        at
        for at, (date, index) in enumerate(dated)
        if date >= first or not _was_told(counts.blocks[index])
    ][-last_days() :]
    # The baseline's own blocks are known to be in order.
    at_once = UNITS[counts.unit or "day"].joins_at_once
    later = set() if at_once else {at for at in recent if dated[at][1] >= own}
    ordinary = [
        at
        for at, (date, index) in enumerate(dated)
        if date < first and at not in later and counts.blocks[index].standing != "alarmed"
    ]
    # Who knows a year knows the season, whatever the last days were.
    known = np.array([dated[at][0] for at in ordinary], np.int64)
    calendar = UNITS[counts.unit or "day"].calendar(known)
    if not calendar.has_season(np.ptp(known) if ordinary else 0, len(known), step_of(known)):
        ordinary = ordinary[-most:]
    kept = sorted({*ordinary, *recent})
    reference: Truths = np.isin(kept, ordinary)
    return Days(
        counts=counts.only([dated[at][1] for at in kept]),
        dates=np.array([dated[at][0] for at in kept], np.int64),
        reference=reference,
    )


def _was_told(block: Block) -> bool:
    return not set(block.unusual).isdisjoint(block.alone)


def calibrated(
    days: Days | None, baseline: CellCounts, window: CellCounts
) -> tuple[Calibration, str]:
    """Whether the reference is enough to say that a block is unusual, and why.

    Args:
        days: the blocks; None where times are not known.
        baseline: whose unit they have.
        window: that is judged.
    """
    unit, day = baseline.unit, UNITS["day"]
    if unit is None:
        return "uncalibrated", (
            "The baseline has no blocks of time, so that nothing is known of how days differ: make "
            f"it with --time-column, of {day.needed} days at least and better of {day.advised}"
        )
    if days is None:
        return "uncalibrated", (
            f"The window's time is not known, so that it cannot be judged as a {unit}: give --start "
            f"and --end, between half and one {unit} apart, or data with the baseline's column of times"
        )
    known = int(days.reference.sum())
    span = UNITS[unit]
    if known < span.needed:
        return "uncalibrated", f"{known} {unit}s of {span.needed} needed"
    dates = days.dates[days.reference]
    gap, step = int(days.dates[-1] - dates[-1]), step_of(dates)
    if gap > step * (max(1, known // 2) + len(window.blocks) - 1):
        return "uncalibrated", (
            f"The reference ended {gap} {unit}s ago, which is more than half of its {known * step} "
            f"{unit}s: name the windows since with --history, or accept some of them"
        )
    begun = _begun(days, unit)
    if known < span.advised:
        return "calibrated on few days", f"{known} {unit}s of {span.advised} advised{begun}"
    return "calibrated", f"{known} reference {unit}s{begun}"


def _begun(days: Days, unit: str) -> str:
    """What is to be said of a block with fewer rows than any other has: it may not be over."""
    rows = days.rows().max(axis=0)
    now, least = int(rows[-1]), int(rows[days.reference].min())
    if now >= _WHOLE * least:
        return ""
    return (
        f"; the window's {unit} has {now:,} rows, all of the reference {least:,} or more: if it has "
        "only begun, it is judged as if it were whole"
    )
