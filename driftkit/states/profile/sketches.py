"""How quantile sketches are kept, checked, and added up many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, pairwise
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import values_of
from driftkit.states.kernels.choice import merging_kernels
from driftkit.states.profile.compactors import CAPACITIES
from driftkit.states.profile.kll import KllSketch, SketchStack
from driftkit.states.profile.state_table import any_of, running
from driftkit.states.schemas import COUNTS, LEVELS, Field, StateSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding

# Columns are shared out so many times, as a thread may have to wait for others of the machine.
_TURNS = 3
# A sketch of more levels stands for more rows than a table can have.
MOST_LEVELS = 48
_CAPACITIES = np.cumsum([0, *CAPACITIES])


def joined_sketches(stacks: Sequence[SketchStack], share: float = 1.0) -> list[KllSketch]:
    """The sum of each stack from left to right, bit by bit.

    Args:
        stacks: of sketches that are not empty.
        share: the part that they are of all that will be added up.
    """
    loops, threads = merging_kernels(int(sum(stack.held for stack in stacks) / share))
    if threads == 1:
        return loops.merged(stacks)
    size = ceil(len(stacks) / (threads * _TURNS)) or 1
    shares = [stacks[first : first + size] for first in range(0, len(stacks), size)]
    with ThreadPoolExecutor(threads) as pool:
        return list(chain.from_iterable(pool.map(loops.merged, shares)))


def _decoded(batch: pa.RecordBatch) -> Iterator[KllSketch]:
    levels = batch.column("levels")
    outer, inner = levels.offsets.to_pylist(), levels.values.offsets.to_pylist()
    values = values_of(levels.values.values)
    often = batch.column("compactions").to_pylist()
    # The values stay where they are.
    for (start, stop), compactions in zip(pairwise(outer), often, strict=True):
        bounds = pairwise(inner[start : stop + 1])
        yield KllSketch(
            levels=tuple(values[first:last] for first, last in bounds),
            compactions=tuple(compactions),
        )


def _merged(table: StateTable) -> Iterator[KllSketch]:
    stacks = []
    for index, sketches in enumerate(zip(*(each.sketches() for each in table.levels), strict=True)):
        filled = [(number, *sketch) for number, sketch in enumerate(sketches) if sketch]
        stack = SketchStack(
            values=[values for _, values, _ in filled],
            sizes=[sizes for _, _, sizes in filled],
            compactions=_compactions(table, filled[0][0], index) if filled else (),
        )
        stacks.append(stack)
    joined = iter(joined_sketches([stack for stack in stacks if stack.values], table.share))
    for index, stack in enumerate(stacks):
        yield next(joined) if stack.values else _last_empty(table, index)


def _last_empty(table: StateTable, index: int) -> KllSketch:
    """The last table's sketch of a column whose sketches are all empty."""
    return KllSketch(
        levels=tuple(np.empty(0) for _ in range(table.levels[-1].heights[index])),
        compactions=_compactions(table, table.shape[0] - 1, index),
    )


def _compactions(table: StateTable, number: int, index: int) -> tuple[int, ...]:
    [often] = table.array("compactions").slice(number * table.shape[1] + index, 1).to_pylist()
    return tuple(often)


def _check(table: StateTable) -> Iterator[Finding]:
    heights = np.concatenate([each.heights for each in table.levels])
    yield "levels", f"1 to {MOST_LEVELS} levels", (heights < 1) | (heights > MOST_LEVELS)
    compactions, often = table.lists("compactions")
    yield "compactions", "a count for each level", np.diff(often) != heights
    yield "compactions", "no negative counts", any_of(values_of(compactions) < 0, often)
    held = np.concatenate([np.diff(each.starts) for each in table.levels])
    yield "levels", "no more values than a sketch holds", held > _CAPACITIES[heights]
    sizes = np.concatenate([each.sizes for each in table.levels]).astype(np.int64)
    level = np.arange(len(sizes)) - np.repeat(often[:-1], heights)
    stands_for = np.diff(running(sizes << level)[often])
    yield "levels", "values that stand for all finite ones", stands_for != table.numbers("finite")
    low, high = table.known("minimum"), table.known("maximum")
    bounds = zip(table.levels, pairwise(table.starts.tolist()), strict=True)
    outside = [each.outside(low[i:j], high[i:j]) for each, (i, j) in bounds]
    yield "levels", "numbers from minimum to maximum", np.concatenate(outside)


SKETCHES = StateSchema(
    empty=KllSketch(),
    fields=(Field(name="levels", type=LEVELS), Field(name="compactions", type=COUNTS)),
    encode=lambda sketch: [sketch.levels, list(sketch.compactions)],
    decode=_decoded,
    check=_check,
    merge=_merged,
)
