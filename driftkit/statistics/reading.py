"""How the values of a chunk are taken into a column's state, whatever their type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from driftkit.statistics.extremes import Extremes
from driftkit.statistics.moments import Moments

if TYPE_CHECKING:
    from driftkit.statistics.arrays import Floats, Values
    from driftkit.statistics.column import ColumnState
    from driftkit.statistics.distinct import Registers
    from driftkit.statistics.kernels.choice import Kernels
    from driftkit.statistics.kll import KllSketch

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
    """

    kernels: Kernels
    row_order: bool = False
    domain: frozenset[str] = field(default_factory=frozenset)
    distinct: Registers | None = None


class Seen(NamedTuple):
    """What numbers make of a column's state; see there."""

    moments: Moments
    extremes: Extremes
    sketch: KllSketch
    non_finite: int


def with_numbers(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after some numbers of any width, in row order."""
    return replace(state, **seen(state, values, reading)._asdict())


def seen(state: ColumnState, values: Values, reading: Reading) -> Seen:
    """What some numbers of any width make of a state, in row order."""
    given = len(values)
    moments, lowest, highest = _seen(values, state.moments, reading)
    if not isfinite(lowest) or not isfinite(highest):
        values = values[np.isfinite(values)]
        moments, lowest, highest = _seen(values, state.moments, reading)
    if not len(values):
        return Seen(state.moments, state.extremes, state.sketch, state.non_finite + given)
    return Seen(
        moments,
        # Adding 0.0 makes -0.0 to 0.0: which of the two came first would depend on the split.
        state.extremes + Extremes(minimum=lowest + 0.0, maximum=highest + 0.0),
        reading.kernels.extended(state.sketch, _narrowed(values, max(-lowest, highest))),
        state.non_finite + given - len(values),
    )


def in_blocks(values: Floats) -> Moments:
    """Moments of values, added up block by block."""
    starts = range(0, len(values), BLOCK)
    return sum((_of_block(values[start : start + BLOCK]) for start in starts), start=Moments())


def _seen(values: Values, before: Moments, reading: Reading) -> tuple[Moments, float, float]:
    """Moments and bounds, a block at a time so that it is read from memory once."""
    inside, lowest, highest = Moments(), inf, -inf
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
            else:
                inside += _of_block(block)
    return before + inside, lowest, highest


def _of_block(block: Floats) -> Moments:
    total = float(_sum(block))
    average = total / len(block)
    deviations = block - average
    np.square(deviations, out=deviations)
    return Moments(n=len(block), total=total, average=average, m2=float(_sum(deviations)))


def _narrowed(values: Values, size: float) -> Values:
    short = values.dtype.kind in "iu" and size < _SHORT
    return values.astype(np.int32, copy=False) if short else values
