"""Whether a feature's distribution is further from the baseline's than allowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.comparison.chi_square import chi_square
from driftkit.comparison.distance import categorical_distance, numerical_distance
from driftkit.comparison.distributions import distribution
from driftkit.violations import wording
from driftkit.violations.categories import listed_categories
from driftkit.violations.drift_causes import categories_moved, numbers_moved
from driftkit.violations.evidence import Finding
from driftkit.violations.phrases import number
from driftkit.violations.subject import found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.formats.statistics import FeatureStatistics
    from driftkit.violations.subject import Found, Subject, Verdict

    Levels = Sequence[Sequence[float]]

NAME = "baseline_drift_check"


def baseline_drift_check(subject: Subject) -> Verdict:
    """Compares numbers with numbers and categories with categories.

    Features without a value, and those whose kinds differ (the data type check speaks of
    these), have no distance.
    """
    baseline = subject.baseline
    if baseline is None:
        reason = f"The baseline's statistics.json has no feature {subject.name!r}."
        return subject.not_made(NAME, reason)
    if not subject.present or not _comparable(subject):
        return None
    if subject.current.numerical and baseline.numerical:
        return _of_numbers(subject, _levels(subject.current), _levels(baseline))
    if subject.current.string and baseline.string:
        return _of_categories(subject, baseline)
    return None


def distance(subject: Subject) -> float | None:
    """How far a feature is from its baseline; None where it has no distance, or a p-value."""
    baseline, settings = subject.baseline, subject.config.distribution
    if baseline is None or not subject.present or not _comparable(subject):
        return None
    robust = settings.comparison_method == "Robust"
    levels = _levels(subject.current), _levels(baseline)
    if all(any(each) for each in levels):
        return numerical_distance(
            *levels, robust=robust, distinct_ranks=subject.dialect.distinct_ranks
        )
    current, before = listed_categories(subject.current), listed_categories(baseline)
    by_shares = settings.categorical_drift_method != "ChiSquared" and _asked(subject)
    if current and before and by_shares:
        return categorical_distance(current, before, robust=robust)
    return None


def _comparable(subject: Subject) -> bool:
    same = subject.current.inferred_type == subject.constraints.inferred_type
    return same or not subject.dialect.drift_needs_same_type


def _levels(feature: FeatureStatistics) -> Levels:
    numbers = feature.numerical
    return numbers.kll.data if numbers and numbers.kll else ()


def _of_numbers(subject: Subject, current: Levels, baseline: Levels) -> Verdict:
    if not any(current) or not any(baseline):
        whose = "baseline" if any(current) else "window"
        reason = f"The statistics.json of the {whose} has no sketch of {subject.name!r}."
        return subject.not_made(NAME, reason)
    settings = subject.config.distribution
    distance = numerical_distance(
        current,
        baseline,
        robust=settings.comparison_method == "Robust",
        distinct_ranks=subject.dialect.distinct_ranks,
    )
    if not distance > settings.comparison_threshold:
        return None
    # The quirk changes AWS's number, not where the values went.
    now, before = (distribution(each, distinct_ranks=False) for each in (current, baseline))
    return _found(
        subject,
        Finding(
            severity=distance,
            expected=f"distance at most {number(settings.comparison_threshold)}",
            observed=f"distance {number(distance)}",
            cause=numbers_moved(now, before),
        ),
        wording.drift(distance, settings.comparison_threshold),
    )


def _of_categories(subject: Subject, baseline_statistics: FeatureStatistics) -> Verdict:
    baseline = listed_categories(baseline_statistics)
    if not baseline or not _asked(subject):
        return None
    current = listed_categories(subject.current)
    if not current:
        reason = f"{subject.name!r} has too many values now to compare the shares of each."
        return subject.not_made(NAME, reason)
    if subject.config.distribution.categorical_drift_method == "ChiSquared":
        return _by_chi_square(subject, current, baseline)
    return _by_shares(subject, current, baseline)


def _asked(subject: Subject) -> bool:
    settings = subject.config.distribution
    named = (settings.categorical_drift_method, settings.categorical_comparison_threshold)
    return named != (None, None) or not subject.dialect.categories_drift_when_asked


def _threshold(subject: Subject) -> float:
    settings = subject.config.distribution
    own = settings.categorical_comparison_threshold
    return settings.comparison_threshold if own is None else own


def _by_shares(
    subject: Subject, current: Mapping[str, int], baseline: Mapping[str, int]
) -> Found | None:
    threshold = _threshold(subject)
    robust = subject.config.distribution.comparison_method == "Robust"
    distance = categorical_distance(current, baseline, robust=robust)
    if not distance > threshold:
        return None
    finding = Finding(
        severity=distance,
        expected=f"distance at most {number(threshold)}",
        observed=f"distance {number(distance)}",
        cause=categories_moved(current, baseline),
    )
    return _found(subject, finding, wording.drift(distance, threshold))


def _by_chi_square(
    subject: Subject, current: Mapping[str, int], baseline: Mapping[str, int]
) -> Verdict:
    threshold = _threshold(subject)
    robust = subject.config.distribution.comparison_method == "Robust"
    result = chi_square(current, baseline, robust=robust)
    if math.isnan(result):
        reason = f"{subject.name!r} has too few rows in at least two categories for chi-square."
        return subject.not_made(NAME, reason)
    drifted = result < threshold if robust else result > threshold
    if not drifted:
        return None
    measure, side = ("p-value", "least") if robust else ("chi-square", "most")
    finding = Finding(
        severity=categorical_distance(current, baseline, robust=False),
        expected=f"{measure} at {side} {number(threshold)}",
        observed=f"{measure} {number(result)}",
        cause=categories_moved(current, baseline),
    )
    return _found(subject, finding, wording.drift(result, threshold))


def _found(subject: Subject, finding: Finding, description: str) -> Found:
    return found(NAME, subject.name, description, finding)
