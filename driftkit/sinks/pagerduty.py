"""Sends alerts to PagerDuty, whose incidents open and close with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import about, cut, details, shown
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted, named
from driftkit.sinks.webhook import told

if TYPE_CHECKING:
    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import Holds

URL = "https://events.pagerduty.com/v2/enqueue"
SUMMARY, DEDUP_KEY = 1024, 255
_MODEL = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty:
    """A service of PagerDuty.

    Attributes:
        routing_key: reference to the integration key of Events API v2.
        url: where events are taken.
        wanted: which events it is sent.
    """

    routing_key: str = field(repr=False)
    url: str = URL
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="event", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("pagerduty", self.routing_key)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Opens or closes the alert's incident."""
        body = {"routing_key": look_up(self.routing_key), **event(message)}
        made = json.dumps(body, ensure_ascii=False).encode()
        return attempts.post(Request(url=look_up(self.url), body=made))


def event(message: Message) -> dict[str, Any]:
    """The alert as PagerDuty takes it."""
    of = message.first
    model, monitor = shown(of.model, _MODEL), shown(of.monitor, _MODEL // 2)
    made: dict[str, Any] = {
        "event_action": "resolve" if of.state == "resolved" else "trigger",
        "dedup_key": f"driftkit/{model}/{monitor}/{of.fingerprint}"[-DEDUP_KEY:],
        "client": "driftkit",
        "payload": {
            "summary": cut(f"{message.subject}: {about(of)}. {details(of)}", SUMMARY),
            "source": model or "driftkit",
            "severity": of.severity,
            "timestamp": of.at.isoformat(),
            "component": monitor,
            "group": model,
            "class": shown(of.constraint_check_type),
            "custom_details": {**told(of), "owner": shown(message.ownership.owner)},
        },
    }
    if message.links:
        links = [{"href": uri, "text": title} for title, uri in message.links]
        made |= {"client_url": links[0]["href"], "links": links}
    return made
