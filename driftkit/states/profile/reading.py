"""Folds the values of a chunk into a column's state, whatever their type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from driftkit.states.profile.column import OF_BLOCKS
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.moments import MOMENTS, Moments
from driftkit.states.schemas import Block

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.native.arrays import Floats, Values
    from driftkit.states.kernels.choice import Kernels
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.distinct import Registers
    from driftkit.states.profile.kll import KllSketch

# Blocks of this many doubles stay in a core's cache.
BLOCK = 16_384
# The methods of the same names go a longer way round, which short blocks feel.
_least, _most, _sum = np.minimum.reduce, np.maximum.reduce, np.add.reduce
# Integers of 4 bytes are sorted faster than those of 8, or doubles.
_SHORT = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is asked of a column.

    Attributes:
        kernels: the loops over values.
        row_order: whether sums and deviations run value by value in row order.
        domain: values to be counted however many others there are.
        distinct: what registers say of these very numbers, where their parts were hashed already.
        further: whether statistics are looked at that statistics.json has not.
    """

    kernels: Kernels
    row_order: bool = False
    domain: frozenset[str] = field(default_factory=frozenset)
    distinct: Registers | None = None
    further: bool = False


class Seen(NamedTuple):
    """What numbers make of a column's state; see there."""

    moments: Moments
    extremes: Extremes
    sketch: KllSketch
    non_finite: int
    # Further statistics of numbers alone, by the name of their state.
    more: Mapping[str, Any]


def with_numbers(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after some numbers of any width, in row order."""
    found = seen(state, values, reading)
    parts = found._asdict()
    return replace(state, **parts.pop("more"), **parts)


def seen(state: ColumnState, values: Values, reading: Reading) -> Seen:
    """What some numbers of any width make of a state, in row order."""
    given = len(values)
    moments, lowest, highest, more = _seen(values, state.moments, reading)
    if not isfinite(lowest) or not isfinite(highest):
        values = values[np.isfinite(values)]
        moments, lowest, highest, more = _seen(values, state.moments, reading)
    if not len(values):
        non_finite = state.non_finite + given
        return Seen(state.moments, state.extremes, state.sketch, non_finite, {})
    return Seen(
        moments,
        # Adding 0.0 makes -0.0 to 0.0: which of the two came first would depend on the split.
        state.extremes + Extremes(minimum=lowest + 0.0, maximum=highest + 0.0),
        reading.kernels.extended(state.sketch, _narrowed(values, max(-lowest, highest))),
        state.non_finite + given - len(values),
        {name: getattr(state, name) + part for name, part in more.items()},
    )


def _seen(
    values: Values, before: Moments, reading: Reading
) -> tuple[Moments, float, float, dict[str, Any]]:
    """Moments, bounds and further states, a block at a time so that it is read from memory once."""
    inside, lowest, highest = MOMENTS.empty, inf, -inf
    more: dict[str, Any] = {}
    # NaN and numbers near the largest double are dealt with by the caller, not by warnings.
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values), BLOCK):
            block = np.asarray(values[start : start + BLOCK], np.float64)
            least, most = float(_least(block)), float(_most(block))
            # Once one of them is NaN, it stays.
            lowest = least if least < lowest or isnan(least) else lowest
            highest = most if most > highest or isnan(most) else highest
            if reading.row_order:
                before = reading.kernels.sequential(block, before)
                continue
            part = _block(block)
            inside += _moments(part)
            for name, of_block in OF_BLOCKS.items() if reading.further else ():
                more[name] = more[name] + of_block(part) if name in more else of_block(part)
    return before + inside, lowest, highest, more


def _block(values: Floats) -> Block:
    total = float(_sum(values))
    average = total / len(values)
    deviations = values - average
    squares = np.square(deviations)
    return Block(len(values), total, average, deviations, squares, float(_sum(squares)))


def _moments(block: Block) -> Moments:
    return Moments(n=block.n, total=block.total, average=block.average, m2=block.m2)


def _narrowed(values: Values, size: float) -> Values:
    short = values.dtype.kind in "iu" and size < _SHORT
    return values.astype(np.int32, copy=False) if short else values
