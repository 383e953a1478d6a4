"""Tests whether the categories of a window come from the law of its reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
# Cells of less than twice what they would have if all were alike; by which sampling alone goes beyond 1.
_RARE, _NO_CLUMPS = 2.0, 1.3
_SMALL = 1e-300
_WEIGHTS = {"shares": 0.35, "share of a category": 0.20, "new categories": 0.25, "nulls": 0.20}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoricalReference:
    """The categories of features that windows are compared with.

    Attributes:
        cells: their counts, in one window. Cells without rows are those that only windows have.
        seen_once: of each feature, how many categories have a single row; the cells of one row
            where it is not known better.
        all_known: whether cells without rows are known ones too.
        in_clumps: whether values may come some times in a row and never again, as ids of visits do.
    """

    cells: Cells
    seen_once: Integers | None = None
    all_known: bool = False
    in_clumps: bool = False

    def tests(self, windows: Cells) -> list[Evidence]:
        """All tests of the windows against these categories."""
        if self.in_clumps:
            return self._of_clumps(windows)
        known = (self.cells.counts[:, 0] > 0) | self.all_known
        found = {
            "shares": self._shares(windows, known),
            "share of a category": cell_shares(windows, self.cells, known, 0.01),
            "new categories": self._new(windows, known),
            "nulls": nulls(windows, self.cells),
        }
        return weighed(found, _WEIGHTS)

    def _of_clumps(self, windows: Cells) -> list[Evidence]:
        """The tests of windows one by one, since each has clumps of its own size."""
        each = np.arange(windows.windows)
        found = [self._in_clumps(windows.sums([each[at : at + 1]])) for at in each]
        joined = {
            same[0].kind: (
                np.concatenate([one.p for one in same], axis=1),
                np.concatenate([one.effect for one in same], axis=1),
            )
            for same in zip(*found, strict=True)
        }
        # Rows without a value are of no clump.
        return weighed({**joined, "nulls": nulls(windows, self.cells)}, _WEIGHTS)

    def _in_clumps(self, window: Cells) -> list[Evidence]:
        """The tests of one window as if it had as many rows as it has clumps of them.

        Rows of a value that comes several times in a row are not independent: all rare cells differ
        more than by sampling then. How much more is the mean of Pearson's terms (McCullagh and Nelder,
        Generalized Linear Models, 1989, 4.5), less the largest, which may be what is looked for.
        """
        k, r = window.counts[:, 0].astype(np.float64), self.cells.counts[:, 0].astype(np.float64)
        n, m = (np.maximum(each.sum(axis=1, keepdims=True), 1.0) for each in (k, r))
        rare = (k + r > 0) & (r / m < _RARE / np.maximum((r > 0).sum(axis=1, keepdims=True), 1))
        expected = np.where(rare, (k + r) * n / (n + m), 1.0)
        terms = np.where(rare, (k - expected) ** 2 / (expected * m / (n + m)), 0.0)
        others = np.maximum(rare.sum(axis=1) - 2, 1)
        size = (terms.sum(axis=1) - terms.max(axis=1)) / others
        size = np.where(size > _NO_CLUMPS, size, 1.0)[:, None, None]
        thinner = replace(self, cells=_thinned(self.cells, size), in_clumps=False)
        return thinner.tests(_thinned(window, size))

    def _shares(self, windows: Cells, known: Truths) -> tuple[Floats, Floats]:
        """Wilks' test of two samples, as Williams corrects it (1976); rare cells are put together.

        Pearson's statistic has too heavy a tail where few rows are expected of a cell: at the
        level of an alarm it is beyond its law many times as often as this says.

        New categories have a test of their own, and are left out.
        """
        k = np.where(known[:, None], windows.counts, 0).astype(np.float64)
        r = self.cells.counts.astype(np.float64)
        n, m = (np.maximum(each.sum(axis=2, keepdims=True), 1.0) for each in (k, r))
        effect = np.abs(k / n - r / m).max(axis=2)
        k, r = np.broadcast_arrays(k, r)
        own = (k + r) * np.minimum(n, m) / (n + m) >= _EXPECTED
        k, r = (
            np.append(
                np.where(own, each, 0.0),
                np.where(own, 0.0, each).sum(axis=2, keepdims=True),
                axis=2,
            )
            for each in (k, r)
        )
        total = k + r
        terms = _surprise(k, total * n / (n + m)) + _surprise(r, total * m / (n + m))
        freedom = np.maximum(1, (total > 0).sum(axis=2) - 1)
        n, m = n[..., 0], m[..., 0]
        uneven = (np.where(total > 0, 1 / np.maximum(total, 1), 0.0)).sum(axis=2) - 1 / (n + m)
        correction = 1 + ((n + m) ** 2 / n / m - 1) * uneven / (6 * freedom)
        p = chi_square_tail(2 * terms.sum(axis=2) / correction, freedom)
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


def _thinned(cells: Cells, size: Floats) -> Cells:
    """The counts of clumps of rows that are so large."""
    return replace(cells, counts=np.rint(cells.counts / size).astype(np.int64))


def _surprise(rows: Floats, expected: Floats) -> Floats:
    """Rows times the logarithm of how many more they are than expected."""
    return np.where(
        rows > 0, rows * np.log(np.maximum(rows, 1.0) / np.maximum(expected, _SMALL)), 0.0
    )
