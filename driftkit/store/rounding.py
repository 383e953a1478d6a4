"""Rounds numbers that are known or shown less exactly than a double, so that they take less room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# As a single-precision number: sketches know a quantile's rank to a hundredth.
_QUANTILE_BITS = 24
# A page shows tenths of a percent; what is rare is not to vanish.
_SHARE_DECIMALS = 4
_RARE = 0.001


def rounded_quantiles(values: Sequence[float]) -> list[float]:
    """Numbers to 24 binary digits; the rest are zeros, which compress to nothing.

    Args:
        values: the numbers; what is not finite stays as it is.

    >>> rounded_quantiles([1 / 3, 0.0, 1e300])
    [0.3333333432674408, 0.0, 9.999999800371198e+299]
    """
    mantissas, exponents = np.frexp(np.asarray(values, dtype=np.float64))
    whole = np.round(mantissas * 2.0**_QUANTILE_BITS)
    found: list[float] = np.ldexp(whole, exponents - _QUANTILE_BITS).tolist()
    return found


def rounded_shares(values: Iterable[float]) -> list[float]:
    """Shares to hundredths of a percent, rare ones to two digits: there are few different ones.

    >>> rounded_shares([1 / 3, 0.0, 0.000123456])
    [0.3333, 0.0, 0.00012]
    """
    return [
        float(f"{each:.2g}") if abs(each) < _RARE else round(each, _SHARE_DECIMALS)
        for each in values
    ]
