"""Reads schedules of Application Auto Scaling: at(...), rate(...) and cron(...)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import tzinfo

FORMS = "at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(six fields)"
_FORM = re.compile(r"\s*(at|rate|cron)\((.*)\)\s*")
_RATE = re.compile(r"\s*([1-9]\d*) (minute|hour|day)s?\s*")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEKDAYS = {name: number for number, name in enumerate(_DAYS, 1)}
_PART = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/([1-9]\d*))?")
_LAST_WEEKDAY = re.compile(r"(\w+)L")
_NTH_WEEKDAY = re.compile(r"(\w+)#([1-5])")
_WEEK = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Minutes since 1970, from the first to the last, both included."""

    first: int
    last: int

    def __contains__(self, minute: int) -> bool:
        return self.first <= minute <= self.last


def due(schedule: str, zone: tzinfo, span: Span, since: int) -> tuple[int, ...]:
    """The minutes at which a schedule is due.

    Times that a change of the clocks leaves out are left out; those that occur twice are due once.

    Args:
        schedule: at(...), rate(...) or cron(...) in Application Auto Scaling's syntax.
        zone: of at(...) and cron(...).
        span: the minutes that are asked for.
        since: minute at which rate(...) begins to count.

    Raises:
        ValueError: it is not in that syntax.

    >>> midnight = 20_000 * 1440
    >>> day = Span(first=midnight, last=midnight + 1439)
    >>> [minute - midnight for minute in due("cron(0/30 6-7 * * ? *)", UTC, day, 0)]
    [360, 390, 420, 450]
    """
    found = _FORM.fullmatch(schedule)
    if found is None:
        raise ValueError(f"it is not {FORMS}")
    form, text = found.groups()
    minutes: Iterable[int | None]
    if form == "at":
        minutes = [_minute(_naive(text), zone)]
    elif form == "rate":
        minutes = _repeated(text, span, since)
    else:
        minutes = _matched(text, zone, span)
    return tuple(minute for minute in minutes if minute is not None and minute in span)


def _naive(text: str) -> datetime:
    when = datetime.fromisoformat(text.strip())
    if when.tzinfo is not None:
        raise ValueError("its time has a zone of its own")
    return when


def _minute(when: datetime, zone: tzinfo) -> int | None:
    """Minutes since 1970 of a local time; None where the clocks leave it out."""
    moment = when.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != when:
        return None
    return (moment - _EPOCH) // timedelta(minutes=1)


def _repeated(text: str, span: Span, since: int) -> Iterator[int]:
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError("a rate is a number and minutes, hours or days")
    every = int(found[1]) * _MINUTES[found[2]]
    late = max(span.first - since, 0)
    yield from range(since + -(-late // every) * every, span.last + 1, every)


def _matched(text: str, zone: tzinfo, span: Span) -> Iterator[int | None]:
    fields = text.upper().split()
    if len(fields) != len(("minute", "hour", "day", "month", "weekday", "year")):
        raise ValueError("cron(...) has six fields")
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    fits = _days(fields)
    day = (_EPOCH + timedelta(minutes=span.first)).astimezone(zone).date()
    end = (_EPOCH + timedelta(minutes=span.last)).astimezone(zone).date()
    while day <= end:
        if fits(day):
            times = (time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
            yield from (_minute(datetime.combine(day, each), zone) for each in times)
        day += timedelta(days=1)


def _days(fields: list[str]) -> Callable[[date], bool]:
    months, years = _numbers(fields[3], 1, 12, _MONTHS), _numbers(fields[5], 1970, 2199)
    in_month, in_week = _day_of_month(fields[2]), _day_of_week(fields[4])
    return lambda day: day.month in months and day.year in years and in_month(day) and in_week(day)


def _day_of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: (day + timedelta(days=1)).day == 1
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _day_of_week(field: str) -> Callable[[date], bool]:
    if last := _LAST_WEEKDAY.fullmatch(field):
        of_week = _number(last[1], _WEEKDAYS)
        return lambda day: _weekday(day) == of_week and (day + timedelta(days=_WEEK)).day <= _WEEK
    if nth := _NTH_WEEKDAY.fullmatch(field):
        of_week, week = _number(nth[1], _WEEKDAYS), int(nth[2])
        return lambda day: _weekday(day) == of_week and (day.day - 1) // _WEEK + 1 == week
    numbers = _numbers(field.replace("L", "7"), 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    """1 on Sundays, 7 on Saturdays."""
    return day.isoweekday() % _WEEK + 1


def _numbers(
    field: str, lowest: int, highest: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    """What a field with numbers, names, lists, ranges and steps stands for."""
    return frozenset(
        number for part in field.split(",") for number in _range(part, lowest, highest, names or {})
    )


def _range(part: str, lowest: int, highest: int, names: Mapping[str, int]) -> range:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"the field {part!r} of cron(...) is not understood")
    start, end, step = found.groups()
    if start in {"*", "?"}:
        first, last = lowest, highest
    else:
        first = _number(start, names)
        last = _number(end, names) if end else highest if step else first
    if not lowest <= first <= last <= highest:
        raise ValueError(f"the field {part!r} of cron(...) is not from {lowest} to {highest}")
    return range(first, last + 1, int(step or 1))


def _number(text: str, names: Mapping[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdecimal():
        raise ValueError(f"{text!r} in cron(...) is not understood")
    return int(text)
