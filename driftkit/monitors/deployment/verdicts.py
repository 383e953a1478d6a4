"""Decisions as verdict.json says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.asymptotic_sequence import one_sided_half_width
from driftkit.comparison.deployment.exact_rates import difference_p_value
from driftkit.comparison.deployment.planning import units_needed
from driftkit.comparison.deployment.several import holm
from driftkit.formats.deployment.verdict import (
    EpochShare,
    MetricVerdict,
    PlanName,
    StatedRates,
    StillNeeded,
    TimeSpan,
    Verdict,
    of_several,
)
from driftkit.monitors.deployment import horizon_look
from driftkit.monitors.deployment.actions import actions_of
from driftkit.monitors.deployment.bounds import EXACT_RATES, levels_of, sign_of, turned
from driftkit.monitors.deployment.pair_tables import pair_counts
from driftkit.monitors.deployment.reasons import lacking
from driftkit.monitors.deployment.timeline import known_moment, moment
from driftkit.monitors.deployment.verdict_notes import notes_of
from driftkit.states.deployment.arms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.verdict import Guarantee
    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.monitors.deployment.judged import Judged
    from driftkit.monitors.deployment.timeline import Timeline
    from driftkit.states.deployment.pairs import PairState

_RANK = {"promote": 0, "hold": 1, "roll_back": 2}


def verdict_of(
    plan: Plan,
    decisions: Sequence[Decision],
    pairs: PairState | None = None,
    notes: Sequence[str] = (),
) -> Verdict:
    """The verdict of a deployment: of several challengers that of the best, with those of all.

    The best is the first of those promoted, else of those that are held, in the plan's order, whose
    first goal is the best.

    Args:
        plan: by which it was decided.
        decisions: one a challenger.
        pairs: of champion and challenger, where their rows are paired.
        notes: what else people should know.
    """
    verdicts = [_verdict(plan, each, pairs, notes) for each in decisions]
    best = min(zip(verdicts, decisions, strict=True), key=lambda pair: _rank(*pair))[0]
    return of_several(verdicts, best.challenger)


def _rank(verdict: Verdict, decision: Decision) -> tuple[int, float]:
    first = next(each for each in decision.judged if each.metric.decisive)
    gain = sign_of(first.metric) * float(first.evidence.difference[-1])
    return _RANK[verdict.verdict], -gain if np.isfinite(gain) else np.inf


def _verdict(
    plan: Plan, decision: Decision, pairs: PairState | None, notes: Sequence[str]
) -> Verdict:
    time, arms = decision.time, decision.time.sums.layout.arms
    known = time.blocks != UNKNOWN
    requests = {arm: int(n) for arm, n in zip(arms, time.requests.sum(axis=0), strict=True)}
    of_two = {arm: requests[arm] for arm in (plan.champion, decision.challenger)}
    return Verdict(
        plan=PlanName.of(plan),
        verdict=decision.verdict,
        final=decision.final,
        decided_at_window=None if decision.look is None else _hour(time, decision.look),
        reason=decision.reason,
        challenger=decision.challenger,
        champion=plan.champion,
        window=TimeSpan(start=moment(time.blocks[known][0]), end=moment(time.ends[known][-1]))
        if known.any()
        else TimeSpan(),
        units=of_two,
        requests=of_two,
        error_rates=StatedRates(
            promote=plan.error_rates.promote,
            roll_back=plan.error_rates.roll_back,
            guarantee=_guarantee(plan, decision),
        ),
        metrics=_metrics(plan, decision),
        checks=tuple(each.at(-1) for each in decision.trusts),
        epochs=_epochs(time),
        still_needed=None if decision.final else _still_needed(plan, decision),
        actions=actions_of(plan, decision),
        pairs=None if pairs is None else pair_counts(pairs, plan, decision.challenger),
        notes=(*notes_of(decision, pairs), *notes),
    )


def _hour(time: Timeline, look: int) -> str | None:
    begin = known_moment(time.blocks[look])
    return None if begin is None else f"{begin:%Y-%m-%dT%H}"


def _guarantee(plan: Plan, decision: Decision) -> Guarantee:
    if plan.method in {"fixed", "group_sequential"}:
        return "fixed horizon"
    look = -1 if decision.look is None else decision.look
    exact = all(each.bounds.exact[look] for each in decision.judged if each.metric.decisive)
    return "exact" if exact else "asymptotic"


def _metrics(plan: Plan, decision: Decision) -> tuple[MetricVerdict, ...]:
    p_values = [_p_value(each, plan) for each in decision.judged]
    adjusted = holm([np.nan if p is None else p for p in p_values]).tolist()
    return tuple(
        _metric(each, p, None if p is None else adjusted_p)
        for each, p, adjusted_p in zip(decision.judged, p_values, adjusted, strict=True)
    )


def _metric(each: Judged, p_value: float | None, adjusted: float | None) -> MetricVerdict:
    metric, seen, bounds = each.metric, each.evidence, each.bounds
    old, new = seen.values[-1].tolist()
    difference = float(seen.difference[-1])
    low, high = turned(*bounds.last, metric)
    log_e = float(bounds.log_e_value[-1])
    return MetricVerdict(
        name=metric.name,
        role=metric.role,
        better=metric.better,
        champion=old,
        challenger=new,
        difference=difference,
        relative=difference / abs(old) if old else None,
        low=low,
        high=high,
        margin=metric.margin if metric.decisive else None,
        p_value=p_value,
        adjusted_p_value=adjusted,
        e_value=float(np.exp(np.minimum(log_e, 700.0))) if np.isfinite(log_e) else None,
        state=each.state,
        method=bounds.method,
        reason=lacking(each, -1),
    )


def _p_value(each: Judged, plan: Plan) -> float | None:
    if plan.method == "fixed" and each.evidence.bias is None:
        at = np.flatnonzero(each.bounds.ready)[:1].tolist()
        found = [horizon_look.p_value(each.evidence, each.metric, look) for look in at]
        return next((p for p in found if np.isfinite(p)), None)
    if each.bounds.method == EXACT_RATES and plan.method == "exact":
        return _exact_p_value(each.evidence)
    log_e = each.bounds.log_e_value
    known = log_e[np.isfinite(log_e)]
    return float(np.exp(-max(float(known.max()), 0.0))) if len(known) else None


def _exact_p_value(evidence: Evidence) -> float | None:
    """Of no difference, by the bounds that exclude it; it holds at every look."""
    if evidence.events is None or not evidence.is_one_epoch:
        return None
    (old, new), (rows_old, rows_new) = evidence.events[-1], evidence.counted[-1]
    above = difference_p_value(new, rows_new, old, rows_old, 0.0)
    below = difference_p_value(old, rows_old, new, rows_new, 0.0)
    return float(np.minimum(above, below))


def _epochs(time: Timeline) -> tuple[EpochShare, ...]:
    arms = time.sums.layout.arms
    return tuple(
        EpochShare(
            start=known_moment(time.blocks[begin]),
            weights=time.weights_at(begin),
            units={arm: int(n) for arm, n in zip(arms, time.requests_of_epoch[end], strict=True)},
        )
        for begin, end in time.runs
    )


def _still_needed(plan: Plan, decision: Decision) -> StillNeeded:
    """The units of the metric that needs most, if its difference stays as it is."""
    waiting = [each for each in decision.judged if each.metric.decisive and not each.passes[-1]]
    needed = [(_units(each, plan), float(each.evidence.units[-1])) for each in waiting]
    known = [(units, so_far) for units, so_far in needed if units is not None]
    if not known or len(known) < len(needed):
        return StillNeeded()
    units, so_far = max(known)
    days = float(decision.days[-1])
    return StillNeeded(units=round(units), days=units * days / so_far if days > 0 else None)


def _units(each: Judged, plan: Plan) -> float | None:
    seen, metric = each.evidence, each.metric
    units, variance = float(seen.units[-1]), float(seen.variance[-1])
    if plan.method != "always_valid" or not units or not variance > 0:
        return None
    threshold = 0.0 if metric.superior else -metric.margin
    distance = sign_of(metric) * float(seen.difference[-1]) - threshold
    # Of bias there are two sequences, each at half of the level.
    alpha = levels_of(plan).promote / (1 if seen.bias is None else 2)

    def width(n: float) -> float:
        tuning = float(plan.horizon.tuning_units)
        return float(one_sided_half_width(n, variance * units / n, alpha=alpha, tuning=tuning))

    enough = units_needed(width, distance, units=units)
    return None if enough is None else max(enough - units, 0.0)
