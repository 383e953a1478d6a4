"""How many planted changes of real tables are found, beside NannyML at the same rate of alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.expectation import POOLS
from tests.detection.counting import counted
from tests.detection.ordinary import DAYS, compared, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats, Integers, Truths
    from tests.detection.counting import Counted
    from tests.detection.tables import Table

# The share of ordinary windows in which either may raise an alarm.
_RATE = 0.05
_LATER = 8
_DRAWS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Shares of features that are found within 8 days, of the planted ones.

    Attributes:
        first: on the first day.
        own: within 8 days.
        peer: the same of NannyML's rule.
        ahead: 95 % of how much more is found than by that rule, by drawing starting days again.
    """

    first: float
    own: float
    peer: float
    ahead: tuple[float, float]


def power(table: Table, starts: int, seed: int, length: int = DAYS) -> Found:
    """Numbers that are half a deviation higher from a day on.

    Both are given the threshold at which they are in alarm in 5 % of the windows as they are:
    driftkit the same p-value for all features, NannyML so many deviations.

    Args:
        table: with eight days more than the reference.
        starts: how many starting days are drawn.
        seed: of their draw.
        length: of the reference.
    """
    rng = np.random.default_rng(seed)
    latest = len(table.dates) - length - _LATER
    bases = [slice(start, start + length) for start in rng.integers(0, latest + 1, starts).tolist()]
    ordinary = np.array([_scores(table, base, None) for base in bases])
    moved = np.array([_scores(table, base, higher(table, base)) for base in bases])
    could = np.array([varied(table, base) for base in bases])
    first, within = _shares(ordinary, moved, could)
    drawn = [
        _shares(*(e[each] for e in (ordinary, moved, could)))[1]
        for each in rng.integers(0, starts, (_DRAWS, starts))
    ]
    low, high = np.quantile([own - peer for own, peer in drawn], [0.025, 0.975]).tolist()
    return Found(first=first[0], own=within[0], peer=within[1], ahead=(low, high))


def _shares(ordinary: Floats, moved: Floats, varied: Truths) -> tuple[list[float], list[float]]:
    """Shares of features that are found on the first day and within all, by rule.

    Args:
        ordinary: scores of unaltered windows by starting day, rule, day and feature.
        moved: the same of those with the plant, which numbers alone have; they come first.
        varied: by starting day and numeric feature, whether there was anything to move.
    """
    # The largest of the features of a window.
    limits = np.quantile(ordinary.max(axis=3), 1 - _RATE, axis=(0, 2))[None, :, None, None]
    hits = np.moveaxis((moved > limits)[..., : varied.shape[1]], 1, 0)
    first, within = hits[:, :, 0], hits.any(axis=2)
    return first[:, varied].mean(axis=1).tolist(), within[:, varied].mean(axis=1).tolist()


def higher(
    table: Table, base: slice, deviations: float = 0.5
) -> Callable[[str, Floats, Integers], Floats]:
    """Adds to numbers from the first day after the reference on, in steps that the numbers have.

    Otherwise a shift by a fraction of a minute would be found by its fraction.
    """
    rows = slice(table.starts[base.start], table.starts[base.stop])

    def change(name: str, values: Floats, day: Integers) -> Floats:
        known = table.numbers[name][rows]
        step = _step(known)
        more = deviations * float(np.nanstd(known))
        more = max(1.0, round(more / step)) * step if step else more
        return np.where(day >= base.stop - base.start, values + more, values)

    return change


def varied(table: Table, base: slice) -> list[bool]:
    """Of each numeric feature, whether the reference has anything to move."""
    rows = slice(table.starts[base.start], table.starts[base.stop])
    return [bool(np.nanstd(values[rows]) > 0) for values in table.numbers.values()]


def _step(values: Floats) -> float:
    """Of numbers with few different values, what lies between most of them; else 0."""
    distinct = np.unique(values[~np.isnan(values)])
    if not 2 <= len(distinct) <= 2_000:
        return 0.0
    return float(np.median(np.diff(distinct)))


def _scores(
    table: Table, base: slice, change: Callable[[str, Floats, Integers], Floats] | None
) -> Floats:
    """By rule, day and feature, how far a day is from ordinary: driftkit's and NannyML's."""
    length = base.stop - base.start
    days = counted(table, base, slice(base.start, base.stop + _LATER), change)
    every = [_day(days, length, last) for last in range(length, length + _LATER)]
    return np.moveaxis(np.array(every), 0, 1)


def _day(days: Counted, length: int, last: int) -> list[Floats]:
    own = judged(days, np.arange(last + 1), np.arange(last + 1) < length, POOLS)
    others = compared(days, np.arange(length), last)
    return [
        -np.log(np.concatenate([each.p for each in own])),
        np.concatenate([each.deviations for each in others]),
    ]
