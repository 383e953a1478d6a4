"""The schedule of a configuration in the form of those who keep time: cron, Airflow, EventBridge."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from driftkit.configuration.section import refused
from driftkit.errors import SettingsError, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MINUTE = 60
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Name, lowest and highest number, and what they are called, the lowest first.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _DAYS),
)
_PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d+))?")


def checked_cron(text: str) -> str:
    """The five fields of a schedule with one space between them.

    >>> checked_cron("15  3 * * mon-fri")
    '15 3 * * mon-fri'
    """
    fields = text.split()
    for (name, low, high, names), field in zip(_FIELDS, fields, strict=True):
        for part in field.split(","):
            found = _PART.fullmatch(part)
            numbers = [_number(each, names) for each in found[1].split("-")] if found else [-1]
            known = found is not None and (found[1] == "*" or _in_order(numbers, low, high))
            if not known or (found is not None and found[2] == "0"):
                expected = (
                    f"{low} to {high}, such as *, {low}, {low}-{low + 2}, */2 or {low},{high}"
                )
                raise refused(f"this is no {name}", expected, repr(part))
    return " ".join(fields)


def _number(text: str, names: tuple[str, ...]) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    at = names.index(text.upper()) if text.upper() in names else -1
    return at if at < 0 or names is _DAYS else at + 1


def _in_order(numbers: list[int], low: int, high: int) -> bool:
    return numbers == sorted(numbers) and all(low <= each <= high for each in numbers)


def checked_timezone(name: str) -> str:
    """The name of a time zone that there is."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused(
            "there is no such time zone", "a name such as UTC or Europe/Berlin", repr(name)
        ) from error
    return name


def printed(kind: str, model: str, schedule: Any, file: str) -> str:
    """The schedule as somebody who keeps time takes it.

    Args:
        kind: one of `KINDS`.
        model: its name.
        schedule: the section of the configuration; None for none.
        file: its path or URL, for the command that is run.

    Raises:
        SettingsError: it has none, or one that cannot be said so.
    """
    if schedule is None:
        raise SettingsError(
            "the configuration has no schedule",
            where="schedule",
            expected='for example schedule: {cron: "15 3 * * *", timezone: UTC}',
            found="nothing",
            todo="Add it to the file",
        )
    return KINDS[kind](model, schedule, file)


def _cron(model: str, schedule: Any, file: str) -> str:
    # In a crontab, a percent sign ends the line.
    command = f"driftkit run {shlex.quote(file)}".replace("%", r"\%")
    return (
        f"# {visible(model)}: `crontab -e`. CRON_TZ is cronie's; other crons run in the zone of "
        "the machine.\n"
        f"CRON_TZ={schedule.timezone}\n"
        f"{schedule.cron} {command}\n"
    )


_DAG = '''\
"""Airflow runs all monitors of a configuration; violations skip the task, and so those behind it."""

from datetime import UTC, datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

SCHEDULE = CronDataIntervalTimetable({cron}, timezone={timezone})
SINCE = datetime(2024, 1, 1, tzinfo=UTC)

with DAG({name}, schedule=SCHEDULE, start_date=SINCE, catchup=False):
    BashOperator(task_id="monitors", bash_command={command}, skip_on_exit_code=3)
'''


def _airflow(model: str, schedule: Any, file: str) -> str:
    command = f"driftkit run {shlex.quote(file)} --fail-on-violations"
    if "{" in command:
        # Airflow fills in what is in braces.
        command = f"{{% raw %}}{command}{{% endraw %}}"
    return _DAG.format(
        cron=ascii(schedule.cron),
        timezone=ascii(schedule.timezone),
        name=ascii(f"driftkit_{_plain(model)}"),
        command=ascii(command),
    )


def _eventbridge(model: str, schedule: Any, file: str) -> str:
    target = {
        "Arn": "arn:aws:ecs:REGION:ACCOUNT:cluster/CLUSTER",
        "RoleArn": "arn:aws:iam::ACCOUNT:role/ROLE",
        "EcsParameters": {
            "TaskDefinitionArn": "arn:aws:ecs:REGION:ACCOUNT:task-definition/driftkit",
            "LaunchType": "FARGATE",
        },
        "Input": json.dumps(
            {"containerOverrides": [{"name": "driftkit", "command": ["run", file]}]}
        ),
    }
    made = {
        "Name": f"driftkit-{_plain(model)}"[:64],
        "ScheduleExpression": f"cron({of_eventbridge(schedule.cron)})",
        "ScheduleExpressionTimezone": schedule.timezone,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }
    return json.dumps(made, indent=2) + "\n"


def of_eventbridge(cron: str) -> str:
    """The six fields of EventBridge: a year is the last, and one of the days is a question mark.

    >>> of_eventbridge("*/15 3 * * 5-7"), of_eventbridge("0 0 1 * *")
    ('0/15 3 ? * SUN,FRI,SAT *', '0 0 1 * ? *')

    Raises:
        SettingsError: it asks for days of the month and of the week.
    """
    minute, hour, day, month, weekday = cron.split()
    if "*" not in {day, weekday}:
        raise SettingsError(
            "EventBridge has no schedule by days of the month and of the week at once",
            where="schedule.cron",
            expected="* as one of the two",
            found=repr(cron),
            todo="Make two schedules of it",
        )
    # Its numbers of weekdays begin with 1 for Sunday; names mean the same to both.
    days = (day, "?") if weekday == "*" else ("?", ",".join(_weekdays(weekday)))
    starts = ((minute, 0), (hour, 0), (days[0], 1), (month, 1))
    fields = [field.replace("*/", f"{low}/") for field, low in starts]
    return " ".join([*fields, days[1], "*"])


def _weekdays(field: str) -> list[str]:
    """The names of the days of a field, the week's first day first."""
    return [_DAYS[each] for each in sorted({each % 7 for each in _numbers(field, 0, 6, _DAYS)})]


def _numbers(field: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    """The numbers that a field means."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        ends = [low, high] if span == "*" else [_number(each, names) for each in span.split("-")]
        # A number with a step goes on to the end.
        last = high if step and len(ends) == 1 else ends[-1]
        found |= {*range(ends[0], last + 1, int(step or 1))}
    return found


def times_of(schedule: Any, first: datetime, last: datetime) -> Iterator[datetime]:
    """The minutes at which a schedule asks for a run, from a time to another.

    Args:
        schedule: the section of the configuration.
        first: in UTC, as the minutes are.
        last: may be one itself.
    """
    zone, fields = ZoneInfo(schedule.timezone), schedule.cron.split()
    minutes, hours, days, months, weekdays = (
        _numbers(field, low, high, names)
        for field, (_, low, high, names) in zip(fields, _FIELDS, strict=True)
    )
    # Days of the month and of the week add up, where both are said.
    either = any if "*" not in {fields[2], fields[4]} else all
    at = -(-first.timestamp() // _MINUTE) * _MINUTE
    while at <= last.timestamp():
        local = datetime.fromtimestamp(at, zone)
        weekday = local.isoweekday() % 7
        if (
            local.minute in minutes
            and local.hour in hours
            and local.month in months
            and either((local.day in days, bool({weekday, weekday or 7} & weekdays)))
        ):
            yield local.astimezone(UTC)
        at += _MINUTE


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)


KINDS: Mapping[str, Callable[[str, Any, str], str]] = MappingProxyType(
    {"airflow": _airflow, "cron": _cron, "eventbridge": _eventbridge}
)
