"""Sums the Shapley values of rows over the leaves of trees, compiled; see `leaves`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.native.jit import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Sets: TypeAlias = NDArray[np.uint16]
    Integers: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]


@jit
def add_leaves(
    rows: tuple[Floats, Sets],
    leaves: tuple[Integers, Integers],
    conditions: tuple[Integers, Floats, Floats, Flags],
    tables: tuple[Floats, Integers],
    values: Floats,
) -> None:
    """Adds the Shapley values of all leaves.

    Args:
        rows: their columns, a row a feature; and room for a number a row.
        leaves: their outputs, and where their conditions begin.
        conditions: features, numbers that they are greater than, largest numbers, and whether
            missing values go along.
        tables: for each leaf, condition and set of conditions met a value, and where leaves begin.
        values: added to; shape (outputs, features, rows).
    """
    columns, sets = rows
    outputs, starts = leaves
    features, above, most, missing = conditions
    numbers, indices = tables
    for leaf in range(len(outputs)):
        count = starts[leaf + 1] - starts[leaf]
        sets[:] = 0
        for player in range(count):
            condition = starts[leaf] + player
            column = columns[features[condition]]
            low, high, gone = above[condition], most[condition], missing[condition]
            bit = np.uint16(1 << player)
            for row in range(len(column)):
                value = column[row]
                met = (value <= high and not value <= low) or (gone and value != value)  # noqa: PLR0124
                sets[row] |= bit if met else np.uint16(0)
        for player in range(count):
            target = values[outputs[leaf], features[starts[leaf] + player]]
            first = indices[leaf] + (player << count)
            table = numbers[first : first + (1 << count)]
            for row in range(len(target)):
                target[row] += table[sets[row]]
