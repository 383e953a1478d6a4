"""The check of baseline drift: the distance of distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.comparison.distributions import distribution, widest_gap
from driftkit.comparison.linfinity import categorical_distance, distribution_distance
from driftkit.comparison.rescaling import rescaling
from driftkit.errors import FormatError
from driftkit.formats.jackson import double
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.monitors.data_quality.checks.phrases import listed, number, share
from driftkit.results.contract import Finding, Metric, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from driftkit.comparison.distances import Distance
    from driftkit.comparison.rescaling import Rescaling
    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.monitoring_config import DistributionConstraints
    from driftkit.formats.statistics import FeatureStatistics
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

    Levels = Sequence[Sequence[float]]

NAME = "baseline_drift_check"
DISTANCE = "distance"
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """How far a feature is from its baseline.

    Attributes:
        distance: what was measured.
        value: what it came to.
        threshold: what is allowed.
        moved: the share of the rows that have moved, at least.
        cause: where they went, in a sentence.
        p_value: whether the value is one, for which small is drift.
    """

    distance: Distance
    value: float
    threshold: float
    moved: Callable[[], float]
    cause: Callable[[], str]
    p_value: bool = False

    @property
    def drifted(self) -> bool:
        return self.value < self.threshold if self.p_value else self.value > self.threshold

    def metric(self, feature: FeatureContext, *, violated: bool | None) -> Metric:
        low, high = (self.threshold, math.inf) if self.p_value else (-math.inf, self.threshold)
        test = "p_value" if self.p_value else "chi_squared"
        return Metric(
            group="drift",
            name=test if self.distance.greatest is None else DISTANCE,
            feature=feature.name,
            value=self.value,
            dimensions={"method": self.distance.name},
            allowed=(low, high),
            violated=violated,
        )

    def finding(self, feature: FeatureContext) -> Finding:
        metric = self.metric(feature, violated=True)
        distance, threshold = double(self.value), double(self.threshold)
        test = "p-value" if self.p_value else "chi-square"
        measure = "distance" if self.distance.greatest is not None else test
        bound = "least" if self.p_value else "most"
        return Finding(
            check=NAME,
            feature=feature.name,
            message=f"Baseline drift distance: {distance} exceeds threshold: {threshold}",
            metric=metric.name,
            dimensions=metric.dimensions,
            value=self.value,
            allowed=metric.allowed,
            severity=self.value if self.distance.greatest == 1.0 else self.moved(),
            expected=f"{measure} at {bound} {number(self.threshold)}",
            observed=f"{measure} {number(self.value)}",
            cause=self.cause(),
        )


def baseline_drift_check(feature: FeatureContext) -> CheckResult:
    """Compares numbers with numbers and categories with categories.

    Features without a value, and those whose kinds differ (the data type check speaks of
    these), have no distance.
    """
    comparison = _compared(feature)
    if not isinstance(comparison, _Comparison):
        return comparison
    return comparison.finding(feature) if comparison.drifted else None


def distances(features: Iterable[FeatureContext], checked: Container[str]) -> Iterator[Metric]:
    """The distance of every feature that has one, whether or not its name is among those checked."""
    for feature in features:
        comparison = _compared(feature)
        if isinstance(comparison, _Comparison):
            violated = comparison.drifted if feature.name in checked else None
            yield comparison.metric(feature, violated=violated)


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


def _compared(feature: FeatureContext) -> _Comparison | Skipped | None:
    if NAME not in feature.measured:
        feature.measured[NAME] = _compare(feature)
    known: _Comparison | Skipped | None = feature.measured[NAME]
    return known


def _compare(feature: FeatureContext) -> _Comparison | Skipped | None:
    current, baseline = feature.current, feature.baseline
    if baseline is None:
        reason = f"The baseline's statistics.json has no feature {feature.name!r}."
        return feature.skipped(NAME, reason)
    same_type = current.inferred_type == feature.constraints.inferred_type
    if not feature.present or (feature.dialect.drift_needs_same_type and not same_type):
        return None
    if current.numerical and baseline.numerical:
        return _numbers(feature, _levels(current), _levels(baseline))
    if current.string and baseline.string:
        return _categories(feature, baseline)
    return None


def _levels(feature: FeatureStatistics) -> Levels:
    numbers = feature.numerical
    return numbers.kll.data if numbers and numbers.kll else ()


def _numbers(
    feature: FeatureContext, current: Levels, baseline: Levels
) -> _Comparison | Skipped | None:
    if not any(current) or not any(baseline):
        whose = "baseline" if any(current) else "window"
        reason = f"The statistics.json of the {whose} has no sketch of {feature.name!r}."
        return feature.skipped(NAME, reason)
    settings, quirk = feature.config.distribution, feature.dialect.distinct_ranks
    method = NUMERICAL[settings.comparison_method]
    now, before = (distribution(each, distinct_ranks=quirk) for each in (current, baseline))
    assert method.numbers is not None  # noqa: S101  (it is in the table of those of numbers)
    return _Comparison(
        distance=method,
        value=method.numbers(now, before),
        threshold=settings.comparison_threshold,
        moved=partial(distribution_distance, now, before, robust=False),
        cause=partial(_numbers_moved, current, baseline),
    )


def _categories(
    feature: FeatureContext, statistics: FeatureStatistics
) -> _Comparison | Skipped | None:
    settings, baseline = feature.config.distribution, listed_categories(statistics)
    named = settings.categorical_drift_method, settings.categorical_comparison_threshold
    asked = named != (None, None) or not feature.dialect.categories_drift_when_asked
    if not baseline or not asked:
        return None
    current = listed_categories(feature.current)
    if not current:
        reason = f"{feature.name!r} has too many values now to compare the shares of each."
        return feature.skipped(NAME, reason)
    method = _categorical_method(settings)
    robust = settings.comparison_method != "Simple" and method.robust_categories is not None
    measure = method.robust_categories if robust else method.categories
    assert measure is not None  # noqa: S101  (it is in the table of those of categories)
    value = measure(current, baseline)
    if math.isnan(value):
        reason = f"{feature.name!r} has too few rows in at least two categories for chi-square."
        return feature.skipped(NAME, reason)
    own = settings.categorical_comparison_threshold
    return _Comparison(
        distance=method,
        p_value=robust and method.robust_is_p_value,
        value=value,
        threshold=settings.comparison_threshold if own is None else own,
        moved=partial(categorical_distance, current, baseline, robust=False),
        cause=partial(_categories_moved, current, baseline),
    )


def _categorical_method(settings: DistributionConstraints) -> Distance:
    """The one that is named, else that of the numbers if it compares categories too."""
    named = settings.categorical_drift_method or settings.comparison_method
    return CATEGORICAL.get(named, CATEGORICAL["LInfinity"])


def _numbers_moved(current: Levels, baseline: Levels) -> str:
    """Other units where they explain it, else the point at which most values have crossed."""
    # The quirk changes AWS's number, not where the values went.
    now, before = (distribution(each, distinct_ranks=False) for each in (current, baseline))
    medians = f"the median went from {number(before.median)} to {number(now.median)}"
    change = rescaling(before, now)
    if change:
        return f"{_rescaled(change)}; {medians}."
    gap = widest_gap(now, before)
    crossed = (
        f"{share(gap.first)} of the values are at most {number(gap.at)}, "
        f"in the baseline {share(gap.second)}"
    )
    return f"{crossed}; {medians}."


def _rescaled(change: Rescaling) -> str:
    units = f", as {change.units}" if change.units else ""
    if change.factor == 1.0:
        sign = "+" if change.shift > 0 else "-"
        return f"Values look shifted by about {sign}{number(abs(change.shift))}"
    if change.shift:
        return f"Values look converted {change.units}"
    if change.factor < 1.0:
        return f"Values look divided by about {number(1 / change.factor)}{units}"
    return f"Values look multiplied by about {number(change.factor)}{units}"


def _categories_moved(current: Mapping[str, int], baseline: Mapping[str, int]) -> str:
    """The categories whose share changed most."""
    n, m = sum(current.values()), sum(baseline.values())
    moves = {
        value: (baseline.get(value, 0) / m, current.get(value, 0) / n)
        for value in current.keys() | baseline.keys()
    }
    moved = [value for value, (before, now) in moves.items() if now != before]
    most = sorted(moved, key=lambda value: (-abs(moves[value][1] - moves[value][0]), value))
    parts = (f"{v!r} from {share(moves[v][0])} to {share(moves[v][1])}" for v in most[:_SHOWN])
    return f"Shares moved most: {listed(parts)}."
