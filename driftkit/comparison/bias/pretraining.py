"""The eight bias metrics before training, as functions of counts.

Formulas: Hardt et al., "Amazon SageMaker Clarify: Machine Learning Bias Detection and
Explainability in the Cloud", KDD 2021, and the public documentation page
"Measure pre-training bias". Subscript a is the rest of the rows, d the disadvantaged facet;
n counts rows, n1 positive and n0 negative labels. All functions take one table or a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.table import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.comparison.bias.table import GroupTable

# Cuts a double into two of 26 bits (Veltkamp).
_SPLITTER = 2.0**27 + 1


def class_imbalance(table: GroupTable) -> NDArray[np.float64]:
    """CI = (na - nd) / (na + nd).

    >>> from driftkit.comparison.bias.table import GroupTable
    >>> counts = np.array([3.0, 0, 0, 0, 1, 0, 0, 0]).reshape(2, 2, 2, 1)
    >>> float(class_imbalance(GroupTable(counts=counts, weighted=np.ones(1, dtype=bool))))
    0.5
    """
    sizes = table.sizes()
    return divide(sizes[..., 0] - sizes[..., 1], sizes.sum(axis=-1), table.undefined)


def label_proportions(table: GroupTable) -> NDArray[np.float64]:
    """DPL = na1/na - nd1/nd."""
    return proportion_difference(table.labels(), table.undefined)


def proportion_difference(counts: NDArray[np.float64], undefined: float) -> NDArray[np.float64]:
    """Positive share of the rest less that of the facet; counts are (..., facet, outcome)."""
    shares = divide(counts[..., 1], counts.sum(axis=-1), undefined)
    return np.asarray(shares[..., 0] - shares[..., 1])


def of_labels(
    measure: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> Callable[[GroupTable], NDArray[np.float64]]:
    """A measure of how the shares of every label differ between the rest and the facet."""

    def formula(table: GroupTable) -> NDArray[np.float64]:
        labels = table.labels()
        if table.rules.common_labels_only:
            return measure(*shares_of(labels))
        shares = divide(labels, labels.sum(axis=-1, keepdims=True), table.undefined)
        # Rounding may take a divergence below zero; smclarify's may truly be.
        return np.maximum(measure(shares[..., 0, :], shares[..., 1, :]), 0.0)

    return formula


def label_disparity(table: GroupTable) -> NDArray[np.float64]:
    """CDDL = weighted mean over groups of D - A, on labels."""
    return conditional_disparity(table, table.counts.sum(axis=-2))


def conditional_disparity(table: GroupTable, outcomes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over groups of ng (Dg - Ag), divided by the sum of ng.

    Dg is the facet's share among the rejected of group g, Ag among the accepted (Wachter,
    Mittelstadt, Russell, "Why fairness cannot be automated", 2021). Where a group has none of
    them, smclarify has a share of 0; by the other dialect's rules such groups, in which all were
    treated alike, say nothing and are left out.

    Args:
        table: says which groups count.
        outcomes: shape (..., facet, outcome, group).
    """
    totals = outcomes.sum(axis=-3)
    shares = divide(outcomes[..., 1, :, :], totals)
    sizes = totals.sum(axis=-2) * table.weighted
    if not table.rules.one_outcome_is_disparity:
        sizes = sizes * (totals > 0).all(axis=-2)
    disparity = shares[..., 0, :] - shares[..., 1, :]
    return divide((sizes * disparity).sum(axis=-1), sizes.sum(axis=-1), table.undefined)


def shares_of(labels: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of every label in the rest and in the facet, (..., labels) each.

    Labels that one of the two lacks have share 0 in both, and the others are not scaled up
    again: so does smclarify, whence KL and JS can be negative.

    Args:
        labels: counts, shape (..., facet, labels).
    """
    shares = divide(labels, labels.sum(axis=-1, keepdims=True))
    common = (labels > 0).all(axis=-2, keepdims=True)
    kept = np.where(common, shares, 0.0)
    return kept[..., 0, :], kept[..., 1, :]


def lp_of(a: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    """LP = square root of the sum of (Pa - Pd)^2."""
    return np.asarray(np.sqrt(_square_sum(a - d)))


def _square_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of squares along the last axis, each square added without being rounded before.

    Clarify takes numpy's norm, which multiplies and adds in one step on processors with AVX-512,
    as AWS's are, and in two on others. Here it is one step everywhere: a square's rounding error
    is exact in a double (Dekker, Numerische Mathematik 18, 1971), and so is a sum's (Knuth).
    """
    upper = values * _SPLITTER
    upper = upper - (upper - values)
    lower = values - upper
    squares = values * values
    lost = lower * lower - ((squares - upper * upper) - 2 * upper * lower)
    total = np.zeros(values.shape[:-1])
    for index in range(values.shape[-1]):
        square, before = squares[..., index], total
        total = before + square
        added = total - before
        error = (before - (total - added)) + (square - added)
        total = total + (error + lost[..., index])
    return np.asarray(total)


def tvd_of(a: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    """TVD = half the sum of abs(Pa - Pd)."""
    return np.asarray(0.5 * np.abs(a - d).sum(axis=-1))


def ks_of(a: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    """KS = greatest abs(Pa - Pd)."""
    return np.asarray(np.abs(a - d).max(axis=-1))
