"""Two versions that answered the same requests: tests of right and wrong answers, and agreement.

Of a table of pairs only two cells tell the versions apart: pairs that the champion alone answered
right, and pairs that the challenger alone did. Counts are arrays of one shape, or numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.score_ends import score_ends

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


def mcnemar(champion_only: ArrayLike, challenger_only: ArrayLike) -> Floats:
    """The exact p-value, both sides, of both being right equally often (McNemar 1947).

    Psychometrika 12:153; exact as the binomial test of the discordant pairs. 1 without any.

    >>> round(float(mcnemar(97, 126)), 7)
    0.0605471
    """
    from scipy.special import bdtr  # noqa: PLC0415  (slow to load)

    lost, won = np.asarray(champion_only, dtype=float), np.asarray(challenger_only, dtype=float)
    discordant = lost + won
    tail = bdtr(np.minimum(lost, won), np.maximum(discordant, 1).astype(np.int64), 0.5)
    return np.where(discordant > 0, np.minimum(2 * tail, 1.0), 1.0)


def tango(
    champion_only: ArrayLike, challenger_only: ArrayLike, pairs: ArrayLike, alpha: float
) -> tuple[Floats, Floats]:
    """Score interval of the share of right answers, challenger less champion.

    Tango 1998, Statistics in Medicine 17:891, written from memory; no independent oracle. It has a
    width also where no pair is discordant.

    Args:
        champion_only: pairs that the champion alone answered right.
        challenger_only: pairs that the challenger alone answered right.
        pairs: all of them.
        alpha: how often the interval may miss.

    Returns:
        Lower and upper ends; NaN without pairs.

    >>> low, high = tango(40, 25, 1_000, 0.05)
    >>> round(float(low), 7), round(float(high), 7)
    (-0.0314936, 0.0008244)
    """
    lost, won, n = np.broadcast_arrays(*_floats(champion_only, challenger_only, pairs))
    gap = (won - lost) / n
    return score_ends(lambda tried: _tango_score(lost, won, n, tried), gap, alpha)


def _tango_score(lost: Floats, won: Floats, n: Floats, gap: Floats) -> Floats:
    b = (2 * n - won + lost) * gap - won - lost
    c = -lost * gap * (1 - gap)
    root = np.sqrt(np.maximum(b * b - 8 * n * c, 0.0))
    # The likeliest share of pairs that the champion alone wins, if `gap` is true. Two forms of the
    # same root: the one that subtracts nothing from its like is taken.
    direct = (root - b) / (4 * n)
    turned = np.divide(-2 * c, root + b, out=np.zeros_like(direct), where=b > 0)
    share = np.where(b > 0, turned, direct)
    above = won - lost - n * gap
    with np.errstate(divide="ignore", invalid="ignore"):
        score = above / np.sqrt(n * np.maximum(2 * share + gap * (1 - gap), 0.0))
    return np.where(above == 0, 0.0, score)


def agreement(table: ArrayLike) -> Floats:
    """The share of pairs in which both gave the same answer.

    Args:
        table: pairs by the champion's and the challenger's answer, shape (..., answers, answers).

    >>> float(agreement([[40, 5], [15, 40]]))
    0.8
    """
    counts = np.asarray(table, dtype=float)
    return np.asarray(np.trace(counts, axis1=-2, axis2=-1) / _pairs(counts))


def kappa(table: ArrayLike) -> Floats:
    """Agreement beyond that by chance (Cohen 1960, Educ. Psychol. Meas. 20:37).

    1 is full agreement, 0 what independent answers of the same shares give; NaN where both give one
    and the same answer always.

    Args:
        table: pairs by the champion's and the challenger's answer, shape (..., answers, answers).

    >>> round(float(kappa([[40, 5], [15, 40]])), 4)
    0.604
    """
    counts = np.asarray(table, dtype=float)
    n = _pairs(counts)
    chance = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1) / n**2
    left = np.where(chance < 1, 1 - chance, np.nan)
    return np.asarray((agreement(counts) - chance) / left)


def _pairs(counts: Floats) -> Floats:
    n = counts.sum(axis=(-2, -1))
    return np.where(n > 0, n, np.nan)


def _floats(*counts: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """The counts, the last of which is NaN where it is 0."""
    lost, won, n = (np.asarray(each, dtype=float) for each in counts)
    return lost, won, np.where(n > 0, n, np.nan)
