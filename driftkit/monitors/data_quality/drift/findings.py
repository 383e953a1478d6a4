"""Verdicts of drift as findings, for those who are told, and as metrics, for those who keep them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.monitors.data_quality.checks import categories, completeness
from driftkit.monitors.data_quality.checks import drift as drift_check
from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.results.findings import happened
from driftkit.results.verdicts import (
    CHECKS,
    DIFFERENT,
    FAULTS,
    P_DIFFERENT,
    P_UNUSUAL,
    UNUSUAL,
    affected,
    calibration_of,
    cause_of,
    changed_together,
    matters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.formats.drift import Drift, Test, Verdict


def told_once(drift: Drift | None, own: Iterable[Finding]) -> list[Finding]:
    """The alarms, then the violations of Model Monitor's checks; of a feature once what says the same.

    Args:
        drift: the verdicts; None where drift was not judged.
        own: the violations.
    """
    if drift is None:
        return list(own)
    alarmed = {each.feature: each for each in drift.features if each.alarm}
    together = changed_together(drift)
    found: list[Finding] = []
    firsts: dict[str, int] = {}
    for each in (*_alarms(drift), *own):
        verdict = None if each.segment else alarmed.get(each.feature or "")
        if verdict is None or each.check not in _same(verdict):
            found.append(each)
            continue
        at = firsts.setdefault(verdict.feature, len(found))
        if at < len(found):
            found[at] = _beside(found[at], each)
        else:
            found.append(replace(each, together=together.get(verdict.feature, ())))
    return found


def _same(verdict: Verdict) -> set[str | None]:
    """The checks that say of a feature what its alarm says."""
    checks = (_CHECKS_OF_FAULTS.get(each or "") for each in (verdict.fault, verdict.kind))
    return {*CHECKS, drift_check.NAME, *checks}


def _beside(first: Finding, other: Finding) -> Finding:
    """A finding with another one of the feature that is told in it."""
    known = [each.severity for each in (first, other) if each.severity is not None]
    both = replace(first, severity=max(known, default=None), also=(*first.also, other))
    said = f"; Model Monitor: {happened(other)}"
    # What was read from a file has a message alone.
    if not first.expected:
        return replace(both, message=f"{first.message}{said}")
    return replace(both, observed=f"{first.observed}{said}")


def _alarms(drift: Drift) -> Iterator[Finding]:
    """Those that are not left to Model Monitor's own checks."""
    for each in drift.features:
        check = _check(each, drift.alarm_on)
        if check is not None:
            yield _finding(each, check, matters(drift, each), drift.unit or "day")


def _check(verdict: Verdict, alarm_on: str) -> str | None:
    if not verdict.alarm:
        return None
    if verdict.verdict == "unusual":
        return UNUSUAL
    if verdict.fault in FAULTS:
        return FAULTS[verdict.fault]
    return DIFFERENT if verdict.verdict == "different" and alarm_on == "different" else None


def _finding(verdict: Verdict, check: str, expected: str, unit: str) -> Finding:
    return Finding(
        check=check,
        feature=verdict.feature,
        message=f"{verdict.feature}: {verdict.message}",
        severity=affected(verdict),
        expected=_EXPECTED[check].format(unit=unit),
        observed=f"{verdict.message}; expected to move {expected}" if expected else verdict.message,
        cause=cause_of(verdict) if verdict.causes else "",
        value=verdict.effect,
    )


_CHECKS_OF_FAULTS = {"nulls": completeness.NAME, "new categories": categories.NAME}
_EXPECTED = {
    UNUSUAL: "like the {unit}s of the reference",
    DIFFERENT: "no difference from the baseline beyond sampling",
    FAULTS["range"]: "values between the baseline's smallest and largest",
    FAULTS["one value"]: "no value that takes over",
    FAULTS["units"]: "values in the unit of the baseline",
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
            **_impact(drift, each),
            "message": each.message,
        }


def _impact(drift: Drift | None, verdict: Verdict) -> dict[str, Any]:
    """What the feature is expected to move; nothing where no predictions are known."""
    if drift is None or drift.predictions is None:
        return {}
    found = verdict.impact
    return {
        "prediction_move": found and found.prediction,
        "prediction_error": found and found.prediction_error,
        "loss_move": found and found.loss,
        "loss_error": found and found.loss_error,
    }


def notes(drift: Drift | None) -> Iterator[str]:
    """What a person should know of the verdicts, a line each."""
    if drift is not None:
        yield calibration_of(drift)
