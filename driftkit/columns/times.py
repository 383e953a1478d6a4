"""Points in time as text or numbers: those without a zone are in UTC, as endpoints write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.errors import InputError

# The time of a captured request, by which its rows are told apart as by a column.
INFERENCE_TIME = "inferenceTime"
_MOMENT = pa.timestamp("us", "UTC")
_LOOKED_AT = 16
# The years 1990 to 2099 in seconds since 1970. In milli-, micro- and nanoseconds they are other
# numbers, so that a number tells its unit.
_FIRST_SECOND, _END_SECOND = 631_152_000, 4_102_444_800
_IN_A_SECOND = (1, 10**3, 10**6, 10**9)
_MICROSECONDS = 10**6
NUMBER = r"^(?:\d{5,}(?:\.\d*)?|\d+\.\d+[eE]\+?\d+)$"
"""What a text of such a number matches."""


def moment_of(text: str | None) -> datetime | None:
    """When a time in ISO 8601 is; None where a text is no time.

    >>> moment_of("2024-03-18T15:00"), moment_of("soon")
    (datetime.datetime(2024, 3, 18, 15, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


@lru_cache(maxsize=2**12)
def monday_of(date: str | None) -> str | None:
    """The Monday of the week of a date, by which weeks are called; None where a text is no date.

    >>> monday_of("2025-01-01"), monday_of("2025-02-30")
    ('2024-12-30', None)
    """
    day = moment_of(date)
    return None if day is None else f"{(day - timedelta(days=day.weekday())).date()}"


def moments(times: pa.Array) -> pa.Array:
    """When times are, to the microsecond in UTC; null where a text is no time.

    Args:
        times: texts, timestamps or dates; those without a zone are in UTC.

    >>> moments(pa.array(["2024-03-18T01:30:00+02:00", "soon"])).cast("string").to_pylist()
    ['2024-03-17 23:30:00.000000Z', None]
    """
    if pa.types.is_dictionary(times.type):
        return moments(times.dictionary).take(times.indices)
    if pa.types.is_timestamp(times.type) or pa.types.is_date(times.type):
        return times.cast(pa.timestamp("us"), safe=False).cast(_MOMENT)
    for kind in (_MOMENT, pa.timestamp("us")):
        # The ways in which endpoints write them, all with a zone or all without. A cast that fails
        # takes as long as Python would; the first texts tell of most of these.
        try:
            times.slice(0, _LOOKED_AT).cast(kind)
            return times.cast(kind).cast(_MOMENT)
        except pa.ArrowInvalid:
            continue
    encoded = times.dictionary_encode()
    known = pa.array([moment_of(text) for text in encoded.dictionary.to_pylist()], _MOMENT)
    # Python would read some numbers as dates without dashes.
    return pc.coalesce(of_epochs(encoded.dictionary).cast(_MOMENT), known).take(encoded.indices)


def is_number(kind: pa.DataType) -> bool:
    """Whether values of a type are numbers, which may be times since 1970."""
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def of_epochs(numbers: pa.Array) -> pa.Array:
    """When numbers are, to the microsecond in UTC: seconds, milli-, micro- or nanoseconds since 1970.

    Null where a number is in none of these units from 1990 to 2099, or where a text is no number.

    Args:
        numbers: or their texts.

    >>> of_epochs(pa.array([1_710_725_400, 1_710_725_400_000, 7])).cast("string").to_pylist()
    ['2024-03-18 01:30:00.000000', '2024-03-18 01:30:00.000000', None]
    """
    if not is_number(numbers.type):
        known = pc.match_substring_regex(numbers, NUMBER)
        numbers = pc.if_else(known, numbers, pa.scalar(None, numbers.type)).cast(pa.float64())
    exact = pa.types.is_integer(numbers.type)
    kind = pa.int64() if exact else pa.float64()
    values = numbers.cast(kind, safe=False).fill_null(0).to_numpy(zero_copy_only=False)
    found, missing = np.zeros(len(values), np.int64), np.ones(len(values), np.bool_)
    for parts in _IN_A_SECOND:
        some = (values >= _FIRST_SECOND * parts) & (values < _END_SECOND * parts)
        seconds, rest = np.divmod(values[some], parts)
        found[some] = seconds * _MICROSECONDS + rest * _MICROSECONDS // parts
        missing &= ~some
    return pa.array(found, pa.timestamp("us"), mask=missing)


def no_times(kind: pa.DataType, where: str) -> InputError:
    """The error for a column of values that are no times, whatever they are.

    Args:
        kind: of the values.
        where: the column, for messages.
    """
    return InputError(
        "the column has no times",
        where=where,
        expected="dates, timestamps, their text in ISO 8601, or seconds, milli-, micro- or "
        "nanoseconds since 1970 in the years 1990 to 2099",
        found=str(kind),
        todo="Name another column",
    )
