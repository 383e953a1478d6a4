"""Hours of the day that are all earlier or later: another time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.cause import Cause, Kind

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.causes.samples import Numbers

_HOURS = 24
_DISTINCT = 12
# Turned, the hours are this near to the baseline's, in terms of how far they were.
_LEFT_OVER = 0.35
_LEAST = 0.1
# A turn that ends with half an hour leaves so much of what the best whole hour does.
_HALF = 0.8
# Of the expected difference of two samples, sqrt(2/pi) of standard errors, what few are beyond.
_CHANCE = 1.2 * 0.8


def time_zone(before: Integers | Floats, now: Integers | Floats) -> Cause | None:
    """By how many hours, or hours and a half, rows are turned; None where no turn explains it.

    Half an hour later, half of an hour's rows come in the next one.

    Args:
        before: rows of the baseline by hour of the day, 24 numbers.
        now: rows of the window.

    >>> day = np.arange(24) ** 2
    >>> time_zone(day, np.roll(day, 5)).size, time_zone(day, np.roll(day, 5) + np.roll(day, 6)).size
    (5.0, 5.5)
    """
    if not before.sum() or not now.sum():
        return None
    usual, seen = before / before.sum(), now / now.sum()
    turns = np.array([np.roll(usual, hours) for hours in range(_HOURS + 1)])
    apart = np.abs(turns[:-1] - seen).sum(axis=1)
    # Half an hour alone is that of no zone; it is a day of late rows.
    halves = np.abs((turns[:-1] + turns[1:])[1:-1] / 2 - seen).sum(axis=1)
    hours, half = int(np.argmin(apart)), int(np.argmin(halves))
    of_both = (before + now) / (before.sum() + now.sum())
    some = 1 / float(before.sum()) + 1 / float(now.sum())
    chance = _CHANCE * float(np.sqrt(of_both * (1 - of_both) * some).sum())
    left = max(_LEFT_OVER * apart[0], min(chance, apart[0] / 2))
    is_half = bool(halves[half] < _HALF * apart[hours])
    turn, rest = (half + 1.5, halves[half]) if is_half else (float(hours), apart[hours])
    if not turn or apart[0] <= _LEAST or rest >= left:
        return None
    return Cause(
        kind=Kind.TIME_ZONE,
        size=turn if turn <= _HOURS // 2 else turn - _HOURS,
        rows=1.0,
        fit=float(1 - rest / apart[0]),
    )


def turned(days: Integers) -> set[float]:
    """By how many hours days are turned against all others, those that are; empty where none is.

    Args:
        days: rows by hour of the day.

    >>> day = np.arange(24) ** 2
    >>> turned(np.stack([day, day, np.roll(day, 5), day]))
    {5.0}
    """
    together = days.sum(axis=0)
    found = (time_zone(together - day, day) for day in days)
    return {each.size for each in found if each is not None and each.size is not None}


def hours_of(numbers: Numbers) -> Integers | None:
    """Rows by hour, if the numbers are hours of the day: 0 to 23, and most of them."""
    values = numbers.distribution.values
    whole = (values == np.round(values)) & (values >= 0) & (values < _HOURS)
    if not whole.all() or len(values) < _DISTINCT or values[-1] - values[0] < _DISTINCT:
        return None
    hours = np.zeros(_HOURS, dtype=np.int64)
    hours[values.astype(np.int64)] = numbers.counts
    return hours
