"""Finds the target and the fewest instances that would have held a limit at the least cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftkit.comparison.deployment.scaling import replayed
from driftkit.comparison.deployment.scaling_rules import MINUTE_SECONDS, TargetTracking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.deployment.scaling import AutoScaling, Excess

# What a load test's greatest rate is multiplied by; AWS's documentation starts with one half.
SAFETY_FACTORS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def target_value(max_rps: float, safety_factor: float = 0.5) -> float:
    """The target of requests a minute and instance that a load test recommends.

    Amazon SageMaker documentation, "Load testing your auto scaling configuration".

    Args:
        max_rps: greatest rate a second at which latency and successes are still good.
        safety_factor: how much of it an instance should take.

    >>> target_value(20)
    600.0
    """
    return max_rps * safety_factor * MINUTE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A target and a minimum that hold a limit.

    Attributes:
        target: requests a minute and instance.
        minimum: fewest instances.
        excess: requests over the capacity.
        instance_minutes: minutes of all instances together.
    """

    target: float
    minimum: int
    excess: Excess
    instance_minutes: int

    @property
    def rank(self) -> tuple[float, ...]:
        """What makes one of two the better one: the smaller."""
        return (self.instance_minutes, self.excess.requests, self.minimum, self.target)


def cheapest(
    arrivals: Floats,
    scaling: AutoScaling,
    *,
    max_rps: float,
    limit: float,
    targets: Sequence[float] | None = None,
) -> Choice | None:
    """The target and minimum with the fewest instance minutes that keep requests over capacity rare.

    Every target is tried with every minimum up to the maximum, as neither fewer instance minutes
    nor fewer requests over capacity follow from a larger target in all cases (the rule waits).

    Args:
        arrivals: requests a minute, shape (minutes,).
        scaling: bounds, schedule, and a policy of target tracking whose cooldowns are kept.
        max_rps: greatest rate a second that an instance can take; capacity is 60 times that.
        limit: the largest share of requests over capacity, from 0 to 1.
        targets: to be tried; None for SAFETY_FACTORS of the capacity.

    Returns:
        None if no target holds the limit. Of several equally cheap ones that with the fewest
        requests over capacity, then the smallest minimum and target.

    >>> import numpy as np
    >>> from driftkit.comparison.deployment.scaling import AutoScaling
    >>> policy = AutoScaling(minimum=1, maximum=5, tracking=TargetTracking(target=1000))
    >>> load = np.repeat([600.0, 3000.0, 600.0], [10, 30, 40])
    >>> choice = cheapest(load, policy, max_rps=20, limit=0.0)
    >>> choice.target, choice.minimum, choice.instance_minutes
    (1080.0, 3, 240)
    """
    asked = [target_value(max_rps, x) for x in SAFETY_FACTORS] if targets is None else targets
    # A schedule may go below the minimum.
    fewest = 0 if scaling.scheduled else len(arrivals)
    best: Choice | None = None
    for minimum in range(scaling.minimum, scaling.maximum + 1):
        if best and minimum * fewest > best.instance_minutes:
            break
        for target in asked:
            choice = _tried(arrivals, replace(scaling, minimum=minimum), target, max_rps)
            holds = (choice.excess.share or 0.0) <= limit
            if holds and (best is None or choice.rank < best.rank):
                best = choice
    return best


def _tried(arrivals: Floats, scaling: AutoScaling, target: float, max_rps: float) -> Choice:
    tracking = replace(scaling.tracking or TargetTracking(target=target), target=target)
    replay = replayed(arrivals, replace(scaling, tracking=tracking))
    return Choice(
        target=target,
        minimum=scaling.minimum,
        excess=replay.excess(max_rps * MINUTE_SECONDS),
        instance_minutes=replay.instance_minutes,
    )
