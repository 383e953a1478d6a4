"""Distances of shares in cells: PSI, Kullback-Leibler, Jensen-Shannon, Hellinger and others.

Those with a logarithm of a quotient take half a row more in every cell of either sample (Jeffreys'
prior), so that an empty cell leaves them finite.

Nothing is taken off for few rows: with n and m rows in b cells, samples of the same law have a
Jensen-Shannon distance of about sqrt((b - 1) (1 / n + 1 / m) / (8 ln 2)) by chance, 0.04 for 1,000
rows against many, and a PSI of about (b - 1) (1 / n + 1 / m). Intervals take it off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.probabilities import chi_square_tail

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import CellCounts

_HALF_A_ROW = 0.5


def kl_of(a: Floats, d: Floats) -> Floats:
    """Kullback and Leibler's divergence, the sum of Pa ln(Pa / Pd); natural logarithm.

    Infinite where only the second lacks something.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = a * np.log(a / d)
    return np.asarray(np.where(a == 0, 0.0, terms).sum(axis=-1))


def js_of(a: Floats, d: Floats) -> Floats:
    """Jensen and Shannon's divergence, (KL(Pa, P) + KL(Pd, P)) / 2 with P = (Pa + Pd) / 2."""
    middle = 0.5 * (a + d)
    return np.asarray(0.5 * (kl_of(a, middle) + kl_of(d, middle)))


def jensen_shannon_divergence(counts: CellCounts) -> Floats:
    """Jensen and Shannon's divergence with the logarithm to base 2: 0 to 1."""
    # Rounding may take equal shares below 0, and those with nothing in common above 1.
    return np.clip(js_of(*counts.shares) / math.log(2), 0.0, 1.0)


def jensen_shannon_distance(counts: CellCounts) -> Floats:
    """The root of the divergence."""
    return np.asarray(np.sqrt(jensen_shannon_divergence(counts)))


def kullback_leibler(counts: CellCounts) -> Floats:
    """Kullback and Leibler's divergence of the window from the baseline, in nats."""
    return np.maximum(kl_of(*_filled(counts)), 0.0)


def population_stability(counts: CellCounts) -> Floats:
    """PSI, the sum of (q - p) ln(q / p) for shares q of the window and p of the baseline."""
    return stability_of(*_filled(counts))


def stability_of(q: Floats, p: Floats) -> Floats:
    """PSI of shares that are not 0."""
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def hellinger(counts: CellCounts) -> Floats:
    """Root of half the squared distance of the roots of the shares: 0 to 1."""
    q, p = counts.shares
    square = ((np.sqrt(q) - np.sqrt(p)) ** 2).sum(axis=-1) / 2
    return np.asarray(np.sqrt(np.minimum(square, 1.0)))


def total_variation(counts: CellCounts) -> Floats:
    """Half the sum of the differences of shares: the share of the rows that would have to move."""
    q, p = counts.shares
    return np.asarray(np.minimum(np.abs(q - p).sum(axis=-1) / 2, 1.0))


def l_infinity(counts: CellCounts) -> Floats:
    """The greatest difference of a share."""
    q, p = counts.shares
    return np.asarray(np.abs(q - p).max(axis=-1))


def chi_square_of(counts: CellCounts) -> Floats:
    """Pearson's chi-square of the 2 x K table of counts, without any correction."""
    n, m = counts.totals
    both = counts.now + counts.before
    terms = (m * counts.now - n * counts.before) ** 2 / np.where(both > 0, n * m * both, 1.0)
    return np.asarray(terms.sum(axis=-1))


def chi_square_p(counts: CellCounts) -> Floats:
    """Probability of so large a chi-square where both have the same shares."""
    return chi_square_p_of(chi_square_of(counts), counts)


def chi_square_p_of(statistic: Floats, counts: CellCounts) -> Floats:
    """The same of a statistic of these cells; 1 where all rows are in one of them."""
    cells = ((counts.now + counts.before) > 0).sum(axis=-1)
    return np.where(cells > 1, chi_square_tail(statistic, np.maximum(cells - 1, 1)), 1.0)


def cramers_v(counts: CellCounts) -> Floats:
    """Root of chi-square by the rows of both: 0 to 1."""
    rows = sum(each[..., 0] for each in counts.totals)
    return np.sqrt(np.minimum(chi_square_of(counts) / rows, 1.0))


def _filled(counts: CellCounts) -> tuple[Floats, Floats]:
    """Shares with half a row more in every cell."""
    more = counts.now.shape[-1] * _HALF_A_ROW
    n, m = counts.totals
    return (counts.now + _HALF_A_ROW) / (n + more), (counts.before + _HALF_A_ROW) / (m + more)
