"""AUCs and their covariance from counts of binned scores, at every look at once.

They are those of DeLong, exactly, if a row's score were its bin: rows of one bin tie. Counts add up
over parts and hours, which scores do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong import Aucs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers, Truths

# Looks after which the rows so far are gathered in one table: few enough that the rows between are
# few, enough that the table, a number for each two bins, is seldom gone through.
_BLOCK = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCells:
    """Rows by look, class and the bins of their two scores; a cell may stand there several times.

    Attributes:
        look: the first look at which the rows are there, from 0, shape (cells,).
        positive: whether their label is positive.
        champion: bin of the champion's score, from 0 for the lowest.
        challenger: bin of the challenger's.
        count: rows.
    """

    look: Integers
    positive: Truths
    champion: Integers
    challenger: Integers
    count: Integers

    def at(self, chosen: Truths | Integers) -> PairCells:
        """Some of the cells, by a mask or by their numbers."""
        return PairCells(
            look=self.look[chosen],
            positive=self.positive[chosen],
            champion=self.champion[chosen],
            challenger=self.challenger[chosen],
            count=self.count[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One score's AUC, and each bin's placements less their mean, of shape (..., bins).

    Attributes:
        positives: positive rows of each bin, lowest first.
        negatives: the same of negative rows.
        auc: the share of pairs of both in which the positive row is higher, of shape (...).
        won: the share of negative rows below each bin, less their mean over positive rows.
        lost: the share of positive rows below each bin, less their mean over negative rows.
    """

    positives: Floats
    negatives: Floats
    auc: Floats
    won: Floats
    lost: Floats

    @property
    def variance(self) -> Floats:
        """That of the AUC; NaN where a class has not two rows."""
        of_positives = (self.positives * self.won**2).sum(axis=-1)
        of_negatives = (self.negatives * self.lost**2).sum(axis=-1)
        return self.covariance(of_positives, of_negatives)

    def covariance(self, of_positives: Floats, of_negatives: Floats) -> Floats:
        """That of two AUCs, from the sums of products of the rows' placements."""
        total: Floats = np.zeros(())
        for products, counts in ((of_positives, self.positives), (of_negatives, self.negatives)):
            rows = counts.sum(axis=-1)
            rows = np.where(rows >= 2, rows, np.nan)
            total = total + products / (rows - 1) / rows
        return total


def placed(positives: Floats, negatives: Floats) -> Placed:
    """The placements of binned rows; NaN where a class has no row."""
    won, lost = _share_below(negatives), _share_below(positives)
    rows = positives.sum(axis=-1)
    auc = (positives * won).sum(axis=-1) / np.where(rows > 0, rows, np.nan)
    return Placed(
        positives=positives,
        negatives=negatives,
        auc=auc,
        won=won - auc[..., None],
        lost=lost - (1 - auc)[..., None],
    )


def _share_below(counts: Floats) -> Floats:
    """For each bin the share of rows in lower bins, those in the bin counted half."""
    below = counts.cumsum(axis=-1)
    rows = below[..., -1:]
    return (below - counts / 2) / np.where(rows > 0, rows, np.nan)


def delong_of_bins(positives: ArrayLike, negatives: ArrayLike) -> Aucs:
    """The AUC of one binned score with its variance, for arms with rows of their own.

    Args:
        positives: positive rows of each bin, lowest first, shape (..., bins).
        negatives: the same of negative rows.

    Returns:
        Of shape (..., 1) and (..., 1, 1).

    >>> delong_of_bins([0, 1, 1], [1, 1, 0]).values.tolist()
    [0.875]
    """
    found = placed(np.asarray(positives, dtype=float), np.asarray(negatives, dtype=float))
    return Aucs(values=found.auc[..., None], covariance=found.variance[..., None, None])


def delong_of_pairs(cells: PairCells, looks: int, bins: int) -> Aucs:
    """The AUCs of two binned scores of the same rows at each look, over the rows up to it.

    Args:
        cells: rows of both classes, in any order.
        looks: how many.
        bins: of each score.

    Returns:
        Of shape (looks, 2) and (looks, 2, 2), the champion first.

    >>> one, two = np.array([2, 0, 1, 0]), np.array([2, 1, 0, 0])
    >>> label, here = np.array([True, True, False, False]), np.zeros(4, dtype=np.int64)
    >>> cells = PairCells(look=here, positive=label, champion=one, challenger=two, count=here + 1)
    >>> delong_of_pairs(cells, 1, 3).values.tolist()
    [[0.625, 1.0]]
    """
    ordered = cells.at(np.argsort(cells.look, kind="stable"))
    ones, zeros = ordered.at(ordered.positive), ordered.at(~ordered.positive)
    shape = looks, bins
    first, second = (
        placed(_so_far(ones, name, shape), _so_far(zeros, name, shape))
        for name in ("champion", "challenger")
    )
    between = first.covariance(
        _products(ones, first.won, second.won), _products(zeros, first.lost, second.lost)
    )
    covariance = np.stack([first.variance, between, between, second.variance], axis=-1)
    return Aucs(
        values=np.stack([first.auc, second.auc], axis=-1),
        covariance=covariance.reshape(looks, 2, 2),
    )


def _so_far(cells: PairCells, score: str, shape: tuple[int, int]) -> Floats:
    """Rows by look and bin of one of the scores, each look with those before it."""
    at = cells.look * shape[1] + getattr(cells, score)
    rows = np.bincount(at, weights=cells.count, minlength=shape[0] * shape[1])
    return rows.reshape(shape).cumsum(axis=0)


def _products(cells: PairCells, champion: Floats, challenger: Floats) -> Floats:
    """At each look, over the rows up to it, the sum of products of the two placements.

    Every look has placements of its own, so that no look's sum follows from the one before. What is
    the same for the looks of a block, the table of the rows before it, is multiplied for all of them
    in one product of matrices.

    Args:
        cells: ascending by look.
        champion: placements of the champion's bins, shape (looks, bins).
        challenger: the same of the challenger's.
    """
    looks, bins = champion.shape
    table = np.zeros((bins, bins))
    totals = np.zeros(looks)
    count = cells.count.astype(float)
    ends = np.searchsorted(cells.look, np.arange(looks), side="right")
    start = 0
    for first in range(0, looks, _BLOCK):
        block = slice(first, min(first + _BLOCK, looks))
        if start:
            totals[block] = ((champion[block] @ table) * challenger[block]).sum(axis=1)
        for look in range(block.start, block.stop):
            new = slice(start, ends[look])
            products = champion[look][cells.champion[new]] * challenger[look][cells.challenger[new]]
            totals[look] += products @ count[new]
        new = slice(start, ends[block.stop - 1])
        np.add.at(table, (cells.champion[new], cells.challenger[new]), count[new])
        start = ends[block.stop - 1]
    return totals
