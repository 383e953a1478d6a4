"""Schedules of scaling actions: forms, calendars, clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from driftkit.formats.deployment.schedules import Span, due

BERLIN = ZoneInfo("Europe/Berlin")


def minute(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


def dates(schedule: str, first: str, days: int) -> list[str]:
    """The dates on which a schedule at midnight is due."""
    span = Span(first=minute(first), last=minute(first) + days * 1440 - 1)
    found = due(schedule, UTC, span, 0)
    return [f"{datetime.fromtimestamp(each * 60, UTC):%m-%d}" for each in found]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(0 0 1,15 * ? *)", ["11-01", "11-15", "12-01"]),
        ("cron(0 0 L * ? *)", ["11-30"]),
        ("cron(0 0 ? NOV MON *)", ["11-02", "11-09", "11-16", "11-23", "11-30"]),
        ("cron(0 0 ? * 2#3 *)", ["11-16"]),
        ("cron(0 0 ? * friL *)", ["11-27"]),
        ("cron(0 0 ? * L 2026)", ["11-07", "11-14", "11-21", "11-28"]),
        ("cron(0 0 30/1 11 ? 2020-2030)", ["11-30"]),
        ("cron(0 0 ? * SUN 2027)", []),
        ("at(2026-11-05T00:00:00)", ["11-05"]),
        ("at(2027-11-05T00:00:00)", []),
    ],
)
def test_days(schedule: str, expected: list[str]) -> None:
    assert dates(schedule, "2026-11-01", 31) == expected


def test_minutes_and_hours() -> None:
    span = Span(first=minute("2026-11-01T00:10"), last=minute("2026-11-01T13:00"))

    found = due("cron(*/30 0,12-13 * * ? *)", UTC, span, 0)

    assert [each - span.first for each in found] == [20, 710, 740, 770]


@pytest.mark.parametrize(
    ("rate", "since", "expected"),
    [
        ("rate(5 minutes)", 100, [100, 105, 110]),
        ("rate(1 hour)", 50, [110]),
        ("rate(5 minutes)", 98, [103, 108]),
        ("rate(1 day)", 101, [101]),
    ],
)
def test_rates_count_from_their_beginning(rate: str, since: int, expected: list[int]) -> None:
    assert list(due(rate, UTC, Span(first=100, last=110), since)) == expected


def test_local_times_follow_the_clocks() -> None:
    start = minute("2026-03-28T00:00")
    span = Span(first=start, last=start + 3 * 1440)

    seven = due("cron(0 7 * * ? *)", BERLIN, span, 0)
    left_out = due("cron(30 2 * * ? *)", BERLIN, span, 0)

    assert [timedelta(minutes=each - start) / timedelta(hours=1) for each in seven] == [6, 29, 53]
    # On the 29th there is no half past two.
    assert [timedelta(minutes=each - start) / timedelta(hours=1) for each in left_out] == [
        1.5,
        48.5,
    ]


def test_a_time_that_occurs_twice_is_due_once() -> None:
    start = minute("2026-10-24T22:00")

    found = due("at(2026-10-25T02:30:00)", BERLIN, Span(first=start, last=start + 1440), 0)

    assert [each - start for each in found] == [150]


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 0 * * ?)",
        "cron(60 0 * * ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 ? * MOON *)",
        "cron(0 0 5-2 * ? *)",
        "cron(0 0 * * ? 1969)",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "at(soon)",
        "at(2026-11-05T00:00:00Z)",
        "now",
    ],
)
def test_what_is_no_schedule(schedule: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        due(schedule, UTC, Span(first=0, last=10), 0)
