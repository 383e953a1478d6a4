"""What a sink of alerts is, and which alerts it is to be sent."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from driftkit.errors import SettingsError
from driftkit.io.locations import locate
from driftkit.io.writing import write_outputs
from driftkit.settings import SEVERITIES
from driftkit.sinks.alerts import ACTIVE, TOLD
from driftkit.sinks.posting import Outcome, host_of
from driftkit.sinks.references import is_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.results.facts import Subject
    from driftkit.settings import Severity
    from driftkit.sinks.alerts import Event, State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts

_OWN = re.compile(r"\{(?:model|variant|monitor)\}")
_UNSAFE = re.compile(r"[^\w.-]")
_WAIT = 10.0
# What a message holds: the events of a window, those of them that have one thread, one event, or
# all that are to be sent.
Holds = Literal["window", "thread", "event", "all"]
# For receivers that take an alert for resolved unless they hear of it again.
EVERY_WINDOW: frozenset[State] = ACTIVE | {"clearing", "resolved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events a sink is to be sent.

    Attributes:
        on: states: firing, renotified, resolved, no_data.
        min_severity: warning, error or critical.
        required: whether the run's exit code says that it could not be sent.
    """

    on: tuple[State, ...] = ("firing", "renotified", "resolved", "no_data")
    min_severity: Severity = "warning"
    required: bool = False

    def __post_init__(self) -> None:
        for name, found, known in (
            ("on", set(self.on), sorted(TOLD)),
            ("min_severity", {self.min_severity}, SEVERITIES),
        ):
            if not found or not found <= {*known}:
                raise SettingsError(
                    "a sink cannot be asked for this",
                    where=name,
                    expected=", ".join(known),
                    found=", ".join(map(str, sorted(found))) or "nothing",
                )

    def of(self, events: Iterable[Event], hears: frozenset[State]) -> list[Event]:
        """Those of the events that it is to be sent, of those that it can tell."""
        left_out = TOLD - {*self.on}
        least = SEVERITIES.index(self.min_severity)
        return [
            each
            for each in events
            if each.state in hears - left_out and SEVERITIES.index(each.severity) >= least
        ]


class Sink(Protocol):
    """Where alerts are sent."""

    @property
    def wanted(self) -> Wanted:
        """Which events it is to be sent."""

    @property
    def name(self) -> str:
        """What deliveries know it by; holds no secret, and is the same in the next run."""

    @property
    def hears(self) -> frozenset[State]:
        """The states that it can tell."""

    @property
    def holds(self) -> Holds:
        """What a message holds."""

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Sends a message.

        Raises:
            SettingsError: a secret is not where its reference says.
        """


def named(kind: str, target: str) -> str:
    """The name of a sink.

    >>> named("slack", "${env:HOOK}")
    'slack ${env:HOOK}'
    >>> named("webhook", "https://example.org/drift")
    'webhook example.org 2c008d'
    """
    if is_reference(target):
        return f"{kind} {target}"
    digest = hashlib.sha256(target.encode()).hexdigest()[:6]
    return f"{kind} {host_of(target)} {digest}" if "://" in target else f"{kind} {target}"


class AboutRun(Protocol):
    """What is known of any run, even of one that fails."""

    @property
    def subject(self) -> Subject:
        """What it is about."""

    @property
    def monitor(self) -> str:
        """Whose run it is."""


def write_file(pattern: str, of: AboutRun, content: str | bytes) -> Outcome:
    """Writes the file of a run whole, in place of the one before.

    Args:
        pattern: its name as users write it, in which {model}, {variant} and {monitor} stand for
            the run's own.
        of: the run.
        content: of the file.

    Raises:
        OutputError: it cannot be written.
    """
    location = locate(_file_of(pattern, of))
    # Monitors that end at once write into one folder one after the other.
    write_outputs(location.parent, {location.name: content}, wait=_WAIT)
    return Outcome(status="sent")


def _file_of(pattern: str, of: AboutRun) -> str:
    own = {
        "{model}": of.subject.model,
        "{variant}": of.subject.variant,
        "{monitor}": of.monitor,
    }
    return _OWN.sub(lambda found: _UNSAFE.sub("_", own[found[0]]), pattern)
