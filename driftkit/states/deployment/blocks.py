"""Blocks of time: hours, cut where the weights of arms change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.columns.times import is_number, moments, no_times, of_epochs
from driftkit.native.arrays import valid_of, values_of
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.quality.values import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Integers

HOUR = 3600


def blocks_of_seconds(seconds: Integers, changes: Sequence[int]) -> Integers:
    """The block of each row: the begin of its hour, or the last change of weights in that hour.

    Args:
        seconds: when the requests were, since 1970; `UNKNOWN` among them.
        changes: seconds since 1970 in which weights changed, sorted.

    Returns:
        Seconds since 1970; `UNKNOWN` where the time is unknown.
    """
    # Quotients by a number that is the same for all are faster than remainders.
    hours = seconds // HOUR * HOUR
    if changes:
        moments = np.array([np.iinfo(np.int64).min, *changes])
        last = moments[np.searchsorted(moments, seconds, side="right") - 1]
        hours = np.maximum(hours, last)
    hours[seconds == UNKNOWN] = UNKNOWN
    return hours


def seconds_of(times: pa.ChunkedArray) -> Integers:
    """Whole seconds since 1970; `UNKNOWN` where a time is missing or none.

    Raises:
        InputError: the column has no times.
    """
    column = joined(times)
    if kind_of.is_string(column.type) or kind_of.is_large_string(column.type):
        return _of_moments(moments(column))
    if kind_of.is_date(column.type) or kind_of.is_timestamp(column.type):
        return _of_moments(column)
    if is_number(column.type):
        found = of_epochs(column)
        # A column of seconds since the start, or of ids, is refused and not taken for unknown times.
        if column.null_count == len(column) or found.null_count < len(column):
            return _of_moments(found)
    raise no_times(column.type, "time")


def _of_moments(column: pa.Array) -> Integers:
    whole_seconds = column.cast(pa.timestamp("s"), safe=False)
    seconds = values_of(whole_seconds.view(pa.int64()))
    if not whole_seconds.null_count:
        return seconds
    return np.where(valid_of(whole_seconds), seconds, UNKNOWN)
