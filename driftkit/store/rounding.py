"""Rounds numbers that are known or drawn less exactly than a double, so that they take less room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# Finer than a chart or its numbers show a share of the rows.
SHARE_BITS = 17
# As a single-precision number: sketches know a quantile's rank to a hundredth.
QUANTILE_BITS = 24


def rounded(values: Sequence[float], bits: int) -> list[float]:
    """Numbers to so many binary digits, whatever their size.

    Args:
        values: the numbers; what is not finite stays as it is.
        bits: digits that count; the rest are zeros, which compress to nothing.

    >>> rounded([1 / 3, 0.0, 1e300], 17)
    [0.3333320617675781, 0.0, 1.0000022153782665e+300]
    """
    mantissas, exponents = np.frexp(np.asarray(values, dtype=np.float64))
    found: list[float] = np.ldexp(np.round(mantissas * 2.0**bits), exponents - bits).tolist()
    return found
