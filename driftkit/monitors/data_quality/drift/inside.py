"""Finds features that moved inside a baseline, whose days are two references then and not one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.monitors.data_quality.drift.counting import (
    block_counts,
    rows_in_none,
    whole_counts,
)
from driftkit.monitors.data_quality.drift.units import UNITS
from driftkit.results.verdicts import how_far

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.states import States

# Of a baseline in which nothing moved, one in a thousand is told of.
_RATE = 0.001


def counted(states: States, many: set[str]) -> tuple[CellCounts | None, tuple[str, ...]]:
    """The counts of a baseline's blocks of time, and what is to be said of them, a line each.

    Said are rows in none of them, and features that moved in them.

    Args:
        states: of the baseline.
        many: features that statistics.json does not tell the values of; where they were counted,
            all rows are a block if there are no others.

    Returns:
        None where statistics.json tells as much.
    """
    blocks, table = states.blocks(), states.table
    if blocks is None:
        whole = whole_counts(table)
        return (None if many.isdisjoint(grid.name for grid in whole.grids) else whole), ()
    counts = block_counts(blocks, table)
    aside = rows_in_none(blocks)
    return counts, (*([aside] if aside else []), *_moved(counts))


def _moved(counts: CellCounts) -> Iterator[str]:
    """A line for each feature that moved, with the day from which on it did."""
    # Who counts all rows as one block judges no days.
    from driftkit.comparison.detection.changes import LEAST, changes  # noqa: PLC0415
    from driftkit.monitors.data_quality.drift.judging import day_scores  # noqa: PLC0415

    if len(counts.blocks) < 2 * LEAST or not counts.grids:
        return
    form = UNITS[counts.unit or "day"].form
    for some, scores in day_scores(counts, np.ones(counts.missing.shape, np.bool_)):
        found = changes(scores)
        for row, index in enumerate(some):
            start = counts.blocks[int(found.day[row])].start
            if found.p[row] > _RATE / len(counts.grids) or start is None:
                continue
            far = how_far(found.kind[row], float(found.effect[row]))
            yield (
                f"column {counts.grids[index].name} moved inside the baseline, on {start:{form}}: "
                f"{found.kind[row]} {far}; judge later days by a baseline of the days since"
            )
