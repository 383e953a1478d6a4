"""The exact test of two shares, on which most tests of drift stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.probabilities import hypergeometric_tail, normal_two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

# The normal approximation is taken where each of the four expected counts exceeds this.
_MANY = 50


def share_test(
    hits: ArrayLike, rows: ArrayLike, reference_hits: ArrayLike, reference_rows: ArrayLike
) -> Floats:
    """Two-sided p-values that two samples have the same share of hits.

    Twice the smaller tail of the hypergeometric law given all hits (Fisher's conditional test);
    the normal law where all expected counts are large.

    Args:
        hits: rows of the window that are hits.
        rows: rows of the window.
        reference_hits: the same of the reference.
        reference_rows: the same of the reference.

    Returns:
        p-values in the shape of the arguments together; 1 where a sample has no rows.

    >>> float(share_test(5, 100, 0, 1_000).round(8))
    1.132e-05
    """
    k, n, r, m = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (hits, rows, reference_hits, reference_rows))
    )
    share = (k + r) / np.maximum(n + m, 1)
    asked = (k + r > 0) & (share < 1) & (n > 0) & (m > 0)
    many = asked & (np.minimum(n, m) * np.minimum(share, 1 - share) > _MANY)
    p = np.ones(k.shape)
    p[many] = _normal(k[many], n[many], r[many], m[many])
    few = asked & ~many
    p[few] = _exact(k[few], n[few], r[few], m[few])
    return p


def _normal(k: Floats, n: Floats, r: Floats, m: Floats) -> Floats:
    share = (k + r) / (n + m)
    deviation = np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return normal_two_sided((k / n - r / m) / deviation)


def _exact(k: Floats, n: Floats, r: Floats, m: Floats) -> Floats:
    as_many = hypergeometric_tail(k, n, k + r, n + m)
    # So few in the window are so many in the reference.
    as_few = hypergeometric_tail(r, m, k + r, n + m)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(as_many, as_few)))
