"""Keeps alerts where there is no store: a file with a line of JSON for each event and delivery."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from driftkit.errors import FormatError
from driftkit.io.writing import write_outputs
from driftkit.sinks.alerts import Event
from driftkit.sinks.delivering import Delivery

if TYPE_CHECKING:
    from driftkit.io.locations import Location

# Events older than this are forgotten, unless they are among the last of their alert.
_KEPT = timedelta(days=30)
_LAST = 10
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_DELIVERY: TypeAdapter[Delivery] = TypeAdapter(Delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of alerts.

    Attributes:
        events: in the order in which they came about.
        deliveries: in theirs.
    """

    events: tuple[Event, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    def trimmed(self, now: datetime) -> Kept:
        """What is still needed."""
        since = now - _KEPT
        of_alert: dict[str, list[str]] = defaultdict(list)
        for each in self.events:
            of_alert[each.fingerprint].append(each.event_id)
        last = {name for names in of_alert.values() for name in names[-_LAST:]}
        told = {"firing", "no_data", "renotified"}
        events = tuple(
            each
            for each in self.events
            if each.at >= since or each.event_id in last or each.state in told
        )
        known = {each.event_id for each in events if each.at >= since}
        return Kept(
            events=events,
            deliveries=tuple(each for each in self.deliveries if each.event_id in known),
        )


def read_kept(file: Location) -> Kept:
    """What the file holds; nothing where there is none.

    Raises:
        FormatError: a line is of something else.
    """
    if not file.exists():
        return Kept()
    events: list[Event] = []
    deliveries: list[Delivery] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            read = json.loads(line)
            kind = read.pop("kind")
            if kind == "event":
                events.append(_EVENT.validate_python(read))
            else:
                deliveries.append(_DELIVERY.validate_python(read))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            raise FormatError(
                "this is no line of alerts",
                where=f"{file}:{number}",
                expected="an event or a delivery, as driftkit writes them",
                todo="Name another file with --alerts, or move this one away",
            ) from error
    return Kept(events=tuple(events), deliveries=tuple(deliveries))


def write_kept(file: Location, kept: Kept) -> None:
    """Writes the file in one step.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [_line("event", _EVENT, each) for each in kept.events]
    lines += [_line("delivery", _DELIVERY, each) for each in kept.deliveries]
    write_outputs(file.parent, {file.name: "".join(lines)})


def _line(kind: str, adapter: TypeAdapter[Any], value: Any) -> str:
    made = {"kind": kind, **adapter.dump_python(value, mode="json", exclude_defaults=True)}
    return json.dumps(made) + "\n"
