"""Promote, hold or roll back: the decision about one challenger, a pure function of plan and states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.monitors.deployment.bounds import bounds_of
from driftkit.monitors.deployment.judged import Judged
from driftkit.monitors.deployment.paired_evidence import paired_evidence
from driftkit.monitors.deployment.reasons import (
    FEW,
    harm_in_words,
    lacking,
    listed,
    pass_in_words,
)
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.monitors.deployment.trust import (
    EFFECT,
    constant_effect,
    pair_share,
    same_inputs,
    sample_ratio,
)
from driftkit.monitors.deployment.value_shares import label_shares, value_shares

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.formats.deployment.verdict import Answer
    from driftkit.monitors.deployment.evidence import Evidence, Looks
    from driftkit.monitors.deployment.trust import Trust
    from driftkit.native.arrays import Floats, Truths
    from driftkit.states.deployment.arms import ArmSums
    from driftkit.states.deployment.pairs import PairState


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided about a challenger.

    Attributes:
        challenger: its name.
        verdict: promote, hold or roll_back.
        final: whether later data can change it no more.
        look: index of the look that decided; None where none did.
        reason: one clause for people.
        judged: its metrics in the order of the plan.
        trusts: whether the arms can be compared.
        time: the blocks.
        looks: the sums of champion and challenger.
        days: since both have requests, at each look.
    """

    challenger: str
    verdict: Answer
    final: bool
    look: int | None
    reason: str
    judged: tuple[Judged, ...]
    trusts: tuple[Trust, ...]
    time: Timeline
    looks: Looks
    days: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a decision is made, beyond the plan.

    Attributes:
        any_harm: whether any sure harm rolls back, rather than harm beyond the margin.
        accept_observational: whether arms that are told by time may be promoted.
    """

    any_harm: bool = False
    accept_observational: bool = False


def decide(
    plan: Plan, sums: ArmSums, rules: Rules | None = None, pairs: PairState | None = None
) -> tuple[Decision, ...]:
    """The decision about each challenger, the same however the sums were added up.

    Every look, the end of an hour, is evaluated; the first that decides is the decision, so that
    later data never turn it.

    Args:
        plan: with the arms and metrics of the sums.
        sums: of all rows.
        rules: beyond the plan.
        pairs: of the champion and the only challenger, where their rows are paired: then metrics are
            of pairs alone.

    Raises:
        InputError: an arm has no rows, or a rate is of values other than 0 and 1.
    """
    time = Timeline(plan=plan, sums=sums)
    time.refuse_missing_arms()
    time.refuse_odd_rates()
    time.refuse_unknown_inputs()
    return tuple(_decided(each, time, rules or Rules(), pairs) for each in plan.challengers)


def _decided(challenger: str, time: Timeline, rules: Rules, pairs: PairState | None) -> Decision:
    plan, looks = time.plan, time.looks[challenger]
    judged = tuple(
        _judged(
            looks.evidence(index, metric)
            if pairs is None or metric.table
            else paired_evidence(pairs, time.sums.layout.metrics, metric, time.blocks),
            metric,
            plan,
            rules,
        )
        for index, metric in enumerate(plan.metrics)
        if metric.name != "agreement"
    )
    decisive = [(index, m) for index, m in enumerate(plan.metrics) if m.decisive]
    trusts = (
        sample_ratio(time),
        pair_share(time, pairs),
        same_inputs(looks, time),
        label_shares(looks, plan.metrics),
        value_shares(looks, decisive),
        constant_effect(looks, time, decisive),
    )
    made = _Made(
        judged=judged,
        trusts=tuple(each for each in trusts if each),
        time=time,
        days=time.days(looks.arms),
        rules=rules,
    )
    return _first(challenger, made, looks)


def _judged(evidence: Evidence, metric: PlannedMetric, plan: Plan, rules: Rules) -> Judged:
    bounds = bounds_of(evidence, metric, plan)
    allowed = 0.0 if rules.any_harm else metric.margin
    return Judged(
        metric=metric,
        evidence=evidence,
        bounds=bounds,
        passes=np.asarray(bounds.low > (0.0 if metric.superior else -metric.margin)),
        harmed=np.asarray(bounds.high < -allowed),
    )


def _first(challenger: str, made: _Made, looks: Looks) -> Decision:
    """The first look that decides."""
    time, decisive = made.time, made.decisive
    trusted = _all([each.passed for each in made.distrust], time)
    promote = _all([each.passes for each in decisive], time) & _all(
        [each.passed for each in made.trusts], time
    )
    promote &= made.days >= time.plan.horizon.minimum_days
    if made.is_unaccepted:
        promote[:] = False
    harmful = [each.harmed & (trusted | each.metric.is_operational) for each in decisive]
    roll_back = ~_all([~each for each in harmful], time)
    decided = np.flatnonzero(promote | roll_back | made.over)
    look = int(decided[0]) if len(decided) else None
    verdict: Answer = "hold"
    if look is None:
        reason = made.waiting(-1)
    elif roll_back[look]:
        worst = [each for each, harm in zip(decisive, harmful, strict=True) if harm[look]]
        verdict, reason = "roll_back", harm_in_words(worst, look)
    elif promote[look]:
        verdict, reason = "promote", pass_in_words(decisive)
    else:
        reason = made.inconclusive(look)
    return Decision(
        challenger=challenger,
        verdict=verdict,
        final=look is not None,
        look=look,
        reason=reason,
        judged=made.judged,
        trusts=made.trusts,
        time=time,
        looks=looks,
        days=made.days,
    )


def _all(truths: list[Truths], time: Timeline) -> Truths:
    found = np.ones(len(time.blocks), np.bool_)
    for each in truths:
        found &= each
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What a decision is made of, and why nothing is decided, in words."""

    judged: tuple[Judged, ...]
    trusts: tuple[Trust, ...]
    time: Timeline
    days: Floats
    rules: Rules

    @property
    def decisive(self) -> list[Judged]:
        """The goals and guardrails."""
        return [each for each in self.judged if each.metric.decisive]

    @property
    def distrust(self) -> list[Trust]:
        """The checks without which no metric tells anything."""
        return [each for each in self.trusts if each.name != EFFECT]

    @property
    def is_unaccepted(self) -> bool:
        """Whether arms that are told by time are not to be promoted."""
        return self.time.is_observational and not self.rules.accept_observational

    @property
    def over(self) -> Truths:
        """Whether nothing more is awaited: the units of the scarcest metric, or the days, are over."""
        horizon = self.time.plan.horizon
        units = np.min([each.evidence.units for each in self.decisive], axis=0)
        return np.asarray((units >= horizon.units) | (self.days >= horizon.maximum_days))

    def waiting(self, look: int) -> str:
        """Why there is no verdict at a look."""
        failed = [each for each in self.distrust if not each.passed[look]]
        if failed:
            return f"the data cannot be trusted: {failed[0].name}: {failed[0].detail}"
        missing = [each.metric.name for each in self.decisive if not each.measured[look]]
        if missing:
            lacks = [lacking(each, look) or "" for each in self.decisive if not each.measured[look]]
            return f"{listed(missing)} not measured yet: {'; '.join(dict.fromkeys(lacks))}"
        return self._too_few(look) or self._not_yet(look)

    def _too_few(self, look: int) -> str:
        found = [(each.metric.name, lacking(each, look)) for each in self.decisive]
        few = [name for name, lacks in found if lacks == FEW]
        others = [f"{name}: {lacks}" for name, lacks in found if lacks not in {None, FEW}]
        return "; ".join([f"{FEW} of {', '.join(few)}"] * bool(few) + others)

    def _not_yet(self, look: int) -> str:
        waiting = [each.metric.name for each in self.decisive if not each.passes[look]]
        if waiting:
            return f"{listed(waiting)} still open"
        if self.is_unaccepted:
            return "arms of different times are not promoted: other things changed with time, too"
        minimum = self.time.plan.horizon.minimum_days
        if self.days[look] >= minimum:
            return "the effect is changing from day to day"
        if not self.time.has_times:
            return (
                f"no row has a time, so that nothing tells whether the minimum of {minimum:g} days "
                "is over: name the column with --time-column, or plan with --minimum-days 0"
            )
        return f"the minimum of {minimum:g} days is not over"

    def inconclusive(self, look: int) -> str:
        """At the end of the horizon."""
        failed = [each.name for each in self.distrust if not each.passed[look]]
        if failed:
            # What was seen is told as of the last look, and the verdict is of this one.
            return f"inconclusive: the data cannot be trusted: {', '.join(failed)}"
        waiting = [each for each in self.decisive if not each.passes[look]]
        if not waiting:
            return f"inconclusive: {self.waiting(look)}"
        return f"inconclusive: {' and '.join(_as_open(each, look) for each in waiting)}"


def _as_open(each: Judged, look: int) -> str:
    if np.isfinite(each.bounds.low[look]):
        return f"{each.metric.name} may be worse by {max(-float(each.bounds.low[look]), 0.0):.4g}"
    return f"{each.metric.name}: {lacking(each, look)}"
