"""Sends alerts to Prometheus' Alertmanager, which groups, silences and routes them itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from driftkit.results.slices import segment_of
from driftkit.sinks.messages import about, details, on_web, shown
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import EVERY_WINDOW, Wanted, named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from driftkit.sinks.alerts import Event, State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import Holds

_LABEL = 200
_WITHOUT_TIMES = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alertmanager:
    """An Alertmanager; it is told of every alert that goes on, in every window.

    Attributes:
        url: its address, such as http://alertmanager:9093, or a reference to it.
        wanted: which events it is sent.
    """

    url: str
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=EVERY_WINDOW, init=False, repr=False)
    holds: Holds = field(default="all", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("alertmanager", self.url)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Posts the alerts."""
        body = json.dumps(alerts(message, attempts.now()), ensure_ascii=False).encode()
        url = f"{look_up(self.url).rstrip('/')}/api/v2/alerts"
        return attempts.post(Request(url=url, body=body))


def alerts(message: Message, now: datetime) -> list[dict[str, Any]]:
    """The alerts as Alertmanager takes them, each as it was last."""
    last = {
        each.fingerprint: each
        for each in sorted(message.events, key=lambda each: (each.moment, each.at))
    }
    about_model = {"owner": _label(message.ownership.owner), "runbook_url": message.ownership.link}
    known = {name: text for name, text in about_model.items() if text}
    return [_alert(last[name], now, known) for name in sorted(last)]


def _alert(event: Event, now: datetime, known: Mapping[str, str]) -> dict[str, Any]:
    start, end = event.window_start, event.window_end
    interval = end - start if start and end else _WITHOUT_TIMES
    ends = now if event.state == "resolved" else now + 2 * interval
    made = {
        "labels": {
            "alertname": "DriftkitViolation",
            "model": _label(event.model),
            "variant": _label(event.variant),
            "monitor": _label(event.monitor),
            "segment": _label(segment_of(event.slice_key, event.slice_value) or ""),
            "feature": _label(event.feature_name or ""),
            "check": _label(event.constraint_check_type),
            "metric": _label(event.metric_name or ""),
            "severity": event.severity,
            "fingerprint": event.fingerprint,
        },
        "annotations": {
            "summary": about(event),
            "description": details(event),
            "expected": shown(event.expected),
            "observed": shown(event.observed),
            "first_seen": event.first_seen.isoformat(),
            "report": event.report_uri or "",
            **known,
        },
        # Alertmanager keeps the earliest that it knows, and does not wait for the others of a
        # group where an alert is old.
        "startsAt": min(event.at, ends).isoformat(),
        "endsAt": ends.isoformat(),
    }
    uri = on_web(event.report_uri)
    if uri is not None:
        made["generatorURL"] = uri
    return made


def _label(text: str) -> str:
    return shown(text, _LABEL)
