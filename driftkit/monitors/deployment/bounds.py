"""Bounds of a metric's difference at each look, by the method of the plan.

Differences are oriented here: larger is better, whatever the metric. A bound of an arm that is worse
than a margin is below minus the margin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from driftkit.comparison.deployment.asymptotic_sequence import (
    one_sided_half_width,
    two_sided_log_e_value,
)
from driftkit.comparison.deployment.bounded_means import (
    empirical_bernstein_half_width,
    unit_range,
    window_variation,
)
from driftkit.comparison.deployment.exact_epochs import difference_bounds_over_epochs
from driftkit.comparison.deployment.group_sequential import (
    SPENDING_EXPONENT,
    look_bounds,
    power_spending,
)
from driftkit.comparison.deployment.magnitudes import magnitude_bounds
from driftkit.comparison.deployment.several import Levels, levels
from driftkit.monitors.deployment import horizon_look
from driftkit.monitors.deployment.exact_trials import present, trials_of

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.monitors.deployment.bias_evidence import SignedBias
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.native.arrays import Floats, Integers, Truths

Bound = TypeVar("Bound", float, "Floats")

ASYMPTOTIC = "asymptotic confidence sequence"
EXACT_RATES = "beta-binomial confidence sequences"
EXACT_MEANS = "empirical Bernstein confidence sequences"
GROUP_SEQUENTIAL = "group sequential, power spending"
RARE_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of the oriented difference at each look, that never widen again.

    Attributes:
        low: lower bound, -inf where nothing is known; shape (looks,).
        high: upper bound, inf where nothing is known.
        ready: whether there is enough to decide by it.
        exact: whether the bounds hold for any number of rows rather than for many.
        log_e_value: the logarithm of the evidence against no difference; NaN where there is none.
        method: by which they were made.
        reason: why they can never be made; None where they can.
        last: the bounds of the last look at which there was enough, by themselves: where the
            difference changes with time, those of all looks may have no number in common.
    """

    low: Floats
    high: Floats
    ready: Truths
    exact: Truths
    log_e_value: Floats
    method: str
    reason: str | None = None
    last: tuple[float, float] = (-np.inf, np.inf)

    def narrowing(self) -> Bounds:
        """The intersection of all intervals so far, in which the difference is at every look."""
        ready = np.flatnonzero(self.ready)
        last = (self.low[ready[-1]], self.high[ready[-1]]) if len(ready) else self.last
        return replace(
            self,
            low=np.maximum.accumulate(np.where(self.ready, self.low, -np.inf)),
            high=np.minimum.accumulate(np.where(self.ready, self.high, np.inf)),
            last=(float(last[0]), float(last[1])),
        )


def sign_of(metric: PlannedMetric) -> float:
    """1 where larger is better, -1 where smaller is."""
    return 1.0 if metric.better == "higher" else -1.0


def turned(low: Bound, high: Bound, metric: PlannedMetric) -> tuple[Bound, Bound]:
    """The bounds of a metric's difference from those of the oriented one, and the other way round."""
    return (low, high) if metric.better == "higher" else (-high, -low)


def levels_of(plan: Plan) -> Levels:
    """The error rates at which a metric of a challenger is tested."""
    return levels(
        plan.error_rates.promote,
        plan.error_rates.roll_back,
        metrics=len(plan.decisive),
        challengers=len(plan.challengers),
    )


def bounds_of(evidence: Evidence, metric: PlannedMetric, plan: Plan) -> Bounds:
    """The bounds of a metric by the plan's method.

    Args:
        evidence: of the metric at each look.
        metric: as planned.
        plan: whose method, error rates, horizon and burn-in count.
    """
    levels = levels_of(plan)
    if metric.table and metric.kind == "mean":
        return _never(evidence, "averages tell no variance, so that they are shown only")
    if evidence.bias is not None:
        return _of_bias(evidence, evidence.bias, metric, plan).narrowing()
    if plan.method == "always_valid":
        return _always_valid(evidence, metric, plan, levels).narrowing()
    if plan.method == "exact":
        return _exact(evidence, metric, plan, levels).narrowing()
    method = _group_sequential if plan.method == "group_sequential" else _fixed
    return method(evidence, metric, plan, levels).narrowing()


def _always_valid(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    """The asymptotic sequence; of rates with few events in an arm the exact one."""
    found = _asymptotic(evidence, metric, plan, levels)
    if evidence.events is None:
        return found
    others = evidence.counted - evidence.events
    fewest = np.minimum(evidence.events, others)
    rare = fewest.min(axis=1) < RARE_EVENTS
    if evidence.users is not None:
        # Exact bounds take requests for independent, as those of one user are not.
        rare &= ~(evidence.variance > 0)
    burnt_in = found.ready & (fewest.sum(axis=1) >= plan.burn_in.events)
    if not rare.any():
        return replace(found, ready=burnt_in)
    exact = _exact_rates(evidence, metric, plan, levels)
    return Bounds(
        low=np.where(rare, exact.low, found.low),
        high=np.where(rare, exact.high, found.high),
        ready=np.where(rare, exact.ready, burnt_in),
        exact=rare & exact.exact,
        log_e_value=found.log_e_value,
        method=EXACT_RATES if rare[-1] else ASYMPTOTIC,
    )


def _asymptotic(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    tuning = float(plan.horizon.tuning_units)

    def width(alpha: float) -> Floats:
        return one_sided_half_width(evidence.units, evidence.variance, alpha=alpha, tuning=tuning)

    log_e = two_sided_log_e_value(
        evidence.difference,
        evidence.units,
        evidence.variance,
        alpha=2 * levels.promote,
        tuning=tuning,
    )
    return replace(
        _around(evidence, metric, width(levels.promote), width(levels.roll_back)),
        ready=_enough(evidence, plan),
        log_e_value=np.where(evidence.variance > 0, log_e, np.nan),
    )


def _of_bias(evidence: Evidence, bias: SignedBias, metric: PlannedMetric, plan: Plan) -> Bounds:
    """Bounds of absolute values from those of difference and total, at half of the level each."""
    if plan.method == "exact":
        return _never(evidence, "exact bounds are of rates and means, not of bias")
    method = {"always_valid": _asymptotic, "fixed": _fixed}.get(plan.method, _group_sequential)
    upward = replace(metric, better="higher")
    both = (
        replace(evidence, difference=bias.difference, variance=bias.difference_variance),
        replace(evidence, difference=bias.total, variance=bias.total_variance),
    )

    def ends(alpha: float) -> tuple[tuple[Floats, Floats], list[Bounds]]:
        halves = Levels(promote=alpha / 2, roll_back=alpha / 2)
        less, plus = (method(each, upward, plan, halves) for each in both)
        bounds = magnitude_bounds((less.low, less.high), (plus.low, plus.high))
        return turned(*bounds, metric), [less, plus]

    levels = levels_of(plan)
    (low, _), found = ends(levels.promote)
    # Where a group has few rows with the event, or without it, its rate has hardly a variance.
    fewest = np.minimum(bias.events, bias.counted - bias.events).min(axis=(1, 2))
    enough = fewest >= max(plan.burn_in.events, RARE_EVENTS)
    return replace(
        found[0],
        low=low,
        high=ends(levels.roll_back)[0][1],
        ready=found[0].ready & found[1].ready & enough,
        log_e_value=np.full(len(low), np.nan),
    )


def _exact(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    if evidence.users is not None:
        return _never(evidence, "exact bounds are of requests, not of users who come back")
    if evidence.events is not None:
        return _exact_rates(evidence, metric, plan, levels)
    if not evidence.is_one_epoch:
        return _never(evidence, "exact bounds of a mean need weights that do not change")
    if metric.range is None or evidence.windows is None:
        return _never(evidence, "exact bounds are of rates, and of means with a range in the plan")
    return _exact_means(evidence, metric, plan, levels)


def _exact_rates(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    events, trials, epochs = trials_of(evidence)

    def ends(alpha: float) -> tuple[Floats, Floats]:
        return turned(*difference_bounds_over_epochs(events, trials, epochs, alpha=alpha), metric)

    size = len(epochs)
    return Bounds(
        low=ends(levels.promote)[0],
        high=ends(levels.roll_back)[1],
        ready=_enough(evidence, plan),
        exact=np.full(size, evidence.users is None),
        log_e_value=np.full(size, np.nan),
        method=EXACT_RATES,
    )


def _exact_means(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    span = metric.range or (0.0, 1.0)
    counts, sums, squares = np.moveaxis(present(evidence.windows), -1, 0)
    mapped = unit_range(counts, sums, squares, span=span)
    variation = window_variation(counts, *mapped)
    # Values in the middle of a range of 1 have variances of an eighth, about, of either arm's half.
    tuning = plan.horizon.tuning_units / 16

    def width(alpha: float) -> Floats:
        arms = empirical_bernstein_half_width(
            evidence.counted, variation, alpha=alpha / 2, tuning=tuning
        )
        both: Floats = arms.sum(axis=1) * (span[1] - span[0])
        return both

    found = _around(evidence, metric, width(levels.promote), width(levels.roll_back))
    return replace(
        found,
        ready=_enough(evidence, plan),
        exact=np.ones(len(counts), np.bool_),
        method=EXACT_MEANS,
    )


def _group_sequential(
    evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels
) -> Bounds:
    """Bounds at the planned looks: the first blocks with so many of the horizon's units."""
    looks = plan.horizon.looks or 1
    fractions = np.minimum(evidence.units / plan.horizon.units, 1.0)
    planned = np.arange(1, looks + 1) / looks
    at = np.unique(np.searchsorted(np.maximum.accumulate(fractions), planned - 1e-12))
    at = at[at < len(fractions)]

    def width(alpha: float) -> Floats:
        z = np.full(len(fractions), np.inf)
        if len(at):
            z[at] = look_bounds(fractions[at], power_spending(alpha, SPENDING_EXPONENT))
        return z * np.sqrt(evidence.variance)

    return _at_looks(evidence, metric, (at, width(levels.promote), width(levels.roll_back)), plan)


def _fixed(evidence: Evidence, metric: PlannedMetric, plan: Plan, levels: Levels) -> Bounds:
    """Bounds at one look, the first block with the horizon's units."""
    size = len(evidence.units)
    low, high, ready = np.full(size, -np.inf), np.full(size, np.inf), np.zeros(size, np.bool_)
    method = horizon_look.OF_OTHERS
    for look in np.flatnonzero(evidence.units >= plan.horizon.units)[:1].tolist():
        method = horizon_look.method_of(evidence, metric, look)
        below, above = (
            turned(*horizon_look.interval(evidence, metric, look, 2 * alpha), metric)
            for alpha in (levels.promote, levels.roll_back)
        )
        low[look], high[look] = below[0], above[1]
        ready[look] = _enough(evidence, plan)[look]
    return Bounds(
        low=np.where(np.isnan(low), -np.inf, low),
        high=np.where(np.isnan(high), np.inf, high),
        ready=ready,
        exact=np.zeros(size, np.bool_),
        log_e_value=np.full(size, np.nan),
        method=method,
    )


def _at_looks(
    evidence: Evidence, metric: PlannedMetric, looks: tuple[Integers, Floats, Floats], plan: Plan
) -> Bounds:
    at, low, high = looks
    ready = np.zeros(len(low), np.bool_)
    ready[at] = _enough(evidence, plan)[at]
    return replace(_around(evidence, metric, low, high), ready=ready, method=GROUP_SEQUENTIAL)


def _around(evidence: Evidence, metric: PlannedMetric, below: Floats, above: Floats) -> Bounds:
    """Bounds at so much from the oriented difference; none where there is no variance to go by."""
    known = np.isfinite(evidence.difference) & (evidence.variance > 0)
    difference = sign_of(metric) * evidence.difference
    size = len(difference)
    return Bounds(
        low=np.where(known, difference - below, -np.inf),
        high=np.where(known, difference + above, np.inf),
        ready=known,
        exact=np.zeros(size, np.bool_),
        log_e_value=np.full(size, np.nan),
        method=ASYMPTOTIC,
    )


def _never(evidence: Evidence, reason: str) -> Bounds:
    size = len(evidence.difference)
    return Bounds(
        low=np.full(size, -np.inf),
        high=np.full(size, np.inf),
        ready=np.zeros(size, np.bool_),
        exact=np.zeros(size, np.bool_),
        log_e_value=np.full(size, np.nan),
        method="none",
        reason=reason,
    )


def _enough(evidence: Evidence, plan: Plan) -> Truths:
    enough = np.asarray(evidence.counted.min(axis=1) >= plan.burn_in.units)
    if evidence.users is not None:
        # Users share buckets, so that so many are in somewhat fewer.
        enough &= evidence.users.min(axis=1) >= min(plan.burn_in.units, plan.unit.buckets) / 2
    return enough
