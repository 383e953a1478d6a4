"""Replays policies of Application Auto Scaling on the requests of each minute.

What AWS's services really do is not published in full. The replay follows what is: its results are
those of a rule, and are to be labelled so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.scaling_rules import (
    Fleet,
    Rule,
    StepScaling,
    TargetTracking,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.comparison.arrays import Floats, Integers

LABEL = "replay of the published rule, not of AWS"
# From the decision until the added instances serve; a guess, for it depends on image and model.
ARRIVE_MINUTES = 4
OUT, IN = "out", "in"
_MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
    """New bounds from a minute on.

    Attributes:
        minute: of the replay, from 0.
        minimum: fewest instances from then on; None leaves them as they are.
        maximum: most instances, likewise.
        name: of the scheduled action.
    """

    minute: int
    minimum: int | None = None
    maximum: int | None = None
    name: str = "scheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoScaling:
    """Everything that changes the number of instances of a variant.

    Attributes:
        minimum: fewest instances.
        maximum: most instances.
        tracking: the policy of target tracking, if there is one.
        steps: the policies of step scaling.
        scheduled: changes of the bounds, in any order.
        initial: instances at the first minute; None for the fewest.
        arrive_minutes: from a decision until the added instances serve.
        may_scale_out: whether policies may add instances; False where that is suspended.
        may_scale_in: whether they may remove instances, likewise.
    """

    minimum: int
    maximum: int
    tracking: TargetTracking | None = None
    steps: tuple[StepScaling, ...] = ()
    scheduled: tuple[ScheduledChange, ...] = ()
    initial: int | None = None
    arrive_minutes: int = ARRIVE_MINUTES
    may_scale_out: bool = True
    may_scale_in: bool = True

    @property
    def policies(self) -> tuple[TargetTracking | StepScaling, ...]:
        """All policies that follow the requests."""
        return (self.tracking, *self.steps) if self.tracking else self.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A change of the number of desired instances.

    Attributes:
        minute: of the replay, from 0.
        kind: "out" or "in".
        before: desired instances before it.
        desired: desired instances after it.
        arrivals: requests of the minute.
        per_instance: requests for each instance in service.
        by: name of the policy or scheduled action.
    """

    minute: int
    kind: str
    before: int
    desired: int
    arrivals: float
    per_instance: float
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What was more than the instances in service should take.

    Attributes:
        minutes: in which there were more requests than that.
        requests: beyond it, in these minutes.
        share: of them in all requests; None without any request.
    """

    minutes: int
    requests: float
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the policies would have done.

    Attributes:
        arrivals: requests a minute, shape (minutes,).
        serving: instances that served them.
        instances: in service at the end of the minute, after what was decided in it.
        actions: in the order of time.
    """

    arrivals: Floats
    serving: Integers
    instances: Integers
    actions: tuple[Action, ...]

    @property
    def instance_minutes(self) -> int:
        """Minutes of all instances in service together."""
        return int(self.instances.sum())

    @property
    def peak_instances(self) -> int:
        """The most instances that served at once."""
        return int(self.serving.max(initial=0))

    def cost(self, price: float) -> float:
        """What the instances in service cost at a price an hour."""
        return self.instance_minutes / _MINUTES_AN_HOUR * price

    def excess(self, limit: float) -> Excess:
        """What was above a limit of requests a minute and instance.

        Args:
            limit: a policy's target, or the greatest rate of a load test in a minute.
        """
        beyond = np.maximum(self.arrivals - limit * self.serving, 0.0)
        requests, total = float(beyond.sum()), float(self.arrivals.sum())
        share = requests / total if total else None
        return Excess(minutes=int(np.count_nonzero(beyond)), requests=requests, share=share)


def replayed(arrivals: Floats, scaling: AutoScaling) -> Replay:
    """What the policies would have done with the requests of each minute.

    Target tracking: after 3 minutes in a row above the target, out to the requests of the minute
    divided by the target, rounded up; after 15 in a row below nine tenths of it, in to the same,
    once nothing is on the way and the cooldowns are over. Step policies act while their alarm
    stands. Of several proposals the largest number of instances is taken. Scheduled changes come
    first. Added instances serve later, removed ones are gone at once. Sources: Application Auto
    Scaling's documentation and API; a user's observation of the two alarms; the proportion and the
    order of events within a minute are derived here. There is no independent oracle.

    Where no instance serves (a minimum of 0), all requests of the minute count as one instance's.
    AWS publishes no such metric then, so that only another policy leaves 0 instances there.

    Args:
        arrivals: requests a minute for this variant, shape (minutes,); minutes without are 0.
        scaling: bounds, policies and schedule.

    >>> policy = AutoScaling(minimum=1, maximum=5, tracking=TargetTracking(target=1000))
    >>> replay = replayed(np.repeat([600.0, 3000.0, 600.0], [10, 30, 40]), policy)
    >>> [(action.minute, action.kind, action.desired) for action in replay.actions]
    [(12, 'out', 3), (54, 'in', 1)]
    >>> replay.instance_minutes, replay.excess(1000).minutes
    (156, 6)
    """
    # One float at a time is several times faster from a list.
    requests: list[float] = np.asarray(arrivals, np.float64).tolist()
    run = _Run(scaling)
    served = [run.minute(minute, count) for minute, count in enumerate(requests)]
    counts = np.array(served, np.int64).reshape(-1, 2)
    return Replay(
        arrivals=np.array(requests, np.float64),
        serving=counts[:, 0],
        instances=counts[:, 1],
        actions=tuple(run.actions),
    )


class _Run:
    """A fleet and the policies at work on it."""

    def __init__(self, scaling: AutoScaling) -> None:
        self.scaling = scaling
        self.actions: list[Action] = []
        self.fleet = Fleet(minimum=scaling.minimum, maximum=scaling.maximum, instances=0, desired=0)
        initial = scaling.minimum if scaling.initial is None else scaling.initial
        self.fleet.instances = self.fleet.desired = self.fleet.clamped(initial)
        self.rules: list[tuple[Rule, str]] = [(each.rule(), each.name) for each in scaling.policies]
        self.changes: dict[int, list[ScheduledChange]] = {}
        for change in scaling.scheduled:
            self.changes.setdefault(change.minute, []).append(change)

    def minute(self, minute: int, arrivals: float) -> tuple[int, int]:
        """Instances that serve the minute's requests, and those in service afterwards."""
        fleet = self.fleet
        fleet.receive(minute)
        for change in self.changes.get(minute, ()):
            self._reschedule(change, arrivals)
        serving = fleet.instances
        wanted, by = max(self._proposals(minute, arrivals), default=(fleet.desired, ""))
        if wanted > fleet.desired and self.scaling.may_scale_out:
            fleet.outs.append((minute, fleet.desired))
            fleet.last_in = -np.inf
            self._set(wanted, minute, arrivals, by)
        elif wanted < fleet.desired and self.scaling.may_scale_in:
            fleet.outs.clear()
            fleet.last_in = minute
            self._set(wanted, minute, arrivals, by)
        return serving, fleet.instances

    def _proposals(self, minute: int, arrivals: float) -> Iterator[tuple[int, str]]:
        for rule, name in self.rules:
            wanted = rule.wanted(arrivals, self.fleet, minute)
            if wanted is not None:
                yield wanted, name

    def _reschedule(self, change: ScheduledChange, arrivals: float) -> None:
        """Sets the bounds; no cooldown holds a scheduled change up, or is started by it."""
        fleet = self.fleet
        fleet.minimum = fleet.minimum if change.minimum is None else change.minimum
        fleet.maximum = fleet.maximum if change.maximum is None else change.maximum
        # The bound that was set last is kept where an older one contradicts it.
        if change.maximum is None:
            fleet.maximum = max(fleet.maximum, fleet.minimum)
        fleet.minimum = min(fleet.minimum, fleet.maximum)
        self._set(fleet.clamped(fleet.desired), change.minute, arrivals, change.name)

    def _set(self, desired: int, minute: int, arrivals: float, by: str) -> None:
        fleet = self.fleet
        before, load = fleet.desired, fleet.load(arrivals)
        if desired > before:
            fleet.grow(desired, minute + self.scaling.arrive_minutes)
        elif desired < before:
            fleet.shrink(desired)
        if desired != before:
            self.actions.append(
                Action(
                    minute=minute,
                    kind=OUT if desired > before else IN,
                    before=before,
                    desired=desired,
                    arrivals=arrivals,
                    per_instance=load,
                    by=by,
                )
            )
