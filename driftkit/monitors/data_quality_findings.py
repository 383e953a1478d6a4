"""The violations of the data-quality checks as findings, and the distances of all columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.results.contract import Finding, Metric
from driftkit.violations.data_quality import distances
from driftkit.violations.drift import NAME as DRIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.statistics import Statistics
    from driftkit.formats.violations import Violation
    from driftkit.violations.evidence import Evidence, Outcome


def bare_findings(
    violations: Sequence[Violation], segment: str | None = None
) -> tuple[Finding, ...]:
    """Findings of which only the violations are known."""
    return tuple(
        Finding(
            check=each.constraint_check_type,
            feature=each.feature_name,
            message=each.description,
            segment=segment,
        )
        for each in violations
    )


def distances_of(
    outcome: Outcome,
    evidence: Evidence,
    constraints: Constraints,
    baseline: Statistics | None,
    rules: Dialect,
) -> tuple[Metric, ...]:
    """The distance of every feature that has one."""
    drifted = {
        each.feature_name for each in outcome.violations if each.constraint_check_type == DRIFT
    }
    return tuple(
        Metric(group="drift", name="distance", feature=name, value=value, violated=name in drifted)
        for name, value in distances(evidence, constraints, baseline, rules).items()
    )


def findings_of(outcome: Outcome) -> tuple[Finding, ...]:
    """The findings of checks."""
    bare = bare_findings(outcome.violations)
    return tuple(
        replace(
            each,
            severity=words.severity,
            expected=words.expected,
            observed=words.observed,
            cause=words.cause,
        )
        for each, words in zip(bare, outcome.findings, strict=True)
    )
