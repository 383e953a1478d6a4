"""Says whether a verdict to roll back can come while a deployment still waits for its alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.asymptotic_sequence import one_sided_half_width
from driftkit.comparison.deployment.planning import Traffic, comes_within, days_needed, units_needed
from driftkit.monitors.deployment.bounds import levels_of
from driftkit.states.deployment.arms import SUMS
from driftkit.states.deployment.blocks import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.formats.deployment.plan import Plan
    from driftkit.states.deployment.arms import ArmSums

_HOURS_A_DAY = 24
# Metrics that are a mean of one value a row.
_MEANS = frozenset({"rate", "mean", "slo"})


def wait_note(plan: Plan, sums: ArmSums, seconds: int) -> str | None:
    """A sentence where a deployment waits too short for a verdict; None where it does not.

    Looked at is a harm of twice the margin, by the always-valid bound of the metric that finds it
    first, with the champion's variance and at the pace of the rows so far: derived here.

    Args:
        plan: its weights, margins and error rates.
        sums: of rows before the deployment.
        seconds: that it waits.
    """
    needs = [each for each in _needs(plan, sums) if each is not None]
    if not needs:
        return None
    units, traffic = min(needs, key=lambda each: days_needed(*each) or np.inf)
    days = days_needed(units, traffic)
    if days is None or comes_within(seconds, units, traffic):
        return None
    return (
        f"The deployment waits {seconds:,} s for its alarms, and a roll back for a harm of twice "
        f"the margin takes about {units:,.0f} units, {days * _HOURS_A_DAY:,.1f} hours at the pace "
        "of these data: by then all traffic is on the new version"
    )


def _needs(plan: Plan, sums: ArmSums) -> Iterator[tuple[float, Traffic] | None]:
    """For each metric the units of both arms that find the harm, and how fast they come."""
    hours = len(np.unique(sums.blocks // HOUR))
    if plan.weights is None or not hours:
        return
    shares = [plan.weights.get(arm, 0.0) for arm in (plan.champion, plan.challengers[0])]
    if min(shares) <= 0.0:
        return
    split = sum(shares) * sum(1 / share for share in shares)
    own = sums.of_arm(plan.champion)
    for index, metric in enumerate(plan.metrics):
        counted, s, ss = (own[index, SUMS.index(name)] for name in ("counted", "s", "ss"))
        if not metric.decisive or metric.kind not in _MEANS or not metric.margin or not counted:
            continue
        variance = max(ss / counted - (s / counted) ** 2, 0.0) * split
        units = _units(plan, metric.margin, variance)
        every = float(sums.sums[:, index, SUMS.index("counted")].sum())
        yield None if units is None else (units, Traffic(per_day=every / hours * _HOURS_A_DAY))


def _units(plan: Plan, margin: float, variance: float) -> float | None:
    """Units of two arms at which the bound of a harm is a margin away from it.

    Args:
        plan: its error rates, tuning and burn-in.
        margin: of the metric.
        variance: of the difference, times the units of both arms.
    """
    alpha = levels_of(plan).roll_back

    def half_width(units: float) -> float:
        return float(
            one_sided_half_width(
                units,
                variance / units,
                alpha=alpha,
                tuning=plan.horizon.tuning_units,
            )
        )

    return units_needed(half_width, margin, units=max(1.0, 2.0 * plan.burn_in.units))
