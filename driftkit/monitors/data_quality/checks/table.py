"""The list of checks of the data-quality monitor, and what they say of a window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.dialects import IN_BOTH, IN_TEXTBOOK
from driftkit.monitors.check import Check, of_dialect
from driftkit.monitors.data_quality.checks import (
    categories,
    column_sets,
    completeness,
    data_type,
    drift,
    finite_values,
    unexpected_values,
)
from driftkit.monitors.data_quality.checks.column_sets import ColumnSets
from driftkit.monitors.data_quality.checks.evidence import FeatureContext, Outcome
from driftkit.results.contract import Finding, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.statistics import Statistics
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, Evidence

    ColumnCheck = Check[ColumnSets, Finding | None]
    FeatureCheck = Check[FeatureContext, CheckResult]

# Which columns there are.
COLUMN_CHECKS: tuple[ColumnCheck, ...] = (
    Check(name=column_sets.MISSING, dialects=IN_BOTH, run=column_sets.missing_column_check),
    Check(name=column_sets.EXTRA, dialects=IN_BOTH, run=column_sets.extra_column_check),
)
# A feature against its constraints; evaluate_constraints switches them off.
CONSTRAINT_CHECKS: tuple[FeatureCheck, ...] = (
    Check(name=data_type.NAME, dialects=IN_BOTH, run=data_type.data_type_check),
    Check(name=completeness.NAME, dialects=IN_BOTH, run=completeness.completeness_check),
    Check(name=categories.NAME, dialects=IN_BOTH, run=categories.categorical_values_check),
)
# A feature against its statistics in the baseline; perform_comparison switches them off.
DRIFT_CHECKS: tuple[FeatureCheck, ...] = (
    Check(name=drift.NAME, dialects=IN_BOTH, run=drift.baseline_drift_check),
    Check(name=finite_values.NAME, dialects=IN_TEXTBOOK, run=finite_values.finite_values_check),
    Check(
        name=unexpected_values.NAME,
        dialects=IN_TEXTBOOK,
        run=unexpected_values.unexpected_values_check,
    ),
)
CHECK_NAMES = (
    *(each.name for each in COLUMN_CHECKS),
    *(each.name for each in (*CONSTRAINT_CHECKS, *DRIFT_CHECKS)),
)


def check(
    evidence: Evidence,
    baseline_constraints: Constraints,
    baseline_statistics: Statistics | None,
    dialect: Dialect,
) -> Outcome:
    """What is not in a window as the baseline has it.

    Args:
        evidence: what is known of the window.
        baseline_constraints: what is normal and how strictly it is checked.
        baseline_statistics: the distributions to compare with, where they are known.
        dialect: the quirks that hold.

    Returns:
        Findings in AWS's order: columns, then constraints feature by feature, then drift; the
        checks that the evidence could not answer; and the distances of all features.

    Raises:
        FormatError: the constraints name a distance that the dialect does not have.
    """
    drift.refuse_unknown_methods(baseline_constraints, dialect)
    of_columns: list[CheckResult] = [*_column_results(evidence, baseline_constraints, dialect)]
    features = tuple(_features(evidence, baseline_constraints, baseline_statistics, dialect))
    if of_columns and dialect.column_mismatch_only:
        outcome = _outcome(of_columns, features)
        unjudged = (replace(each, violated=None) for each in outcome.distances)
        return replace(outcome, distances=tuple(unjudged))
    evaluated = [each for each in features if each.config.evaluate_constraints]
    compared = [each for each in features if each.config.distribution.perform_comparison]
    of_constraints = _results(of_dialect(CONSTRAINT_CHECKS, dialect), evaluated)
    if baseline_statistics is None and compared:
        return _outcome([*of_columns, *of_constraints, _NO_BASELINE_STATISTICS], features)
    of_drift = _results(of_dialect(DRIFT_CHECKS, dialect), compared)
    return _outcome([*of_columns, *of_constraints, *of_drift], features)


_NO_BASELINE_STATISTICS = Skipped(
    check=drift.NAME,
    reason="The baseline has no statistics.json, so there are no distributions to compare with.",
)


def _column_results(
    evidence: Evidence, constraints: Constraints, dialect: Dialect
) -> Iterator[Finding]:
    if not constraints.monitoring_config.evaluate_constraints:
        return
    columns = ColumnSets(
        current=tuple(feature.name for feature in evidence.statistics.features),
        baseline=tuple(feature.name for feature in constraints.features),
    )
    for each in of_dialect(COLUMN_CHECKS, dialect):
        result = each.run(columns)
        if result is not None:
            yield result


def _features(
    evidence: Evidence,
    constraints: Constraints,
    baseline: Statistics | None,
    dialect: Dialect,
) -> Iterator[FeatureContext]:
    """The features that window and constraints have in common, in the constraints' order."""
    configs = constraints.own_configs
    now = {feature.name: feature for feature in evidence.statistics.features}
    before = {feature.name: feature for feature in baseline.features} if baseline else {}
    for feature in constraints.features:
        if feature.name in now:
            yield FeatureContext(
                constraints=feature,
                config=configs.get(feature.name, constraints.monitoring_config),
                current=now[feature.name],
                baseline=before.get(feature.name),
                type_counts=(evidence.type_counts or {}).get(feature.name),
                value_counts=(evidence.value_counts or {}).get(feature.name),
                rows=evidence.statistics.item_count,
                dialect=dialect,
            )


def _results(
    checks: Iterable[FeatureCheck], features: Iterable[FeatureContext]
) -> list[CheckResult]:
    return [check.run(feature) for feature in features for check in checks]


def _outcome(results: Sequence[CheckResult], features: Iterable[FeatureContext]) -> Outcome:
    return Outcome(
        findings=tuple(each for each in results if isinstance(each, Finding)),
        skipped=tuple(each for each in results if isinstance(each, Skipped)),
        distances=tuple(drift.distances(features)),
    )
