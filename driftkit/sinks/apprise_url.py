"""Sends alerts to the services that Apprise knows, as a title and text; needs apprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.extras import library
from driftkit.sinks.alerts import TOLD
from driftkit.sinks.posting import ANSWER_SECONDS, Outcome, silent
from driftkit.sinks.references import is_reference, look_up
from driftkit.sinks.sink import Wanted, named

if TYPE_CHECKING:
    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts
    from driftkit.sinks.sink import Holds

_TALKING = ("apprise", "urllib3")
# What services make mentions and links of; a space without width keeps them from it.
_MARKS = str.maketrans({each: f"{each}\N{ZERO WIDTH SPACE}" for each in "@<["})


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseUrl:
    """One of the services that Apprise knows.

    Attributes:
        service: reference to the service's URL, as Apprise writes it; it holds what is secret.
        wanted: which events it is sent.
    """

    service: str
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    def __post_init__(self) -> None:
        if not is_reference(self.service):
            raise SettingsError(
                "the URL of a service is given by reference, for it holds what is secret",
                where="service",
                expected="'${env:NAME}' or '${file:PATH}'",
            )

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("apprise", self.service)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Sends title and text.

        Raises:
            SettingsError: Apprise is missing, or a secret is not where its reference says.
        """
        url, (title, text) = look_up(self.service), written(message)
        return attempts(lambda: _once(url, title, text))


def written(message: Message) -> tuple[str, str]:
    """Title and text of a message, in which nothing mentions anyone."""
    links = (f"{title}: {uri}" for title, uri in message.links)
    told = [*message.lines(), *message.notes]
    lines = [*(each.translate(_MARKS) for each in told), *links]
    return message.title.translate(_MARKS), "\n".join(lines)


def _once(url: str, title: str, text: str) -> Outcome:
    apprise = library("apprise", "apprise", "a sink of this kind")
    # Its own words may repeat the URL.
    with silent(*_TALKING):
        asset = apprise.AppriseAsset(http_redirects=False, async_mode=False)
        services = apprise.Apprise(asset=asset)
        if not services.add(url):
            return Outcome(status="dead", error="Apprise knows no service of such a URL")
        for each in services:
            # What is too long for a service is cut, unless its URL says otherwise.
            if each.overflow_mode == apprise.OverflowMode.UPSTREAM:
                each.overflow_mode = apprise.OverflowMode.TRUNCATE
        taken = services.notify(
            body=text, title=title, body_format=apprise.NotifyFormat.TEXT, timeout=ANSWER_SECONDS
        )
    return (
        Outcome(status="sent")
        if taken
        else Outcome(status="retry", error="the service took no message")
    )
