"""Promote, hold or roll back: the decision about one challenger, a pure function of plan and states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.several import levels
from driftkit.monitors.deployment.bounds import bounds_of
from driftkit.monitors.deployment.paired_evidence import paired_evidence
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.monitors.deployment.trust import (
    EFFECT,
    constant_effect,
    label_shares,
    pair_share,
    same_inputs,
    sample_ratio,
)

if TYPE_CHECKING:
    from driftkit.comparison.deployment.several import Levels
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.formats.deployment.verdict import Answer, State
    from driftkit.monitors.deployment.bounds import Bounds
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.monitors.deployment.trust import Trust
    from driftkit.native.arrays import Truths
    from driftkit.states.deployment.arms import ArmSums
    from driftkit.states.deployment.pairs import PairState


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A metric of a challenger at each look.

    Attributes:
        metric: as planned.
        evidence: what was seen.
        bounds: of the oriented difference, that never widen.
        passes: whether it is surely not worse than allowed (better, if it must be superior).
        harmed: whether it is surely worse than allowed.
    """

    metric: PlannedMetric
    evidence: Evidence
    bounds: Bounds
    passes: Truths
    harmed: Truths

    @property
    def state(self) -> State:
        """As of the last look."""
        if self.harmed[-1]:
            return "harmed"
        if self.passes[-1]:
            return "passes"
        measured = self.evidence.counted[-1].all() and self.bounds.reason is None
        return "open" if measured else "not_measured"

    @property
    def is_operational(self) -> bool:
        """Whether it is of how requests are answered rather than of what: latency, errors."""
        return self.metric.role == "guardrail" and not self.metric.needs


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
    """

    challenger: str
    verdict: Answer
    final: bool
    look: int | None
    reason: str
    judged: tuple[Judged, ...]
    trusts: tuple[Trust, ...]
    time: Timeline


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
        InputError: an arm has no rows.
    """
    time = Timeline(plan=plan, sums=sums)
    time.refuse_missing_arms()
    return tuple(_decided(each, time, rules or Rules(), pairs) for each in plan.challengers)


def _decided(challenger: str, time: Timeline, rules: Rules, pairs: PairState | None) -> Decision:
    plan, looks = time.plan, time.looks[challenger]
    level = levels(
        plan.error_rates.promote,
        plan.error_rates.roll_back,
        metrics=len(plan.decisive),
        challengers=len(plan.challengers),
    )
    judged = tuple(
        _judged(
            looks.evidence(index, metric)
            if pairs is None or metric.table
            else paired_evidence(pairs, index, metric, time.blocks),
            metric,
            plan,
            level,
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
        constant_effect(looks, time, decisive),
    )
    return _first(challenger, judged, [each for each in trusts if each], time, rules)


def _judged(evidence: Evidence, metric: PlannedMetric, plan: Plan, level: Levels) -> Judged:
    bounds = bounds_of(evidence, metric, plan, level)
    return Judged(
        metric=metric,
        evidence=evidence,
        bounds=bounds,
        passes=np.asarray(bounds.low > (0.0 if metric.superior else -metric.margin)),
        harmed=np.asarray(bounds.high < -metric.margin),
    )


def _first(
    challenger: str, judged: tuple[Judged, ...], trusts: list[Trust], time: Timeline, rules: Rules
) -> Decision:
    """The first look that decides."""
    decisive = [each for each in judged if each.metric.decisive]
    distrust = [each for each in trusts if each.name != EFFECT]
    trusted = _all([each.passed for each in distrust], time)
    promote = _all([each.passes for each in decisive], time) & _all(
        [each.passed for each in trusts], time
    )
    promote &= time.days >= time.plan.horizon.minimum_days
    if time.is_observational and not rules.accept_observational:
        promote[:] = False
    harmful = [_harmful(each, rules) & (trusted | each.is_operational) for each in decisive]
    roll_back = ~_all([~each for each in harmful], time)
    over = _over(decisive, time)
    decided = np.flatnonzero(promote | roll_back | over)
    look = int(decided[0]) if len(decided) else None
    made = _Made(judged=decisive, trusts=distrust, time=time, rules=rules)
    verdict: Answer = "hold"
    if look is None:
        reason = made.waiting()
    elif roll_back[look]:
        worst = [each for each, harm in zip(decisive, harmful, strict=True) if harm[look]]
        verdict, reason = "roll_back", _harm_in_words(worst, look)
    elif promote[look]:
        verdict, reason = "promote", _pass_in_words(decisive)
    else:
        reason = made.inconclusive(look)
    return Decision(
        challenger=challenger,
        verdict=verdict,
        final=look is not None,
        look=look,
        reason=reason,
        judged=judged,
        trusts=tuple(trusts),
        time=time,
    )


def _harmful(each: Judged, rules: Rules) -> Truths:
    return np.asarray(each.bounds.high < 0.0) if rules.any_harm else each.harmed


def _over(decisive: list[Judged], time: Timeline) -> Truths:
    """Whether nothing more is awaited: the units of the scarcest metric, or the days, are over."""
    horizon = time.plan.horizon
    units = np.min([each.evidence.units for each in decisive], axis=0)
    days = np.where(np.isfinite(time.days), time.days, 0.0)
    return np.asarray((units >= horizon.units) | (days >= horizon.maximum_days))


def _all(truths: list[Truths], time: Timeline) -> Truths:
    found = np.ones(len(time.blocks), np.bool_)
    for each in truths:
        found &= each
    return found


def _harm_in_words(worst: list[Judged], look: int) -> str:
    return " and ".join(
        f"{each.metric.name} is worse by at least {-each.bounds.high[look]:.4g}, "
        f"where {each.metric.margin:.4g} is allowed"
        for each in worst
    )


def _pass_in_words(decisive: list[Judged]) -> str:
    better = [each.metric.name for each in decisive if each.metric.superior]
    others = [each.metric.name for each in decisive if not each.metric.superior]
    said = [f"{_listed(better)} better"] if better else []
    return " and ".join([*said, f"{_listed(others)} not worse than allowed"] if others else said)


def _listed(names: list[str]) -> str:
    *first, last = names
    verb = "are" if first else "is"
    return f"{', '.join(first)} and {last} {verb}" if first else f"{last} {verb}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Why nothing is decided, in words."""

    judged: list[Judged]
    trusts: list[Trust]
    time: Timeline
    rules: Rules

    def waiting(self) -> str:
        """As of the last look."""
        failed = [each for each in self.trusts if not each.passed[-1]]
        if failed:
            return f"the data cannot be trusted: {failed[0].name}: {failed[0].detail}"
        return self._missing() or self._not_yet()

    def _missing(self) -> str:
        missing = [each.metric.name for each in self.judged if each.state == "not_measured"]
        if missing:
            return f"{_listed(missing)} not measured yet"
        few = [each.metric.name for each in self.judged if not each.bounds.ready[-1]]
        return f"too few data of {', '.join(few)}" if few else ""

    def _not_yet(self) -> str:
        waiting = [each.metric.name for each in self.judged if not each.passes[-1]]
        if waiting:
            return f"{_listed(waiting)} still open"
        if self.time.is_observational and not self.rules.accept_observational:
            return "arms of different times are not promoted: other things changed with time, too"
        if self.time.days[-1] < self.time.plan.horizon.minimum_days:
            return f"the minimum of {self.time.plan.horizon.minimum_days:g} days is not over"
        return "the effect is changing from day to day"

    def inconclusive(self, look: int) -> str:
        """At the end of the horizon."""
        waiting = [each for each in self.judged if not each.passes[look]]
        if not waiting:
            return f"inconclusive: {self.waiting()}"
        said = [
            f"{each.metric.name} may be worse by {max(-float(each.bounds.low[look]), 0.0):.4g}"
            for each in waiting
        ]
        return f"inconclusive: {' and '.join(said)}"
