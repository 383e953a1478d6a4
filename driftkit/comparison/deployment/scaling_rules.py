"""Policies of Application Auto Scaling, and what each wants of a fleet minute by minute."""

from __future__ import annotations

import math
import operator
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MINUTE_SECONDS = 60
# Of variants of endpoints (AWS's documentation of target tracking and step policies).
COOLDOWN_SECONDS = 300
# The alarms that target tracking makes for one-minute points: 3 of 3 above the target, 15 of 15
# below nine tenths of it. AWS's documentation is silent about them; users have read them off their
# own alarms.
OUT_POINTS = 3
IN_POINTS = 15
IN_SHARE = 0.9

_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
COMPARISONS = tuple(_BREACHES)
ADJUSTMENTS = ("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity")


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The instances of a variant at one minute of a replay.

    Attributes:
        minimum: fewest instances that policies may ask for.
        maximum: most instances.
        instances: in service.
        desired: in service and on the way.
        arriving: minute from which instances serve, and how many; the soonest first.
        outs: minutes of the last increases by policies, and what was desired before each.
        last_in: minute of the last decrease by a policy, unless an increase came after it.
    """

    minimum: int
    maximum: int
    instances: int
    desired: int
    arriving: deque[tuple[int, int]] = field(default_factory=deque)
    outs: list[tuple[int, int]] = field(default_factory=list)
    last_in: float = -math.inf

    def load(self, arrivals: float) -> float:
        """Requests of a minute for each instance; all of them where no instance serves."""
        return arrivals / self.instances if self.instances else arrivals

    def clamped(self, wanted: float) -> int:
        """The number of instances that the bounds allow."""
        return int(max(self.minimum, min(self.maximum, wanted)))

    def rested(self, minute: int, *, after_out: float, after_in: float) -> bool:
        """Whether so many seconds have passed since the last increase and decrease."""
        last_out = self.outs[-1][0] if self.outs else -math.inf
        return (minute - last_out) * MINUTE_SECONDS >= after_out and (
            minute - self.last_in
        ) * MINUTE_SECONDS >= after_in

    def base(self, minute: int, cooldown: float) -> int:
        """What was desired before the increases whose cooldown, in seconds, is not over."""
        desired = self.desired
        for then, before in reversed(self.outs):
            if (minute - then) * MINUTE_SECONDS >= cooldown:
                break
            minute, desired = then, before
        return desired

    def receive(self, minute: int) -> None:
        """Takes the instances into service that are there by now."""
        while self.arriving and self.arriving[0][0] <= minute:
            self.instances += self.arriving.popleft()[1]

    def grow(self, desired: int, serving_from: int) -> None:
        """Asks for more instances."""
        self.arriving.append((serving_from, desired - self.desired))
        self.desired = desired

    def shrink(self, desired: int) -> None:
        """Gives instances up at once, those on the way first."""
        surplus, self.desired = self.desired - desired, desired
        while surplus and self.arriving:
            when, count = self.arriving.pop()
            given_up = min(count, surplus)
            surplus -= given_up
            if count > given_up:
                self.arriving.append((when, count - given_up))
        self.instances -= surplus


class Rule(Protocol):
    """A policy at work on one fleet."""

    def wanted(self, arrivals: float, fleet: Fleet, minute: int) -> int | None:
        """The number of instances asked for after a minute, another than desired; or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """Keeps the requests a minute and instance near a target.

    Attributes:
        target: requests a minute and instance, more than 0.
        out_cooldown: seconds after an increase in which only a larger one is made.
        in_cooldown: seconds between two decreases.
        scales_in: whether it ever decreases.
        name: of the policy.
    """

    target: float
    out_cooldown: float = COOLDOWN_SECONDS
    in_cooldown: float = COOLDOWN_SECONDS
    scales_in: bool = True
    name: str = "target tracking"

    def rule(self) -> Rule:
        """The policy at the beginning of a replay."""
        return _Tracking(policy=self)


@dataclass(slots=True, kw_only=True)
class _Tracking:
    policy: TargetTracking
    over: int = 0
    under: int = 0

    def wanted(self, arrivals: float, fleet: Fleet, minute: int) -> int | None:
        target = self.policy.target
        load = fleet.load(arrivals)
        self.over = self.over + 1 if load > target else 0
        self.under = self.under + 1 if load < IN_SHARE * target else 0
        if self.over < OUT_POINTS and self.under < IN_POINTS:
            return None
        wanted = fleet.clamped(math.ceil(arrivals / target))
        if self.over >= OUT_POINTS:
            # What is on the way is part of desired, so that a cooldown needs no rule of its own.
            return wanted if wanted > fleet.desired else None
        return wanted if wanted < fleet.desired and self._may_scale_in(fleet, minute) else None

    def _may_scale_in(self, fleet: Fleet, minute: int) -> bool:
        cooldowns = {"after_out": self.policy.out_cooldown, "after_in": self.policy.in_cooldown}
        return self.policy.scales_in and not fleet.arriving and fleet.rested(minute, **cooldowns)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAdjustment:
    """What a breach of some size does.

    Attributes:
        lower: lower bound of the metric's distance from the threshold; None is none.
        upper: upper bound, likewise.
        amount: instances or percent to add, or the number of instances to have.
    """

    lower: float | None
    upper: float | None
    amount: float

    def applies(self, distance: float, *, above: bool) -> bool:
        """Whether a distance is within the bounds: [lower, upper) above, (lower, upper] below."""
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower <= distance < upper if above else lower < distance <= upper


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScaling:
    """Changes the number of instances by the size of an alarm's breach.

    Attributes:
        steps: the adjustments; the first that applies is made.
        adjustment: a word of ADJUSTMENTS, what their amounts are.
        threshold: of the alarm.
        comparison: a word of COMPARISONS, of the alarm.
        points: minutes that must breach.
        of_points: of so many last minutes.
        per_instance: whether the metric is requests a minute and instance, or of all instances.
        at_least: instances that a percentage changes at least.
        cooldown: seconds after a change, in which only a larger increase is made.
        name: of the policy.
    """

    steps: tuple[StepAdjustment, ...]
    adjustment: str
    threshold: float
    comparison: str
    points: int = 1
    of_points: int = 1
    per_instance: bool = True
    at_least: int = 1
    cooldown: float = COOLDOWN_SECONDS
    name: str = "step scaling"

    def rule(self) -> Rule:
        """The policy at the beginning of a replay."""
        return _Stepping(policy=self, breaches=deque(maxlen=self.of_points))

    def changed(self, instances: int, metric: float) -> float:
        """The number of instances that the metric asks for in place of another.

        A percentage is rounded toward zero, but to 1 instance at least (AWS's documentation of
        step adjustments).

        >>> rise = StepAdjustment(lower=0, upper=None, amount=25)
        >>> kind = {"adjustment": "PercentChangeInCapacity", "comparison": "GreaterThanThreshold"}
        >>> StepScaling(steps=(rise,), threshold=100, at_least=2, **kind).changed(4, 130)
        6.0
        """
        distance, above = metric - self.threshold, self.comparison.startswith("Greater")
        amount = next((x.amount for x in self.steps if x.applies(distance, above=above)), None)
        if amount is None or self.adjustment == "ExactCapacity":
            return instances if amount is None else amount
        if self.adjustment == "ChangeInCapacity":
            return instances + amount
        size = max(math.floor(abs(instances * amount / 100)), 1, self.at_least)
        return instances + math.copysign(size, amount) if amount else instances


@dataclass(slots=True, kw_only=True)
class _Stepping:
    policy: StepScaling
    breaches: deque[bool]

    def wanted(self, arrivals: float, fleet: Fleet, minute: int) -> int | None:
        policy = self.policy
        metric = fleet.load(arrivals) if policy.per_instance else arrivals
        self.breaches.append(_BREACHES[policy.comparison](metric, policy.threshold))
        if sum(self.breaches) < policy.points:
            return None
        # Within a cooldown, what was added before counts as a part of what is added now.
        base = fleet.base(minute, policy.cooldown)
        wanted = fleet.clamped(policy.changed(base, metric))
        rested = fleet.rested(minute, after_out=policy.cooldown, after_in=policy.cooldown)
        may = wanted > fleet.desired or (wanted < fleet.desired and rested)
        return wanted if may else None
