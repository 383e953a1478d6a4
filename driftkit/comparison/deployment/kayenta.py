"""Kayenta's judge of one metric: are a canary's values a minute higher or lower than its control's?

The rule is that of NetflixACAJudge-v1.0 (github.com/spinnaker/kayenta), written from its
description with scipy's root finder. Kayenta stops its own at 1e-4, so that its last digits differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from driftkit.errors import InputError

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats

Classification = Literal["Pass", "High", "Low", "Nodata", "NodataFailMetric"]
Direction = Literal["increase", "decrease", "either"]
Measure = Literal["meanRatio", "cles"]

IDENTICAL = "The Canary and Baseline data are identical"
_NOISE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Effect sizes from which on a change counts: `increase` or more, `decrease` or less."""

    increase: float = 1.0
    decrease: float = 1.0

    def passed(self, effect: float, *, high: bool) -> bool:
        """Whether an effect reaches its threshold; one that cannot be measured does."""
        return isnan(effect) or (effect >= self.increase if high else effect <= self.decrease)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a metric is classified.

    Attributes:
        direction: of changes that count.
        replaces_nan: whether NaN becomes 0; otherwise it is removed.
        removes_outliers: whether values outside of the fences are removed.
        outlier_factor: how many interquartile ranges the fences are beyond the quartiles.
        critical: whether the canary fails with this metric.
        must_have_data: whether missing data counts against the canary.
        measure: of the effect: ratio of means, or the common language effect size.
        allowed: effect sizes from which on a change is High or Low.
        critical_effect: those from which on it is critical, where the metric is.
        tolerance: share of the estimated shift that the interval must be away from 0.
        confidence: of the interval.
    """

    direction: Direction = "either"
    replaces_nan: bool = False
    removes_outliers: bool = False
    outlier_factor: float = 3.0
    critical: bool = False
    must_have_data: bool = False
    measure: Measure = "meanRatio"
    allowed: Thresholds = Thresholds()
    critical_effect: Thresholds = Thresholds()
    tolerance: float = 0.25
    confidence: float = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """What the judge says of a metric.

    Attributes:
        classification: Pass, High, Low, Nodata or NodataFailMetric.
        critical: whether the canary fails by it.
        reason: Kayenta's sentence; None where there is nothing to say.
        low: lower end of the interval of the shift; NaN where none was needed.
        high: upper end.
        estimate: of the shift.
        effect: size, NaN where it cannot be measured.
        blind: whether the control is all 0 and the canary is not: such a canary passes by
            construction as long as most of its values are 0, however many events it has.
    """

    classification: Classification
    critical: bool = False
    reason: str | None = None
    low: float = nan
    high: float = nan
    estimate: float = nan
    effect: float = nan
    blind: bool = False


def classify(name: str, control: Floats, experiment: Floats, rule: Rule) -> MetricResult:
    """Kayenta's classification of a metric.

    Args:
        name: of the metric, for reasons.
        control: one value a minute (or another step) of the champion.
        experiment: those of the challenger.
        rule: how they are classified.

    Raises:
        InputError: a value is infinite, or one side has a single value and the other only zeros or
            a single value as well.

    >>> control = np.array([10.0, 11.0, 12.0, 13.0, 14.0])
    >>> classify("errors", control, control + 10, Rule()).reason
    'errors was classified as High'
    """
    before, after = (_cleaned(name, each, rule) for each in (control, experiment))
    if not len(before) or not len(after):
        return _without_data(name, rule)
    blind = not before.any() and bool(after.any())
    if np.array_equal(np.sort(before), np.sort(after)):
        return MetricResult(classification="Pass", reason=IDENTICAL)
    if np.ptp(np.concatenate([before, after])) == 0:
        return MetricResult(classification="Pass")
    before, after = _apart(before, after)
    if not np.ptp(before) and not np.ptp(after):
        raise InputError(
            "a metric cannot be classified by ranks",
            where=f"metric {name}",
            expected="at least two values of the champion or of the challenger that differ",
            found=f"{len(before)} and {len(after)} values, constant on each side",
            todo="Judge a longer time",
        )
    return _compared(name, before, after, rule=rule, blind=blind)


def _cleaned(name: str, values: Floats, rule: Rule) -> Floats:
    if np.isinf(values).any():
        raise InputError(
            "a value of a metric is infinite",
            where=f"metric {name}",
            expected="numbers, or nothing where there is none",
            found=f"{int(np.isinf(values).sum())} infinite values",
            todo="Leave these values out",
        )
    missing = np.isnan(values)
    known = np.where(missing, 0.0, values) if rule.replaces_nan else values[~missing]
    if not rule.removes_outliers or not len(known):
        return known
    p01, p25, p75, p99 = np.quantile(known, [0.01, 0.25, 0.75, 0.99])
    reach = rule.outlier_factor * (p75 - p25)
    kept = (known >= min(p01, p25 - reach)) & (known <= max(p99, p75 + reach))
    return np.asarray(known[kept])


def _without_data(name: str, rule: Rule) -> MetricResult:
    reason = f"Missing data for {name}"
    if rule.replaces_nan:
        return MetricResult(classification="Pass")
    if rule.must_have_data and not rule.critical:
        return MetricResult(classification="NodataFailMetric", reason=reason)
    return MetricResult(classification="Nodata", critical=rule.critical, reason=reason)


def _apart(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Adds seeded noise where each side is constant, since ranks could not tell how sure that is."""
    if np.ptp(before) or np.ptp(after):
        return before, after
    drawn = np.random.default_rng(0)
    noise = [drawn.normal(0.0, abs(each[0]) * _NOISE, len(each)) for each in (after, before)]
    return before + noise[1], after + noise[0]


def _compared(name: str, before: Floats, after: Floats, *, rule: Rule, blind: bool) -> MetricResult:
    low, high, estimate = shift_interval(after, before, rule.confidence)
    effect = effect_size(before, after, rule.measure)
    bound = rule.tolerance * abs(estimate)
    found: Classification = "Pass"
    if rule.direction != "decrease" and low > bound and rule.allowed.passed(effect, high=True):
        found = "High"
    elif rule.direction != "increase" and high < -bound and rule.allowed.passed(effect, high=False):
        found = "Low"
    failed = found != "Pass"
    critical = failed and rule.critical
    critical = critical and rule.critical_effect.passed(effect, high=found == "High")
    reason = f"{name} was classified as {found}"
    return MetricResult(
        classification=found,
        critical=critical,
        reason=(f"The metric {reason} (Critical)" if critical else reason) if failed else None,
        low=low,
        high=high,
        estimate=estimate,
        effect=effect,
        blind=blind,
    )


def effect_size(before: Floats, after: Floats, measure: Measure) -> float:
    """How much larger the values are after than before.

    The ratio of the means, NaN where one of them is 0; or the common language effect size, the
    probability that a value after is the larger one (McGraw and Wong 1992, Psychol. Bull. 111:361).

    >>> effect_size(np.array([1.0, 2.0]), np.array([2.0, 4.0]), "cles")
    0.875
    """
    if measure == "meanRatio":
        means = float(before.mean()), float(after.mean())
        return means[1] / means[0] if all(means) else nan
    return _centred_ranks(after, before)[0] / (len(after) * len(before)) + 0.5


def _centred_ranks(x: Floats, y: Floats) -> tuple[float, float]:
    """The sum of x's mid-ranks among both, less its expectation; the sum of t^3 - t over ties."""
    both = np.sort(np.concatenate([x, y]))
    middle = both.searchsorted(x, "left") + both.searchsorted(x, "right") + 1
    m, n = len(x), len(y)
    starts = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]]))
    ties = np.diff(np.append(starts, m + n)).astype(np.float64)
    return float(middle.sum() / 2 - m * (m + n + 1) / 2), float((ties**3 - ties).sum())


def _shift_z(shift: float, x: Floats, y: Floats) -> float:
    """The rank sum of x - shift against y in standard deviations, corrected for continuity."""
    m, n = len(x), len(y)
    centred, ties = _centred_ranks(x - shift, y)
    variance = m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1)))
    return float((centred - 0.5 * np.sign(centred)) / sqrt(variance))


def shift_interval(x: Floats, y: Floats, confidence: float) -> tuple[float, float, float]:
    """By how much x is higher than y: the interval of a shift from ranks, and its estimate.

    The shifts at which the normal approximation of the Mann-Whitney test is at the edge of being
    significant (Hodges and Lehmann 1963, Ann. Math. Statist. 34:598; Bauer 1972, JASA 67:687), and
    where it is 0.

    Returns:
        Lower end, upper end, estimate.

    >>> x, y = np.array([10.0, 20.0, 30.0, 40.0]), np.array([1.0, 2.0, 3.0, 4.0])
    >>> [round(each, 4) for each in shift_interval(x, y, 0.95)]
    [6.0, 39.0, 22.5]
    """
    from scipy.special import ndtri  # noqa: PLC0415  (slow to load, and rarely needed)

    z = float(ndtri(0.5 + confidence / 2))
    low, high, estimate = (_crossing(level, x, y) for level in (z, -z, 0.0))
    return low, high, estimate


def _crossing(level: float, x: Floats, y: Floats) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to load, and rarely needed)

    least, most = float(x.min() - y.max()), float(x.max() - y.min())
    if _shift_z(least, x, y) <= level:
        return least
    if _shift_z(most, x, y) >= level:
        return most
    # The statistic falls in steps, so that the root is where it jumps over the level.
    finest = max(1e-12 * (most - least), 1e-300)
    return float(
        brentq(lambda at: _shift_z(at, x, y) - level, least, most, xtol=finest, maxiter=1_000)
    )
