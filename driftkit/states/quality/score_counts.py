"""The state behind estimated quality: rows by score, prediction and label, in bounded room."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import values_of
from driftkit.states.quality.values import HIGHEST

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers

# Distinct scores that are kept apart; of more than these the last digits are left out.
MOST_SCORES = 4096
# What is known of a row's label, and with its prediction the column in which it is counted.
UNLABELLED, OTHER, CLASS = 0, 1, 2
KNOWN = 3
COLUMNS = 2 * KNOWN
LAST_LEVEL = 52
# Rows that tell about how many digits can be kept; each score that others can have then has a counter.
_LOOKED_AT = 2**13
_MOST_COUNTERS = 2**19
# The first counter and their number are multiples of it: they can be taken together by pairs, often.
_ALIGNED = 2**6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreCounts:
    """Rows of one class against all others; states add up, exactly, however rows are split.

    Where there are more than 4,096 distinct scores, the last bits of all of them are left out, as
    few as will do. What that is for all rows follows from any parts of them, for a part never has
    more distinct scores than the whole.

    Attributes:
        level: how many bits are left out.
        keys: the other bits of each score, distinct and ascending.
        rows: of each score, by prediction (as another class, as this one) and within it by label
            (not known, another class, this one); shape (keys, 6).
    """

    level: int = 0
    keys: Hashes = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    rows: Integers = field(default_factory=lambda: np.zeros((0, COLUMNS), dtype=np.int64))

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        if not self.keys.size or not other.keys.size:
            return self if self.keys.size else other
        level = max(self.level, other.level)
        keys = np.concatenate(
            [each.keys >> np.uint64(level - each.level) for each in (self, other)]
        )
        order = np.argsort(keys, kind="stable")
        keys, rows = _summed(keys[order], np.concatenate([self.rows, other.rows])[order])
        return self.compressed(level, keys, rows)

    def labelled_by(self, some: ScoreCounts) -> ScoreCounts:
        """The same rows, once the labels of some of them are known.

        Args:
            some: those of them that have labels; rows without are left alone.
        """
        rows = some.rows.copy()
        for first in (0, KNOWN):
            labelled = rows[:, first + OTHER] + rows[:, first + CLASS]
            rows[:, first + UNLABELLED] = -labelled
        both = self + ScoreCounts(level=some.level, keys=some.keys, rows=rows)
        # Of labelled rows that were not among these, none is taken away.
        return ScoreCounts(level=both.level, keys=both.keys, rows=np.maximum(both.rows, 0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScoreCounts):
            return NotImplemented
        same = self.level == other.level and np.array_equal(self.keys, other.keys)
        return same and np.array_equal(self.rows, other.rows)

    __hash__ = None  # type: ignore[assignment]

    @property
    def total(self) -> int:
        """All rows."""
        return int(self.rows.sum())

    @property
    def labelled(self) -> int:
        """Rows whose label is known."""
        unlabelled = self.rows.T[UNLABELLED::KNOWN]
        return self.total - int(unlabelled.sum())

    @property
    def scores(self) -> Floats:
        """The score of each key; the middle of those that it stands for."""
        lowest = self.keys << np.uint64(self.level)
        middle = lowest + np.uint64((1 << self.level) >> 1)
        values: Floats = np.minimum(middle, np.uint64(HIGHEST)).view(np.float64)
        return values

    @property
    def predicted(self) -> tuple[Floats, Floats]:
        """Rows of each score that were predicted as another class, and as this one."""
        # Sooner than numpy's sum of so few columns.
        as_other, as_class = (
            rows[UNLABELLED] + rows[OTHER] + rows[CLASS]
            for rows in (self.rows.T[:KNOWN], self.rows.T[KNOWN:])
        )
        return as_other.astype(float), as_class.astype(float)

    @classmethod
    def compressed(cls, level: int, keys: Hashes, rows: Integers) -> ScoreCounts:
        """Of keys that are distinct and ascend, as many as there may be.

        Args:
            level: how many bits were left out already.
            keys: the other bits.
            rows: of each key.
        """
        more = _needed(keys)
        if more:
            keys, rows = _summed(keys >> np.uint64(more), rows)
        return cls(level=level + more, keys=keys, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredPart:
    """Rows of one class that are to be counted.

    Attributes:
        bits: of their scores, which ascend as these do; those of -0.0 as well.
        column: the one in which each row is counted.
        labelled: whether any row may have a label.
    """

    bits: Hashes
    column: Bytes
    labelled: bool = True

    @classmethod
    def of(cls, scores: Floats, column: Bytes, *, labelled: bool = True) -> ScoredPart:
        """Some rows.

        Args:
            scores: from 0 to 1.
            column: the one in which each row is counted.
            labelled: whether any row may have a label.
        """
        return cls(bits=scores.view(np.uint64), column=column, labelled=labelled)

    @classmethod
    def joined(cls, parts: Sequence[ScoredPart]) -> ScoredPart:
        """The rows of several."""
        return cls(
            bits=np.concatenate([each.bits for each in parts]),
            column=np.concatenate([each.column for each in parts]),
            labelled=any(each.labelled for each in parts),
        )

    def take(self, rows: slice | Integers) -> ScoredPart:
        """Some of the rows."""
        return ScoredPart(bits=self.bits[rows], column=self.column[rows], labelled=self.labelled)

    def alone(self) -> ScoredPart:
        """The rows without what they share with others."""
        return ScoredPart(bits=self.bits.copy(), column=self.column.copy(), labelled=self.labelled)

    def counts(self, level: int = 0) -> ScoreCounts:
        """The state of the rows.

        Args:
            level: how many bits were left out of others like them.
        """
        most = int(self.bits.max(initial=0))
        if most > HIGHEST:
            # Adding zero makes -0.0 a 0.0.
            scores = self.bits.view(np.float64) + 0.0
            return replace(self, bits=scores.view(np.uint64)).counts(level)
        if len(self.bits) <= MOST_SCORES:
            return self._distinct()
        # Rows of which even these few need a level need it with one bit more besides.
        return (
            self._tabled(level - 1, most)
            or self._tabled(_needed(np.sort(self.bits[:_LOOKED_AT])) - 1, most)
            or self._distinct()
        )

    def _tabled(self, level: int, most: int) -> ScoreCounts | None:
        """By counters of all scores that there can be; None where they are too many, or too few.

        Args:
            level: how many bits are left out at first.
            most: the greatest bits.
        """
        of_column, step = (3, 1) if self.labelled else (1, KNOWN)
        if level < of_column:
            return None
        least = (int(self.bits.min()) >> level) & -_ALIGNED
        width = ((most >> level) + _ALIGNED & -_ALIGNED) - least
        if width > _MOST_COUNTERS:
            return None
        # The first bits of a counter's number are the score's, the last ones its column.
        codes = (self.bits >> np.uint64(level - of_column)).view(np.int64)
        codes &= -1 << of_column
        codes -= least << of_column
        codes += self.column if step == 1 else self.column > 0
        counted = np.bincount(codes, minlength=width << of_column)
        columns = [*counted.reshape(width, -1).T[: COLUMNS // step]]
        # If scores are fewer, more bits can be kept than the counters tell.
        more = 0
        while np.count_nonzero(there := sum(columns)) > MOST_SCORES and 2**more < _ALIGNED:
            columns = [each[0::2] + each[1::2] for each in columns]
            more += 1
        if not more:
            return None
        keys = np.flatnonzero(there)
        rows = np.zeros((len(keys), COLUMNS), np.int64)
        for at, each in enumerate(columns):
            rows[:, at * step] = each[keys]
        keys += least >> more
        return ScoreCounts.compressed(level + more, keys.view(np.uint64), rows)

    def _distinct(self) -> ScoreCounts:
        """By all of their bits; those that are distinct are found by their hashes."""
        encoded = pa.array(self.bits).dictionary_encode()
        keys, codes = values_of(encoded.dictionary), values_of(encoded.indices)
        counters = codes * np.int64(COLUMNS) + self.column
        rows = np.bincount(counters, minlength=len(keys) * COLUMNS).reshape(-1, COLUMNS)
        order = np.argsort(keys)
        return ScoreCounts.compressed(0, keys[order], rows[order])


def total_of(parts: Collection[ScoreCounts]) -> ScoreCounts:
    """The sum of many, by one table of all scores that there can be."""
    parts = [each for each in parts if len(each.keys)]
    if len(parts) == 1:
        return parts[0]
    level = max((each.level for each in parts), default=0)
    moved = [
        (each.keys, each.rows)
        if each.level == level
        else _summed(each.keys >> np.uint64(level - each.level), each.rows)
        for each in parts
    ]
    least = min((int(keys[0]) for keys, _ in moved), default=0)
    width = max((int(keys[-1]) + 1 for keys, _ in moved), default=0) - least
    if width > _MOST_COUNTERS:
        return sum(parts, ScoreCounts())
    rows, there = np.zeros((width, COLUMNS), np.int64), np.zeros(width, np.bool_)
    for keys, of in moved:
        at = (keys - np.uint64(least)).view(np.int64)
        rows[at] += of
        there[at] = True
    found = np.flatnonzero(there)
    return ScoreCounts.compressed(level, found.view(np.uint64) + np.uint64(least), rows[found])


def _summed(keys: Hashes, rows: Integers) -> tuple[Hashes, Integers]:
    """Ascending keys once each, with the sums of their rows."""
    starts = _firsts(keys)
    if len(starts) == len(keys):
        return keys, rows
    return keys[starts], np.add.reduceat(rows, starts)


def _firsts(keys: Hashes | Integers) -> Integers:
    first = np.empty(keys.size, dtype=np.bool_)
    first[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return np.flatnonzero(first)


def _needed(keys: Hashes) -> int:
    """How many bits must be left out, the fewest that will do."""
    if len(keys) <= MOST_SCORES:
        return 0
    # Neighbours are the same once all bits in which they differ are left out.
    steps = keys[1:] ^ keys[:-1]
    at = len(steps) - MOST_SCORES
    # Once the highest of so many steps is left out, as many scores are left.
    return int(np.partition(steps, at)[at]).bit_length()
