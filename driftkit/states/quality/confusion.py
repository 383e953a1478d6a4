"""The state of a confusion matrix: rows by actual and predicted label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Cells = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Rows by label and prediction; states add up.

    Attributes:
        cells: (actual, predicted) -> rows; pairs that do not occur are absent.
    """

    cells: Cells = field(default_factory=dict)

    def __add__(self, other: Confusion) -> Confusion:
        if not self.cells or not other.cells:
            return self if self.cells else other
        cells = dict(self.cells)
        for pair, rows in other.cells.items():
            cells[pair] = cells.get(pair, 0) + rows
        return Confusion(cells=cells)

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.cells.values())

    @property
    def actual(self) -> frozenset[str]:
        """The labels that occur."""
        return frozenset(actual for actual, _ in self.cells)

    @property
    def predicted(self) -> frozenset[str]:
        """The labels that were predicted."""
        return frozenset(predicted for _, predicted in self.cells)

    def renamed(self, names: Mapping[str, str]) -> Confusion:
        """The same with other labels; labels of the same new name add up."""
        total = Confusion()
        for (actual, predicted), rows in self.cells.items():
            pair = (names.get(actual, actual), names.get(predicted, predicted))
            total += Confusion(cells={pair: rows})
        return total
