"""What a score means: the chance of the positive label, learnt from rows with labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers


TENTHS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibrator:
    """Isotonic regression of labels on scores, from counts of each score.

    Attributes:
        scores: ascending.
        positives: rows of each score whose label is the positive one.
        rows: all of its rows, at least one.
    """

    scores: Floats
    positives: Floats
    rows: Floats

    @cached_property
    def _blocks(self) -> Integers:
        """The first score of each block of equal chances, and the end of the last."""
        return _pooled(self.positives, self.rows)

    @cached_property
    def chances(self) -> Floats:
        """The chance of the positive label at each score."""
        starts = self._blocks[:-1]
        shares = np.add.reduceat(self.positives, starts) / np.add.reduceat(self.rows, starts)
        return np.repeat(shares, np.diff(self._blocks))

    def compact(self) -> Calibrator:
        """The same of the fewest scores: the first and the last of each block of equal chances.

        The first score of a block has no smaller share of positives than its others, or it would
        stand alone; so the two are pooled again.
        """
        first, last = self._blocks[:-1], self._blocks[1:] - 1
        kept = np.unique(np.concatenate([first, last]))
        # What lies within a block goes to its last score.
        starts = np.minimum(np.concatenate([[-1], kept[:-1]]) + 1, kept)
        return Calibrator(
            scores=self.scores[kept],
            positives=np.add.reduceat(self.positives, starts),
            rows=np.add.reduceat(self.rows, starts),
        )

    def at(self, scores: ArrayLike) -> Floats:
        """The chances at any scores: linear between those that are known, level beyond them.

        >>> known = Calibrator(
        ...     scores=np.array([0.1, 0.5, 0.9]),
        ...     positives=np.array([1.0, 0.0, 9.0]),
        ...     rows=np.array([10.0, 10.0, 10.0]),
        ... )
        >>> known.at([0.0, 0.5, 0.7]).round(3).tolist()
        [0.05, 0.05, 0.475]
        """
        return np.interp(np.asarray(scores, dtype=np.float64), self.scores, self.chances)

    def block_of(self, scores: ArrayLike) -> Integers:
        """The block of equal chances in which scores are, or the next one above them."""
        lasts = self.scores[self._blocks[1:] - 1]
        found = np.searchsorted(lasts, np.asarray(scores, dtype=np.float64))
        return np.minimum(found, len(lasts) - 1)

    def tenth_of(self, scores: ArrayLike) -> Integers:
        """The tenth of what its labels can tell in which scores are, from 0 on."""
        return np.searchsorted(self._tenths, np.asarray(scores, dtype=np.float64))

    @cached_property
    def _tenths(self) -> Floats:
        """The score at which each tenth but the last ends."""
        told = np.cumsum(self.spread_at(self.scores) * self.rows)
        ends = np.searchsorted(told, told[-1] * np.arange(1, TENTHS) / TENTHS)
        return np.asarray(self.scores[ends])

    @cached_property
    def block_variances(self) -> Floats:
        """How sure the chance of each block is; a block of one class is not quite sure of it."""
        share, rows = self._not_quite_sure
        return np.asarray(share * (1 - share) / rows)

    @cached_property
    def block_spreads(self) -> Floats:
        """The variance of one label of each block."""
        share, _ = self._not_quite_sure
        return np.asarray(share * (1 - share))

    @cached_property
    def tenths_of_blocks(self) -> Floats:
        """Blocks by tenths: 1 where a block ends in a tenth, else 0."""
        ends = self.scores[self._blocks[1:] - 1]
        return np.eye(TENTHS)[self.tenth_of(ends)]

    def spread_at(self, scores: ArrayLike) -> Floats:
        """The variance of one label at any scores, where none is quite sure either."""
        rows = self._not_quite_sure[1][self.block_of(scores)]
        chances = np.clip(self.at(scores), 0.5 / (rows + 1), (rows + 0.5) / (rows + 1))
        return np.asarray(chances * (1 - chances))

    @cached_property
    def _not_quite_sure(self) -> tuple[Floats, Floats]:
        """The share of positives in each block, half a row of either class added, and its rows."""
        starts = self._blocks[:-1]
        rows = np.add.reduceat(self.rows, starts)
        return (np.add.reduceat(self.positives, starts) + 0.5) / (rows + 1), rows


def _pooled(positives: Floats, rows: Floats) -> Integers:
    """Where blocks begin once neighbours that fall are pooled (Ayer and others 1955)."""
    starts: list[int] = []
    sums: list[tuple[float, float]] = []
    for at, each in enumerate(zip(positives.tolist(), rows.tolist(), strict=True)):
        start, (hits, among) = at, each
        while sums and sums[-1][0] * among >= hits * sums[-1][1]:
            more, rows_more = sums.pop()
            start, hits, among = starts.pop(), hits + more, among + rows_more
        starts.append(start)
        sums.append((hits, among))
    return np.array([*starts, len(rows)], dtype=np.int64)
