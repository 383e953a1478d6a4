"""The check of baseline drift: the distance of distributions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.samples import Numbers
from driftkit.comparison.cell_counts import Measured
from driftkit.comparison.distance import measured
from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.comparison.distributions import distribution, widest_gap
from driftkit.comparison.linfinity import categorical_distance, distribution_distance
from driftkit.errors import FormatError
from driftkit.formats.jackson import double
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.monitors.data_quality.checks.cause_wording import of_cause
from driftkit.monitors.data_quality.checks.phrases import listed, number, share
from driftkit.results.contract import Finding, Metric, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftkit.comparison.distance import Distance, OfCategories, OfNumbers
    from driftkit.comparison.distributions import Distribution
    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.monitoring_config import DistributionConstraints
    from driftkit.formats.statistics import FeatureStatistics
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "baseline_drift_check"
DISTANCE = "distance"
_P_VALUE, _CHI_SQUARED, _STATISTIC = "p_value", "chi_squared", "statistic"
# What was measured, in words for people.
_MEASURES = {_P_VALUE: "p-value", _CHI_SQUARED: "chi-square"}
_METHODS = NUMERICAL | CATEGORICAL
_SHOWN = 3


def baseline_drift_check(feature: FeatureContext) -> CheckResult:
    """Compares numbers with numbers and categories with categories.

    Features without a value, and those whose kinds differ (the data type check speaks of
    these), have no distance.
    """
    known = _measured(feature)
    if not isinstance(known, Metric):
        return known
    return _finding(feature, known) if known.violated else None


def distances(features: Iterable[FeatureContext]) -> Iterator[Metric]:
    """The distance of every feature that has one, whether or not it is compared."""
    return (each for each in map(_measured, features) if isinstance(each, Metric))


def refuse_unknown_methods(constraints: Constraints, dialect: Dialect) -> None:
    """Refuses distances that the dialect does not have.

    Raises:
        FormatError: the constraints name one; the message has the feature.
    """
    configs = [("", constraints.monitoring_config)]
    configs += [(f" (feature {name!r})", own) for name, own in constraints.own_configs.items()]
    for of_feature, config in configs:
        for key, name, table in _methods(config.distribution):
            known = [each.name for each in table.values() if dialect.name in each.dialects]
            if name not in known:
                raise FormatError(
                    f"dialect {dialect.name} does not know this distance",
                    where=f"constraints.json: distribution_constraints.{key}{of_feature}",
                    expected=" | ".join(known),
                    found=repr(name),
                    todo="Choose one of them, or another dialect",
                )


def _methods(
    settings: DistributionConstraints,
) -> Iterator[tuple[str, str, Mapping[str, Distance]]]:
    yield "comparison_method", settings.comparison_method, NUMERICAL
    if settings.categorical_drift_method is not None:
        yield "categorical_drift_method", settings.categorical_drift_method, CATEGORICAL


def _measured(feature: FeatureContext) -> Metric | Skipped | None:
    if NAME not in feature.measured:
        feature.measured[NAME] = _measure(feature)
    known: Metric | Skipped | None = feature.measured[NAME]
    return known


def _measure(feature: FeatureContext) -> Metric | Skipped | None:
    current, baseline = feature.current, feature.baseline
    if baseline is None:
        reason = f"The baseline's statistics.json has no feature {feature.name!r}."
        return feature.skipped(NAME, reason)
    same_type = current.inferred_type == feature.constraints.inferred_type
    if not feature.present or (feature.dialect.drift_needs_same_type and not same_type):
        return None
    if current.numerical and baseline.numerical:
        return _of_numbers(feature)
    if current.string and baseline.string:
        return _of_categories(feature)
    return None


def _of_numbers(feature: FeatureContext) -> Metric | Skipped:
    sketches = {"window": feature.current, "baseline": feature.baseline}
    lacking = [whose for whose, each in sketches.items() if not any(_levels(each))]
    if lacking:
        reason = f"The statistics.json of the {lacking[0]} has no sketch of {feature.name!r}."
        return feature.skipped(NAME, reason)
    settings = feature.config.distribution
    method = NUMERICAL[settings.comparison_method]
    assert method.numbers is not None  # noqa: S101  (it is in the table of those of numbers)
    found = _of(
        method,
        method.numbers,
        *_distributions(feature, distinct_ranks=feature.dialect.distinct_ranks),
    )
    if not math.isfinite(found.value):
        return feature.skipped(NAME, f"{feature.name!r} has numbers too large for {method.name}.")
    name = DISTANCE if method.greatest is not None else _STATISTIC
    return _metric(feature, method, found, settings.comparison_threshold, name)


def _of(
    method: Distance, measure: OfNumbers | OfCategories, current: Any, baseline: Any
) -> Measured:
    """The value, with its interval where the distance is none of AWS's, which have no interval."""
    if "aws" in method.dialects:
        return Measured(value=measure(current, baseline))
    return measured(measure, current, baseline)


def _distributions(
    feature: FeatureContext, *, distinct_ranks: bool
) -> tuple[Distribution, Distribution]:
    """The window's and the baseline's."""
    now, before = _levels(feature.current), _levels(feature.baseline)
    return (
        distribution(now, distinct_ranks=distinct_ranks),
        distribution(before, distinct_ranks=distinct_ranks),
    )


def _levels(feature: FeatureStatistics | None) -> Sequence[Sequence[float]]:
    return feature.levels if feature else ()


def _of_categories(feature: FeatureContext) -> Metric | Skipped | None:
    settings = feature.config.distribution
    own = settings.categorical_comparison_threshold
    asked = settings.categorical_drift_method is not None or own is not None
    if feature.dialect.categories_drift_when_asked and not asked:
        return None
    current, baseline = _categories(feature)
    if not baseline:
        return None
    if not current:
        reason = f"{feature.name!r} has too many values now to compare the shares of each."
        return feature.skipped(NAME, reason)
    # The one that is named, else that of the numbers if it compares categories too.
    named = settings.categorical_drift_method or settings.comparison_method
    method = CATEGORICAL.get(named, CATEGORICAL["LInfinity"])
    robust = settings.comparison_method != "Simple" and method.robust_categories is not None
    measure = method.robust_categories if robust else method.categories
    assert measure is not None  # noqa: S101  (it is in the table of those of categories)
    found = _of(method, measure, current, baseline)
    if math.isnan(found.value):
        reason = f"{feature.name!r} has too few rows in at least two categories for chi-square."
        return feature.skipped(NAME, reason)
    threshold = settings.comparison_threshold if own is None else own
    test = _P_VALUE if method.is_p_value or (robust and method.robust_is_p_value) else _CHI_SQUARED
    name = DISTANCE if method.greatest is not None else test
    return _metric(feature, method, found, threshold, name)


def _categories(feature: FeatureContext) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The window's and the baseline's; empty where they are not listed."""
    before = listed_categories(feature.baseline) if feature.baseline else None
    return listed_categories(feature.current) or {}, before or {}


def _metric(
    feature: FeatureContext,
    method: Distance,
    found: Measured,
    threshold: float,
    name: str,
) -> Metric:
    """What was measured; of p-values the small ones are drift."""
    p_value = name == _P_VALUE
    drifted = found.value < threshold if p_value else found.value > threshold
    return Metric(
        group="drift",
        name=name,
        feature=feature.name,
        value=found.value,
        interval=found.interval,
        dimensions={"method": method.name},
        allowed=(threshold, math.inf) if p_value else (-math.inf, threshold),
        violated=drifted if feature.config.distribution.perform_comparison else None,
    )


def _finding(feature: FeatureContext, metric: Metric) -> Finding:
    value, threshold = metric.value, metric.threshold
    assert value is not None and threshold is not None  # noqa: S101, PT018  (it was exceeded)
    measure = _MEASURES.get(metric.name, metric.name)
    bound = "least" if metric.name == _P_VALUE else "most"
    is_share = _METHODS[metric.dimensions["method"]].greatest == 1.0
    return Finding(
        check=NAME,
        feature=feature.name,
        message=f"Baseline drift distance: {double(value)} exceeds threshold: {double(threshold)}",
        metric=metric.name,
        dimensions=metric.dimensions,
        value=value,
        allowed=metric.allowed,
        severity=value if is_share else _moved(feature),
        expected=f"{measure} at {bound} {number(threshold)}",
        observed=f"{measure} {number(value)}",
        cause=_numbers_moved(feature) if feature.current.numerical else _categories_moved(feature),
    )


def _moved(feature: FeatureContext) -> float:
    """The share of the rows that have moved, at least."""
    if feature.current.numerical:
        sketches = _distributions(feature, distinct_ranks=feature.dialect.distinct_ranks)
        return distribution_distance(*sketches, robust=False)
    return categorical_distance(*_categories(feature), robust=False)


def _numbers_moved(feature: FeatureContext) -> str:
    """What changed all of the values, else the point at which most of them have crossed."""
    # The quirk changes AWS's number, not where the values went.
    now, before = _distributions(feature, distinct_ranks=False)
    medians = f"the median went from {number(before.median)} to {number(now.median)}"
    cause = causes_of_numbers(Numbers(distribution=before), Numbers(distribution=now))[0]
    if cause.kind is not Kind.MIXTURE:
        said = of_cause(cause)
        return f"{said[:1].upper()}{said[1:]}; {medians}."
    gap = widest_gap(now, before)
    crossed = (
        f"{share(gap.first)} of the values are at most {number(gap.at)}, "
        f"in the baseline {share(gap.second)}"
    )
    return f"{crossed}; {medians}."


def _categories_moved(feature: FeatureContext) -> str:
    """The categories whose share changed most."""
    current, baseline = _categories(feature)
    n, m = sum(current.values()), sum(baseline.values())
    moves = {
        value: (baseline.get(value, 0) / m, current.get(value, 0) / n)
        for value in current.keys() | baseline.keys()
    }
    moved = [value for value, (before, now) in moves.items() if now != before]
    most = sorted(moved, key=lambda value: (-abs(moves[value][1] - moves[value][0]), value))
    parts = (f"{v!r} from {share(moves[v][0])} to {share(moves[v][1])}" for v in most[:_SHOWN])
    return f"Shares moved most: {listed(parts)}."
