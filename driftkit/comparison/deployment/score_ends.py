"""The interval of a difference of shares: the differences that its score test does not refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats

# Of a bracket that is 2 wide, as differences of shares have it, they leave less than 1e-17.
_HALVINGS = 60


def score_ends(
    score: Callable[[Floats], Floats],
    seen: Floats,
    alpha: float,
) -> tuple[Floats, Floats]:
    """The ends, by bisection; -1 or 1 where no difference on that side is refused.

    Args:
        score: how many standard errors the seen difference is above a supposed one, of which it
            takes an array of shape (2, ...); falling, infinities are welcome.
        seen: the difference, shape (...), at which the score is 0.
        alpha: how often the interval may miss.

    Returns:
        Lower and upper ends, shape (...) both.

    >>> import numpy as np
    >>> low, high = score_ends(lambda gap: (0.2 - gap) / 0.1, np.array(0.2), 0.05)
    >>> round(float(low), 4), round(float(high), 4)
    (0.004, 0.396)
    """
    from scipy.special import ndtri  # noqa: PLC0415  (slow to load)

    z = -float(ndtri(alpha / 2))
    levels = np.array([z, -z]).reshape(2, *[1] * seen.ndim)
    low = np.stack([np.full_like(seen, -1.0), seen])
    high = np.stack([seen, np.full_like(seen, 1.0)])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = score(middle) - levels > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    ends = (low + high) / 2
    return ends[0], ends[1]
