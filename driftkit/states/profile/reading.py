"""Folds the values of a chunk into a column's state, whatever their type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.states.profile.column import STATES
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.moments import MOMENTS, Moments
from driftkit.states.schemas import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.native.arrays import Bytes, Floats, Values
    from driftkit.states.kernels.choice import Kernels
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.frequencies import Frequencies
    from driftkit.states.profile.types import TypeCounts

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
        further: what a block of numbers says of the states by which statistics are looked at
            that statistics.json has not.
    """

    kernels: Kernels
    row_order: bool = False
    domain: frozenset[str] = field(default_factory=frozenset)
    distinct: Registers | None = None
    further: Mapping[str, Callable[[Block], Any]] = field(default_factory=dict)


def with_counts(
    state: ColumnState, types: TypeCounts, registers: Bytes, frequencies: Frequencies
) -> ColumnState:
    """The state after values of these types and frequencies, whose numbers are yet to be taken.

    Args:
        state: of the rows before.
        types: of the values.
        registers: the state's, raised by the values.
        frequencies: of the values.
    """
    return replace(
        state,
        types=state.types + types,
        distinct=Registers(values=registers),
        frequencies=state.frequencies + frequencies,
    )


def with_numbers(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after some numbers of any width, in row order."""
    return replace(state, **seen(state, values, reading))


def seen(state: ColumnState, values: Values, reading: Reading) -> dict[str, Any]:
    """What some numbers of any width, in row order, make of those states that numbers change."""
    given = len(values)
    moments, lowest, highest, more = _seen(values, state.moments, reading)
    if not isfinite(lowest) or not isfinite(highest):
        values = values[np.isfinite(values)]
        moments, lowest, highest, more = _seen(values, state.moments, reading)
    # Adding 0.0 makes -0.0 to 0.0: which of the two came first would depend on the split.
    bounds = Extremes(minimum=lowest + 0.0, maximum=highest + 0.0) if len(values) else Extremes()
    return {
        "moments": moments,
        "extremes": state.extremes + bounds,
        "sketch": reading.kernels.extended(state.sketch, _narrowed(values, max(-lowest, highest))),
        "non_finite": state.non_finite + given - len(values),
        **{name: getattr(state, name) + part for name, part in more.items()},
    }


def _seen(
    values: Values, before: Moments, reading: Reading
) -> tuple[Moments, float, float, dict[str, Any]]:
    """Moments, bounds and further states, a block at a time so that it is read from memory once."""
    inside, lowest, highest = MOMENTS.empty, inf, -inf
    more = {name: STATES[name].empty for name in reading.further}
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
            inside += Moments(n=part.n, total=part.total, average=part.average, m2=part.m2)
            for name, of_block in reading.further.items():
                more[name] += of_block(part)
    return before + inside, lowest, highest, more


def _block(values: Floats) -> Block:
    total = float(_sum(values))
    average = total / len(values)
    deviations = values - average
    squares = np.square(deviations)
    return Block(len(values), total, average, deviations, squares, float(_sum(squares)))


def _narrowed(values: Values, size: float) -> Values:
    short = values.dtype.kind in "iu" and size < _SHORT
    return values.astype(np.int32, copy=False) if short else values
