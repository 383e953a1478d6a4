"""Adds up many states of a column at once: what `+` from left to right gives, only sooner.

A year of hours is thousands of states. Joined two by two, each sum would be frozen only to be
taken apart again for the next.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.statistics.column import ColumnState
from driftkit.statistics.distinct import Registers
from driftkit.statistics.frequencies import LIMIT, Frequencies
from driftkit.statistics.kernels.choice import kernels
from driftkit.statistics.presence import Presence
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.statistics.kll import KllSketch


def joined_columns(states: Sequence[ColumnState]) -> ColumnState:
    """The sum of the states from left to right.

    Args:
        states: of one column, at least one.
    """
    first = states[0]
    types = [state.types for state in states]
    return ColumnState(
        name=first.name,
        declared=first.declared,
        presence=Presence(
            present=sum(state.presence.present for state in states),
            missing=sum(state.presence.missing for state in states),
        ),
        types=TypeCounts(
            integral=sum(each.integral for each in types),
            fractional=sum(each.fractional for each in types),
            boolean=sum(each.boolean for each in types),
            string=sum(each.string for each in types),
        ),
        moments=reduce(add, (state.moments for state in states)),
        extremes=reduce(add, (state.extremes for state in states)),
        sketch=joined_sketches([state.sketch for state in states]),
        distinct=Registers(values=np.maximum.reduce([state.distinct.values for state in states])),
        frequencies=joined_frequencies([state.frequencies for state in states]),
        non_finite=sum(state.non_finite for state in states),
    )


def joined_frequencies(states: Sequence[Frequencies]) -> Frequencies:
    """The sum of the states from left to right."""
    filled = [state for state in states if state.total]
    if len(filled) < 2:
        return reduce(add, states)
    domain = frozenset.intersection(*(state.domain for state in filled))
    total = sum(state.total for state in filled)
    overflowed = any(state.overflowed for state in filled)
    counts: Counter[str] = Counter()
    for state in filled:
        if overflowed:
            break
        counts.update(state.counts)
        overflowed = len(counts) > LIMIT
    if overflowed:
        counts = Counter(dict.fromkeys(domain, 0))
        for value in domain:
            counts[value] = sum(state.counts.get(value, 0) for state in filled)
        counts = +counts
    return Frequencies(counts=dict(counts), total=total, domain=domain, overflowed=overflowed)


def joined_sketches(sketches: Sequence[KllSketch]) -> KllSketch:
    """The sum of the sketches from left to right, bit by bit."""
    filled = [sketch for sketch in sketches if sketch.count]
    if not filled:
        return sketches[-1]
    held = sum(len(level) for sketch in filled for level in sketch.levels)
    return kernels(held).merged(filled)
