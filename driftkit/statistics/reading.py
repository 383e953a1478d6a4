"""How the values of a chunk are taken into a column's state, whatever their type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.statistics.extremes import Extremes
from driftkit.statistics.moments import Moments

if TYPE_CHECKING:
    from driftkit.statistics.arrays import Floats, Values
    from driftkit.statistics.column import ColumnState
    from driftkit.statistics.kernels.choice import Kernels

# Blocks of this many doubles stay in a core's cache.
BLOCK = 16_384
# Integers of 4 bytes are sorted faster than those of 8, or doubles.
_SHORT = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is asked of a column.

    Attributes:
        kernels: the loops over values.
        row_order: whether sums and deviations run value by value in row order.
        domain: values to be counted however many others there are.
    """

    kernels: Kernels
    row_order: bool = False
    domain: frozenset[str] = field(default_factory=frozenset)


def with_numbers(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after some numbers of any width, in row order."""
    given = len(values)
    moments, lowest, highest = _seen(values, state.moments, reading)
    if not np.isfinite(lowest) or not np.isfinite(highest):
        values = values[np.isfinite(values)]
        moments, lowest, highest = _seen(values, state.moments, reading)
    if not len(values):
        return replace(state, non_finite=state.non_finite + given)
    return replace(
        state,
        moments=moments,
        # Adding 0.0 makes -0.0 to 0.0: which of the two came first would depend on the split.
        extremes=state.extremes + Extremes(minimum=lowest + 0.0, maximum=highest + 0.0),
        sketch=state.sketch.extended(_narrowed(values, max(-lowest, highest))),
        non_finite=state.non_finite + given - len(values),
    )


def in_blocks(values: Floats) -> Moments:
    """Moments of values, added up block by block."""
    starts = range(0, len(values), BLOCK)
    return sum((_of_block(values[start : start + BLOCK]) for start in starts), start=Moments())


def _seen(values: Values, before: Moments, reading: Reading) -> tuple[Moments, float, float]:
    """Moments and bounds, a block at a time so that it is read from memory once."""
    inside, lowest, highest = Moments(), np.float64(np.inf), np.float64(-np.inf)
    # NaN and numbers near the largest double are dealt with by the caller, not by warnings.
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values), BLOCK):
            block = np.asarray(values[start : start + BLOCK], np.float64)
            lowest, highest = np.minimum(lowest, block.min()), np.maximum(highest, block.max())
            if reading.row_order:
                before = reading.kernels.sequential(block, before)
            else:
                inside += _of_block(block)
    return before + inside, float(lowest), float(highest)


def _of_block(block: Floats) -> Moments:
    total = float(block.sum())
    average = total / len(block)
    deviations = block - average
    np.square(deviations, out=deviations)
    return Moments(n=len(block), total=total, average=average, m2=float(deviations.sum()))


def _narrowed(values: Values, size: float) -> Values:
    short = values.dtype.kind in "iu" and size < _SHORT
    return values.astype(np.int32, copy=False) if short else values
