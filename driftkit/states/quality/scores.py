"""The state behind curves and AUC: every distinct score with its positives and negatives, sorted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from driftkit.native.arrays import Floats, Hashes, Integers

_EMPTY = np.zeros(0, dtype=np.uint64)
# Doubles from 0 to 1 leave their two highest bits unused: room for the class at the other end.
_ROOM = np.uint64(2)
_CLASS = np.uint64(1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Probabilities from 0 to 1 of positives and negatives; states add up.

    Attributes:
        keys: distinct and ascending; a score's bits, two places to the left, plus 1 for
            positives. So one sort orders scores and, within a score, negatives before positives.
        counts: rows of each key; None where all are 1, which saves half of the memory where
            scores are continuous.
    """

    keys: Hashes = field(default_factory=lambda: _EMPTY)
    counts: Integers | None = None

    @classmethod
    def from_probabilities(cls, probabilities: Floats, positive: NDArray[np.bool_]) -> Scores:
        """The state of some rows.

        Args:
            probabilities: finite, from 0 to 1.
            positive: whether the label is the positive one.
        """
        # Adding zero makes -0.0 a 0.0.
        keys = (probabilities + 0.0).view(np.uint64) << _ROOM
        keys |= positive.astype(np.uint64)
        keys.sort()
        return cls._compressed(keys, None)

    def __add__(self, other: Scores) -> Scores:
        if not self.keys.size or not other.keys.size:
            return self if self.keys.size else other
        keys = np.concatenate([self.keys, other.keys])
        if self.counts is None and other.counts is None:
            keys.sort()
            return self._compressed(keys, None)
        counts = np.concatenate([self._all_counts(), other._all_counts()])
        order = np.argsort(keys, kind="stable")
        return self._compressed(keys[order], counts[order])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scores):
            return NotImplemented
        same = np.array_equal(self.keys, other.keys)
        return same and np.array_equal(self._all_counts(), other._all_counts())

    __hash__ = None  # type: ignore[assignment]

    @property
    def rows(self) -> int:
        """All rows."""
        return self.keys.size if self.counts is None else int(self.counts.sum())

    @property
    def values(self) -> Floats:
        """The score of each key."""
        return (self.keys >> _ROOM).view(np.float64)

    @property
    def positive(self) -> NDArray[np.bool_]:
        """The class of each key."""
        return (self.keys & _CLASS).astype(np.bool_)

    def quantiles(self, count: int) -> Floats:
        """Scores at evenly spaced ranks, by which ranges of about equal size are chosen."""
        if not self.keys.size:
            return np.zeros(0)
        at = np.linspace(0, self.keys.size - 1, count).astype(np.int64)
        return (self.keys[at] >> _ROOM).view(np.float64)

    def split(self, bounds: Sequence[float]) -> tuple[Scores, ...]:
        """The parts below the first bound, from the first to below the second, and so on."""
        edges = (np.array(bounds, dtype=np.float64) + 0.0).view(np.uint64) << _ROOM
        cuts = [0, *np.searchsorted(self.keys, edges).tolist(), self.keys.size]
        return tuple(self._part(*cut) for cut in itertools.pairwise(cuts))

    def blocks(self, size: int) -> Iterator[Scores]:
        """The same in pieces of about `size` keys, no score in two of them."""
        start = 0
        while start < self.keys.size:
            stop = min(start + size, self.keys.size)
            if stop < self.keys.size and self.keys[stop - 1] | _CLASS == self.keys[stop] | _CLASS:
                stop += 1
            yield self._part(start, stop)
            start = stop

    def _part(self, start: int, stop: int) -> Scores:
        counts = None if self.counts is None else self.counts[start:stop]
        return Scores(keys=self.keys[start:stop], counts=counts)

    def _all_counts(self) -> Integers:
        return np.ones(self.keys.size, dtype=np.int64) if self.counts is None else self.counts

    @classmethod
    def _compressed(cls, keys: Hashes, counts: Integers | None) -> Scores:
        first = np.empty(keys.size, dtype=np.bool_)
        first[:1] = True
        np.not_equal(keys[1:], keys[:-1], out=first[1:])
        if first.all():
            return cls(keys=keys, counts=counts)
        starts = np.flatnonzero(first)
        if counts is None:
            rows = np.diff(starts, append=keys.size)
        else:
            rows = np.add.reduceat(counts, starts)
        return cls(keys=keys[starts], counts=rows)
