"""Whether arms can be compared at all: shares of requests, shares of labels, an effect that changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.asymptotic_sequence import two_sided_p_value
from driftkit.comparison.deployment.distances import index_by_chance, stability_index
from driftkit.comparison.deployment.epochs import accumulated
from driftkit.comparison.deployment.novelty import trend
from driftkit.comparison.deployment.ratios import ratio
from driftkit.comparison.deployment.sample_ratio import (
    bucketed_shares,
    log_bayes_factor,
    sequential_p_values,
)
from driftkit.formats.deployment.verdict import VerdictCheck
from driftkit.monitors.deployment.evidence import Looks
from driftkit.monitors.deployment.paired_evidence import sums_so_far
from driftkit.monitors.deployment.timeline import DAY
from driftkit.states.deployment.arms import IN_BUCKETS, UNKNOWN
from driftkit.states.deployment.pairs import PAIRS, Count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.monitors.deployment.timeline import Timeline
    from driftkit.native.arrays import Floats, Truths
    from driftkit.states.deployment.pairs import PairState

SAMPLE_RATIO = "sample_ratio"
EFFECT = "effect_is_constant"
PAIR_SHARE = "pair_share"
# Of a shadow that gets every request: halves beyond the window have no partner.
_MOST_PAIRED = 0.99
INPUTS = "inputs"
# A population stability index from which on distributions are held to differ (a rule of thumb of
# credit scoring), and the requests of each arm that tell it from chance.
_STABLE, _ENOUGH = 0.2, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """One check at each look.

    Attributes:
        name: of the check.
        passed: whether it passes, shape (looks,).
        p_values: of what was seen; None where the check has none.
        detail: what is seen at the last look, for people.
    """

    name: str
    passed: Truths
    p_values: Floats | None = None
    detail: str = ""

    def at(self, look: int) -> VerdictCheck:
        """The check as of a look."""
        p_value = None if self.p_values is None else float(self.p_values[look])
        passed = bool(self.passed[look])
        return VerdictCheck(name=self.name, passed=passed, p_value=p_value, detail=self.detail)


def sample_ratio(time: Timeline) -> Trust | None:
    """Whether arms get the requests that their weights say; None where no weights do.

    Once they do not, they are not believed again. Requests are counted from when all arms get some,
    unless a history tells the weights before.
    """
    weights, plan = time.weights, time.plan
    if weights is None or not time.is_routed:
        return None
    if plan.strategy == "bandit" and not plan.weights_history:
        # Its weights are the plan's at the start only.
        return None
    counted = _counted(time)
    if time.sums.layout.buckets and plan.routing == "sticky":
        p_values = _of_users(time, weights, counted)
    else:
        requests = np.where(counted[:, None], time.requests, 0.0)
        p_values = sequential_p_values(accumulated(requests, time.epochs), weights, time.epochs)
    return Trust(
        name=SAMPLE_RATIO,
        passed=np.asarray(p_values >= plan.error_rates.sample_ratio),
        p_values=p_values,
        detail=_shares_in_words(time, weights, counted),
    )


def _counted(time: Timeline) -> Truths:
    """The blocks whose requests can be held against weights."""
    if time.plan.weights_history:
        return time.weights_told
    begin = time.begin(range(len(time.sums.layout.arms)))
    # An arm that comes later gets its share for a part of its first block only.
    return time.blocks > begin if begin > time.first else np.ones(len(time.blocks), np.bool_)


def _shares_in_words(time: Timeline, weights: Floats, counted: Truths) -> str:
    requests = time.requests[counted]
    if not requests.any():
        return "no hour yet in which all arms get requests"
    planned = ratio(weights, weights.sum(axis=1, keepdims=True))[counted]
    expected = (planned * requests.sum(axis=1, keepdims=True)).sum(axis=0) / requests.sum()
    shares = requests.sum(axis=0) / requests.sum()
    return ", ".join(
        f"{arm}: {share:.2%} of requests, {wanted:.2%} by its weight"
        for arm, share, wanted in zip(time.sums.layout.arms, shares, expected, strict=True)
    )


def _of_users(time: Timeline, weights: Floats, counted: Truths) -> Floats:
    """The p value of the arms' shares in each bucket of users, at every look.

    Of the first epoch: users keep to their arms when weights change, so that later shares are
    those of both.
    """
    sums = time.sums
    # Requests of a bucket: those of the metric that has most of them.
    most = sums.buckets[:, :, IN_BUCKETS.index("n")].max(axis=1)
    counts = sums.by_block(most, time.blocks)
    counts[~counted] = 0.0
    found = bucketed_shares(accumulated(counts, time.epochs), weights)
    share = ratio(weights, weights.sum(axis=1, keepdims=True))
    p_values = two_sided_p_value(
        found.shares - share,
        np.cumsum(time.requests.sum(axis=1))[:, None],
        found.variance,
        alpha=time.plan.error_rates.sample_ratio,
        tuning=float(time.plan.horizon.tuning_units),
    )
    first = time.epochs == (time.epochs[counted].min() if counted.any() else -1)
    usable = (found.variance > 0) & first[:, None]
    least = np.minimum.accumulate(np.where(usable, p_values, 1.0).min(axis=1))
    arms = len(sums.layout.arms)
    # Of two arms either share says the other.
    found_p: Floats = np.minimum(least * (1 if arms == 2 else arms), 1.0)
    return found_p


def pair_share(time: Timeline, pairs: PairState | None) -> Trust | None:
    """Whether so many of the champion's rows have a partner as the shadow gets requests.

    None where the plan does not say how many that are. By the test of the sample ratio, which is
    valid at every look.
    """
    asked = time.plan.pairing.sampling_percentage if time.plan.pairing else None
    if pairs is None or asked is None:
        return None

    def counted(*counts: Count) -> Floats:
        found = [pairs.by_block(each) for each in counts]
        looks = [sums_so_far(values.astype(np.float64), of, time.blocks) for of, values in found]
        return np.asarray(sum(looks), np.float64)

    matched = counted(*PAIRS)
    out = counted(Count.CHAMPION_UNPAIRABLE, Count.CHAMPION_AMBIGUOUS)
    rows = np.maximum(counted(Count.CHAMPION_ROWS) - out, matched)
    planned = min(asked / 100.0, _MOST_PAIRED)
    evidence = log_bayes_factor(np.column_stack([matched, rows - matched]), [planned, 1 - planned])
    seen = ratio(matched, rows)
    too_many = (seen > planned) & (planned == _MOST_PAIRED)
    greatest = np.maximum.accumulate(np.where(too_many, 0.0, np.maximum(evidence, 0.0)))
    p_values = np.exp(-greatest)
    return Trust(
        name=PAIR_SHARE,
        passed=np.asarray(p_values >= time.plan.error_rates.sample_ratio),
        p_values=p_values,
        detail=f"{float(seen[-1]):.2%} of the champion's rows have a partner, of {asked:g} % planned",
    )


def same_inputs(looks: Looks, time: Timeline) -> Trust | None:
    """Whether both arms are asked for the same, by the columns of segments and of inputs.

    None where that need not be, for arms of different times, and where it cannot be told: without
    such columns, with too many values of each segment, or of users, whose requests are alike.
    """
    columns = {**_cells_of_segments(looks, time), **cells_of_inputs(looks, time.plan)}
    if not columns or time.is_observational or looks.sums.layout.buckets:
        return None
    passed, shown, said = np.ones(len(looks.blocks), np.bool_), {}, []
    for name, cells in columns.items():
        old, new = np.moveaxis(accumulated(cells, time.epochs), 1, 0)
        fewest = np.minimum(old.sum(axis=1), new.sum(axis=1))
        index, chance = stability_index(old, new), index_by_chance(old, new)
        apart = (fewest >= _ENOUGH) & (index - chance >= _STABLE)
        # Once they are apart, they are not believed again.
        passed &= ~np.logical_or.accumulate(apart)
        shown[name] = (bool(apart.any()), float(index[np.argmax(apart) if apart.any() else -1]))
        said.append(f"{name} has a population stability index of {index[-1]:.2f}")
    if looks.sums.layout.cells:
        largest = max(shown, key=lambda name: shown[name])
        said = [f"the largest population stability index is {shown[largest][1]:.2f}, of {largest}"]
    return Trust(name=INPUTS, passed=passed, detail=", ".join(said))


def _cells_of_segments(looks: Looks, time: Timeline) -> dict[str, Floats]:
    """Rows of each block by segment, of each column without too many; shape (blocks, 2, segments)."""
    return {
        name: np.stack(
            [
                replace(looks, sums=time.compared(part, looks.arms)).requests
                for part in parts.values()
            ],
            axis=2,
        )
        for name, parts in time.sums.segments.items()
        if None not in parts
    }


def cells_of_inputs(looks: Looks, plan: Plan) -> dict[str, Floats]:
    """Rows of each block by cell, of each column of inputs; shape (blocks, 2, cells).

    Of a shadow those of blocks in which both have rows: what is asked changes with time, and a
    shadow may begin later.
    """
    if not looks.sums.layout.cells:
        return {}
    cells = looks.inputs
    if plan.strategy == "shadow":
        answered = (looks.requests > 0).all(axis=1, keepdims=True)
        cells = np.where(np.expand_dims(answered, 2), cells, 0.0)
    ends = np.cumsum(looks.sums.layout.cells)[:-1]
    names = [each.column for each in plan.inputs or ()]
    return dict(zip(names, np.split(cells, ends, axis=2), strict=True))


def constant_effect(
    looks: Looks, time: Timeline, metrics: Sequence[tuple[int, PlannedMetric]]
) -> Trust | None:
    """Whether the differences of days have no trend; None where all is of one day."""
    known = time.blocks != UNKNOWN
    days = time.blocks // DAY
    if len(np.unique(days[known])) < 2:
        return None
    timed = looks.sums.chosen(looks.sums.keys[:, 0] != UNKNOWN)
    by_day = Looks(sums=timed, blocks=looks.blocks, epochs=time.cells, arms=looks.arms)
    when = np.where(known, days, days[known][0])
    changing, said = np.zeros(len(days), np.bool_), []
    for index, metric in metrics:
        found = trend(by_day.within(index, metric), when, time.cells)
        changing |= found.changing
        if found.changing[-1]:
            said.append(f"{metric.name} changes by {found.slope[-1]:.4g} a day")
    return Trust(name=EFFECT, passed=~changing, detail="; ".join(said) or "no trend over days")
