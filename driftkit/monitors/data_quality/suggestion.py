"""Suggests constraints from a baseline's statistics, as Model Monitor does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.comparison.distances import CATEGORICAL
from driftkit.formats.constraints import (
    Constraints,
    DistributionConstraints,
    FeatureConstraints,
    MonitoringConfig,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from driftkit.formats.statistics import FeatureStatistics, Statistics


def suggest(
    statistics: Statistics, joint_columns: Collection[str] = (), times: str | None = None
) -> Constraints:
    """Constraints that the data of the statistics keep exactly.

    Args:
        statistics: of the baseline.
        joint_columns: those that are made of two; only the dependence of the two is compared.
        times: the column that tells blocks of time apart, where its values are not compared.

    Returns:
        The same in both dialects, which differ in how constraints are checked.
    """
    # What the newer containers write for every baseline.
    distribution = DistributionConstraints(
        categorical_comparison_threshold=0.1, categorical_drift_method="LInfinity"
    )
    features = [_feature(feature) for feature in statistics.features]
    return Constraints(
        features=tuple(
            _joint(each)
            if each.name in joint_columns
            else _of_times(each)
            if each.name == times
            else each
            for each in features
        ),
        monitoring_config=MonitoringConfig(distribution=distribution),
    )


def _feature(feature: FeatureStatistics) -> FeatureConstraints:
    minimum = feature.numerical.min if feature.numerical else None
    categories = feature.string.categories if feature.string else None
    return FeatureConstraints(
        name=feature.name,
        inferred_type=feature.inferred_type,
        completeness=_completeness(feature),
        is_non_negative=None if minimum is None else minimum >= 0.0,
        # Every observed value, rare ones too, unless they were too many to list.
        domains=tuple(category.value for category in categories) if categories else None,
    )


def _joint(feature: FeatureConstraints) -> FeatureConstraints:
    """Without its cells, for of rare ones a window has others."""
    compared = {
        "categorical_comparison_threshold": CATEGORICAL["Dependence"].threshold,
        "categorical_drift_method": "Dependence",
    }
    return replace(feature, domains=None).overridden(compared)


def _of_times(feature: FeatureConstraints) -> FeatureConstraints:
    """Without what it is of another window by nature: each has times that the baseline had not."""
    return feature.overridden(
        {"perform_comparison": False}, values={"domain_content_threshold": 0.0}
    )


def _completeness(feature: FeatureStatistics) -> float | None:
    """The observed share of rows with a value; None where there are no rows or no counts."""
    counts = feature.numerical or feature.string
    if counts is None or counts.completeness is not None:
        return counts.completeness if counts else None
    rows = counts.num_present + counts.num_missing
    return counts.num_present / rows if rows else None
