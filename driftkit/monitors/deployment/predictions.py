"""How the probabilities of challengers differ from the champion's while labels are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.distances import (
    counts_within_epochs,
    in_deciles,
    largest_gap,
    stability_index,
)
from driftkit.formats.deployment.comparison import PredictionDrift
from driftkit.states.deployment.arms import SCORE_BINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.timeline import Timeline


def prediction_drift(plan: Plan, time: Timeline) -> tuple[PredictionDrift, ...]:
    """A row for each challenger; none where no metric of the plan is of probabilities."""
    if not time.sums.layout.scores:
        return ()
    return tuple(_drift(plan.champion, each, time) for each in plan.challengers)


def _drift(champion: str, challenger: str, time: Timeline) -> PredictionDrift:
    counts = time.looks[challenger].probabilities
    old, new = counts.sum(axis=(0, 2))
    units = {champion: int(old), challenger: int(new)}
    within = counts_within_epochs(counts, time.epochs)
    if not within.any():
        return PredictionDrift(arm=challenger, units=units)
    means = within @ ((np.arange(SCORE_BINS) + 0.5) / SCORE_BINS) / within.sum(axis=1)
    return PredictionDrift(
        arm=challenger,
        units=units,
        champion=float(means[0]),
        challenger=float(means[1]),
        difference=float(means[1] - means[0]),
        stability_index=float(stability_index(*in_deciles(within))),
        kolmogorov_smirnov=largest_gap(*within),
    )


def without_labels(
    decisions: Sequence[Decision], drifts: Sequence[PredictionDrift]
) -> tuple[str, ...]:
    """What can be said of challengers of which no metric by labels is measured yet, for people."""
    awaiting = {each.challenger for each in decisions if _awaits_labels(each)}
    return tuple(
        f"no metric by labels is measured yet; the mean probability of {each.arm} is "
        f"{each.challenger:.4g}, the champion's {each.champion:.4g}, with a population stability "
        f"index of {each.stability_index:.2g} and a Kolmogorov-Smirnov distance of "
        f"{each.kolmogorov_smirnov:.2g}"
        for each in drifts
        if each.arm in awaiting and each.difference is not None
    )


def _awaits_labels(decision: Decision) -> bool:
    states = [each.state for each in decision.judged if "label" in each.metric.needs]
    return bool(states) and set(states) == {"not_measured"}
