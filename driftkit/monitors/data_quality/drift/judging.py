"""Judges each feature of a window: by sampling, and by how the days of a reference differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores, numeric_scores
from driftkit.comparison.detection.expectation import POOLS
from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.comparison.detection.memory import MEMORY, difference
from driftkit.comparison.detection.numbers import NumericReference
from driftkit.formats.drift import RATE, Test
from driftkit.monitors.data_quality.drift.units import FEW_ROWS, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.comparison.arrays import Floats, Integers, Truths
    from driftkit.comparison.detection.day_scores import DayScores
    from driftkit.comparison.detection.evidence import Strongest
    from driftkit.comparison.detection.expectation import Calendar
    from driftkit.monitors.data_quality.drift.calendars import KnownCauses
    from driftkit.states.cells.counted import Block, CellCounts

# Features that are judged at once: with sixty days they take some 20 MB.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The blocks of time by which a window is judged.

    Attributes:
        counts: of all blocks, in the order of time; the last one is judged.
        dates: of each, how many units of time it is after 1970-01-01.
        reference: which of them are the reference.
        causes: known causes of change, where there are some.
    """

    counts: CellCounts
    dates: Integers
    reference: Truths
    causes: KnownCauses | None = None

    @property
    def calendar(self) -> Calendar:
        """What is known of the blocks besides their rows."""
        made = UNITS[self.counts.unit or "day"].calendar(self.dates)
        if self.causes is None:
            return made
        return replace(made, covariates=self.causes.of(self.dates))

    def known_blocks(self) -> list[Block]:
        """The blocks of the reference."""
        pairs = zip(self.counts.blocks, self.reference.tolist(), strict=True)
        return [block for block, of_reference in pairs if of_reference]

    def rows(self) -> Integers:
        """Rows of each feature in each block."""
        return self.counts.present + self.counts.missing

    def known(self) -> Truths:
        """Features by blocks, which of them are a reference for the feature."""
        return (self.rows() >= FEW_ROWS) & self.reference


def differences(baseline: CellCounts, windows: CellCounts) -> list[Test | None]:
    """Whether the last window differs from the baseline beyond sampling, feature by feature.

    Args:
        baseline: in one block.
        windows: on the same cells, in the order of time; the last is judged, together with those
            before it.

    Returns:
        None for features with too few rows.
    """
    kept = windows.only(list(range(len(windows.blocks)))[-max(MEMORY) :])
    found: list[Test | None] = [None] * len(windows.grids)
    for some in _same_shape(windows):
        expected, seen = _cells(baseline, some), _cells(kept, some)
        reference = (
            NumericReference(cells=expected, atoms=_of_cells(baseline, some, "atoms"))
            if windows.grids[some[0]].is_numeric
            else CategoricalReference(
                cells=expected,
                seen_once=_seen_once(baseline, some),
                all_known=windows.grids[some[0]].hashed,
                in_clumps=windows.grids[some[0]].hashed,
            )
        )
        strongest = difference(seen, reference)
        sizes = [size for size in MEMORY if size <= max(1, seen.windows)]
        enough = (seen.rows[:, -1] >= FEW_ROWS) & (expected.rows[:, 0] >= FEW_ROWS)
        for row, index in enumerate(some):
            if enough[row]:
                found[index] = _test(strongest, row, sizes[int(strongest.window[row])])
    return _significant(found)


def unusual_features(days: Days) -> list[Test | None]:
    """Whether the last block is none of the reference's, feature by feature.

    Returns:
        None for features with too few rows or without a reference.
    """
    found: list[Test | None] = [None] * len(days.counts.grids)
    known, rows = days.known(), days.rows()
    for some, scores in day_scores(days.counts, known):
        reference = known[some]
        strongest = unusual(scores, days.dates, reference, calendar=days.calendar)
        enough = (rows[some, -1] >= FEW_ROWS) & (reference.sum(axis=1) > 1)
        for row, index in enumerate(some):
            if enough[row]:
                largest = _largest(scores, strongest, row, reference[row])
                found[index] = _test(strongest, row, int(strongest.window[row]), largest)
    return _significant(found)


def day_scores(counts: CellCounts, known: Truths) -> Iterator[tuple[list[int], DayScores]]:
    """The scores of blocks, for some features at a time, whose indices are given with them.

    Args:
        counts: of the blocks.
        known: features by blocks, which of them are a reference for the feature.
    """
    for some in _same_shape(counts):
        cells = _cells(counts, some)
        if counts.grids[some[0]].is_numeric:
            atoms, far = (_of_cells(counts, some, name) for name in ("atoms", "far"))
            yield some, numeric_scores(cells, known[some], atoms, far=far)
        else:
            hashed = counts.grids[some[0]].hashed
            yield some, categorical_scores(cells, known[some], all_known=hashed)


def last_days() -> int:
    """How many blocks before the judged one are looked at together with it."""
    return max(POOLS)


def nearest_score(
    kind: str, effect: float, scores: DayScores, row: int, reference: Truths
) -> tuple[int, Floats] | None:
    """The score of a kind whose effect on the last day is nearest, and how far it was each day.

    Args:
        kind: of the score.
        effect: of the last day.
        scores: of all days.
        row: of the feature.
        reference: the days from whose mean all are.
    """
    moved = scores.effects[row] - scores.effects[row][reference].mean(axis=0)
    same = [j for j, each in enumerate(scores.kinds) if each == kind and scores.weights[row, j]]
    if not same:
        return None
    nearest = min(same, key=lambda j: abs(moved[-1, j] - effect))
    return nearest, moved[:, nearest]


def _largest(scores: DayScores, strongest: Strongest, row: int, reference: Truths) -> float | None:
    """The largest effect of the strongest kind among the days of the reference."""
    kind, effect = strongest.kind[row], float(strongest.effect[row])
    found = nearest_score(kind, effect, scores, row, reference)
    return None if found is None else float(np.abs(found[1][reference]).max())


def _test(strongest: Strongest, row: int, windows: int, largest: float | None = None) -> Test:
    return Test(
        p_value=float(strongest.p[row]),
        kind=strongest.kind[row],
        effect=float(strongest.effect[row]),
        windows=windows,
        largest=largest,
    )


def _significant(found: Sequence[Test | None]) -> list[Test | None]:
    """The tests with what stands at the false discovery rate over all features."""
    p = np.array([each.p_value for each in found if each is not None])
    stands = iter(benjamini_hochberg(p, RATE).tolist() if len(p) else [])
    return [None if each is None else replace(each, significant=next(stands)) for each in found]


def _same_shape(counts: CellCounts) -> Iterator[list[int]]:
    """Indices of features of one kind, some at a time, those with as many cells together."""
    kinds = [(grid.is_numeric, grid.hashed) for grid in counts.grids]
    for kind in ((True, False), (False, False), (False, True)):
        chosen = [index for index, each in enumerate(kinds) if each == kind]
        chosen.sort(key=lambda index: counts.grids[index].cells)
        yield from (chosen[i : i + _AT_ONCE] for i in range(0, len(chosen), _AT_ONCE))


def _cells(counts: CellCounts, some: Sequence[int]) -> Cells:
    blocks, cells = len(counts.blocks), max(counts.grids[index].cells for index in some)
    stacked = np.zeros((len(some), blocks, cells), np.int64)
    for row, index in enumerate(some):
        stacked[row, :, : counts.grids[index].cells] = counts.counts[index]
    return Cells.of(stacked, counts.missing[some], counts.allowance[some])


def _seen_once(counts: CellCounts, some: Sequence[int]) -> Integers:
    return np.array([counts.grids[each].seen_once(counts.counts[each][0]) for each in some])


def _of_cells(counts: CellCounts, some: Sequence[int], name: str) -> Truths:
    """What grids say of their cells, features by cells."""
    cells = max(counts.grids[index].cells for index in some)
    found = np.zeros((len(some), cells), np.bool_)
    for row, index in enumerate(some):
        grid = counts.grids[index]
        found[row, : grid.cells] = getattr(grid, name)
    return found
