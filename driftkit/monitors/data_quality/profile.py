"""Statistics of columns as metrics and as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.monitors.data_quality.checks.drift import DISTANCE
from driftkit.monitors.data_quality.checks.evidence import presence
from driftkit.results.contract import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.formats.statistics import FeatureStatistics, Statistics


def profile_metrics(statistics: Statistics, baseline: Statistics | None = None) -> list[Metric]:
    """Every number of every column beside the baseline's; what a column does not have is left out."""
    before = {each.name: _profile(each) for each in baseline.features} if baseline else {}
    rows = Metric(
        group="profile",
        name="rows",
        value=statistics.item_count,
        baseline=baseline.item_count if baseline else None,
    )
    of_columns = (
        Metric(
            group="profile",
            name=name,
            feature=feature.name,
            value=value,
            baseline=before.get(feature.name, {}).get(name),
        )
        for feature in statistics.features
        for name, value in _profile(feature).items()
        if value is not None
    )
    return [rows, *of_columns]


def profile_rows(
    statistics: Statistics, distances: Iterable[Metric] | None = None
) -> list[dict[str, Any]]:
    """One row a column, with the same keys in every row.

    Args:
        statistics: of the columns.
        distances: from the baseline, which are further keys; None where there is no baseline.
    """
    moved = {each.feature: each for each in distances or ()}
    profiles = list(map(_profile, statistics.features))
    nothing = dict.fromkeys(name for each in profiles for name in each)
    rows = []
    for feature, profile in zip(statistics.features, profiles, strict=True):
        categories = (feature.string and feature.string.categories) or ()
        most = max(categories, key=lambda each: each.count, default=None)
        row = {
            "feature_name": feature.name,
            "inferred_type": feature.inferred_type,
            **nothing,
            **profile,
            "most_frequent": most.value if most else None,
        }
        if distances is not None:
            distance = moved.get(feature.name)
            row |= {
                "distance": distance.value if distance and distance.name == DISTANCE else None,
                "method": distance.dimensions["method"] if distance else None,
                "threshold": distance.threshold if distance else None,
                "violated": distance.violated if distance else None,
            }
        rows.append(row)
    return rows


def _profile(feature: FeatureStatistics) -> dict[str, float | None]:
    numbers, strings = feature.numerical, feature.string
    present, missing = presence(feature, rows=0)
    distinct = strings.distinct_count if strings else None
    return {
        "num_present": present,
        "num_missing": missing,
        "completeness": present / (present + missing) if present + missing else None,
        **{name: getattr(numbers, name, None) for name in ("mean", "sum", "std_dev", "min", "max")},
        "distinct": numbers.approximate_num_distinct_values if numbers else distinct,
        **(numbers.further if numbers else {}),
    }
