"""Windows and baselines of one feature, small enough to be judged by eye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.formats.constraints import Constraints, FeatureConstraints, MonitoringConfig
from driftkit.formats.statistics import (
    Category,
    FeatureStatistics,
    KllDistribution,
    NumericalStatistics,
    Statistics,
    StringStatistics,
)
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.columns.types import InferredType
    from driftkit.dialects import Dialect
    from driftkit.monitors.data_quality.checks.evidence import Outcome
    from driftkit.results.contract import Finding, Skipped

NAME = "feature"


def numbers(
    values: Sequence[float], *, type_: str = "Fractional", missing: int = 0, name: str = NAME
) -> FeatureStatistics:
    """A numeric feature with these values, all of them in its sketch."""
    statistics = NumericalStatistics(
        num_present=len(values),
        num_missing=missing,
        kll=KllDistribution(buckets=(), data=(tuple(values),)),
    )
    return FeatureStatistics(name=name, inferred_type=type_, numerical=statistics)


def strings(
    values: Mapping[str, int],
    *,
    type_: str = "String",
    missing: int = 0,
    listed: bool = True,
    name: str = NAME,
) -> FeatureStatistics:
    """A feature with these categories."""
    categories = tuple(Category(value=value, count=n) for value, n in values.items())
    statistics = StringStatistics(
        num_present=sum(values.values()),
        num_missing=missing,
        categories=categories if listed else None,
    )
    return FeatureStatistics(name=name, inferred_type=type_, string=statistics)


def nothing(*, name: str = NAME) -> FeatureStatistics:
    """A feature without any value."""
    return FeatureStatistics(name=name, inferred_type="Unknown")


def table(*features: FeatureStatistics, rows: int = 100) -> Statistics:
    """Statistics of these features."""
    return Statistics(item_count=rows, features=features)


def expecting(type_: str = "Fractional", *, name: str = NAME, **constraints: Any) -> Constraints:
    """Constraints of one feature, with the containers' default thresholds."""
    return constrained(FeatureConstraints(name=name, inferred_type=type_, **constraints))


def constrained(
    *features: FeatureConstraints, config: MonitoringConfig | None = None
) -> Constraints:
    """Constraints of these features."""
    return Constraints(features=features, monitoring_config=config or MonitoringConfig())


def judged(
    current: FeatureStatistics,
    constraints: Constraints,
    dialect: Dialect,
    *,
    baseline: FeatureStatistics | None = None,
    types: Mapping[InferredType, int] | None = None,
    values: Mapping[str, int] | None = None,
) -> Outcome:
    """What the checks say of a window with one feature."""
    evidence = Evidence(
        statistics=table(current),
        type_counts=None if types is None else {NAME: types},
        value_counts=None if values is None else {NAME: values},
    )
    return check(evidence, constraints, table(baseline) if baseline else None, dialect)


def sentences(outcome: Outcome, check_type: str) -> list[str]:
    """The sentences of the violations that one check found."""
    violations = outcome.violations
    return [each.description for each in violations if each.constraint_check_type == check_type]


def the_finding(outcome: Outcome, check_type: str) -> Finding:
    """The finding beside the only violation that one check found."""
    (finding,) = (each for each in outcome.findings if each.check == check_type)
    return finding


def skipped(outcome: Outcome, check_type: str) -> list[Skipped]:
    """Where one check could not be made."""
    return [each for each in outcome.skipped if each.check == check_type]
