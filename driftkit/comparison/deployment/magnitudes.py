"""How much larger one quantity's absolute value is than another's, and bounds of that.

From the difference D = b1 - b0 and the total T = b1 + b0 of the two. As |b| is the larger of b and
-b, |b1| - |b0| = min(max(D, -T), max(T, -D)): the minimum is over the sign of b0, the maximum over
that of b1. It does not fall where D, -D, T or -T rises, so that the ends of intervals of D and T,
put in their places, bound it wherever both intervals hold. Derived here; no independent oracle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


def magnitude_difference(difference: ArrayLike, total: ArrayLike) -> Floats:
    """|b1| - |b0|.

    Args:
        difference: b1 - b0.
        total: b1 + b0.

    >>> old, new = 0.10, -0.04
    >>> round(float(magnitude_difference(new - old, new + old)), 12)
    -0.06
    """
    d, t = np.asarray(difference, np.float64), np.asarray(total, np.float64)
    return np.minimum(np.maximum(d, -t), np.maximum(t, -d))


def magnitude_bounds(
    difference: tuple[ArrayLike, ArrayLike], total: tuple[ArrayLike, ArrayLike]
) -> tuple[Floats, Floats]:
    """Lower and upper bound of |b1| - |b0|.

    Where each of the four ends is wrong with probability alpha / 2, each of the two bounds is wrong
    with probability alpha at most. For the upper one: let b1 >= 0, else turn the signs of both. Then
    the value is the smaller of D and T, and the bound, not below the smaller of their upper ends, is
    wrong only if one of these is. For the lower one: let b0 >= 0, too, by turning its sign, which
    swaps D and T. Then the value is D, the bound is at most max(low of D, -high of T), and -T is at
    most D, so that it is wrong only if the lower end of D is or the upper end of T.

    Args:
        difference: lower and upper end of b1 - b0; infinite where there is none.
        total: the same of b1 + b0.

    >>> low, high = magnitude_bounds((-0.07, -0.05), (0.13, 0.15))
    >>> float(low), float(high)
    (-0.07, -0.05)
    """
    (d_low, d_high), (t_low, t_high) = (
        [np.asarray(end, np.float64) for end in ends] for ends in (difference, total)
    )
    return (
        np.minimum(np.maximum(d_low, -t_high), np.maximum(t_low, -d_high)),
        np.minimum(np.maximum(d_high, -t_low), np.maximum(t_high, -d_low)),
    )
