"""The contradictions that rates of error, method, horizon and bandit of a plan may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.deployment.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.formats.deployment.plan import Plan

_HALF = 0.5
_COUNTED = frozenset({"rate", "slo"})


def rate_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the rates of error."""
    for name in ("promote", "roll_back", "sample_ratio"):
        rate = getattr(plan.error_rates, name)
        if not 0.0 < rate < _HALF:
            yield Problem(
                f"error_rates.{name}",
                "a one-sided rate of error says nothing from one half on, and cannot be 0",
                "a number above 0 and below 0.5, for example 0.05",
                str(rate),
                "Correct it",
            )


def horizon_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the horizon, and with the method's looks."""
    horizon = plan.horizon
    for name in ("units", "tuning_units"):
        if getattr(horizon, name) == 0:
            yield Problem(
                f"horizon.{name}",
                "nothing can be decided from no units",
                "a whole number above 0",
                "0",
                "Give the number of units that is expected",
            )
    if horizon.minimum_days < 0.0:
        yield Problem(
            "horizon.minimum_days",
            "a time is negative",
            "a number of days, 0 or more",
            str(horizon.minimum_days),
            "Write it without the sign",
        )
    if not horizon.maximum_days > max(horizon.minimum_days, 0.0):
        yield Problem(
            "horizon.maximum_days",
            "the time is over before anything may be promoted",
            f"more than minimum_days, {horizon.minimum_days:g}",
            f"{horizon.maximum_days:g}",
            "Give more time, or ask for less at least",
        )
    yield from _looks(plan)


def _looks(plan: Plan) -> Iterator[Problem]:
    sequential, looks = plan.method == "group_sequential", plan.horizon.looks
    if sequential and not looks:
        yield Problem(
            "horizon.looks",
            "the method group_sequential needs to know how many looks there will be",
            "a whole number above 0, for example 5",
            "null" if looks is None else "0",
            "Give it with --looks, or take the method always_valid",
        )
    if not sequential and looks is not None:
        yield Problem(
            "horizon.looks",
            f"the method {plan.method} does not count looks",
            "null",
            str(looks),
            "Remove it, or take the method group_sequential",
        )


def exact_problems(plan: Plan) -> Iterator[Problem]:
    """Which metrics decide for which the method exact has no bounds, and of which units."""
    if plan.method != "exact":
        return
    if plan.unit.source != "request":
        yield Problem(
            "unit.source",
            "the method exact takes requests for independent, as those of one user are not",
            "request",
            plan.unit.source,
            "Take the method always_valid, or the unit request if nobody comes back",
        )
    for i, metric in enumerate(plan.metrics):
        mean = metric.kind == "mean"
        if not metric.decisive or metric.kind in _COUNTED or (mean and metric.range is not None):
            continue
        yield Problem(
            f"metrics[{i}].{'range' if mean else 'kind'}",
            f"the method exact has no bounds for {metric.name}",
            "a mean with its least and largest value" if mean else "a rate, an slo or a mean",
            "null" if mean else metric.kind,
            f"Give it with --range {metric.name}=LOW..HIGH, or take the method always_valid"
            if mean
            else "Take it for information, or take the method always_valid",
        )


def bandit_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the bandit."""
    if plan.strategy == "bandit" and plan.bandit is None:
        yield Problem(
            "bandit",
            "a bandit has no policy",
            'an object such as {"policy": "thompson-beta", "floor": 0.05, "step": 0.2}',
            "null",
            "Give it",
        )
    if plan.bandit is None:
        return
    arms, floor = len(plan.arms), plan.bandit.floor
    if not 0.0 <= floor * arms < 1.0:
        yield Problem(
            "bandit.floor",
            f"with this floor {arms} arms leave nothing to share out",
            f"0 or more, below {1 / arms:.4g}",
            f"{floor:g}",
            "Take a lower floor, or fewer arms",
        )
    if not 0.0 < plan.bandit.step <= 1.0:
        yield Problem(
            "bandit.step",
            "shares cannot move by this step",
            "above 0, at most 1",
            f"{plan.bandit.step:g}",
            "Correct it; 0.2 is the default",
        )
