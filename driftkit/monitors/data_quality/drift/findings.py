"""Verdicts of drift as findings, for those who are told, and as metrics, for those who keep them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.results.verdicts import (
    DIFFERENT,
    FAULTS,
    P_DIFFERENT,
    P_UNUSUAL,
    UNUSUAL,
    affected,
    calibration_of,
    cause_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.formats.drift import Drift, Test, Verdict


def findings(drift: Drift | None) -> Iterator[Finding]:
    """The alarms, those of Model Monitor's own checks left out."""
    for each in drift.features if drift else ():
        check = _check(each, drift.alarm_on if drift else "")
        if check is not None:
            yield _finding(each, check)


def _check(verdict: Verdict, alarm_on: str) -> str | None:
    if not verdict.alarm:
        return None
    if verdict.verdict == "unusual":
        return UNUSUAL
    if verdict.fault in FAULTS:
        return FAULTS[verdict.fault]
    return DIFFERENT if verdict.verdict == "different" and alarm_on == "different" else None


def _finding(verdict: Verdict, check: str) -> Finding:
    return Finding(
        check=check,
        feature=verdict.feature,
        message=f"{verdict.feature}: {verdict.message}",
        severity=affected(verdict),
        expected=_EXPECTED[check],
        observed=verdict.message,
        cause=cause_of(verdict) if verdict.causes else "",
        value=verdict.effect,
    )


def told_together(found: Iterable[Finding], drift: Drift | None) -> Iterator[Finding]:
    """The alarms with the features that changed alike."""
    stories = drift.stories if drift else ()
    several = [each.features for each in reversed(stories) if len(each.features) > 1]
    together = {name: features for features in several for name in features}
    for each in found:
        told = together.get(each.feature or "")
        yield replace(each, together=told) if told else each


_EXPECTED = {
    UNUSUAL: "a day like those of the reference",
    DIFFERENT: "no difference from the baseline beyond sampling",
    FAULTS["range"]: "values between the baseline's smallest and largest",
    FAULTS["one value"]: "no value that takes over",
    FAULTS["time zone"]: "rows at the hours of the days before",
}


def skipped(drift: Drift) -> Iterator[Skipped]:
    """What days could not judge this time; an alert of it stays as it was."""
    if drift.unit is None:
        return
    few = [each for each in drift.features if each.verdict == "too few rows"]
    if drift.calibration == "uncalibrated":
        yield Skipped(check=UNUSUAL, reason=drift.explanation)
    elif len(few) == len(drift.features) > 1:
        yield Skipped(check=UNUSUAL, reason=few[0].message)
    else:
        yield from (Skipped(check=UNUSUAL, reason=x.message, feature=x.feature) for x in few)


def metrics(drift: Drift | None) -> Iterator[Metric]:
    """The p-values of both verdicts, with what they stand on."""
    for each in drift.features if drift else ():
        if each.different is not None:
            yield _metric(P_DIFFERENT, each, each.different)
        if each.unusual is not None:
            yield replace(_metric(P_UNUSUAL, each, each.unusual), violated=each.unusual.significant)


def _metric(name: str, verdict: Verdict, test: Test) -> Metric:
    return Metric(
        group="detection",
        name=name,
        feature=verdict.feature,
        value=test.p_value,
    )


def rows(drift: Drift | None) -> Iterator[dict[str, Any]]:
    """A row a feature, for tables."""
    for each in drift.features if drift else ():
        yield {
            "feature": each.feature,
            "verdict": each.verdict,
            "alarm": each.alarm,
            "kind": each.kind,
            "effect": each.effect,
            "since": each.since,
            "windows": each.windows,
            P_DIFFERENT: each.different.p_value if each.different else None,
            P_UNUSUAL: each.unusual.p_value if each.unusual else None,
            "reference_days": each.days,
            "cause": each.causes[0].message if each.causes else "",
            "message": each.message,
        }


def notes(drift: Drift | None) -> Iterator[str]:
    """What a person should know of the verdicts, a line each."""
    if drift is not None:
        yield calibration_of(drift)
