"""Says how many units and days a plan needs, and whether a roll back can come while one waits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from driftkit.comparison.deployment.delong_bins import delong_of_bins
from driftkit.comparison.deployment.exact_rates import difference_bounds
from driftkit.comparison.deployment.group_sequential import last_level
from driftkit.comparison.deployment.planning import (
    Traffic,
    always_valid_effect,
    days_needed,
    fixed_horizon_effect,
    least_units,
)
from driftkit.comparison.deployment.ratios import bucketed_ratio, ratio, ratio_variance
from driftkit.formats.deployment.planning import Planning, SampleSize
from driftkit.formats.deployment.verdict import PlanName
from driftkit.monitors.deployment.bias_evidence import signed_difference
from driftkit.monitors.deployment.bounds import levels_of
from driftkit.monitors.deployment.evidence import RATES, moments_of
from driftkit.monitors.deployment.timeline import DAY
from driftkit.states.deployment.arms import IN_BUCKETS, SUMS
from driftkit.states.deployment.blocks import HOUR
from driftkit.states.deployment.metrics import rest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftkit.formats.deployment.metrics import Bias
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.native.arrays import Floats, Truths
    from driftkit.states.deployment.arms import ArmSums

POWER: Final = 0.8
LONGEST_WAIT: Final = 3_600
"""For how many seconds SageMaker waits for alarms at most."""
_HOURS_A_DAY: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What a metric's sample size follows from.

    Attributes:
        value: the champion's.
        variance: of the champion, of one unit.
        shares: the parts of champion and challenger of the units of both; 1 each of pairs.
        traffic: how fast units come.
    """

    value: float
    variance: float
    shares: tuple[float, float]
    traffic: Traffic

    def squared_error(self, units: float) -> float:
        """That of the difference, with so many units."""
        return sum(self.variance / (share * units) for share in self.shares)


def planning_of(
    plan: Plan, sums: ArmSums, wait: int | None, label_delay_days: float = 0.0
) -> Planning:
    """What each deciding metric needs, by the plan's bounds and the champion's variance.

    Derived here: a challenger is taken to vary as the champion does, covariates are left out, and
    looks before the last can only add to the power. Without weights all arms are taken for equally
    large. Answers of a pair are taken for independent: those that are alike need fewer pairs.

    Args:
        plan: its weights, margins, error rates and horizon.
        sums: of rows before the deployment.
        wait: seconds for which a deployment waits for its alarms; None where none does.
        label_delay_days: how long 95 % of the labels take to come.
    """
    sizes = tuple(
        _size(plan, metric, _basis(plan, sums, index, label_delay_days))
        for index, metric in enumerate(plan.metrics)
        if metric.decisive
    )
    days = [each.roll_back_days for each in sizes if each.roll_back_days is not None]
    return Planning(
        plan=PlanName.of(plan),
        power=POWER,
        horizon_units=plan.horizon.units,
        metrics=sizes,
        wait_seconds=wait,
        wait_is_enough=min(days) * DAY <= wait if days and wait is not None else None,
    )


def sentences(planning: Planning) -> Iterator[str]:
    """What people should know of it, a line each."""
    for each in planning.metrics:
        yield f"{each.name}: {_needs(each, planning)}"
    if planning.wait_is_enough is False:
        known = [each for each in planning.metrics if each.roll_back_days is not None]
        soonest = min(known, key=lambda each: each.roll_back_days or 0.0)
        yield (
            f"A deployment that waits {planning.wait_seconds:,} s for its alarms may be over before "
            f"one comes: to roll a harm of twice the margin back takes "
            f"{soonest.roll_back_units:,} units of {soonest.name}, "
            f"{(soonest.roll_back_days or 0.0) * _HOURS_A_DAY:,.1f} hours at the pace of these data"
        )


def _needs(size: SampleSize, planning: Planning) -> str:
    if size.reason is not None:
        return f"how many units decide is not known, since {size.reason}"
    horizon, power = planning.horizon_units, f"{planning.power * 100:g} % power"
    found = f"the {horizon:,} units of the horizon find a difference of {size.detectable:.3g}"
    if size.promote_units is None:
        return f"{found} with {power}"
    days = size.promote_days
    pace = "" if days is None else f", {days:,.1f} days at the pace of these data,"
    late = f"; {found}" if size.promote_units > horizon else ""
    return f"{size.promote_units:,} units{pace} show with {power} that nothing is worse{late}"


def _size(plan: Plan, metric: PlannedMetric, basis: _Basis) -> SampleSize:
    known = SampleSize(name=metric.name, role=metric.role)
    reason = _unknown(plan, metric, basis)
    if reason is not None:
        return replace(known, reason=reason)
    levels = levels_of(plan)
    promote = None if metric.superior else _units(plan, metric, basis, levels.promote)
    harmed = _units(plan, metric, basis, levels.roll_back)
    days = None if promote is None else days_needed(promote, basis.traffic)
    return replace(
        known,
        detectable=_effect(plan, metric, basis, levels.promote)(float(plan.horizon.units)),
        promote_units=promote,
        promote_days=None if days is None else max(days, plan.horizon.minimum_days),
        roll_back_units=harmed,
        roll_back_days=None if harmed is None else days_needed(harmed, basis.traffic),
    )


def _unknown(plan: Plan, metric: PlannedMetric, basis: _Basis) -> str | None:
    """Why nothing can be said of a metric; None where it can."""
    if not basis.variance > 0:
        return "the champion's rows do not vary in it"
    if plan.method == "exact" and metric.kind not in RATES:
        return "that is told of exact bounds of rates only"
    return None


def _units(plan: Plan, metric: PlannedMetric, basis: _Basis, alpha: float) -> int | None:
    """Units that find a difference of the margin; None where no number of them does."""
    first = ceil(max(1, plan.burn_in.units) / min(basis.shares))
    return least_units(_effect(plan, metric, basis, alpha), metric.margin, first=first)


def _effect(
    plan: Plan, metric: PlannedMetric, basis: _Basis, alpha: float
) -> Callable[[float], float]:
    """The difference that so many units find with the power, by the bounds of the plan."""
    # Of bias there are two bounds, each at half of the level.
    alpha = alpha if metric.bias is None else alpha / 2
    if plan.method == "exact":
        return _exact_effect(basis, alpha, better=metric.better)
    if plan.method == "always_valid":
        known = {"alpha": alpha, "power": POWER, "tuning": float(plan.horizon.tuning_units)}
        return lambda units: float(always_valid_effect(units, basis.squared_error(units), **known))
    if plan.method == "group_sequential":
        alpha = last_level(alpha, plan.horizon.looks or 1)
    return lambda units: float(
        fixed_horizon_effect(sqrt(basis.squared_error(units)), alpha=alpha, power=POWER)
    )


def _exact_effect(basis: _Basis, alpha: float, *, better: str) -> Callable[[float], float]:
    def effect(units: float) -> float:
        old, new = (share * units for share in basis.shares)
        low, high = difference_bounds(basis.value * new, new, basis.value * old, old, alpha=alpha)
        chance = fixed_horizon_effect(sqrt(basis.squared_error(units)), alpha=0.5, power=POWER)
        return float((-low if better == "higher" else high) + chance)

    return effect


def _basis(plan: Plan, sums: ArmSums, index: int, label_delay_days: float) -> _Basis:
    """What is known of a metric before the deployment."""
    own = sums.keys[:, 1] == sums.layout.arms.index(plan.champion)
    value, variance, counted = _of_champion(plan.metrics[index], sums, index, own)
    weights = plan.weights or dict.fromkeys(plan.arms, 1.0)
    pair = weights[plan.champion], min(weights.get(each, 1.0) for each in plan.challengers)
    hours = len(np.unique(sums.blocks // HOUR))
    rows = float(counted[own].sum() if plan.pairing else counted.sum())
    paired = (plan.pairing.sampling_percentage or 100.0) / 100.0 if plan.pairing else None
    return _Basis(
        value=value,
        variance=variance * float(counted[own].sum()),
        shares=(1.0, 1.0) if plan.pairing else (pair[0] / sum(pair), pair[1] / sum(pair)),
        traffic=Traffic(
            per_day=rows / hours * _HOURS_A_DAY if hours else 0.0,
            share=sum(pair) / sum(weights.values()) if paired is None else paired,
            label_delay_days=label_delay_days if "label" in plan.metrics[index].needs else 0.0,
        ),
    )


def champion_values(sums: ArmSums, plan: Plan) -> dict[str, float | None]:
    """The champion's value of each metric; None where it has no rows of it, or it is one of pairs."""
    own = sums.keys[:, 1] == sums.layout.arms.index(plan.champion)
    values = (_of_champion(each, sums, i, own)[0] for i, each in enumerate(plan.metrics))
    return {
        each.name: value if isfinite(value) else None
        for each, value in zip(plan.metrics, values, strict=True)
    }


def _of_champion(
    metric: PlannedMetric, sums: ArmSums, index: int, own: Truths
) -> tuple[float, float, Floats]:
    """Its value with the squared error, and how many rows of each key the metric is of."""
    if metric.kind == "auc":
        scores = sums.scores[:, :2].astype(np.float64)
        negatives, positives = scores[own].sum(axis=0)
        found = delong_of_bins(positives, negatives)
        counted: Floats = scores.sum(axis=(1, 2))
        return float(found.values[0]), float(found.covariance[0, 0]), counted
    if metric.bias is not None:
        groups = [index, sums.layout.metrics.index(rest_of(metric))]
        return _bias_of_champion(metric.bias, sums, groups, own)
    counted = sums.sums[:, index, SUMS.index("counted")]
    moments = moments_of(sums.sums[own, index].sum(axis=0))
    value = float(ratio(moments.values, moments.counts))
    if sums.layout.buckets and not metric.table:
        s, n = sums.buckets[own, index, : IN_BUCKETS.index("x")].sum(axis=0)
        return value, float(bucketed_ratio(s, n).variance), counted
    return value, float(ratio_variance(moments)), counted


def _bias_of_champion(
    bias: Bias, sums: ArmSums, groups: list[int], own: Truths
) -> tuple[float, float, Floats]:
    """The same of the difference of a group and the rest, with its sign."""
    counted: Floats = sums.sums[:, groups, SUMS.index("counted")].sum(axis=1)
    moments = moments_of(sums.sums[own][:, groups].sum(axis=0))
    value = float(signed_difference(ratio(moments.values, moments.counts), bias.sign))
    if not sums.layout.buckets:
        return value, float(ratio_variance(moments).sum()), counted
    group, rest = (
        bucketed_ratio(*each[: IN_BUCKETS.index("x")])
        for each in sums.buckets[own][:, groups].sum(axis=0)
    )
    return value, float((group - rest).variance), counted
