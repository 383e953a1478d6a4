"""What driftkit's files say, in a newcomer's words, and whether it is what was to be found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baselines.flights.damage import DAMAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.violations import Violation
    from driftkit.monitors.data_quality.results import MonitoringResult

PLANTED = frozenset((fault.feature, fault.check) for fault in DAMAGES)
_PHRASES = {
    "baseline_drift_check": "{feature}: drift {found:.2f}",
    "completeness_check": "{feature}: {found:.1f}% present",
    "categorical_values_check": "{feature}: {found:.2f}% known values",
    "data_type_check": "{feature}: {found:.1f}% of its type",
}
_FOUND = re.compile(r"(?:distance: |Observed: (?:Only )?)([0-9.E-]+)")
_NO_WEATHER = "the weather table ends on 30 December"

# What the months really bring, for whom the findings surprise.
REASONS = {
    ("temperature", "baseline_drift_check"): (
        "trained from January to June, the model never saw a whole summer, and from October on "
        "it meets other shares of cold days than it learned from"
    ),
    ("wind_speed", "baseline_drift_check"): "July to September are calmer than winter and spring",
    ("visibility", "baseline_drift_check"): "December has the poorest sight of the year",
    ("late_probability", "baseline_drift_check"): (
        "in summer weather the model expects more delays; in July it is right, in August it is not"
    ),
    ("dest", "categorical_values_check"): (
        "some airports were not served before, such as Anchorage; and a flight from Newark to "
        "LaGuardia, 17 miles away, is an error in the data"
    ),
    ("temperature", "completeness_check"): _NO_WEATHER,
    ("wind_speed", "completeness_check"): _NO_WEATHER,
    ("visibility", "completeness_check"): _NO_WEATHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of requests and what driftkit named in it.

    Attributes:
        label: its name, for people.
        requests: how many there were.
        named: (feature, check) -> the violation in a few words.
    """

    label: str
    requests: int
    named: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, label: str, result: MonitoringResult) -> Month:
        """The month that a monitoring run looked at."""
        return cls(
            label=label,
            requests=result.statistics.item_count,
            named={
                (violation.feature_name, violation.constraint_check_type): phrase(violation)
                for violation in result.violations
            },
        )


def phrase(violation: Violation) -> str:
    """A violation in a few words."""
    found = _FOUND.search(violation.description)
    template = _PHRASES.get(violation.constraint_check_type)
    if found is None or template is None:
        return f"{violation.feature_name}: {violation.description}"
    return template.format(feature=violation.feature_name, found=float(found[1]))


def mistakes(*, flown: Month, damaged: Month) -> tuple[str, ...]:
    """What driftkit missed of the damage, and what it named that is not damaged.

    Args:
        flown: the month as it was.
        damaged: the same month's flights with all of DAMAGES done to them.

    Returns:
        A sentence a mistake; none when exactly the damage was named.
    """
    missed = PLANTED - damaged.named.keys() | PLANTED & flown.named.keys()
    invented = damaged.named.keys() - flown.named.keys() - PLANTED
    return (
        *(f"{check} did not tell the damage to {name}." for name, check in sorted(missed)),
        *(f"{check} names {name}, which is not damaged." for name, check in sorted(invented)),
    )
