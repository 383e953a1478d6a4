"""The state behind estimated quality: rows by score, prediction and label, in bounded room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import values_of

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Hashes, Integers, Truths

# Distinct scores that are kept apart; of more than these the last digits are left out.
MOST_SCORES = 4096
# What is known of a row's label, and with its prediction the column in which it is counted.
UNLABELLED, OTHER, CLASS = 0, 1, 2
KNOWN = 3
COLUMNS = 2 * KNOWN
LAST_LEVEL = 52
# Rows that tell about how many digits can be kept; each score that others can have then has a counter.
_LOOKED_AT = 2**14
_MOST_COUNTERS = 2**19
_HIGHEST = int(np.float64(1.0).view(np.uint64))


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

    @classmethod
    def from_rows(cls, scores: Floats, predicted: Truths, labels: Integers) -> ScoreCounts:
        """The state of some rows.

        Args:
            scores: finite, from 0 to 1.
            predicted: whether a row was predicted as the class.
            labels: UNLABELLED, OTHER or CLASS.
        """
        # Adding zero makes -0.0 a 0.0.
        bits = (scores + 0.0).view(np.uint64)
        column = predicted * KNOWN + labels
        head = cls._distinct(bits[:_LOOKED_AT], column[:_LOOKED_AT])
        if len(bits) <= _LOOKED_AT:
            return head
        rest = bits[_LOOKED_AT:], column[_LOOKED_AT:]
        return head + (cls._counted(*rest, head.level) or cls._distinct(*rest))

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        if not self.keys.size or not other.keys.size:
            return self if self.keys.size else other
        level = max(self.level, other.level)
        keys = np.concatenate(
            [each.keys >> np.uint64(level - each.level) for each in (self, other)]
        )
        order = np.argsort(keys, kind="stable")
        rows = np.concatenate([self.rows, other.rows])
        return self._compressed(level, keys[order], rows[order])

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
    def scores(self) -> Floats:
        """The score of each key; the middle of those that it stands for."""
        lowest = self.keys << np.uint64(self.level)
        middle = lowest + np.uint64((1 << self.level) >> 1)
        values: Floats = np.minimum(middle, np.uint64(_HIGHEST)).view(np.float64)
        return values

    @property
    def predicted(self) -> tuple[Floats, Floats]:
        """Rows of each score that were predicted as another class, and as this one."""
        as_other, as_class = self.rows[:, :KNOWN], self.rows[:, KNOWN:]
        return as_other.sum(axis=1).astype(float), as_class.sum(axis=1).astype(float)

    @classmethod
    def _distinct(cls, bits: Hashes, column: Integers) -> ScoreCounts:
        """Of rows whose scores may be any; those that are distinct are found by their hashes."""
        encoded = pa.array(bits).dictionary_encode()
        keys, codes = values_of(encoded.dictionary), values_of(encoded.indices)
        rows = np.bincount(codes * np.int64(COLUMNS) + column, minlength=len(keys) * COLUMNS)
        order = np.argsort(keys)
        return cls._compressed(0, keys[order], rows.reshape(-1, COLUMNS)[order])

    @classmethod
    def _counted(cls, bits: Hashes, column: Integers, level: int) -> ScoreCounts | None:
        """Of rows that are known to need the level; None where too many scores are possible then."""
        least, most = int(bits.min()) >> level, int(bits.max()) >> level
        size = most - least + 1
        if not level or size > _MOST_COUNTERS:
            return None
        codes = ((bits >> np.uint64(level)) - np.uint64(least)).view(np.int64)
        codes *= COLUMNS
        codes += column
        table = np.bincount(codes, minlength=size * COLUMNS).reshape(size, COLUMNS)
        keys = np.flatnonzero(table.any(axis=1))
        return cls._compressed(level, keys.astype(np.uint64) + np.uint64(least), table[keys])

    @classmethod
    def _compressed(cls, level: int, keys: Hashes, rows: Integers) -> ScoreCounts:
        """Of ascending keys, which may be there several times."""
        more = _needed(keys)
        keys = keys >> np.uint64(more)
        starts = _firsts(keys)
        if len(starts) == len(keys):
            return cls(level=level + more, keys=keys, rows=rows)
        return cls(level=level + more, keys=keys[starts], rows=np.add.reduceat(rows, starts))


def _firsts(keys: Hashes) -> Integers:
    first = np.empty(keys.size, dtype=np.bool_)
    first[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return np.flatnonzero(first)


def _needed(keys: Hashes) -> int:
    """How many bits must be left out, the fewest that will do."""
    if len(keys) <= MOST_SCORES:
        return 0
    # Neighbours are the same once all bits in which they differ are left out.
    steps = np.bincount(_lengths(keys[1:] ^ keys[:-1]), minlength=2)
    distinct = 1 + np.cumsum(steps[::-1])[::-1]
    # The number of distinct keys once `more` bits are left out is that of steps above them.
    return int(np.argmax(np.append(distinct[1:], 1) <= MOST_SCORES))


def _lengths(numbers: Hashes) -> Integers:
    """How many bits each number has; by halves, which doubles hold exactly."""
    high, low = numbers >> np.uint64(32), numbers & np.uint64(2**32 - 1)
    lengths = [np.frexp(each.astype(np.float64))[1] for each in (low, high)]
    return np.where(high > 0, lengths[1] + 32, lengths[0]).astype(np.int64)
