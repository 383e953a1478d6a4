"""Keeps alerts where there is no store: a file with lines of JSON for events, deliveries and silences."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from driftkit.errors import FormatError
from driftkit.io.writing import holding, write_outputs
from driftkit.sinks.alerts import BEGUN, Event, Silence
from driftkit.sinks.delivering import Delivery
from driftkit.sinks.gaps import Ran

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.io.locations import Location

# Events older than this are forgotten, unless they are among the last of their alert.
_KEPT = timedelta(days=30)
_LAST = 10
# Windows, by which missing ones are known: what was run a week before tells what is expected, and
# so many are those of two weeks of hours.
_RAN, _LAST_RAN = timedelta(days=15), 30
MOST_RAN = 400
# Another run sends for a minute and a little at most.
_PATIENCE_SECONDS = 90.0
_KINDS: Mapping[str, TypeAdapter[Any]] = MappingProxyType(
    {
        "event": TypeAdapter(Event),
        "delivery": TypeAdapter(Delivery),
        "silence": TypeAdapter(Silence),
        "ran": TypeAdapter(Ran),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of alerts.

    Attributes:
        events: in the order in which they came about.
        deliveries: in theirs.
        silences: that users asked for.
        ran: windows that were run, where nothing else keeps them.
    """

    events: tuple[Event, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    silences: tuple[Silence, ...] = ()
    ran: tuple[Ran, ...] = ()

    def trimmed(self, now: datetime) -> Kept:
        """What is still needed."""
        since = now - _KEPT
        of_alert: dict[str, list[str]] = defaultdict(list)
        for each in self.events:
            of_alert[each.fingerprint].append(each.event_id)
        last = {name for names in of_alert.values() for name in names[-_LAST:]}
        told = BEGUN | {"renotified"}
        events = tuple(
            each
            for each in self.events
            if each.at >= since or each.event_id in last or each.state in told
        )
        known = {each.event_id for each in events if each.at >= since}
        return Kept(
            events=events,
            deliveries=tuple(each for each in self.deliveries if each.event_id in known),
            silences=tuple(each for each in self.silences if each.lasts(now)),
            ran=_last_ran(self.ran),
        )


@contextmanager
def keeping(file: Location) -> Iterator[Kept]:
    """What the file holds, while no other run changes it.

    Raises:
        FormatError: a line is of something else.
        OutputError: another run takes too long, or nothing can be written there.
    """
    with holding(file.parent, wait=_PATIENCE_SECONDS):
        yield read_kept(file)


def read_kept(file: Location) -> Kept:
    """What the file holds; nothing where there is none.

    Raises:
        FormatError: a line is of something else.
    """
    if not file.exists():
        return Kept()
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            read = json.loads(line)
            kind = read.pop("kind")
            found[kind].append(_KINDS[kind].validate_python(read))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            raise FormatError(
                "this is no line of alerts",
                where=f"{file}:{number}",
                expected="an event, a delivery, a silence or a window, as driftkit writes them",
                todo="Name another file, or move this one away",
            ) from error
    return Kept(
        events=tuple(found["event"]),
        deliveries=tuple(found["delivery"]),
        silences=tuple(found["silence"]),
        ran=tuple(found["ran"]),
    )


def write_kept(file: Location, kept: Kept) -> None:
    """Writes the file in one step.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [_line("silence", each) for each in kept.silences]
    lines += [_line("ran", each) for each in kept.ran]
    lines += [_line("event", each) for each in kept.events]
    lines += [_line("delivery", each) for each in kept.deliveries]
    write_outputs(file.parent, {file.name: "".join(lines)})


def _last_ran(ran: tuple[Ran, ...]) -> tuple[Ran, ...]:
    """The windows by which it can be told which ones are missing."""
    of_series: dict[tuple[str, str, str], list[Ran]] = defaultdict(list)
    for each in sorted(ran, key=lambda each: each.end):
        of_series[each.series].append(each)
    return tuple(
        each
        for windows in of_series.values()
        for left, each in enumerate(windows[-MOST_RAN:], start=-min(len(windows), MOST_RAN))
        if left >= -_LAST_RAN or each.end >= windows[-1].end - _RAN
    )


def _line(kind: str, value: Any) -> str:
    made = _KINDS[kind].dump_python(value, mode="json", exclude_defaults=True)
    return json.dumps({"kind": kind, **made}) + "\n"
