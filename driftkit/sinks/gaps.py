"""Says which windows should have been run and never were, from those that were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from driftkit.results.facts import Facts, Subject, about, granularity_of

if TYPE_CHECKING:
    from collections.abc import Iterable

# So many windows that follow each other make a schedule.
_REGULAR = 3
# How long a window is waited for, at least so many of them; what is older is given up.
_PATIENCE, _LEAST = timedelta(days=7), 10
# What was not run at this time of the day or week before, is not missed now.
_PERIODS = (timedelta(days=1), timedelta(days=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A window of a model and monitor.

    Attributes:
        model: that is monitored.
        variant: of its endpoint; empty where there is but one.
        monitor: that looked at it, or should have.
        start: beginning of the window, included.
        end: its end, excluded.
    """

    model: str
    variant: str
    monitor: str
    start: datetime
    end: datetime

    @property
    def series(self) -> tuple[str, str, str]:
        """What it has in common with the windows before and after it."""
        return self.model, self.variant, self.monitor


def ran_of(facts: Facts) -> Ran | None:
    """The window of a run; None where rows have no times."""
    of = facts.subject
    if of.start is None or of.end is None:
        return None
    return Ran(
        model=of.model, variant=of.variant, monitor=facts.monitor, start=of.start, end=of.end
    )


def missing(ran: Iterable[Ran], until: datetime | None = None) -> list[Ran]:
    """The windows that were expected and never run, in their order.

    Windows are expected to go on as they did, once three of them followed each other: those of the
    length that the last one has. A window that was not run at the same time of the day or week
    before is not expected, and nor is one of more than a week ago (of more than ten windows, where
    they are long).

    Args:
        ran: windows of one model, variant and monitor, in any order.
        until: when windows must have ended to be expected; None for the end of the last one.
    """
    known = sorted(set(ran), key=lambda each: (each.end, each.start))
    if not known:
        return []
    last = known[-1]
    length = last.end - last.start
    until = max(until or last.end, last.end)
    begin = _regular_from(known, last)
    if begin is None:
        return []
    oldest = min(each.start for each in known)
    first = max(begin, begin + -((begin - (until - patience(length))) // length) * length)
    count = max((until - first) // length, 0)
    starts = (first + at * length for at in range(count))
    return [
        replace(last, start=start, end=start + length)
        for start in starts
        if not _covered(known, start, length) and _usual(known, start, length, oldest)
    ]


def missing_of(
    expected: Iterable[tuple[datetime, datetime]], ran: Iterable[Ran], until: datetime
) -> list[Ran]:
    """The windows of a schedule that were never run, in their order; none before the first that was.

    Args:
        expected: beginning and end of the schedule's windows.
        ran: windows of one model, variant and monitor, at least one.
        until: when windows must have ended to be expected.
    """
    known = sorted(set(ran), key=lambda each: (each.end, each.start))
    oldest = min(each.start for each in known)
    return [
        replace(known[-1], start=start, end=end)
        for start, end in sorted(expected)
        if start >= oldest and end <= until and not _covered(known, start, end - start)
    ]


def patience(length: timedelta) -> timedelta:
    """How long windows of a length are waited for."""
    return max(_PATIENCE, _LEAST * length)


def absent(window: Ran, at: datetime) -> Facts:
    """What is known of a window that never ran: nothing.

    Args:
        window: that was expected.
        at: when it was found missing.
    """
    subject = Subject(
        model=window.model,
        variant=window.variant,
        start=window.start,
        end=window.end,
        granularity=granularity_of(window.end - window.start),
    )
    nothing = Facts(
        run_id="", subject=subject, monitor=window.monitor, evaluated_at=at, status="not_measured"
    )
    return about(nothing, subject, evaluated_at=at)


def _regular_from(known: list[Ran], last: Ran) -> datetime | None:
    """The end of the first windows that followed each other and led to the last; None for none."""
    length = last.end - last.start
    starts = {
        each.start
        for each in known
        if each.end - each.start == length and not (last.start - each.start) % length
    }
    for start in sorted(starts):
        if all(start + at * length in starts for at in range(_REGULAR)):
            return start + _REGULAR * length
    return None


def _covered(known: Iterable[Ran], start: datetime, length: timedelta) -> bool:
    return any(each.start <= start and start + length <= each.end for each in known)


def _usual(known: list[Ran], start: datetime, length: timedelta, oldest: datetime) -> bool:
    """Whether a window was run a day and a week before, as far as that is known."""
    before = [start - each for each in _PERIODS if length < each]
    return all(each < oldest or _covered(known, each, length) for each in before)
