"""Sends alerts to a Slack channel, by an incoming webhook."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import WORST, about, cut, details
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted, named

if TYPE_CHECKING:
    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts, Outcome
    from driftkit.sinks.sink import Holds

# Slack takes 50 blocks and 3,000 characters in each, but refuses about 13,200 in sum.
_HEADER, _SECTION, _URL = 150, 800, 3000
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """A channel of Slack.

    Attributes:
        webhook: reference to the address of the incoming webhook.
        wanted: which events it is sent.
    """

    webhook: str
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("slack", self.webhook)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Posts the message."""
        body = json.dumps(blocks(message)).encode()
        return attempts.post(Request(url=look_up(self.webhook), body=body))


def blocks(message: Message) -> dict[str, Any]:
    """The message as Slack takes it."""
    worst = [
        _section(f"*{escaped(about(each), _SECTION // 4)}*: {each.state}\n", details(each))
        for each in message.events[:WORST]
    ]
    made = [
        {"type": "header", "text": _plain(message.title, _HEADER)},
        *worst,
        _context(" · ".join([*message.more(WORST), *message.notes])),
    ]
    buttons = [
        {"type": "button", "text": _plain(title, 75), "url": uri}
        for title, uri in message.links
        if len(uri) <= _URL
    ]
    if buttons:
        made.append({"type": "actions", "elements": buttons})
    return {"text": escaped(message.title, _HEADER), "blocks": made}


def escaped(text: str, most: int) -> str:
    """Text in which nothing is a mention or a link, no longer than `most`.

    >>> escaped("<!channel> & all", 20)
    '&lt;!channel&gt; …'
    """
    made = [_ESCAPED.get(each, each) for each in text]
    if sum(map(len, made)) <= most:
        return "".join(made)
    kept, size = [], 1
    for each in made:
        size += len(each)
        if size > most:
            break
        kept.append(each)
    return f"{''.join(kept)}\N{HORIZONTAL ELLIPSIS}"


def _section(head: str, text: str) -> dict[str, Any]:
    said = head + escaped(text, _SECTION - len(head))
    return {"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": said}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_plain(text, _SECTION)]}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "emoji": False, "text": cut(text, most)}
