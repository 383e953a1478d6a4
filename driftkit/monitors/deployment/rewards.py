"""Rewards of arms, hour by hour, from the sums of a metric: what bandits and policies learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.bandits import Batches
from driftkit.comparison.deployment.ratios import ratio
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment.metrics import known_metric
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.states.deployment.arms import SUMS, UNKNOWN
from driftkit.states.deployment.blocks import HOUR
from driftkit.states.deployment.metrics import NOTHING

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.native.arrays import Floats, Truths
    from driftkit.states.deployment.arms import ArmSums

_COLUMNS = tuple(map(SUMS.index, ("counted", "s", "ss")))
_OF_ROWS = frozenset({"rate", "slo", "mean"})


def reward_metric(plan: Plan, name: str | None) -> PlannedMetric:
    """The metric that is the reward: the one of this name, or the first goal.

    Raises:
        SettingsError: there is none, or a request has no value of it by itself.
    """
    first = next((each for each in plan.metrics if each.role == "goal"), None)
    found = first if name is None else next((m for m in plan.metrics if m.name == name), None)
    if found is None or not _is_of_rows(found):
        usable = [each.name for each in plan.metrics if _is_of_rows(each)]
        raise SettingsError(
            "the plan has no such reward",
            where="reward",
            expected="a rate or mean of the plan: " + (", ".join(usable) or "it has none"),
            found=name or (found.name if found else "no goal"),
            todo="Name a metric of which every request has a value",
        )
    return found


def _is_of_rows(metric: PlannedMetric) -> bool:
    """Whether each request has a value of its own."""
    return metric.kind in _OF_ROWS and metric.name not in NOTHING and not metric.table


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """How a metric's values become rewards, of which more is better: offset + sign x value.

    Attributes:
        offset: 0 of metrics that are better when higher.
        sign: 1 or -1.
    """

    offset: float
    sign: float

    @classmethod
    def of(cls, metric: PlannedMetric) -> Orientation:
        """Turns what is better when lower: within its range where that is known, else about 0."""
        if metric.better != "lower":
            return cls(offset=0.0, sign=1.0)
        known = known_metric(metric.name)
        span = metric.range or (known.range if known else None)
        if metric.kind in {"rate", "slo"}:
            span = (0.0, 1.0)
        return cls(offset=0.0 if span is None else span[0] + span[1], sign=-1.0)

    def sums(self, counted: Floats, s: Floats, ss: Floats) -> tuple[Floats, Floats]:
        """Sums of rewards and of their squares, from those of values."""
        turned = self.offset * counted + self.sign * s
        squares = self.offset**2 * counted + 2.0 * self.offset * self.sign * s + ss
        return turned, squares

    def told(self, metric: str) -> str:
        """What the reward is, a sentence for people."""
        if self.sign > 0:
            return f"the reward is {metric}"
        return f"the reward is {f'{self.offset:g} ' if self.offset else ''}- {metric}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matured:
    """Hours whose rewards have all arrived.

    Attributes:
        time: all blocks.
        kept: which of them have matured.
        until: seconds since 1970 of the end of those that may count; None where all do.
    """

    time: Timeline
    kept: Truths
    until: int | None

    @classmethod
    def of(cls, plan: Plan, sums: ArmSums, hours: float) -> Matured:
        """The blocks that ended so many hours before the last, or sooner.

        Raises:
            InputError: an arm has no rows, or no block has matured.
        """
        time = Timeline(plan=plan, sums=sums)
        time.refuse_missing_arms()
        if not hours:
            return cls(time=time, kept=np.ones(len(time.blocks), np.bool_), until=None)
        until = int(time.ends[-1] - round(hours * HOUR))
        kept = np.asarray((time.blocks != UNKNOWN) & (time.ends <= until))
        if not kept.any():
            raise InputError(
                "no rewards have matured yet",
                where="attribution_window",
                expected=f"requests that are older than {hours:g} hours",
                found="no time of any request"
                if not time.has_times
                else f"{(time.ends[-1] - time.blocks[time.blocks != UNKNOWN][0]) / HOUR:g} hours "
                "of requests",
                todo="Wait, shorten the window, or name the column of times",
            )
        return cls(time=time, kept=kept, until=until)

    def batches(self, metric: PlannedMetric, of: ArmSums) -> Batches:
        """The rewards of a metric in each matured block.

        Args:
            metric: of the plan.
            of: the sums of all rows, or those of a segment.
        """
        arms = of.layout.arms
        values = of.sums[:, of.layout.metrics.index(metric.name)][:, _COLUMNS]
        dense = of.by_block(values, self.time.blocks)
        counted, s, ss = np.moveaxis(dense[self.kept], -1, 0)
        rewards, squares = Orientation.of(metric).sums(counted, s, ss)
        return Batches(
            pulls=counted, rewards=rewards, squares=squares, shares=self._shares(), names=arms
        )

    def _shares(self) -> Floats:
        """Of the arms by their weights in each matured block; as they were where there are none."""
        time = self.time
        weights = time.requests if time.weights is None else time.weights
        shares = ratio(weights, weights.sum(axis=1, keepdims=True))
        return np.where(np.isfinite(shares), shares, 1 / shares.shape[1])[self.kept]
