"""The drift distances and violations of four real runs on the New York taxi data.

The statistics of their baseline were not published. Of each reported distance it is known how
many values the baseline had; a baseline with as many values whose distribution function is as
far from the window's as reported, and no further elsewhere, must give AWS's sentence.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.columns.types import InferredType
from driftkit.comparison.distributions import distribution
from driftkit.comparison.linfinity import corrected
from driftkit.dialects import AWS
from driftkit.formats import constraints as constraints_file
from driftkit.formats import statistics as statistics_file
from driftkit.formats import violations as violations_file
from driftkit.formats.violations import Violation
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from driftkit.comparison.distributions import Distribution
    from driftkit.formats.statistics import FeatureStatistics, Statistics

    Golden = Callable[[str], Path]

DRIFTED = {"2020-02-03": 21, "2020-02-10": 28, "2020-02-17": 49, "2020-02-24": 35}
WEEKS = tuple(DRIFTED)
DISTANCES = "taxi/data-quality/derived_distances.csv"
CONSTRAINTS = "taxi/data-quality/baseline/constraints.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A distance that AWS reported, and what it must have come from."""

    feature: str
    values_now: int
    values_before: int
    simple: float
    robust: float


def reported(golden: Golden, week: str) -> list[Reported]:
    with golden(DISTANCES).open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["report"].replace("/", "-") == week]
    return [
        Reported(
            feature=row["feature"],
            values_now=int(row["n_distinct_current"]),
            values_before=int(row["m_inferred_baseline"]),
            simple=float(row["linf_simple"]),
            robust=float(row["distance_reported"]),
        )
        for row in rows
    ]


def folder(golden: Golden, week: str) -> Path:
    return golden(f"taxi/data-quality/reports/{week}")


def by_name(statistics: Statistics) -> dict[str, FeatureStatistics]:
    return {feature.name: feature for feature in statistics.features}


def window_distribution(feature: FeatureStatistics) -> Distribution:
    assert feature.numerical is not None
    assert feature.numerical.kll is not None
    return distribution(feature.numerical.kll.data, distinct_ranks=True)


def steps(now: Distribution, entry: Reported) -> Iterator[tuple[int, int]]:
    """Ranks in window and baseline whose shares are apart by exactly the reported distance."""
    for rank in range(now.total + 1):
        for side in (-1, 1):
            share = rank / now.total + side * entry.simple
            before = round(share * entry.values_before)
            if not 0 <= before <= entry.values_before:
                continue
            apart = abs(rank / now.total - before / entry.values_before)
            if corrected(apart, now.total, entry.values_before) == entry.robust:
                yield rank, before


def rebuilt(feature: FeatureStatistics, entry: Reported) -> FeatureStatistics:
    """The feature with a sketch whose distance is the reported one, reached at one value."""
    now = window_distribution(feature)
    sketch = baseline_values(now, entry)
    assert len(set(sketch)) == entry.values_before
    assert feature.numerical is not None
    assert feature.numerical.kll is not None
    kll = replace(feature.numerical.kll, data=(sketch,))
    return replace(feature, numerical=replace(feature.numerical, kll=kll))


def baseline_values(now: Distribution, entry: Reported) -> tuple[float, ...]:
    """Distinct values between the window's, none of them equal to one of these.

    `below[j]` of them are smaller than the window's value j. They follow the window, but stay
    back until the value of the widest gap, or run ahead from it.
    """
    rank, before = next(steps(now, entry))
    ranks = np.concatenate([[0], now.ranks, [now.total]])
    middle = (ranks[:-1] + ranks[1:]) / 2 / now.total
    below = np.round(middle * entry.values_before).astype(np.int64)
    if before < rank / now.total * entry.values_before:
        below = np.where(ranks[1:] <= rank, np.minimum(below, before), below)
    else:
        below = np.where(ranks[:-1] >= rank, np.maximum(below, before), below)
    below[-1] = entry.values_before
    edges = np.concatenate([[now.values[0] - 1], now.values, [now.values[-1] + 1]])
    counts = np.diff(below, prepend=0)
    parts = (
        low + (high - low) * np.arange(1, count + 1) / (count + 1)
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    return tuple(np.concatenate(list(parts)).tolist())


@pytest.mark.parametrize("week", WEEKS)
def test_the_quirk_counts_as_many_values_as_the_reports_need(golden: Golden, week: str) -> None:
    window = by_name(statistics_file.read_file(folder(golden, week) / "statistics.json"))

    counted = {
        entry.feature: window_distribution(window[entry.feature]).total
        for entry in reported(golden, week)
    }

    assert counted == {entry.feature: entry.values_now for entry in reported(golden, week)}


@pytest.mark.parametrize("week", WEEKS)
def test_every_reported_distance_follows_from_two_ranks(golden: Golden, week: str) -> None:
    window = by_name(statistics_file.read_file(folder(golden, week) / "statistics.json"))

    solved = [
        next(steps(window_distribution(window[entry.feature]), entry), None)
        for entry in reported(golden, week)
    ]

    assert len(solved) == DRIFTED[week]
    assert None not in solved


@pytest.mark.parametrize("week", WEEKS)
def test_the_violations_of_the_run_are_those_of_aws(golden: Golden, week: str) -> None:
    window = statistics_file.read_file(folder(golden, week) / "statistics.json")
    entries = {entry.feature: entry for entry in reported(golden, week)}
    features = tuple(
        rebuilt(feature, entries[feature.name]) if feature.name in entries else feature
        for feature in window.features
    )

    outcome = check(
        evidence_of(window),
        constraints_file.read_file(golden(CONSTRAINTS)),
        replace(window, features=features),
        AWS,
    )

    expected = violations_file.read_file(
        folder(golden, week) / "constraint_violations.json", Violation
    )
    assert words(outcome.violations) == words(expected.violations)
    assert outcome.skipped == ()


def words(violations: Iterable[Violation]) -> set[tuple[str, str, str]]:
    return {
        (each.feature_name, each.constraint_check_type, each.description) for each in violations
    }


def evidence_of(window: Statistics) -> Evidence:
    """The runs' own sentences say that every column has values of one type only."""
    types = {
        feature.name: {InferredType(feature.inferred_type): window.item_count}
        for feature in window.features
    }
    return Evidence(statistics=window, type_counts=types)


@pytest.mark.parametrize("week", WEEKS)
def test_files_alone_give_the_violations_that_they_can_answer(golden: Golden, week: str) -> None:
    window = statistics_file.read_file(folder(golden, week) / "statistics.json")
    constraints = constraints_file.read_file(golden(CONSTRAINTS))

    outcome = check(Evidence(statistics=window), constraints, None, AWS)

    types = {feature.name: feature.inferred_type for feature in constraints.features}
    expected = violations_file.read_file(
        folder(golden, week) / "constraint_violations.json", Violation
    )
    # Which share of a Fractional column is Integral is not in the file.
    answered = {each for each in words(expected.violations) if types[each[0]] == "String"}
    assert words(outcome.violations) == answered
    assert Counter(each.check for each in outcome.skipped) == {
        "data_type_check": 133,
        "baseline_drift_check": 1,
    }
