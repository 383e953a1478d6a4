"""Tests whether the numbers of a window come from the law of its reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.evidence import harmonic, weighed
from driftkit.comparison.detection.shares import share_test
from driftkit.comparison.probabilities import (
    anderson_tail,
    hypergeometric_tail,
    normal_quantile,
    normal_two_sided,
    smirnov_tail,
)

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Truths
    from driftkit.comparison.detection.cells import Cells
    from driftkit.comparison.detection.evidence import Evidence

# How much of the reference lies beyond the limits of the second tail test.
_TAIL = 0.005
_ATOMS = 5
_WEIGHTS = {
    "shift": 0.40,
    "spread": 0.10,
    "distribution": 0.05,
    "tails of the distribution": 0.10,
    "extremes": 0.15,
    "nulls": 0.10,
    "frequent value": 0.10,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class NumericReference:
    """The numbers of features that windows are compared with.

    Attributes:
        cells: their counts, in one window; the first and last cell are below and above them all.
        atoms: features by cells, whether a cell is of a single value.
    """

    cells: Cells
    atoms: Truths

    @cached_property
    def counts(self) -> Floats:
        """Rows of each cell, features by cells."""
        return np.asarray(self.cells.counts[:, 0], dtype=np.float64)

    @cached_property
    def values(self) -> Floats:
        """Rows with a value, by feature, with an axis for windows."""
        return np.asarray(np.maximum(self.counts.sum(axis=1, keepdims=True), 1.0))

    @cached_property
    def ranks(self) -> Floats:
        """Rows up to each cell, itself included."""
        return np.asarray(self.counts.cumsum(axis=1))

    @cached_property
    def _middle(self) -> Floats:
        middle = (self.ranks - self.counts / 2) / self.values
        return np.asarray(np.clip(middle, 0.5 / self.values, 1 - 0.5 / self.values))

    @cached_property
    def normal_scores(self) -> Floats:
        """Normal quantile of each cell's middle rank."""
        return normal_quantile(self._middle)

    @cached_property
    def spread_scores(self) -> Floats:
        """Legendre's second polynomial of the middle ranks: bounded, so that means are normal."""
        u = 2 * self._middle - 1
        return (3 * u**2 - 1) / 2

    @cached_property
    def tails(self) -> tuple[tuple[Truths, Floats], ...]:
        """Cells beyond an extreme of the reference, and the rank of this extreme from its end.

        The largest and smallest value and the half per cent limits, on either side and both.
        """
        found: list[tuple[Truths, Floats]] = []
        for rank in (np.ones_like(self.values), np.maximum(1.0, np.round(_TAIL * self.values))):
            high = self.ranks - self.counts >= self.values - rank + 1
            low = self.ranks <= rank - 1
            above, below = ((self.counts * each).sum(axis=1, keepdims=True) for each in (high, low))
            found += [(high, above + 1), (low, below + 1), (high | low, above + below + 2)]
        return tuple(found)

    def tests(self, windows: Cells) -> list[Evidence]:
        """All tests of the windows against these numbers."""
        widest, sure = self._gaps(windows)
        p_spread, spread, unit = self._means(windows, self.spread_scores, 0.08)
        found = {
            "shift": self._means(windows, self.normal_scores, 0.05)[:2],
            # A mean of scores, as those of days tell it.
            "spread": (p_spread, spread * unit),
            "distribution": self._kolmogorov(windows, widest, sure),
            "tails of the distribution": self._anderson(windows, widest, sure),
            "extremes": self._extremes(windows),
            "nulls": nulls(windows, self.cells),
            "frequent value": cell_shares(windows, self.cells, self._frequent, 0.01),
        }
        return weighed(found, _WEIGHTS, {"frequent value": np.asarray(self._frequent.any(axis=1))})

    @cached_property
    def _frequent(self) -> Truths:
        """The most frequent single values."""
        shares = np.where(self.atoms, self.counts, -1.0)
        kept = np.zeros_like(self.atoms)
        most = np.argsort(-shares, axis=1, kind="stable")[:, :_ATOMS]
        np.put_along_axis(kept, most, values=True, axis=1)
        return kept & self.atoms

    def _means(self, windows: Cells, scores: Floats, least: float) -> tuple[Floats, Floats, Floats]:
        """P-values of the means of scores, how far they are in standard deviations, and these."""
        n, m = np.maximum(windows.present, 1), self.values
        both = np.stack([scores, scores**2], axis=2)
        sums, squares = np.moveaxis(windows.counts @ both, 2, 0)
        own, own_squares = np.moveaxis(self.counts[:, None] @ both, 2, 0)
        variance = (squares + own_squares) / (n + m) - ((sums + own) / (n + m)) ** 2
        unit = np.sqrt(np.maximum(variance, 1e-12))
        effect = (sums / n - own / m) / unit
        effect = np.where(windows.present > 0, effect, 0.0)
        p = normal_two_sided(effect / np.sqrt(1 / n + 1 / m))
        return np.where(np.abs(effect) >= least, p, 1.0), effect, unit

    def _gaps(self, windows: Cells) -> tuple[Floats, Floats]:
        """Gaps of the distribution functions: the widest as it is, and those of cells at least."""
        n = np.maximum(windows.present, 1)[..., None]
        shares = (self.ranks / self.values)[:, None]
        gaps = np.abs(windows.counts.cumsum(axis=2) / n - shares)
        gaps[windows.present == 0] = 0
        doubt = windows.allowance[..., None] + self.cells.allowance[..., None]
        return gaps.max(axis=2), np.maximum(0.0, gaps - doubt)

    def _weight(self, windows: Cells) -> Floats:
        n = np.maximum(windows.present, 1)
        return np.asarray(n * self.values / (n + self.values))

    def _kolmogorov(self, windows: Cells, widest: Floats, sure: Floats) -> tuple[Floats, Floats]:
        p = smirnov_tail(sure.max(axis=2), self._weight(windows))
        return np.where(widest >= 0.02, p, 1.0), widest

    def _anderson(self, windows: Cells, widest: Floats, sure: Floats) -> tuple[Floats, Floats]:
        """Anderson and Darling's statistic on cells."""
        both = windows.counts + self.counts[:, None]
        share = both / np.maximum(both.sum(axis=2, keepdims=True), 1)
        middle = share.cumsum(axis=2) - share / 2
        terms = sure**2 / np.maximum(middle * (1 - middle), 1e-9) * share
        statistic = self._weight(windows) * terms.sum(axis=2)
        p, matters = np.ones(widest.shape), widest >= 0.02
        p[matters] = anderson_tail(statistic[matters])
        return p, widest

    def _extremes(self, windows: Cells) -> tuple[Floats, Floats]:
        """Rows beyond a rank of the reference: hypergeometric, without any law of the numbers."""
        n, m = np.broadcast_arrays(np.maximum(windows.present, 1), self.values)
        every, effects = [], []
        for beyond, rank in self.tails:
            seen = (windows.counts @ beyond[..., None])[..., 0]
            k = np.floor(np.maximum(0.0, seen - windows.allowance * n))
            own = rank + np.ceil(self.cells.allowance * m)
            effect = k / n - own / m
            matters = (k > 0) & (effect >= 0.002)
            p = np.ones(n.shape)
            # Among so many of the largest of all, so many or more are of the window.
            largest = (k + own - 1)[matters]
            p[matters] = hypergeometric_tail(k[matters], n[matters], largest, (n + m)[matters])
            every.append(p)
            effects.append(np.where(p < 1, effect, 0.0))
        p = np.stack(every, axis=-1)
        best = p.argmin(axis=-1)[..., None]
        effect = np.take_along_axis(np.stack(effects, axis=-1), best, axis=-1)[..., 0]
        return harmonic(p, np.full(len(every), 1 / len(every)), -1), effect


def nulls(windows: Cells, reference: Cells) -> tuple[Floats, Floats]:
    """The test of the share of rows without a value."""
    n, m = np.broadcast_arrays(np.maximum(windows.rows, 1), np.maximum(reference.rows, 1))
    r = np.broadcast_to(reference.missing, n.shape)
    effect = windows.missing / n - r / m
    p = np.ones(n.shape)
    matters = np.abs(effect) >= 0.005
    p[matters] = share_test(windows.missing[matters], n[matters], r[matters], m[matters])
    return p, effect


def cell_shares(
    windows: Cells, reference: Cells, asked: Truths, least: float
) -> tuple[Floats, Floats]:
    """The strongest of the tests of single cells' shares, times their number.

    Args:
        windows: what is tested.
        reference: what it is compared with.
        asked: features by cells, which of the cells are tested.
        least: the smallest difference of a share that matters.
    """
    n, m = np.maximum(windows.present, 1)[..., None], np.maximum(reference.present, 1)[..., None]
    k, r, n, m = np.broadcast_arrays(windows.counts, reference.counts, n, m)
    effect = np.where(asked[:, None] & (windows.present[..., None] > 0), k / n - r / m, 0.0)
    p = np.ones(k.shape)
    matters = np.abs(effect) >= least
    p[matters] = share_test(k[matters], n[matters], r[matters], m[matters])
    best = np.where(p.min(axis=2) < 1, p.argmin(axis=2), np.abs(effect).argmax(axis=2))[..., None]
    weights = asked / np.maximum(asked.sum(axis=1, keepdims=True), 1)
    return (
        harmonic(p, weights[:, None], 2),
        np.take_along_axis(effect, best, axis=2)[..., 0],
    )
