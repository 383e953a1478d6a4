"""What is known of days, hours and weeks as blocks of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftkit.comparison.detection.expectation import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.native.arrays import Integers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# With fewer of them a block says nothing of a feature.
FEW_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A length of blocks of time.

    Attributes:
        length: of a block.
        first: when the block of number 0 begins.
        a_day: how many a reference has for each of its days that are asked for.
        needed: blocks of a reference without which nothing is said of days.
        advised: for what is said to be sure; the hours of a week are 48 parts of their own, and of
            weeks a year tells the season.
        joins_at_once: whether a block belongs to the reference of the next one. Of days and hours it does
            when it is not judged together with the newest any more, or what began with it would hide
            itself; eight weeks are a season, which half a year does not know.
        form: how the beginning of a block is written.
        calendar: what is known of blocks, by their numbers.
    """

    length: timedelta
    first: datetime = _EPOCH
    a_day: int = 1
    needed: int
    advised: int
    joins_at_once: bool = False
    form: str
    calendar: Callable[[Integers], Calendar]

    def number(self, start: datetime) -> int:
        """The number of the block with a moment."""
        return (start - self.first) // self.length


UNITS = {
    "day": Unit(
        length=timedelta(days=1),
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
    "week": Unit(
        length=timedelta(days=7),
        # A Monday, as weeks of ISO 8601 begin.
        first=_EPOCH - timedelta(days=3),
        needed=26,
        advised=52,
        joins_at_once=True,
        form="%Y-%m-%d",
        calendar=Calendar.of_weeks,
    ),
}
