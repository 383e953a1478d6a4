"""The state of a regression's labelled rows from which its errors are learnt: a sample, and sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.hashing import splitmix64
from driftkit.states.quality.scored_rows import refuse_many

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.native.arrays import Floats, Hashes, Integers
    from driftkit.states.quality.scored_rows import Slice

# Rows that are kept, and numbers in all.
MOST_ROWS = 20_000
_MOST_NUMBERS = 2_000_000
# The first columns of a row.
DAY, LABEL, PREDICTION, FIRST_FEATURE = range(4)
# Sums of a slice of the rows.
ROWS, ABSOLUTE, SQUARED, FOURTH = range(4)
SUMS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossSample:
    """Labelled rows; states add up.

    Rows are kept by the smallest hashes of all of their values, so that the sample is that of the
    rows, however they came; equal rows are kept once and counted.

    Attributes:
        marks: hashes of the rows that are kept, ascending.
        table: DAY (since 1970), LABEL, PREDICTION and the features of each.
        counts: how often each row is there.
        sums: ROWS, ABSOLUTE, SQUARED and FOURTH powers of the errors of all rows of each slice.
    """

    marks: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    table: Floats = field(default_factory=lambda: np.zeros((0, FIRST_FEATURE)))
    counts: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    sums: Mapping[Slice, Floats] = field(default_factory=dict)

    def __add__(self, other: LossSample) -> LossSample:
        sums = dict(self.sums)
        with np.errstate(over="ignore"):
            for part, each in other.sums.items():
                sums[part] = sums[part] + each if part in sums else each
        refuse_many(sums)
        if not self.marks.size or not other.marks.size:
            some = self if self.marks.size else other
            return LossSample(marks=some.marks, table=some.table, counts=some.counts, sums=sums)
        marks, first, at = np.unique(
            np.concatenate([self.marks, other.marks]), return_index=True, return_inverse=True
        )
        counts = np.zeros(len(marks), np.int64)
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        kept = slice(most_rows(self.table.shape[1]))
        return LossSample(
            marks=marks[kept],
            table=np.concatenate([self.table, other.table])[first[kept]],
            counts=counts[kept],
            sums=sums,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LossSample) and (
            np.array_equal(self.marks, other.marks)
            and np.array_equal(self.table, other.table, equal_nan=True)
            and np.array_equal(self.counts, other.counts)
            and self.sums.keys() == other.sums.keys()
            and all(np.array_equal(each, other.sums[part]) for part, each in self.sums.items())
        )

    __hash__ = None  # type: ignore[assignment]


def most_rows(columns: int) -> int:
    """How many rows of so many columns are kept."""
    return max(1_000, min(MOST_ROWS, _MOST_NUMBERS // columns))


def marks_of(columns: Iterable[Floats]) -> Hashes:
    """A hash of each row of some columns; one that is missing is like no number."""
    found: Hashes | None = None
    for each in columns:
        # Every NaN has the same bits then.
        bits = np.where(np.isnan(each), np.nan, each + 0.0).view(np.uint64)
        found = splitmix64(bits if found is None else bits ^ found)
    assert found is not None  # noqa: S101  (a label and a prediction are there)
    return found
