"""Sends alerts to a channel of Microsoft Teams, as an adaptive card to a workflow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import cut
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted, named

if TYPE_CHECKING:
    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import Holds

# Teams takes 28 kB, and less was seen to be refused.
BYTES = 18_000
_MOST, _LINE, _URL = 20, 700, 2000
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_TYPE = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """A channel of Teams.

    Attributes:
        webhook: reference to the address of the workflow that posts to it.
        wanted: which events it is sent.
    """

    webhook: str
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("teams", self.webhook)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Posts the card."""
        return attempts.post(Request(url=look_up(self.webhook), body=card(message)))


def card(message: Message) -> bytes:
    """The message as Teams takes it, with as many of the worst events as there is room for."""
    for most in range(min(_MOST, len(message.events)), -1, -1):
        made = json.dumps(_card(message, message.lines(most)), ensure_ascii=False).encode()
        if len(made) <= BYTES:
            break
    return made


def _card(message: Message, lines: list[str]) -> dict[str, Any]:
    body = [
        _text(message.title, weight="Bolder", size="Medium"),
        *map(_text, lines),
        _text(" · ".join(message.notes), isSubtle=True),
    ]
    actions = [
        {"type": "Action.OpenUrl", "title": title, "url": uri}
        for title, uri in message.links
        if len(uri) <= _URL
    ]
    content = {
        "type": "AdaptiveCard",
        "$schema": _SCHEMA,
        "version": "1.4",
        "body": body,
        "actions": actions,
    }
    attachment = {"contentType": _TYPE, "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _text(text: str, **how: Any) -> dict[str, Any]:
    """A line in which nothing is Markdown: columns may have the names of links."""
    run = {"type": "TextRun", "text": cut(text, _LINE), **how}
    return {"type": "RichTextBlock", "inlines": [run]}
