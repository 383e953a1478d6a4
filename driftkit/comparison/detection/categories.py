"""Tests whether the categories of a window come from the law of its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.evidence import weighed
from driftkit.comparison.detection.numbers import cell_shares, nulls
from driftkit.comparison.probabilities import chi_square_tail, hypergeometric_tail

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers, Truths
    from driftkit.comparison.detection.cells import Cells
    from driftkit.comparison.detection.evidence import Evidence

# With fewer rows the exact tests of each category stand alone.
_ENOUGH_FOR_CHI_SQUARE = 300
_EXPECTED = 5
_WEIGHTS = {"shares": 0.35, "share of a category": 0.20, "new categories": 0.25, "nulls": 0.20}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoricalReference:
    """The categories of features that windows are compared with.

    Attributes:
        cells: their counts, in one window. Cells without rows are those that only windows have.
        seen_once: of each feature, how many categories have a single row; the cells of one row
            where it is not known better.
    """

    cells: Cells
    seen_once: Integers | None = None

    def tests(self, windows: Cells) -> list[Evidence]:
        """All tests of the windows against these categories."""
        known = self.cells.counts[:, 0] > 0
        found = {
            "shares": self._chi_square(windows, known),
            "share of a category": cell_shares(windows, self.cells, known, 0.01),
            "new categories": self._new(windows, known),
            "nulls": nulls(windows, self.cells),
        }
        return weighed(found, _WEIGHTS)

    def _chi_square(self, windows: Cells, known: Truths) -> tuple[Floats, Floats]:
        """Pearson's test of two samples; cells of few expected rows are put together.

        New categories have a test of their own, and are left out.
        """
        k = np.where(known[:, None], windows.counts, 0).astype(np.float64)
        r = self.cells.counts.astype(np.float64)
        n, m = (np.maximum(each.sum(axis=2, keepdims=True), 1.0) for each in (k, r))
        effect = np.abs(k / n - r / m).max(axis=2)
        own = (k + r) * np.minimum(n, m) / (n + m) >= _EXPECTED
        statistic, cells = _pearson(np.where(own, k, 0.0), np.where(own, r, 0.0), n, m)
        rest, rest_own = (
            np.where(own, 0.0, each).sum(axis=2, keepdims=True)
            for each in np.broadcast_arrays(k, r)
        )
        more, one = _pearson(rest, rest_own, n, m)
        p = chi_square_tail(statistic + more, np.maximum(1, cells + one - 1))
        asked = (windows.present >= _ENOUGH_FOR_CHI_SQUARE) & (effect >= 0.01)
        return np.where(asked, p, 1.0), effect

    def _new(self, windows: Cells, known: Truths) -> tuple[Floats, Floats]:
        """Rows of categories that the reference does not have.

        A row of it whose category is of no other would have been new as well, so that these are
        the reference's hits: who has many rare categories meets some more in every window.
        """
        single = (self.cells.counts[:, 0] == 1).sum(axis=1)
        once = single if self.seen_once is None else self.seen_once
        n, m = np.broadcast_arrays(
            np.maximum(windows.present, 1), np.maximum(self.cells.present, 1)
        )
        k = np.where(known[:, None], 0, windows.counts).sum(axis=2)
        effect, p = k / n, np.ones(n.shape)
        matters = effect >= 0.002
        hits, rows = k[matters], n[matters]
        before = np.broadcast_to(once[:, None], n.shape)[matters]
        p[matters] = hypergeometric_tail(hits, rows, hits + before, rows + m[matters])
        return p, effect


def _pearson(k: Floats, r: Floats, n: Floats, m: Floats) -> tuple[Floats, Floats]:
    """The statistic of the cells that have rows, and their number, features by windows."""
    total = k + r
    some = np.where(total > 0, total, 1.0)
    window, reference = some * n / (n + m), some * m / (n + m)
    terms = (k - window) ** 2 / window + (r - reference) ** 2 / reference
    return np.where(total > 0, terms, 0.0).sum(axis=2), (total > 0).sum(axis=2)
