"""Makes findings of violations, grades and ranks them, and says in words what happened."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.results.contract import Finding, about, in_words
from driftkit.results.verdicts import CHECKS
from driftkit.settings import SEVERITIES
from driftkit.settings.patterns import meanings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.formats.violations import AttributionViolation, BiasViolation, MetricViolation
    from driftkit.results.contract import Metric, Run
    from driftkit.settings import Severity

_SHOWN = 5


def finding_of(
    violation: MetricViolation | BiasViolation | AttributionViolation,
    metric: Metric | None,
    **dimensions: str,
) -> Finding:
    """A violation of a metric's constraint as a finding, with the metric's numbers where known."""
    bare = Finding(
        check=violation.constraint_check_type,
        metric=violation.metric_name,
        dimensions=dimensions,
        message=violation.description,
    )
    if metric is None:
        return bare
    noise = f" ({metric.lower:.4g} to {metric.upper:.4g})" if metric.interval else ""
    return replace(
        bare,
        metric=metric.name,
        expected="" if metric.allowed is None else in_words(metric.allowed),
        observed="" if metric.value is None else f"{metric.value:.4g}{noise}",
        cause=_cause(metric) or violation.description,
        value=metric.value,
        baseline=metric.baseline,
        allowed=metric.allowed,
        interval=metric.interval,
    )


def _cause(metric: Metric) -> str:
    """How far it is from the baseline's value, and whether chance may explain it; "" if unknown.

    Of deployments the value is a difference by itself.
    """
    if metric.group == "deployment" or metric.value is None or metric.baseline is None:
        return ""
    change = metric.value - metric.baseline
    moved = f"{abs(change):.4g} {'more' if change > 0 else 'less'} than the baseline's"
    chance = {
        True: "; chance alone would hardly explain it",
        False: "; chance alone may explain it",
        None: "",
    }
    return f"{moved} {metric.baseline:.4g}{chance[metric.beyond_noise]}."


def graded(findings: Iterable[Finding], run: Run | None) -> tuple[Finding, ...]:
    """The findings with the severity that the user of a run gave to their checks and metrics."""
    return with_levels(findings, run.severities if run else {})


def with_levels(findings: Iterable[Finding], said: Mapping[str, Severity]) -> tuple[Finding, ...]:
    """The findings with the severity of their checks and metrics, where it is said.

    A name goes before a pattern, a metric before its check.
    """
    if not said:
        return tuple(findings)
    return tuple(replace(each, level=_level(each, said)) for each in findings)


def _level(finding: Finding, said: Mapping[str, Severity]) -> Severity | None:
    """The most serious one of what the finding tells."""
    levels = [_own_level(each, said) for each in (finding, *finding.also)]
    return max(filter(None, levels), key=SEVERITIES.index, default=None)


def _own_level(finding: Finding, said: Mapping[str, Severity]) -> Severity | None:
    names = [each for each in (finding.check, finding.metric) if each]
    found = {name: said[text] for text, meant in meanings(said, names) for name in meant}
    return next((found[name] for name in reversed(names) if name in found), None)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, most serious first; those of segments come last.

    What users say of a check goes before all else, then alarms of drift. Where rows cannot be told apart, those come
    first that are furthest from what is allowed, in terms of their intervals.
    """
    return sorted(
        findings,
        key=lambda each: (
            -_rank(each),
            each.check not in CHECKS,
            each.segment is not None,
            -(each.severity or 0.0),
            -_beyond(each),
        ),
    )


def about_all(finding: Finding) -> str:
    """What a finding is about, with the features that are told together with its own."""
    return f"{several(finding.together)} together" if finding.together else about(finding)


def several(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _SHOWN
    others = f" and {more:,} more" if more > 0 else ""
    return f"{', '.join(names[:_SHOWN])}{others}"


def told_as_one(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, of those of features that changed alike one of each check: their first's."""
    return [group[0] for group in of_one_reason(findings)]


def of_segments(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """The findings, of those of one check in several segments the first, and of how many more it is.

    Where all rows fail the check too, their finding stands for those of segments.
    """
    groups: dict[tuple[object, ...], tuple[list[Finding], list[Finding]]] = {}
    for each in findings:
        group = groups.setdefault((each.check, about(each), each.metric), ([], []))
        group[each.segment is not None].append(each)
    told: list[tuple[Finding, int]] = []
    for of_all, segments in groups.values():
        first, *others = of_all or segments
        told.append((first, len(segments) - (not of_all)))
        told += [(each, 0) for each in others if of_all]
    return told


def of_one_reason(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings, those of a check together whose features changed alike, the first feature first."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for index, each in enumerate(findings):
        key = (each.check, each.segment, each.together) if each.together else (index,)
        found.setdefault(key, []).append(each)
    return [sorted(group, key=_index_of) for group in found.values()]


def _index_of(finding: Finding) -> int:
    known = finding.feature in finding.together
    return finding.together.index(finding.feature or "") if known else 0


def _beyond(finding: Finding) -> float:
    if finding.value is None or finding.allowed is None:
        return 0.0
    low, high = finding.allowed
    beyond = max(low - finding.value, finding.value - high)
    noise = (finding.interval[1] - finding.interval[0]) / 2 if finding.interval else 1.0
    return beyond / noise if noise > 0 and math.isfinite(beyond / noise) else 0.0


def happened(finding: Finding) -> str:
    """What was expected and what there is instead; the message where that is not known."""
    if not finding.expected or not finding.observed:
        return finding.message
    return f"expected {finding.expected}, found {finding.observed}"


def with_cause(finding: Finding, between: str = ". ") -> str:
    """What happened, and the sentence that helps to find out why, of drift what changed first."""
    if finding.check in CHECKS:
        # The verdict says by itself what was expected.
        said = f"{finding.observed[:1].upper()}{finding.observed[1:]}"
        return between.join(filter(None, (finding.cause.rstrip("."), said)))
    said = happened(finding)
    return f"{said}{between}{finding.cause}" if said != finding.message and finding.cause else said


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.level) if finding.level else 0
