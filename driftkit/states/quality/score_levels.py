"""Distinct scores with their positives and negatives, and the curves of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.quality.scores import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The distinct scores, ascending.

    Attributes:
        positives: rows of each level whose label is the positive one.
        negatives: all other rows of each level.
    """

    positives: Integers
    negatives: Integers

    @classmethod
    def from_scores(cls, scores: Scores) -> Levels:
        """The levels of some scores."""
        return cls.grouped(level_starts(scores), scores, scores.counts)

    @classmethod
    def grouped(cls, starts: Integers | None, scores: Scores, counts: Integers | None) -> Levels:
        """The levels with other counts of the keys than the scores' own.

        Args:
            starts: as `level_starts` gives them.
            scores: whose keys are meant.
            counts: of each key; None for one each.
        """
        positive = scores.positive
        ones = positive.astype(np.int64)
        positives = ones if counts is None else ones * counts
        negatives = (1 - ones) if counts is None else counts - positives
        if starts is None:
            return cls(positives=positives, negatives=negatives)
        if not starts.size:
            return cls(positives=ones[:0], negatives=ones[:0])
        return cls(
            positives=np.add.reduceat(positives, starts),
            negatives=np.add.reduceat(negatives, starts),
        )


def level_starts(scores: Scores) -> Integers | None:
    """Index of each level's first key; None where every key is a level of its own."""
    texts = scores.keys >> np.uint64(1)
    new = np.empty(texts.size, dtype=np.bool_)
    new[:1] = True
    np.not_equal(texts[1:], texts[:-1], out=new[1:])
    return None if new.all() else np.flatnonzero(new)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePart:
    """Points of the curves, from the highest score down; one for each distinct score.

    Attributes:
        true_positives: positives that score at least as high.
        false_positives: negatives that score at least as high.
    """

    true_positives: Integers
    false_positives: Integers

    @classmethod
    def from_levels(cls, levels: Levels) -> CurvePart:
        """The points of a range of scores, counted from its top."""
        return cls(
            true_positives=np.cumsum(levels.positives[::-1]),
            false_positives=np.cumsum(levels.negatives[::-1]),
        )

    def shifted(self, positives_above: int, negatives_above: int) -> CurvePart:
        """The same points with what lies above the range."""
        return CurvePart(
            true_positives=self.true_positives + positives_above,
            false_positives=self.false_positives + negatives_above,
        )

    def thinned(self, most: int) -> CurvePart:
        """At most so many of the points, evenly spaced, the first and the last among them."""
        count = self.true_positives.size
        if count <= most:
            return self
        at = np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))
        return CurvePart(
            true_positives=self.true_positives[at], false_positives=self.false_positives[at]
        )

    def rates(self, positives: int, negatives: int) -> tuple[Floats, Floats]:
        """False and true positive rates; a class without rows has rates of 0, as in Spark."""
        return (
            self.false_positives / negatives if negatives else np.zeros(self.false_positives.size),
            self.true_positives / positives if positives else np.zeros(self.true_positives.size),
        )

    def precisions(self) -> Floats:
        """The share of positives among rows that score at least as high."""
        return self.true_positives / (self.true_positives + self.false_positives)
