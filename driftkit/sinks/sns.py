"""Publishes alerts to a topic of Amazon SNS; needs boto3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError, visible
from driftkit.extras import library
from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import shown
from driftkit.sinks.posting import ANSWER_SECONDS, CONNECT_SECONDS, Outcome
from driftkit.sinks.sink import Wanted, named
from driftkit.sinks.webhook import payload

if TYPE_CHECKING:
    from datetime import datetime

    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts
    from driftkit.sinks.sink import Holds

BYTES, SUBJECT = 250_000, 100
_FIFO = ".fifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sns:
    """A topic.

    Attributes:
        topic: its ARN.
        wanted: which events it is sent.
    """

    topic: str
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    def __post_init__(self) -> None:
        if self.topic.count(":") != 5 or not self.topic.startswith("arn:"):
            raise SettingsError(
                "this is no topic",
                where="topic",
                expected="arn:aws:sns:REGION:ACCOUNT:NAME",
                found=self.topic,
            )

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("sns", self.topic)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Publishes the message.

        Raises:
            SettingsError: boto3 is missing.
        """
        made = publication(message, self.topic, attempts.now())
        return attempts(lambda: self._once(made))

    def _once(self, made: dict[str, Any]) -> Outcome:
        boto3 = library("boto3", "aws", "SNS")
        from botocore.config import Config  # noqa: PLC0415  (of the extra)
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        how = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
        )
        try:
            client = boto3.client("sns", region_name=self.topic.split(":")[3], config=how)
            client.publish(**made)
        except ClientError as error:
            said = visible(str(error.response.get("Error", {}).get("Code", "")))
            return Outcome(status="retry", error=f"SNS answered {said}")
        except (BotoCoreError, ResponseParserError) as error:
            return Outcome(status="retry", error=f"SNS took no message ({type(error).__name__})")
        return Outcome(status="sent", http_status=200)


def publication(message: Message, topic: str, now: datetime) -> dict[str, Any]:
    """The message as SNS takes it, with as many of the worst alerts as there is room for."""
    most = len(message.events)
    text = _text(message, now, most)
    while len(text.encode()) > BYTES and most:
        most //= 2
        text = _text(message, now, most)
    first = message.first
    status = "resolved" if message.over else "firing"
    told = {
        "model": first.model,
        "monitor": first.monitor,
        "status": status,
        "severity": message.severity,
    }
    made: dict[str, Any] = {
        "TopicArn": topic,
        "Subject": _subject(f"{message.subject}: {status}"),
        "Message": text,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": shown(value)}
            for name, value in told.items()
            if shown(value)
        },
    }
    if topic.endswith(_FIFO):
        group = "".join(each for each in first.model if each.isascii() and each.isalnum())[:128]
        made |= {"MessageGroupId": group or "driftkit", "MessageDeduplicationId": message.id}
    return made


def _text(message: Message, now: datetime, most: int) -> str:
    return json.dumps(payload(message, now, most), ensure_ascii=False)


def _subject(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return f"driftkit {plain}"[:SUBJECT].strip()
