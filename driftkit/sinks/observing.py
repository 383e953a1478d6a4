"""Says which alerts a run's findings belong to, and what else is known of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from driftkit.results.contract import Finding
from driftkit.results.facts import dimensions_text, fingerprint, granularity_of
from driftkit.results.slices import segment_of
from driftkit.results.verdicts import CHECKS
from driftkit.settings import SEVERITIES
from driftkit.sinks.alerts import INPUT_CHANGED, NO_DATA, NO_RUN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts
    from driftkit.settings import Severity
    from driftkit.sinks.alerts import Event, Rules
    from driftkit.sinks.gaps import Ran

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A violation in a window, as an alert has it.

    Attributes:
        fingerprint: of the alert.
        check: that failed.
        feature: the column; None for all of them.
        segment: the rows, in words; None for all of them.
        metric: that is violated; None for checks of no single number.
        dimensions: as the finding's, as JSON.
        severity: warning, error or critical.
        share: of the rows that are affected; 0 where that is not known.
        expected: what the baseline demands.
        observed: what the window has instead.
        cause: a sentence that helps to find out why.
    """

    fingerprint: str
    check: str
    feature: str | None = None
    segment: str | None = None
    metric: str | None = None
    dimensions: str = "{}"
    severity: Severity = "warning"
    share: float = 0.0
    expected: str = ""
    observed: str = ""
    cause: str = ""


def observe(facts: Facts, rules: Rules, missing: Sequence[Ran] = ()) -> dict[str, Observed]:
    """The violations of a window by fingerprint, in an order that does not depend on theirs.

    Where too many columns are violated, one observation says so in place of theirs.

    Args:
        facts: of the run.
        rules: what is critical, and how many columns are too many.
        missing: the windows that were expected by then and never run.
    """
    if facts.status == "no_data":
        found = [_of_all(facts, NO_DATA, cause="The window has no rows.", severity="critical")]
    else:
        found = [observed_of(each, facts, rules) for each in facts.findings]
        storm = _storm(found, facts, rules)
        if storm is not None:
            found = [each for each in found if each.feature is None] + [storm]
    found += [_never_run(facts, missing)] if missing else []
    # The same alert may stand behind two findings; which one tells of it must not be chance.
    found.sort(key=lambda each: (each.fingerprint, each.share, each.observed, each.cause))
    return {each.fingerprint: each for each in found}


def storms(observed: Mapping[str, Observed]) -> bool:
    """Whether one observation stands for those of the columns."""
    return any(each.check == INPUT_CHANGED for each in observed.values())


def clearly_within(event: Event, metrics: Mapping[tuple[str, ...], Metric], share: float) -> bool:
    """Whether a number that was violated is so far within what is allowed that it counts as gone.

    Args:
        event: of the alert.
        metrics: of the window, by `by_key`.
        share: of the way from the baseline's value to the threshold.
    """
    about = (
        event.feature_name or "",
        segment_of(event.slice_key, event.slice_value) or "",
        event.metric_name or "",
    )
    found = metrics.get((*about, event.dimensions))
    if found is None or found.allowed is None or found.known is None:
        return True
    low, high = found.allowed
    normal = 0.0 if found.baseline is None else found.baseline
    if not low <= normal <= high:
        return True
    return normal + (low - normal) * share <= found.known <= normal + (high - normal) * share


def by_key(metrics: Sequence[Metric]) -> dict[tuple[str, ...], Metric]:
    """The metrics that were compared, by what events know of them."""
    return {
        (each.feature or "", each.segment or "", each.name, dimensions_text(each.dimensions)): each
        for each in metrics
        if each.allowed is not None
    }


def observed_of(finding: Finding, facts: Facts, rules: Rules) -> Observed:
    """A finding as an alert has it."""
    share = finding.severity if finding.severity and math.isfinite(finding.severity) else 0.0
    return Observed(
        fingerprint=fingerprint(facts, finding),
        check=finding.check,
        feature=finding.feature,
        segment=finding.segment,
        metric=finding.metric,
        dimensions=dimensions_text(finding.dimensions),
        severity=finding.level or _severity(finding.check, share, rules),
        share=share,
        expected=finding.expected,
        observed=finding.observed,
        cause=finding.cause or ("" if finding.check in CHECKS else finding.message),
    )


def _severity(check: str, share: float, rules: Rules) -> Severity:
    if any(fnmatchcase(check, pattern) for pattern in rules.critical):
        return "critical"
    return "error" if share >= _HALF else "warning"


def _of_all(facts: Facts, check: str, **known: Any) -> Observed:
    """What stands for no single finding."""
    stand_in = Finding(check=check, message="")
    return Observed(fingerprint=fingerprint(facts, stand_in), check=check, **known)


def _never_run(facts: Facts, missing: Sequence[Ran]) -> Observed:
    first, last = missing[0], missing[-1]
    times = f"from {first.start:%Y-%m-%d %H:%M} to {last.end:%Y-%m-%d %H:%M} UTC"
    windows = "1 window" if len(missing) == 1 else f"{len(missing):,} windows"
    return _of_all(
        facts,
        NO_RUN,
        severity="critical",
        expected=f"a run for every {granularity_of(last.end - last.start)}",
        observed=f"none of {windows} {times}",
        cause="The job that runs the monitor was not started, or has failed.",
    )


def _storm(found: Sequence[Observed], facts: Facts, rules: Rules) -> Observed | None:
    """One observation in place of those of single columns, where most columns have one."""
    hit = {each.feature for each in found if each.feature is not None}
    measured = {each.feature for each in facts.metrics if each.feature is not None} | hit
    if len(hit) < rules.storm_least or len(hit) <= rules.storm * len(measured):
        return None
    of_columns = [each for each in found if each.feature is not None]
    return _of_all(
        facts,
        INPUT_CHANGED,
        severity=max((each.severity for each in of_columns), key=SEVERITIES.index),
        share=len(hit) / len(measured),
        expected=f"at most {rules.storm:.0%} of the columns violated",
        observed=f"{len(hit):,} of {len(measured):,} columns violated",
        cause=f"The input changed as a whole: {_common(of_columns)}.",
    )


def _common(found: Sequence[Observed]) -> str:
    """What most of the violations have in common."""
    checks = Counter(each.check for each in found)
    check, times = min(checks.items(), key=lambda each: (-each[1], each[0]))
    causes = Counter(each.cause for each in found if each.cause)
    said = f"{times:,} of {len(found):,} violations are of {check}"
    if causes:
        cause, same = min(causes.items(), key=lambda each: (-each[1], each[0]))
        if same > 1:
            return f"{said}; {same:,} say: {cause.rstrip('.')}"
    return said
