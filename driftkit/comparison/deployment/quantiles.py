"""Between which ranks the quantile of a distribution lies, whatever the distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers


def order_statistic_ranks(
    n: ArrayLike, share: ArrayLike, alpha: float
) -> tuple[Integers, Integers]:
    """Ranks of the values between which a quantile lies (Thompson 1936, Ann. Math. Statist. 7:122).

    The number of values below the quantile is binomial, so that the interval holds whatever the
    values; read it off sorted values, or off a quantile sketch at rank / n.

    Args:
        n: number of values.
        share: of values below the quantile, between 0 and 1.
        alpha: how often the interval may miss, half of it on each side.

    Returns:
        Lower and upper rank, counted from 1; 0 and n + 1 where n values do not bound that side.

    >>> low, high = order_statistic_ranks(300, 0.9, 0.05)
    >>> int(low), int(high)
    (259, 281)
    """
    whole, p = np.asarray(n, dtype=np.int64), np.asarray(share, dtype=float)
    low = _binomial_quantile(alpha / 2, whole, p)
    # Of the values at or above the quantile as many are sure to be there, by the same reckoning.
    high = whole + 1 - _binomial_quantile(alpha / 2, whole, 1 - p)
    return low, high


def _binomial_quantile(tail: float, n: Integers, p: Floats) -> Integers:
    """The least k with P(X <= k) >= tail."""
    from scipy.special import bdtr, bdtrik  # noqa: PLC0415  (slow to load)

    k = np.maximum(np.ceil(np.nan_to_num(bdtrik(tail, n, p))), 0.0)
    # SciPy's inverse is one off where rounding decides.
    less = np.maximum(k - 1, 0.0)
    k = np.where(bdtr(k, n, p) < tail, k + 1, k)
    return np.where(bdtr(less, n, p) >= tail, less, k).astype(np.int64)
