"""Selects the captured data of a window: files by hour, records by time.

Times are points in time, whatever zone they are written in; those without a zone are UTC, as
endpoints write them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.variant import one_variant
from driftkit.columns.times import moment_of, monday_of
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from driftkit.io.finding import File
    from driftkit.settings import TimeUnit, Window

HOUR = timedelta(hours=1)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
# Not Z: with it, and without any zone, the text is in UTC already.
_ZONED = r"[T ].*[+-]\d{2}(?::?\d{2}){0,2}$"
_IS_ZONED = re.compile(_ZONED)
_LENGTH = {"day": 10, "hour": 13, "week": 10}
_MOMENT = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])"
_HOUR = re.compile(r"(?:^|/)(\d{4})/(\d{2})/(\d{2})/(\d{2})/[^/]+$")


def hour_of(path: str) -> datetime | None:
    """The hour of `.../yyyy/mm/dd/hh/file`; None for other paths.

    >>> hour_of("endpoint/AllTraffic/2024/03/18/15/14-45-000-x.jsonl")
    datetime.datetime(2024, 3, 18, 15, 0, tzinfo=datetime.timezone.utc)
    """
    found = _HOUR.search(path.replace("\\", "/"))
    if not found:
        return None
    year, month, day, hour = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None


def hours_of(files: Sequence[File]) -> tuple[datetime, datetime] | None:
    """When the first hour of files begins and the last one ends; None unless all are known."""
    hours = {hour_of(file.path) for file in files}
    known = [hour for hour in hours if hour is not None]
    return (min(known), _after(max(known))) if known and len(known) == len(hours) else None


def _after(hour: datetime) -> datetime:
    """When an hour ends; the last one that a date can name ends with it."""
    return hour + HOUR if hour < _END_OF_TIME - HOUR else _END_OF_TIME


def in_window(
    files: Sequence[File], start: datetime | None, end: datetime | None
) -> tuple[File, ...]:
    """The files of the hours from `start` up to, not including, `end`.

    Files without an hour in their path stay: their records' own times decide.

    Raises:
        InputError: no file is left.
    """
    if start is None and end is None:
        return tuple(files)
    kept = tuple(file for file in files if is_inside(hour_of(file.path), start, end))
    if not kept:
        raise InputError(
            "no captured data in the window",
            where=f"{_shown(start)} to {_shown(end)}",
            expected="files under <endpoint>/<variant>/yyyy/mm/dd/hh/ of these hours",
            found=_span(files),
            todo="Check --start, --end and the folder",
        )
    return kept


def before_window(files: Sequence[File], start: datetime, back: timedelta) -> tuple[File, ...]:
    """The files of the hours before that of `start`, as far as they have records not earlier than `back`."""
    first = start.replace(minute=0, second=0, microsecond=0)
    hours = ((file, hour_of(file.path)) for file in files)
    known = ((file, hour) for file, hour in hours if hour is not None)
    return tuple(file for file, hour in known if hour < first and start - back < _after(hour))


def select(files: Sequence[File], settings: Window) -> tuple[list[File], TimeRange]:
    """The files of the variant and of the hours that are asked for, and the window of records.

    Args:
        files: of captured or merged data.
        settings: variant, start and end of the window.

    Raises:
        InputError: there are several variants and none was chosen, or nothing is in the window.
    """
    of_one = one_variant(files, settings)
    kept = in_window(of_one, settings.start, settings.end)
    window = TimeRange(start=settings.start, end=settings.end)
    return [file for file in kept if file.size], window


def is_inside(hour: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    """Whether a window has a part of an hour; of one that is not known it may."""
    if hour is None:
        return True
    first = None if start is None else start.replace(minute=0, second=0, microsecond=0)
    return (first is None or hour >= first) and (end is None or hour < end)


def _shown(moment: datetime | None) -> str:
    return moment.isoformat() if moment else "open"


def _span(files: Sequence[File]) -> str:
    hours = sorted(hour for hour in (hour_of(file.path) for file in files) if hour)
    return f"hours from {hours[0].isoformat()} to {hours[-1].isoformat()}" if hours else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """Times from `start` up to, not including, `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds_all_of(self, path: str) -> bool:
        """Whether all records of a file are in the window, whatever their own times."""
        if self.start is None and self.end is None:
            return True
        hour = hour_of(path)
        if hour is None:
            return False
        return (self.start is None or self.start <= hour) and (
            self.end is None or _after(hour) <= self.end
        )

    def holds(self, time: str | None) -> bool:
        """Whether a time is in the window; a text that is no time is.

        >>> TimeRange(start=None, end=datetime(2024, 3, 18, 15, tzinfo=UTC)).holds("2024-03-18T15:00Z")
        False
        """
        moment = None if self.start is None and self.end is None else moment_of(time)
        return moment is None or (
            (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)
        )

    def mask(self, times: pa.Array) -> npt.NDArray[np.bool_]:
        """Whether each time is in the window."""
        return np.fromiter(map(self.holds, times.to_pylist()), np.bool_, len(times))


def in_utc(text: str) -> str:
    """A time in UTC; a text that is none, or has no zone, as it is.

    >>> in_utc("2024-03-18T01:30:00+02:00")
    '2024-03-17T23:30:00+00:00'

    A moment outside of the years 1 to 9999 has no date in UTC, and becomes an empty text.
    """
    moment = moment_of(text) if _IS_ZONED.search(text) else None
    if moment is None:
        return text
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return ""


def all_in_utc(times: pa.Array) -> pa.Array:
    """Times as text, each as `in_utc` has it."""
    # The way in which endpoints write them is told fastest.
    if (
        pc.all(pc.ends_with(times, "Z")).as_py()
        or not pc.any(pc.match_substring_regex(times, _ZONED)).as_py()
    ):
        return times
    texts = times.to_pylist()
    return pa.array([None if text is None else in_utc(text) for text in texts], pa.string())


def moments(times: pa.Array, unit: TimeUnit) -> Iterator[tuple[str | None, int, int]]:
    """The day, hour or week of neighbouring times in UTC, with the first of them and the end.

    None stands for times that are not known. Of no times there is one stretch, without any.
    """
    utc = all_in_utc(times)
    heads = pc.utf8_slice_codeunits(utc, 0, _LENGTH[unit])
    known = pc.fill_null(pc.match_substring_regex(utc, _MOMENT), fill_value=False)
    found = pc.if_else(known, heads, pa.scalar(None, pa.string())).to_pylist()
    if unit == "week":
        found = [*map(monday_of, found)]
    start = 0
    for index in range(1, len(found) + 1):
        if index == len(found) or found[index] != found[start]:
            yield found[start], start, index
            start = index
    if not found:
        yield None, 0, 0
