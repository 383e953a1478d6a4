"""How far the features that are surest not ordinary were day by day, those days that were told among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.formats.drift import Course
from driftkit.monitors.data_quality.drift.judging import day_scores, nearest_score
from driftkit.monitors.data_quality.drift.units import FEW_ROWS, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Truths
    from driftkit.comparison.detection.day_scores import DayScores
    from driftkit.formats.drift import Test
    from driftkit.monitors.data_quality.drift.judging import Days
    from driftkit.states.cells.counted import CellCounts

# Features whose days are drawn, and the last of their days.
_FEATURES, _SHOWN = 25, 60


def surest(found: Sequence[Test | None]) -> list[int]:
    """The indices of the features that are surest not ordinary."""
    told = [(each.p_value, i) for i, each in enumerate(found) if each and each.significant]
    return [index for _, index in sorted(told)[:_FEATURES]]


def with_courses(
    found: Sequence[Test | None], chosen: Sequence[int], days: Days, counts: CellCounts
) -> list[Test | None]:
    """The tests of the last day, some with how far the days before it were.

    Args:
        found: a test for each feature.
        chosen: the indices of those features.
        days: by which the last one was judged.
        counts: of those features on these days and all others, in the order of time.
    """
    starts = {days.counts.blocks[index].start for index in np.flatnonzero(days.reference)}
    ordinary = np.array([block.start in starts for block in counts.blocks])
    known = (counts.present + counts.missing >= FEW_ROWS) & ordinary
    tests = list(found)
    for some, scores in day_scores(counts, known):
        for row, index in enumerate(some):
            test = found[chosen[index]]
            if test is not None and known[index].any():
                course = _course(test, scores, row, known[index], counts)
                tests[chosen[index]] = replace(test, course=course)
    return tests


def _course(
    test: Test, scores: DayScores, row: int, reference: Truths, counts: CellCounts
) -> Course | None:
    found = nearest_score(test.kind, test.effect or 0.0, scores, row, reference)
    if found is None:
        return None
    at, moved = found
    usual = moved[reference & scores.known[row, :, at]]
    shown = np.flatnonzero(scores.known[row, :, at])[-_SHOWN:].tolist()
    if not len(usual) or not shown:
        return None
    form = UNITS[counts.unit or "day"].form
    starts = [counts.blocks[index].start for index in shown]
    return Course(
        blocks=tuple(f"{start:{form}}" if start else "" for start in starts),
        effects=tuple(moved[shown].tolist()),
        lower=float(usual.min()),
        upper=float(usual.max()),
    )
