"""Suggests constraints from a baseline's statistics, as Model Monitor does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.constraints import (
    Constraints,
    DistributionConstraints,
    FeatureConstraints,
    MonitoringConfig,
)

if TYPE_CHECKING:
    from driftkit.formats.statistics import FeatureStatistics, Statistics


def suggest(statistics: Statistics) -> Constraints:
    """Constraints that the data of the statistics keep exactly.

    Args:
        statistics: of the baseline.

    Returns:
        The same in both dialects, which differ in how constraints are checked.
    """
    return Constraints(
        features=tuple(_feature(feature) for feature in statistics.features),
        monitoring_config=monitoring_config(),
    )


def completeness(feature: FeatureStatistics) -> float | None:
    """The observed share of rows with a value; None where there are no rows or no counts."""
    counts = feature.numerical or feature.string
    if counts is None:
        return None
    if counts.completeness is not None:
        return counts.completeness
    rows = counts.num_present + counts.num_missing
    return counts.num_present / rows if rows else None


def is_non_negative(feature: FeatureStatistics) -> bool | None:
    """Whether no value is below zero; None for features without a minimum."""
    if feature.numerical is None or feature.numerical.min is None:
        return None
    return feature.numerical.min >= 0.0


def domains(feature: FeatureStatistics) -> tuple[str, ...] | None:
    """Every observed value, rare ones too; None where the values were too many to list."""
    if feature.string is None or not feature.string.categories:
        return None
    return tuple(category.value for category in feature.string.categories)


def monitoring_config() -> MonitoringConfig:
    """What the newer containers write for every baseline."""
    distribution = DistributionConstraints(
        categorical_comparison_threshold=0.1, categorical_drift_method="LInfinity"
    )
    return MonitoringConfig(distribution=distribution)


def _feature(feature: FeatureStatistics) -> FeatureConstraints:
    return FeatureConstraints(
        name=feature.name,
        inferred_type=feature.inferred_type,
        completeness=completeness(feature),
        is_non_negative=is_non_negative(feature),
        domains=domains(feature),
    )
