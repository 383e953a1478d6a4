"""The state of predictions of numbers that may lack labels: the errors that are expected of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.chunk import Rejections
from driftkit.states.quality.scored_rows import ALL, in_order, refuse_many

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.estimation.loss_model import Expected
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.quality.scored_rows import Slice

# Sums over the rows of a group: of all of them, of those with a label what was expected of them and
# what came; then the absolute errors that each member of the model expects, and the squared ones.
ROWS, OUTSIDE, LABELLED, LABELLED_ABSOLUTE, ERROR, ERROR_SQUARED, MEMBERS = range(7)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExpectedLosses:
    """Sums of errors, expected and known; states add up.

    Attributes:
        sums: of each slice of the rows, shape (groups, 6 + 2 * members): a row for each group of
            similar expected errors.
        rejected: rows that could not be judged, by reason.
    """

    sums: Mapping[Slice, Floats] = field(default_factory=dict)
    rejected: Rejections = field(default_factory=Rejections)

    def __add__(self, other: ExpectedLosses) -> ExpectedLosses:
        sums = dict(self.sums)
        for part, each in other.sums.items():
            sums[part] = sums[part] + each if part in sums else each
        refuse_many(sums)
        return ExpectedLosses(sums=sums, rejected=self.rejected + other.rejected)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExpectedLosses) and (
            self.rejected == other.rejected
            and self.sums.keys() == other.sums.keys()
            and all(np.array_equal(each, other.sums[part]) for part, each in self.sums.items())
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def rows(self) -> int:
        """All rows that were judged."""
        return int(self.sums[ALL][:, ROWS].sum()) if self.sums else 0

    def slices(self, kind: str) -> list[Slice]:
        """Blocks in the order of time, or segments in that of their values."""
        return in_order(self.sums, kind)


def known_of(expected: Expected, errors: Floats) -> Floats:
    """What is known of rows, in the order of the sums, shape (6 + 2 * members, rows).

    Args:
        expected: of the rows.
        errors: what predictions were off; NaN where there is no label.
    """
    labelled = np.isfinite(errors)
    known = labelled.astype(np.float64)
    with np.errstate(over="ignore"):
        of_labels = np.where(labelled, np.abs(errors), 0.0)
        squares = of_labels**2
    absolute = expected.absolute.mean(axis=0)
    rows = [np.ones(len(known)), expected.outside, known, absolute * known, of_labels, squares]
    return np.concatenate([rows, expected.absolute, expected.squared])


def summed(known: Floats, cells: Integers, groups: int, parts: int) -> Floats:
    """The sums of each part and group, shape (parts, groups, 6 + 2 * members).

    Args:
        known: of the rows.
        cells: of each row the number of its part times the groups, and that of its group.
        groups: how many there are.
        parts: likewise.
    """
    sums = [np.bincount(cells, each, parts * groups) for each in known]
    return np.column_stack(sums).astype(np.float64).reshape(parts, groups, len(known))
