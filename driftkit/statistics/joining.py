"""Adds up the states of many tables at once: what `+` from left to right gives, only sooner.

A year of hours is thousands of states of dozens of columns. Here they are added up kind by kind, as
they stand in their files, and only the sum is taken apart.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.types import InferredType
from driftkit.statistics.column import ColumnState
from driftkit.statistics.distinct import Registers
from driftkit.statistics.extremes import Extremes
from driftkit.statistics.joining_counts import joined_frequencies
from driftkit.statistics.kernels.choice import merging_kernels
from driftkit.statistics.moments import Moments
from driftkit.statistics.presence import Presence
from driftkit.statistics.sheets import Sheets
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from driftkit.statistics.arrays import Floats, Integers
    from driftkit.statistics.kll import KllSketch
    from driftkit.statistics.stack import Stack

_COUNTS = ("present", "missing", "integral", "fractional", "boolean", "string", "non_finite")
# Columns are shared out so many times, as a thread may have to wait for others of the machine.
_TURNS = 3


def joined_columns(batches: Sequence[pa.RecordBatch], share: float = 1.0) -> list[ColumnState]:
    """The sums of the columns' states from left to right.

    Args:
        batches: at least one, with the same columns in the same order.
        share: the part that they are of all that will be added up.
    """
    if not batches[0].num_rows:
        return []
    sheets = Sheets(batches)
    parts = zip(
        batches[0].column("name").to_pylist(),
        batches[0].column("declared").to_pylist(),
        zip(*(sheets.numbers(name).sum(axis=0).tolist() for name in _COUNTS), strict=True),
        _moments(sheets),
        _extremes(sheets),
        _sketches(sheets, share),
        sheets.registers().max(axis=0),
        joined_frequencies(sheets),
        strict=True,
    )
    return [
        ColumnState(
            name=name,
            declared=None if declared is None else InferredType(declared),
            presence=Presence(present=counts[0], missing=counts[1]),
            types=TypeCounts(
                integral=counts[2], fractional=counts[3], boolean=counts[4], string=counts[5]
            ),
            moments=moments,
            extremes=extremes,
            sketch=sketch,
            distinct=Registers(values=registers),
            frequencies=frequencies,
            non_finite=counts[6],
        )
        for name, declared, counts, moments, extremes, sketch, registers, frequencies in parts
    ]


def joined_sketches(stacks: Sequence[Stack], share: float = 1.0) -> list[KllSketch]:
    """The sum of each stack from left to right, bit by bit."""
    loops, threads = merging_kernels(int(sum(stack.held for stack in stacks) / share))
    if threads == 1:
        return loops.merged(stacks)
    size = ceil(len(stacks) / (threads * _TURNS)) or 1
    shares = [stacks[first : first + size] for first in range(0, len(stacks), size)]
    with ThreadPoolExecutor(threads) as pool:
        return list(chain.from_iterable(pool.map(loops.merged, shares)))


def _sketches(sheets: Sheets, share: float) -> Iterator[KllSketch]:
    stacks = sheets.stacks()
    joined = iter(joined_sketches([stack for stack in stacks if stack is not None], share))
    for place, stack in enumerate(stacks):
        yield sheets.empty_sketch(place) if stack is None else next(joined)


def _moments(sheets: Sheets) -> Iterator[Moments]:
    counts = sheets.numbers("finite")
    parts = np.stack([sheets.numbers(name) for name in ("sum", "average", "m2")], axis=1)
    n, sums = counts[0], parts[0]
    # As with Python's numbers, what overflows is infinite.
    with np.errstate(all="ignore"):
        for more, others in zip(counts[1:], parts[1:], strict=True):
            both = _both(n, sums, more, others)
            sums = np.where(n == 0, others, np.where(more == 0, sums, both))
            n = n + more
    for count, (total, average, m2) in zip(n.tolist(), sums.T.tolist(), strict=True):
        yield Moments(n=count, total=total, average=average, m2=m2)


def _both(n: Integers, sums: Floats, more: Integers, others: Floats) -> Floats:
    """The same operations in the same order as those of Moments."""
    delta = others[1] - sums[1]
    delta_n = delta / (n + more)
    return np.stack(
        [
            sums[0] + others[0],
            sums[1] + delta_n * more,
            sums[2] + others[2] + delta * delta_n * n * more,
        ]
    )


def _extremes(sheets: Sheets) -> Iterator[Extremes]:
    lowest, highest = sheets.known_numbers("minimum"), sheets.known_numbers("maximum")
    columns = np.arange(lowest.shape[1])
    none = np.logical_and.reduce(np.isnan(lowest)).tolist()
    # Of zeros of both signs, the first one stays.
    minima = lowest[np.where(np.isnan(lowest), np.inf, lowest).argmin(axis=0), columns]
    maxima = highest[np.where(np.isnan(highest), -np.inf, highest).argmax(axis=0), columns]
    for nothing, low, high in zip(none, minima.tolist(), maxima.tolist(), strict=True):
        yield Extremes() if nothing else Extremes(minimum=low, maximum=high)
