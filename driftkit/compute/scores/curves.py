"""The curves of all ranges: their sums added up, their points in one row."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import numpy as np

from driftkit.statistics.quality.curves import POINTS_SHOWN, Curves
from driftkit.statistics.quality.rank_sums import RankSums
from driftkit.statistics.quality.score_levels import CurvePart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.compute.scores.ranges import RangeResult, Ranges

# Points that are kept in memory: 16 MB.
HELD_POINTS = 2**20


def curves(ranges: Ranges, *, every_point: bool) -> Curves:
    """The curves of all ranges.

    Args:
        ranges: of the scores.
        every_point: whether the file has each distinct score, or at most 1,000 of them.
    """
    results = ranges.results()
    total = RankSums()
    for result in results:
        total += result.sums
    offsets = _offsets(results)
    if every_point:
        points = _every_point(ranges, offsets, total.levels)
    else:
        shown = [
            results[number].points.shifted(*offset)
            for number, offset in reversed(list(enumerate(offsets)))
        ]
        points = _together(shown).thinned(POINTS_SHOWN)
    return Curves.of(total, points, trapezoids=every_point)


def _offsets(results: Sequence[RangeResult]) -> list[tuple[int, int]]:
    """Positives and negatives above each range."""
    offsets, positives, negatives = [], 0, 0
    for result in reversed(results):
        offsets.append((positives, negatives))
        positives += result.sums.whole.positives
        negatives += result.sums.whole.negatives
    return offsets[::-1]


def _together(parts: Sequence[CurvePart]) -> CurvePart:
    return CurvePart(
        true_positives=np.concatenate([part.true_positives for part in parts]),
        false_positives=np.concatenate([part.false_positives for part in parts]),
    )


def _every_point(ranges: Ranges, offsets: Sequence[tuple[int, int]], levels: int) -> CurvePart:
    """All points, on disk where they are many; one range is in memory at a time."""
    whole = CurvePart(true_positives=_long(levels), false_positives=_long(levels))
    start = 0
    for number in reversed(range(len(offsets))):
        part = ranges.all_points(number).shifted(*offsets[number])
        stop = start + part.true_positives.size
        whole.true_positives[start:stop] = part.true_positives
        whole.false_positives[start:stop] = part.false_positives
        start = stop
    return whole


def _long(size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if size <= HELD_POINTS:
        return np.zeros(size, dtype=np.int64)
    # The file has no name any more; it goes when the array goes.
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype=np.int64, mode="w+", shape=(size,))
