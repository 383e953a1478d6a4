"""The requests that act on a verdict, ready to be sent to SageMaker; driftkit sends none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from driftkit.formats.deployment.request_bodies import desired_weights, stop_experiment
from driftkit.formats.deployment.verdict import STOP_EXPERIMENT, UPDATE_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.verdict import Answer


class Decided(Protocol):
    """What was decided about a challenger, by whichever judge."""

    @property
    def challenger(self) -> str:
        """Its name."""

    @property
    def verdict(self) -> Answer:
        """Promote, hold or roll back."""

    @property
    def reason(self) -> str:
        """One clause for people."""


def actions_of(plan: Plan, decision: Decided) -> Mapping[str, Mapping[str, Any]]:
    """API call -> its body; none for hold, and where arms are no variants of an endpoint."""
    champion, challenger = plan.arms[plan.champion], plan.arms[decision.challenger]
    if decision.verdict == "hold" or {champion.kind, challenger.kind} != {"folder"}:
        return {}
    if plan.strategy == "shadow":
        body = stop_experiment(
            plan.name,
            decision.verdict,
            decision.reason,
            champion=champion.value,
            challenger=challenger.value,
        )
        return {} if body is None else {STOP_EXPERIMENT: body}
    if plan.endpoint is None or plan.weights is None:
        return {}
    return {UPDATE_WEIGHTS: desired_weights(plan.endpoint, _weights(plan, decision))}


def _weights(plan: Plan, decision: Decided) -> dict[str, float]:
    """All traffic to the challenger, or its share back to the champion; others keep theirs."""
    gains, loses = plan.champion, decision.challenger
    before = {arm: (plan.weights or {}).get(arm, 0.0) for arm in plan.arms}
    if decision.verdict == "promote":
        return {
            plan.arms[arm].value: sum(before.values()) if arm == decision.challenger else 0.0
            for arm in plan.arms
        }
    moved = {**before, gains: before[gains] + before[loses], loses: 0.0}
    return {plan.arms[arm].value: weight for arm, weight in moved.items()}
