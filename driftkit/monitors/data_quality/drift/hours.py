"""Whether the rows of a window came at other hours of the day than before: a time zone changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.hours import time_zone, turned
from driftkit.formats.drift import Verdict
from driftkit.monitors.data_quality.drift import wording
from driftkit.monitors.data_quality.drift.units import UNITS
from driftkit.states.cells.counted import HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from driftkit.native.arrays import Integers
    from driftkit.states.cells.counted import Block, CellCounts

    Days = dict[date, Integers]

# Days of one weekday by which those after them are told.
_SAME_WEEKDAY = 4
# Turns that are no more hours apart than what tells them.
_AS_FAR = 0.5
FAULT = str(Kind.TIME_ZONE)


def zone_verdict(reference: Sequence[Block], window: CellCounts) -> Verdict | None:
    """What is said of the column of times; None where its hours are as they were, or not known.

    Where a day of the reference is turned by as many hours against the others, hours differ so
    ordinarily. It is an alarm where enough days are known.

    Args:
        reference: the blocks by which the window is judged.
        window: that is judged.
    """
    name = window.by or ""
    usual = [x for x in reference if name not in x.different or x.standing == "accepted"]
    known, now = _days(usual), _days(window.blocks)
    days = _of_these_weekdays(known, now)
    cause = time_zone(days.sum(axis=0), _rows(now).sum(axis=0))
    if cause is None or cause.size is None:
        return None
    size = cause.size
    if any(abs(each - size) <= _AS_FAR for each in turned(days)):
        return None
    # Hours are looked at as the days that they are of.
    alarm = len(known) >= UNITS["week" if window.unit == "week" else "day"].needed
    return Verdict(
        feature=name,
        verdict="different",
        alarm=alarm,
        fault=FAULT if alarm else None,
        kind=FAULT,
        effect=size,
        message=wording.of_zone(size),
    )


def _of_these_weekdays(known: Days, now: Days) -> Integers:
    """The days whose weekdays are those of most of the window's rows, where there are some of each."""
    most = max((hours.sum() for hours in now.values()), default=0)
    weekdays = {day.weekday() for day, hours in now.items() if hours.sum() >= most / 2}
    same = {day: hours for day, hours in known.items() if day.weekday() in weekdays}
    return _rows(same if len(same) >= _SAME_WEEKDAY * len(weekdays) else known)


def _rows(days: Days) -> Integers:
    return np.array([*days.values()], np.int64).reshape(-1, HOURS)


def _days(blocks: Sequence[Block]) -> Days:
    """Rows by hour, of each day of which they are known."""
    found: dict[date, Integers] = {}
    for each in blocks:
        if each.start is not None and each.hours:
            day = each.start.date()
            found[day] = found.get(day, 0) + np.array(each.hours, np.int64)
    return found
