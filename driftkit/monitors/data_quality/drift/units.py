"""What is known of days and of hours as blocks of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftkit.comparison.detection.expectation import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.native.arrays import Integers

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# With fewer of them a block says nothing of a feature.
FEW_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A length of blocks of time.

    Attributes:
        length: of a block.
        a_day: blocks of a day.
        needed: blocks of a reference without which nothing is said of days.
        advised: for what is said to be sure; the hours of a week are 48 parts of their own.
        form: how the beginning of a block is written.
        calendar: what is known of blocks, by their numbers since 1970-01-01.
    """

    length: timedelta
    a_day: int
    needed: int
    advised: int
    form: str
    calendar: Callable[[Integers], Calendar]

    def number(self, start: datetime) -> int:
        """How many blocks after 1970-01-01 one begins."""
        return (start - EPOCH) // self.length


UNITS = {
    "day": Unit(
        length=timedelta(days=1),
        a_day=1,
        needed=30,
        advised=60,
        form="%Y-%m-%d",
        calendar=Calendar.of_days,
    ),
    "hour": Unit(
        length=timedelta(hours=1),
        a_day=24,
        needed=14 * 24,
        advised=28 * 24,
        form="%Y-%m-%dT%H:00",
        calendar=Calendar.of_hours,
    ),
}
