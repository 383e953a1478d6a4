"""Reads times and time zones of SageMaker's and CloudWatch's JSON and tables."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from driftkit.formats.deployment.moments import parse_moment
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from datetime import tzinfo

EXPECTED_TIME = "a time like 2026-11-02T10:15:00Z, or seconds since 1970"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Until the end of the year 9999; more than that are milliseconds.
_MOST_SECONDS = 253_402_300_799
_MINUTE_SECONDS = 60


def seconds_of(value: str | float) -> int:
    """Whole seconds since 1970 of a text in ISO 8601, UTC without a zone, or of seconds since 1970.

    Raises:
        ValueError: it is neither.

    >>> seconds_of("1970-01-01T01:00:30+00:00"), seconds_of(3600.5)
    (3630, 3600)
    """
    if isinstance(value, str):
        return (parse_moment(value.strip()) - _EPOCH) // timedelta(seconds=1)
    if isinstance(value, bool) or not abs(value) <= _MOST_SECONDS:
        raise ValueError(EXPECTED_TIME)
    return math.floor(value)


def read_minute(node: Node, key: str) -> int:
    """Minutes since 1970 of a time.

    Raises:
        FormatError: it is none.
    """
    value = node.raw(key)
    if not isinstance(value, str | int | float):
        raise node.wrong(key, EXPECTED_TIME, value)
    try:
        return seconds_of(value) // _MINUTE_SECONDS
    except ValueError as error:
        raise node.wrong(key, EXPECTED_TIME, value) from error


def read_zone(node: Node, key: str) -> tzinfo:
    """A time zone by its name; UTC where the key is absent.

    Raises:
        FormatError: there is none of the name.
    """
    name = node.maybe(Node.text, key)
    try:
        return UTC if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise node.wrong(key, "the name of a time zone, such as Europe/Berlin", name) from error
