"""What people say of alerts: which event a judgement is about, and how many alerts were right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.sinks.alerts import BEGUN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.sinks.alerts import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many alerts of a check were right.

    Attributes:
        check: whose alerts they are.
        right: that people found true.
        judged: that people judged.
    """

    check: str
    right: int
    judged: int

    def __str__(self) -> str:
        return f"{self.check}: {self.right:,} of {self.judged:,} judged alerts were right"


def begun(events: Sequence[Event], event: Event) -> Event | None:
    """The event by which the alert of another one began; None where it has not fired by then.

    Args:
        events: all of them, in the order in which they came about.
        event: any of the alert.
    """
    before = events[: events.index(event) + 1]
    own = (each for each in reversed(before) if each.fingerprint == event.fingerprint)
    return next((each for each in own if each.state in BEGUN), None)


def precisions(events: Iterable[Event]) -> list[Precision]:
    """Of each check with alerts that people judged, in the order of their names."""
    of_alerts = [each for each in events if each.state in BEGUN and each.judged]
    judged = Counter(each.constraint_check_type for each in of_alerts)
    right = Counter(each.constraint_check_type for each in of_alerts if each.judged == "true")
    return [
        Precision(check=check, right=right[check], judged=judged[check]) for check in sorted(judged)
    ]
