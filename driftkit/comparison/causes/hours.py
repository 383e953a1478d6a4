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


def time_zone(before: Integers | Floats, now: Integers | Floats) -> Cause | None:
    """By how many hours the rows of a day are turned; None where no turn explains it.

    Args:
        before: rows of the baseline by hour of the day, 24 numbers.
        now: rows of the window.

    >>> day = np.arange(24) ** 2
    >>> time_zone(day, np.roll(day, 5)).size
    5.0
    """
    if not before.sum() or not now.sum():
        return None
    usual, seen = before / before.sum(), now / now.sum()
    apart = [float(np.abs(np.roll(usual, hours) - seen).sum()) for hours in range(_HOURS)]
    hours = int(np.argmin(apart))
    if not hours or apart[0] <= _LEAST or apart[hours] >= _LEFT_OVER * apart[0]:
        return None
    return Cause(
        kind=Kind.TIME_ZONE,
        size=float(hours if hours <= _HOURS // 2 else hours - _HOURS),
        rows=1.0,
        fit=1 - apart[hours] / apart[0],
    )


def hours_of(numbers: Numbers) -> Integers | None:
    """Rows by hour, if the numbers are hours of the day: 0 to 23, and most of them."""
    values = numbers.distribution.values
    whole = (values == np.round(values)) & (values >= 0) & (values < _HOURS)
    if not whole.all() or len(values) < _DISTINCT or values[-1] - values[0] < _DISTINCT:
        return None
    hours = np.zeros(_HOURS, dtype=np.int64)
    hours[values.astype(np.int64)] = numbers.counts
    return hours
