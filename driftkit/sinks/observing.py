"""Says which alerts a run's findings belong to, and what else is known of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from driftkit.results.contract import Finding
from driftkit.results.facts import dimensions_text, fingerprint, granularity_of
from driftkit.results.findings import about_all, of_one_reason
from driftkit.results.slices import segment_of
from driftkit.results.verdicts import CHECKS
from driftkit.settings import SEVERITIES
from driftkit.sinks.alerts import INPUT_CHANGED, NO_DATA, NO_RUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts
    from driftkit.settings import Severity
    from driftkit.sinks.alerts import Event, Rules
    from driftkit.sinks.gaps import Ran

# The last events of alerts that people know of, and of those that may fire yet.
Going = tuple["Sequence[Event]", "Sequence[Event]"]
_HALF = 0.5
# Of columns that changed alike, by which an alert is known again.
_MOST_NAMES = 100


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
        together: the columns that changed alike and are told by it, those that are kept.
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
    together: tuple[str, ...] = ()


def observe(
    facts: Facts, rules: Rules, missing: Sequence[Ran] = (), going: Going = ((), ())
) -> dict[str, Observed]:
    """The violations of a window by fingerprint, in an order that does not depend on theirs.

    Columns that changed alike are one. Where too many columns are violated, one observation says so
    in place of theirs.

    Args:
        facts: of the run.
        rules: what is critical, and how many columns are too many.
        missing: the windows that were expected by then and never run.
        going: the last events of the alerts that go on, by which columns that changed alike are told
            while they do.
    """
    if facts.status == "no_data":
        found = [_of_all(facts, NO_DATA, cause="The window has no rows.", severity="critical")]
    else:
        found = [*_told(facts, rules, going)]
        storm = _storm(found, facts, rules)
        if storm is not None:
            found = [each for each in found if each.feature is None] + [storm]
    found += [_never_run(facts, missing)] if missing else []
    # The same alert may stand behind two findings; which one tells of it must not be chance.
    found.sort(key=lambda each: (each.fingerprint, each.share, each.observed, each.cause))
    return {each.fingerprint: each for each in found}


def _told(facts: Facts, rules: Rules, going: Going) -> Iterator[Observed]:
    """The findings, those of columns that changed alike as one, by the alerts that tell of them already."""
    groups = of_one_reason(facts.findings)
    carried, known = _going_on(groups, facts, going), {each.fingerprint for each in going[0]}
    told = {
        (event.constraint_check_type, feature)
        for group, events in zip(groups, carried, strict=True)
        for event in events
        for feature in (event.together if len(group) > 1 else ())
    }
    for group, events in zip(groups, carried, strict=True):
        is_known = any(each.fingerprint in known for each in events)
        if len(group) == 1 and not is_known and (group[0].check, group[0].feature) in told:
            # It has left the others, and the alert that told of it with them goes on.
            continue
        free = [each for each in group if not _is_silenced(each, facts, rules)]
        found = observed_of((free or group)[0], facts, rules)
        # One of them at least tells of all columns.
        tells = [each for each in events if each.together] or events[:1]
        yield from (_as_of(found, each, whole=each in tells) for each in events)
        if not events:
            yield found


def _as_of(found: Observed, event: Event, *, whole: bool) -> Observed:
    """What was found, as an alert that goes on has it; the whole of what it ever told of, or its own."""
    names = dict.fromkeys((*found.together, *event.together))
    return replace(
        found,
        fingerprint=event.fingerprint,
        check=event.constraint_check_type,
        feature=event.feature_name,
        metric=event.metric_name,
        dimensions=event.dimensions,
        together=tuple(names)[:_MOST_NAMES] if whole else (),
    )


def _is_silenced(finding: Finding, facts: Facts, rules: Rules) -> bool:
    name = fingerprint(facts, finding)
    return rules.silenced(finding.feature, finding.check, name, facts.evaluated_at)


def _going_on(groups: Sequence[Sequence[Finding]], facts: Facts, going: Going) -> list[list[Event]]:
    """The alerts by which each group of findings is told of.

    An alert is of one of the group's findings; or of columns that changed alike, and some of these do
    still: so it stays the same whichever of them comes first. Those that people know of all go on, of
    those that may fire yet one does.
    """
    found: list[list[Event]] = [[] for _ in groups]
    owners = {
        fingerprint(facts, each): index
        for index, group in enumerate(groups)
        for finding in group
        for each in (finding, *finding.also)
    }
    for event in (*going[0], *going[1]):
        index = owners.get(event.fingerprint)
        if index is None and event.together:
            shared = [_shared(event, group[0]) for group in groups]
            index = max(range(len(groups)), key=shared.__getitem__, default=None)
            index = index if index is not None and shared[index] else None
        if index is not None:
            found[index].append(event)
    known = {each.fingerprint for each in going[0]}
    return [
        [each for each in events if each.fingerprint in known]
        or sorted(events, key=lambda each: -len(each.together))[:1]
        for events in found
    ]


def _shared(event: Event, finding: Finding) -> int:
    """How many columns an alert and a finding tell of that changed alike."""
    same = event.constraint_check_type == finding.check
    return len({*event.together} & {*finding.together}) if same else 0


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
        severity=finding.level or _severity(finding, share, rules),
        share=share,
        expected=finding.expected,
        observed=f"{about_all(finding)}: {finding.observed}"
        if finding.together
        else finding.observed,
        cause=finding.cause or ("" if finding.check in CHECKS else finding.message),
        together=finding.together[:_MOST_NAMES],
    )


def _severity(finding: Finding, share: float, rules: Rules) -> Severity:
    checks = [each.check for each in (finding, *finding.also)]
    if any(fnmatchcase(check, pattern) for check in checks for pattern in rules.critical):
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
