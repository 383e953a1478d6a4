"""Ranges of scores: where they are cut, what is kept of each, and the curves of all of them."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from driftkit.states.quality.curves import POINTS_SHOWN, Curves
from driftkit.states.quality.rank_sums import RankSums
from driftkit.states.quality.score_levels import CurvePart, Levels
from driftkit.states.quality.scores import Scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats

    Sample = tuple[Floats, int]

# Keys of a range: 16 MB, and a few times as much while it is summed up.
RANGE_KEYS = 2**21
QUANTILES = 257
# Points that are kept in memory: 16 MB.
HELD_POINTS = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeResult:
    """What is kept of a range of scores.

    Attributes:
        sums: of the range.
        points: of the curves, at most 1,000 of them, counted from the top of the range.
    """

    sums: RankSums
    points: CurvePart

    @classmethod
    def from_scores(cls, parts: Sequence[Scores]) -> RangeResult:
        """The result of a range that several units have parts of."""
        scores = merged(parts)
        points = CurvePart.from_levels(Levels.from_scores(scores)).thinned(POINTS_SHOWN)
        return cls(sums=RankSums.from_scores(scores), points=points)


class Ranges(Protocol):
    """Scores cut into ranges, ascending."""

    def results(self) -> Sequence[RangeResult]:
        """The result of every range."""

    def all_points(self, number: int) -> CurvePart:
        """Every point of one range, counted from its top."""


def merged(parts: Sequence[Scores]) -> Scores:
    """The scores of several parts, merged two by two."""
    level = list(parts) or [Scores()]
    while len(level) > 1:
        pairs = zip(level[::2], [*level[1::2], Scores()], strict=False)
        level = [first + second for first, second in pairs]
    return level[0]


def sample(scores: Scores) -> Sample:
    """Scores at evenly spaced ranks, and the number of all keys."""
    return scores.quantiles(QUANTILES), scores.keys.size


def bounds_of(samples: Sequence[Sample], range_keys: int = RANGE_KEYS) -> list[float]:
    """Scores that cut all keys into ranges of about the wanted size.

    Args:
        samples: of each unit.
        range_keys: the wanted size.
    """
    keys = sum(size for _, size in samples)
    count = math.ceil(keys / range_keys)
    if count < 2:
        return []
    values = np.concatenate([quantiles for quantiles, _ in samples])
    weights = np.concatenate([np.full(q.size, size / max(q.size, 1)) for q, size in samples])
    order = np.argsort(values, kind="stable")
    ranks = np.cumsum(weights[order])
    wanted = ranks[-1] * np.arange(1, count) / count
    cuts = values[order][np.searchsorted(ranks, wanted)]
    return sorted(set(cuts.tolist()))


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
    return Curves.from_sums(total, points, trapezoids=every_point)


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
