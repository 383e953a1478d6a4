"""The state of predictions that may lack labels: all of them, by block of time and by segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from driftkit.states.partitions.partition import Key
    from driftkit.states.quality.score_counts import ScoreCounts

# What rows are told apart by.
WHOLE, BLOCK, SEGMENT = "whole", "block", "segment"
# Blocks, or segments; each has up to 4,096 scores.
MOST_PARTS = 1000
# The length of a day's name.
_DAY = 10

Slice = tuple[str, "Key"]
"""WHOLE, BLOCK or SEGMENT, and what its rows have in common."""
ALL: Slice = (WHOLE, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """Rows by score, prediction and label, as far as labels are known; states add up.

    Attributes:
        counts: by slice of the rows, and by class; of two classes only the positive one is there.
        rejected: rows that could not be judged, by reason.
    """

    counts: Mapping[tuple[Slice, str], ScoreCounts] = field(default_factory=dict)
    rejected: Rejections = field(default_factory=Rejections)

    def __add__(self, other: ScoredRows) -> ScoredRows:
        counts = dict(self.counts)
        for key, each in other.counts.items():
            counts[key] = counts[key] + each if key in counts else each
        refuse_many({of for of, _ in counts})
        return ScoredRows(counts=counts, rejected=self.rejected + other.rejected)

    def labelled_by(self, some: ScoredRows) -> ScoredRows:
        """The same rows, once the labels of some of them are known.

        Args:
            some: those of them that have labels; rows without are left alone.
        """
        counts = {
            key: each.labelled_by(some.counts[key]) if key in some.counts else each
            for key, each in self.counts.items()
        }
        return ScoredRows(counts=counts, rejected=self.rejected)

    @property
    def rows(self) -> int:
        """All rows that were judged."""
        return self.rows_of(ALL)

    def rows_of(self, part: Slice) -> int:
        """The rows of a slice."""
        return next((each.total for (of, _), each in self.counts.items() if of == part), 0)

    def classes(self, part: Slice = ALL) -> dict[str, ScoreCounts]:
        """The rows of a slice by class, each against all others."""
        return {name: each for (of, name), each in self.counts.items() if of == part}

    def slices(self, kind: str) -> list[Slice]:
        """Blocks in the order of time, or segments in that of their values."""
        return in_order({of for of, _ in self.counts}, kind)


def in_order(slices: Iterable[Slice], kind: str) -> list[Slice]:
    """Blocks in the order of time, or segments in that of their values."""
    found = (of for of in slices if of[0] == kind)
    return sorted(found, key=lambda of: [(each is None, each or "") for each in of[1]])


def day_of(block: str | None) -> str | None:
    """The day of a block; the name of an hour begins with that of its day."""
    return None if block is None else block[:_DAY]


def days_of(blocks: Iterable[str | None]) -> int:
    """How many days blocks are of."""
    return len({*map(day_of, blocks)})


def by_day(rows: Mapping[Slice, float]) -> list[float]:
    """The rows of each day, of those of blocks; rows without a time may all be of one day."""
    days: dict[str | None, float] = {}
    for (kind, key), each in rows.items():
        if kind == BLOCK:
            days[day_of(key[0])] = days.get(day_of(key[0]), 0.0) + each
    return [*days.values()]


def refuse_many(slices: Collection[Slice]) -> None:
    """Refuses more blocks or segments than are kept apart.

    Raises:
        InputError: there are.
    """
    for kind in (BLOCK, SEGMENT):
        found = [key for of, key in slices if of == kind]
        if len(found) > MOST_PARTS:
            raise InputError(
                f"there are too many {kind}s",
                expected=f"at most {MOST_PARTS:,}",
                found=f"more, for example {found[0]}",
                todo="Choose days in place of hours"
                if kind == BLOCK
                else "Choose a column with fewer values to tell segments apart",
            )
