"""The check of categorical values: the share of known values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.jackson import double
from driftkit.monitors.data_quality.checks.phrases import counted, listed, share
from driftkit.results.contract import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "categorical_values_check"


def categorical_values_check(feature: FeatureContext) -> CheckResult:
    """Compares the share of values that the constraints list with the threshold.

    Missing values do not count. An empty list of known values asks for nothing.
    """
    known = set(feature.constraints.domains or ())
    total = feature.present
    if not known or total == 0:
        return None
    listed_values = listed_categories(feature.current)
    counts = feature.value_counts if feature.value_counts is not None else listed_values
    if counts is None:
        return feature.skipped(
            NAME,
            f"statistics.json does not list the values of {feature.name!r}: it does so only for "
            "String features with few values; only the data can tell.",
        )
    matching = sum(count for value, count in counts.items() if value in known)
    threshold = feature.config.domain_content_threshold
    if matching / total >= threshold:
        return None
    return Finding(
        check=NAME,
        feature=feature.name,
        message=(
            f"Categorical value match requirement is not met. Expected match: "
            f"{double(threshold * 100)}%. Observed: {double((matching / total) * 100)}% of the values "
            "match the known values."
        ),
        severity=1 - matching / total,
        expected=f"{share(threshold)} known values",
        observed=f"{share(matching / total)} known values",
        cause=_cause(known, listed_values or counts, total, total - matching),
    )


def listed_categories(feature: FeatureStatistics) -> Mapping[str, int] | None:
    """Value -> rows, where the statistics list them."""
    categories = feature.string.categories if feature.string else None
    return None if categories is None else {each.value: each.count for each in categories}


def unlisted(statistics: Statistics) -> set[str]:
    """The features of text whose values the statistics do not list."""
    return {
        each.name
        for each in statistics.features
        if each.string and each.string.num_present and each.string.categories is None
    }


def _cause(known: set[str], counts: Mapping[str, int], total: int, unknown: int) -> str:
    new = {value: count for value, count in counts.items() if value not in known}
    if not new:
        # Too many values to list them; only the known ones were counted.
        return (
            f"{unknown:,} of {counted(total, 'value')} are none of the "
            f"{counted(len(known), 'known value')}."
        )
    often = sorted(new, key=lambda value: (-new[value], value))
    values = listed(f"{value!r} ({share(new[value] / total)})" for value in often)
    noun = "New value" if len(new) == 1 else "New values"
    return f"{noun}: {values}.{_spelled(known, often)}"


def _spelled(known: set[str], new: list[str]) -> str:
    """A hint where new values are known ones written differently."""
    usual = {value.strip().casefold(): value for value in sorted(known)}
    pairs = ((value, usual.get(value.strip().casefold())) for value in new)
    same = listed(f"{value!r} for {old!r}" for value, old in pairs if old is not None)
    return f" Written differently: {same}." if same else ""
