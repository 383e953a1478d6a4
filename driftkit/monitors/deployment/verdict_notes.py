"""What a person should know of the rows behind a verdict: those that do not count, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.ratios import ratio
from driftkit.formats.deployment.moments import moment_text
from driftkit.monitors.deployment.reasons import values_of
from driftkit.monitors.deployment.timeline import moment
from driftkit.monitors.deployment.value_shares import is_of_all_rows
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.pairs import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.monitors.deployment.decision import Decision
    from driftkit.native.arrays import Truths
    from driftkit.states.deployment.pairs import PairState

OBSERVATIONAL = (
    "the arms are of different times, so that a difference may be the time's and not the version's"
)
# Labels are still to come of the last hours in which fewer than this share of the usual have one.
_FEW_LABELS = 0.5


def notes_of(decision: Decision, pairs: PairState | None) -> tuple[str, ...]:
    """The notes of a verdict, a line each.

    Args:
        decision: about a challenger.
        pairs: of champion and challenger, where their rows are paired.
    """
    found = [OBSERVATIONAL] if decision.time.is_observational else []
    found += _of_times(decision)
    found += _of_labels(decision)
    found += _of_values(decision)
    return (*found, *(_of_pairs(pairs, decision) if pairs is not None else ()))


def _of_times(decision: Decision) -> Iterator[str]:
    """Rows that are not compared, or compared at no time of their own."""
    time = decision.time
    arms = time.arms_of(decision.challenger)
    requests, unknown = time.requests[:, arms], time.blocks == UNKNOWN
    timeless = int(requests[unknown].sum())
    if timeless and time.is_routed and time.plan.weights_history:
        yield (
            f"{timeless:,} rows have no time and are not compared: nothing tells the weights by "
            "which they were routed"
        )
    elif timeless and time.has_times:
        yield f"{timeless:,} rows have no time and count before all others"
    if not time.is_routed:
        return
    begin = time.begin(arms)
    early = int(requests[~unknown & (time.blocks < begin)].sum())
    if early:
        yield (
            f"{early:,} rows from before {moment_text(moment(begin))} are not compared: by then an "
            "arm had no requests, or nothing tells the weights"
        )
    weights = time.weights
    if weights is not None and time.plan.weights_history:
        kept = time.weights_told & (time.blocks >= begin)
        for index, arm in zip(arms, (time.plan.champion, decision.challenger), strict=True):
            stray = int(time.requests[kept & (weights[:, index] == 0), index].sum())
            if stray:
                yield f"{stray:,} rows of {arm} are not compared: its weight was 0 at their time"


def _of_labels(decision: Decision) -> Iterator[str]:
    """Hours whose labels are still to come."""
    if not any("label" in each.metric.needs for each in decision.judged):
        return
    looks = decision.looks
    requests = looks.requests.sum(axis=1)
    filled = requests > 0
    shares = ratio(looks.labelled.sum(axis=1), requests)[filled]
    if len(shares) < 2:
        return
    usual = float(np.median(shares))
    late = len(shares) - _last(shares >= _FEW_LABELS * usual) - 1
    if not usual or not late or late == len(shares):
        return
    now = looks.labelled.sum(axis=1)[filled][-late:].sum() / requests[filled][-late:].sum()
    yield (
        f"labels of the last {late:,} hours are still to come: {now:.1%} of their rows have one, "
        f"{usual:.1%} is usual; --end leaves them out until they are there"
    )


def _last(truths: Truths) -> int:
    """The index of the last that holds, -1 where none does."""
    found = np.flatnonzero(truths)
    return int(found[-1]) if len(found) else -1


def _of_values(decision: Decision) -> Iterator[str]:
    """Rows that a metric has no value of."""
    looks, metrics = decision.looks, decision.time.plan.metrics
    for index, metric in enumerate(metrics):
        if not is_of_all_rows(metric):
            continue
        labelled = "label" in metric.needs
        of = looks.labelled if labelled else looks.requests
        rows, without = int(of.sum()), int((of - looks.counted(index, metric)).sum())
        if 0 < without < rows:
            yield (
                f"{metric.name}: {without:,} of {rows:,} rows{' with a label' if labelled else ''} do "
                f"not count: they lack {values_of(metric)}"
            )


def _of_pairs(pairs: PairState, decision: Decision) -> Iterator[str]:
    names = (decision.time.plan.champion, decision.challenger)
    unpairable = (Count.CHAMPION_UNPAIRABLE, Count.CHALLENGER_UNPAIRABLE)
    for name, count in zip(names, unpairable, strict=True):
        rows = pairs.total(count)
        if rows:
            yield f"{rows:,} rows of {name} have nothing by which they could be paired"
    ids = pairs.total(Count.AMBIGUOUS_IDS)
    if ids:
        rows = pairs.total(Count.CHAMPION_AMBIGUOUS) + pairs.total(Count.CHALLENGER_AMBIGUOUS)
        occur = f"{ids:,} ids occur" if ids > 1 else "1 id occurs"
        yield (
            f"{occur} more than once in an arm: {rows:,} rows are not paired"
            f"{_examples(pairs, 'ambiguous')}"
        )
    others = pairs.total(Count.OTHER_INPUTS)
    if others:
        yield (
            f"pairs whose inputs differ, so that they may be different requests: {others:,}"
            f"{_examples(pairs, 'input')}"
        )


def _examples(pairs: PairState, kind: str) -> str:
    ids = [each.id for each in pairs.examples if each.kind == kind]
    return f", for example {', '.join(ids)}" if ids else ""
