"""What people are told of a window: one message for a model, a monitor and a window."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from driftkit.errors import visible
from driftkit.results.facts import NOBODY
from driftkit.results.slices import segment_of
from driftkit.settings import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from driftkit.results.facts import Ownership
    from driftkit.settings import Severity
    from driftkit.sinks.alerts import Event

WORST = 5
_NAME, _SENTENCE = 120, 300
_LINE_ENDS = re.compile(r"\s+")
_SIGNS = {"resolved": "\N{BLACK CIRCLE}", "no_data": "\N{MULTIPLICATION X}"}
_SIGN = "\N{BLACK UP-POINTING TRIANGLE}"
_WORDS = {
    "renotified": "still firing",
    "ongoing": "still firing",
    "clearing": "clearing",
    "no_data": "without data",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The events of a model, a monitor and a window.

    Attributes:
        events: the worst first.
        ownership: who looks after the model.
        thread: what the receiver calls the message by which these alerts began; None where it
            has none.
    """

    events: tuple[Event, ...]
    ownership: Ownership = NOBODY
    thread: str | None = None

    @property
    def first(self) -> Event:
        """The worst."""
        return self.events[0]

    @property
    def id(self) -> str:
        """The same for the same events, however often they are sent."""
        if len(self.events) == 1:
            return self.first.event_id
        text = " ".join(sorted(each.event_id for each in self.events))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def over(self) -> bool:
        """Whether nothing is violated any more of what it tells."""
        return all(each.state == "resolved" for each in self.events)

    @property
    def severity(self) -> Severity:
        """The worst severity."""
        return max((each.severity for each in self.events), key=SEVERITIES.index)

    @property
    def subject(self) -> str:
        """Model, variant and monitor."""
        variants = {each.variant for each in self.events if each.variant}
        parts = (self.first.model, *sorted(variants), self.first.monitor)
        return " ".join(shown(each) for each in parts if each)

    @property
    def window(self) -> str:
        """The window in words; empty where rows have no times."""
        start, end = self.first.window_start, self.first.window_end
        return f"{_time(start)} to {_time(end)} UTC" if start and end else ""

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        counts = Counter(_WORDS.get(each.state, each.state) for each in self.events)
        said = ", ".join(f"{count:,} {state}" for state, count in counts.items())
        return f"{_SIGNS.get(self.first.state, _SIGN)} {self.subject}: {said}"

    @property
    def report_uri(self) -> str | None:
        """Where the page is, if it is on the web."""
        return on_web(self.first.report_uri)

    @property
    def links(self) -> list[tuple[str, str]]:
        """What people open next, and the addresses."""
        known = (("Open the report", self.report_uri), ("Open the runbook", self.ownership.link))
        return [(title, uri) for title, uri in known if uri]

    @property
    def notes(self) -> list[str]:
        """What else is known of the window and the model, each in a few words."""
        known = (("window", self.window), ("owner", shown(self.ownership.owner)))
        said = [f"{name} {text}" for name, text in known if text]
        return [*said, f"run {self.first.run_id[:8]}"]

    def lines(self, most: int = WORST) -> list[str]:
        """The worst events, a line each, and how many more there are."""
        return [*(line(each) for each in self.events[:most]), *self.more(most)]

    def more(self, most: int) -> list[str]:
        """A line that says how many events there are beyond so many; none where there are none."""
        more = len(self.events) - most
        return [f"and {more:,} more"] if more > 0 else []


def messages(events: Iterable[Event], ownership: Ownership = NOBODY) -> list[Message]:
    """The events as messages, the earliest window first."""
    made = sorted(events, key=lambda each: (_of(each), *_rank(each)))
    grouped = groupby(made, key=_of)
    return [Message(events=tuple(each), ownership=ownership) for _, each in grouped]


def on_web(uri: str | None) -> str | None:
    """The address of a page, if people can follow it from wherever they read of it."""
    return uri if uri and uri.startswith(("https://", "http://")) else None


def line(event: Event) -> str:
    """An event in a line."""
    state = _WORDS.get(event.state, event.state)
    return f"{about(event)}: {state}. {details(event)}".rstrip()


def about(event: Event) -> str:
    """What an alert is about, in words."""
    segment = segment_of(event.slice_key, event.slice_value)
    others = "and others" if event.together else ""
    named = (event.feature_name, others, segment and f"[{segment}]", event.constraint_check_type)
    words = [shown(each) for each in named if each]
    return " ".join([*words, f"of {shown(event.variant)}"] if event.variant else words)


def details(event: Event) -> str:
    """What was expected, and what there is instead."""
    if event.state == "resolved":
        return f"Seen in {event.windows} windows since {_time(event.first_seen)} UTC."
    halves = (
        f"expected {shown(event.expected, _SENTENCE)}" if event.expected else "",
        f"found {shown(event.observed, _SENTENCE)}" if event.observed else "",
    )
    said = ", ".join(each for each in halves if each)
    cause = shown(event.cause, _SENTENCE)
    return " ".join(
        each for each in (f"{said[:1].upper()}{said[1:]}." if said else "", cause) if each
    )


def shown(text: str, most: int = _NAME) -> str:
    """A text of the data as people may be shown it: in one line, no longer than `most`."""
    return cut(_LINE_ENDS.sub(" ", visible(text)).strip(), most)


def cut(text: str, most: int) -> str:
    """The text, or its beginning where it is too long.

    >>> cut("abcdef", 4), cut("abcd", 4)
    ('abc…', 'abcd')
    """
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _of(event: Event) -> tuple[datetime, datetime, str, str]:
    """Window, model and monitor; all variants of a run have one message."""
    return (event.moment, event.window_start or event.moment, event.model, event.monitor)


def _rank(event: Event) -> tuple[bool, int, str, str]:
    return (
        event.state == "resolved",
        -SEVERITIES.index(event.severity),
        event.feature_name or "",
        event.event_id,
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
