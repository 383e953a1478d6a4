"""Sends alerts to a Slack channel as a bot: what fires opens a thread, what follows goes into it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.sinks.alerts import TOLD
from driftkit.sinks.posting import Outcome, Request, at_path
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted
from driftkit.sinks.slack import blocks

if TYPE_CHECKING:
    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts
    from driftkit.sinks.sink import Holds

_METHOD = "/chat.postMessage"
# What Slack says of itself; all else is wrong with the message, the token or the channel.
_PASSING = {
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
}
_KNOWN = {
    "channel_not_found": "there is no such channel, or the bot is not in it",
    "invalid_auth": "the token is wrong",
    "is_archived": "the channel is archived",
    "missing_scope": "the bot lacks the scope chat:write",
    "not_authed": "there is no token",
    "not_in_channel": "the bot is not in the channel",
    "token_revoked": "the token was revoked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackBot:
    """A channel of Slack, to which a bot posts.

    Attributes:
        channel: its id.
        token: reference to the bot's token, with the scope chat:write.
        url: of Slack's methods.
        wanted: which events it is sent.
    """

    channel: str
    token: str = "${env:SLACK_BOT_TOKEN}"  # noqa: S105  (a reference)
    url: str = "https://slack.com/api"
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="thread", init=False, repr=False)

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return f"slack_bot {self.channel}"

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Posts the message, in the thread of its alerts if they have one."""
        request = Request(
            url=at_path(look_up(self.url), _METHOD),
            body=json.dumps(posted(message, look_up(self.channel))).encode(),
            headers={
                "Authorization": f"Bearer {look_up(self.token)}",
                "Content-Type": "application/json; charset=utf-8",
            },
            read=answered,
        )
        return attempts.post(request)


def posted(message: Message, channel: str) -> dict[str, Any]:
    """The message as the method chat.postMessage takes it.

    Args:
        message: what is told.
        channel: the channel's id.
    """
    thread = {"thread_ts": message.thread} if message.thread else {}
    quiet = {"unfurl_links": False, "unfurl_media": False}
    return {"channel": channel, **blocks(message), **thread, **quiet}


def answered(status: int, body: bytes) -> Outcome:
    """What became of a message, which Slack says in the body of a good answer.

    Args:
        status: of the answer.
        body: of it.
    """
    try:
        answer = json.loads(body)
        done, error, receipt = answer.get("ok"), answer.get("error"), answer.get("ts")
    except (ValueError, AttributeError):
        return Outcome(status="retry", http_status=status, error="Slack's answer is no JSON object")
    if done is True:
        sent = receipt if isinstance(receipt, str) else None
        return Outcome(status="sent", http_status=status, receipt=sent)
    # Only words that are known are repeated.
    word = error if isinstance(error, str) else ""
    said = _KNOWN.get(word, "try later" if word in _PASSING else "the message was refused")
    again = word in _PASSING
    return Outcome(
        status="retry" if again else "dead", http_status=status, error=f"Slack says: {said}"
    )
