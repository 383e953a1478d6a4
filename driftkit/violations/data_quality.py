"""The six checks of the data-quality monitor, in AWS's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.violations import categories, column_sets, completeness, data_type, drift
from driftkit.violations.column_sets import ColumnSets
from driftkit.violations.evidence import NotMade, Outcome
from driftkit.violations.subject import Found, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.statistics import Statistics
    from driftkit.violations.evidence import Evidence
    from driftkit.violations.subject import Verdict

COLUMN_CHECKS: Mapping[str, Callable[[ColumnSets], Found | None]] = {
    column_sets.MISSING: column_sets.missing_column_check,
    column_sets.EXTRA: column_sets.extra_column_check,
}
CONSTRAINT_CHECKS: Mapping[str, Callable[[Subject], Verdict]] = {
    data_type.NAME: data_type.data_type_check,
    completeness.NAME: completeness.completeness_check,
    categories.NAME: categories.categorical_values_check,
}
DRIFT_CHECKS: Mapping[str, Callable[[Subject], Verdict]] = {
    drift.NAME: drift.baseline_drift_check,
}


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
        Violations in AWS's order: columns, then constraints feature by feature, then drift;
        a finding beside each; and the checks that the evidence could not answer.
    """
    of_columns = list(_column_verdicts(evidence, baseline_constraints))
    if of_columns and dialect.column_mismatch_only:
        return _outcome(of_columns)
    subjects = tuple(_subjects(evidence, baseline_constraints, baseline_statistics, dialect))
    evaluated = [each for each in subjects if each.config.evaluate_constraints]
    compared = [each for each in subjects if each.config.distribution.perform_comparison]
    of_constraints = _verdicts(CONSTRAINT_CHECKS, evaluated)
    if baseline_statistics is None and compared:
        return _outcome([*of_columns, *of_constraints, _NO_BASELINE_STATISTICS])
    return _outcome([*of_columns, *of_constraints, *_verdicts(DRIFT_CHECKS, compared)])


def distances(
    evidence: Evidence,
    constraints: Constraints,
    baseline: Statistics | None,
    dialect: Dialect,
) -> dict[str, float]:
    """Feature -> its distance from the baseline, for the features that have one."""
    found = {
        subject.name: drift.distance(subject)
        for subject in _subjects(evidence, constraints, baseline, dialect)
    }
    return {name: value for name, value in found.items() if value is not None}


_NO_BASELINE_STATISTICS = NotMade(
    check=drift.NAME,
    feature=None,
    reason="The baseline has no statistics.json, so there are no distributions to compare with.",
)


def _column_verdicts(evidence: Evidence, constraints: Constraints) -> Iterator[Verdict]:
    if not constraints.monitoring_config.evaluate_constraints:
        return
    columns = ColumnSets(
        current=tuple(feature.name for feature in evidence.statistics.features),
        baseline=tuple(feature.name for feature in constraints.features),
    )
    for verdict in (make(columns) for make in COLUMN_CHECKS.values()):
        if verdict is not None:
            yield verdict


def _subjects(
    evidence: Evidence,
    constraints: Constraints,
    baseline: Statistics | None,
    dialect: Dialect,
) -> Iterator[Subject]:
    """The features that window and constraints have in common, in the constraints' order."""
    configs = constraints.own_configs
    now = {feature.name: feature for feature in evidence.statistics.features}
    before = {feature.name: feature for feature in baseline.features} if baseline else {}
    for feature in constraints.features:
        if feature.name in now:
            yield Subject(
                constraints=feature,
                config=configs.get(feature.name, constraints.monitoring_config),
                current=now[feature.name],
                baseline=before.get(feature.name),
                type_counts=(evidence.type_counts or {}).get(feature.name),
                value_counts=(evidence.value_counts or {}).get(feature.name),
                rows=evidence.statistics.item_count,
                dialect=dialect,
            )


def _verdicts(
    checks: Mapping[str, Callable[[Subject], Verdict]], subjects: Iterable[Subject]
) -> list[Verdict]:
    return [make(subject) for subject in subjects for make in checks.values()]


def _outcome(verdicts: Iterable[Verdict]) -> Outcome:
    answers = [verdict for verdict in verdicts if verdict is not None]
    founds = [answer for answer in answers if isinstance(answer, Found)]
    return Outcome(
        violations=tuple(each.violation for each in founds),
        findings=tuple(each.finding for each in founds),
        not_made=tuple(answer for answer in answers if isinstance(answer, NotMade)),
    )
