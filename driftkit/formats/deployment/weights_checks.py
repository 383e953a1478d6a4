"""The contradictions that the weights of a deployment plan may have, and their history."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from driftkit.formats.deployment.moments import moment_text
from driftkit.formats.deployment.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.formats.deployment.plan import Plan, WeightsChange


def weights_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the weights of a plan, and with their history."""
    if plan.weights is not None:
        yield from _weights(plan, plan.weights, "weights")
        yield from _without_weight(plan, plan.weights)
    history = plan.weights_history or ()
    for i, change in enumerate(history):
        path = f"weights_history[{i}]"
        yield from _weights(plan, change.weights, f"{path}.weights")
        yield from _turned(change, path)
    for i, (one, following) in enumerate(pairwise(history)):
        yield from _order(one, following, i)


def _weights(plan: Plan, weights: Mapping[str, float], path: str) -> Iterator[Problem]:
    if not weights or sum(weights.values()) == 0.0:
        yield Problem(
            path,
            "the weights add up to nothing",
            "a weight above 0 for each arm that gets requests",
            str(dict(weights)),
            "Give the weights as the endpoint has them",
        )
    for name, weight in weights.items():
        if name not in plan.arms:
            yield Problem(
                f"{path}.{name}",
                f"a weight is of an arm that the plan does not know: {name!r}",
                ", ".join(plan.arms),
                repr(name),
                "Correct the name, or add the arm",
            )
        if weight <= 0.0:
            yield Problem(
                f"{path}.{name}",
                "a weight is not above 0",
                "a number above 0; an arm that gets no requests is left out",
                str(weight),
                "Give the weight with which it starts, or leave the arm out",
            )


def _without_weight(plan: Plan, weights: Mapping[str, float]) -> Iterator[Problem]:
    left = [name for name in plan.arms if name not in weights]
    if left and plan.strategy != "shadow":
        yield Problem(
            "weights",
            f"the arm {left[0]!r} has no weight",
            "a weight for each arm, or null where no weights route the requests",
            ", ".join(weights),
            "Give its weight",
        )


def _turned(change: WeightsChange, path: str) -> Iterator[Problem]:
    if change.end is not None and change.end <= change.start:
        yield Problem(
            f"{path}.to",
            "weights end before they begin",
            f"a time after {moment_text(change.start)}",
            moment_text(change.end),
            "Correct one of the two",
        )


def _order(one: WeightsChange, following: WeightsChange, i: int) -> Iterator[Problem]:
    begins = f"weights_history[{i + 1}].from"
    if following.start <= one.start:
        yield Problem(
            begins,
            "the history of weights is not sorted",
            f"a time after {moment_text(one.start)}",
            moment_text(following.start),
            "Sort it by time, each time once",
        )
    elif one.end is not None and one.end != following.start:
        gap = one.end < following.start
        yield Problem(
            begins,
            "the history of weights has a gap" if gap else "the history of weights overlaps itself",
            f"{moment_text(one.end)}, when the weights before it end",
            moment_text(following.start),
            "Add the weights of the time between" if gap else "Correct one of the two",
        )
