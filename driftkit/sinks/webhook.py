"""Sends alerts as JSON to an address of one's own, signed as Standard Webhooks are."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.results.slices import segment_of
from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import details, shown
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted, named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from driftkit.sinks.alerts import Event, State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import Holds

MOST = 1000
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes JSON.

    Attributes:
        url: the address, or a reference to it.
        secret: reference to the key that signs, or to several with spaces between them while
            they are exchanged: base64, with or without whsec_ before it.
        wanted: which events it is sent.
    """

    url: str
    secret: str = field(default="", repr=False)
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("webhook", self.url)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Posts the alerts; the id is the same however often they are sent."""
        now = attempts.now()
        body = json.dumps(payload(message, now), ensure_ascii=False).encode()
        keys = look_up(self.secret).split() if self.secret else []
        headers = {"webhook-id": message.id, "webhook-timestamp": f"{now.timestamp():.0f}"}
        signed = signatures(keys, headers["webhook-id"], headers["webhook-timestamp"], body)
        if signed:
            headers["webhook-signature"] = signed
        return attempts.post(Request(url=look_up(self.url), body=body, headers=headers))


def payload(message: Message, now: datetime, most: int = MOST) -> dict[str, Any]:
    """The alerts of a window as values.

    Args:
        message: what is told.
        now: when it is.
        most: how many alerts are listed, the worst first.
    """
    first = message.first
    return {
        "type": f"driftkit.alert.{'resolved' if message.over else 'firing'}.v1",
        "timestamp": now.isoformat(),
        "data": {
            "title": message.title,
            "run": {
                "run_id": first.run_id,
                "model": shown(first.model),
                "variant": shown(first.variant),
                "monitor": shown(first.monitor),
                "window_start": first.window_start and first.window_start.isoformat(),
                "window_end": first.window_end and first.window_end.isoformat(),
                "evaluated_at": first.at.isoformat(),
            },
            "alerts": [told(each) for each in message.events[:most]],
            "more": max(0, len(message.events) - most),
            "report_uri": first.report_uri,
            "runbook": message.ownership.link,
            "owner": shown(message.ownership.owner),
        },
    }


def told(event: Event) -> dict[str, Any]:
    """An alert as values."""
    return {
        "event_id": event.event_id,
        "fingerprint": event.fingerprint,
        "state": event.state,
        "severity": event.severity,
        "variant": shown(event.variant),
        "segment": shown(segment_of(event.slice_key, event.slice_value) or ""),
        "feature": shown(event.feature_name or ""),
        "check": shown(event.constraint_check_type),
        "metric": shown(event.metric_name or ""),
        "summary": details(event),
        "first_seen": event.first_seen.isoformat(),
        "windows": event.windows,
    }


def signatures(keys: Iterable[str], number: str, timestamp: str, body: bytes) -> str:
    """The signatures of a message by each key.

    Args:
        keys: base64, with or without whsec_.
        number: the message's id.
        timestamp: seconds since 1970.
        body: as it is sent.

    Raises:
        SettingsError: a key is not base64.
    """
    content = f"{number}.{timestamp}.".encode() + body
    try:
        made = [
            hmac.new(
                base64.b64decode(key.removeprefix(_PREFIX), validate=True), content, hashlib.sha256
            )
            for key in keys
        ]
    except (binascii.Error, ValueError) as error:
        raise SettingsError(
            "the key of the webhook's signature cannot be used",
            expected="base64, with or without whsec_ before it",
        ) from error
    return " ".join(f"v1,{base64.b64encode(each.digest()).decode()}" for each in made)
