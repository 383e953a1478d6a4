"""Which spans of time are run: the last one that is complete, or those of a range."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from driftkit.configuration.section import in_words
from driftkit.errors import SettingsError
from driftkit.results.facts import SNAPSHOT, granularity_of
from driftkit.settings.checks import moment

LAST = "LAST"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
# A Monday: weeks begin on it, and days and hours at their own beginning.
_ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window of time, its end excluded; open on both sides where rows have no times."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def name(self) -> str:
        """What its folder is called; names of one length sort by time.

        >>> Span(start=_ORIGIN, end=_ORIGIN + _DAY).name
        '2001-01-01'
        >>> Span(start=_ORIGIN, end=_ORIGIN + 2 * _HOUR).name
        '2001-01-01T0000Z_2001-01-01T0200Z'
        """
        if self.start is None or self.end is None:
            return SNAPSHOT
        if self.end - self.start == _DAY and (self.start - _ORIGIN) % _DAY == timedelta():
            return f"{self.start:%Y-%m-%d}"
        if self.end - self.start == _HOUR and self.start.minute == 0:
            return f"{self.start:%Y-%m-%dT%H}"
        return f"{self.start:%Y-%m-%dT%H%MZ}_{self.end:%Y-%m-%dT%H%MZ}"

    @property
    def granularity(self) -> str:
        """Its length in words.

        >>> Span(start=_ORIGIN, end=_ORIGIN + 7 * _DAY).granularity
        '7 days'
        """
        if self.start is None or self.end is None:
            return SNAPSHOT
        return granularity_of(self.end - self.start)


def spans_of(
    asked: str, length: timedelta | None, delay: timedelta | None, now: datetime
) -> tuple[Span, ...]:
    """The windows that are asked for.

    Args:
        asked: LAST, or START/END in ISO 8601, which is cut into windows.
        length: of a window; None where nothing says it.
        delay: how long after its end a window is complete.
        now: when it is asked.

    Raises:
        SettingsError: it is neither, or the range is no whole number of windows.
    """
    if asked.upper() == LAST:
        if length is None:
            return (Span(),)
        latest = now - (delay or timedelta())
        end = latest - (latest - _ORIGIN) % length
        return (Span(start=end - length, end=end),)
    start, end = _range(asked)
    if length is None:
        return (Span(start=start, end=end),)
    number, rest = divmod(end - start, length)
    if rest or number > _MOST:
        raise _wrong(
            "the range is no whole number of windows",
            f"a range of 1 to {_MOST:,} windows of {in_words(length)}",
            asked,
        )
    bounds = [start + at * length for at in range(number + 1)]
    return tuple(Span(start=a, end=b) for a, b in itertools.pairwise(bounds))


def earlier(last: Span, long: timedelta) -> list[Span]:
    """The windows of the same length before one, the oldest first.

    Args:
        last: the window.
        long: how long before its beginning the oldest may begin.

    >>> day = Span(start=_ORIGIN + 2 * _DAY, end=_ORIGIN + 3 * _DAY)
    >>> [each.name for each in earlier(day, timedelta(hours=50))]
    ['2001-01-01', '2001-01-02']
    """
    if last.start is None or last.end is None:
        return []
    length = last.end - last.start
    starts = [last.start - at * length for at in range(min(long // length, _MOST), 0, -1)]
    return [Span(start=start, end=start + length) for start in starts]


def _range(asked: str) -> tuple[datetime, datetime]:
    first, between, last = asked.partition("/")
    if not between:
        raise _wrong("this is no window", "LAST or START/END", asked)
    start, end = moment("--window", first), moment("--window", last)
    if start >= end:
        raise _wrong("the window is empty", "START before END", asked)
    return start, end


def _wrong(what: str, expected: str, found: str) -> SettingsError:
    return SettingsError(
        what,
        where="--window",
        expected=expected,
        found=found,
        todo="Write for example --window 2024-03-18/2024-03-19",
    )
