"""Where a falling function crosses zero, for arrays of brackets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Of a bracket that is 2 wide, as differences of shares have it, they leave less than 1e-17.
_HALVINGS = 60


def falling_root(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The root by bisection; the end of the bracket behind which it lies where it is outside.

    Args:
        function: takes an array of the brackets' shape; infinities are welcome.
        low: lower ends of the brackets.
        high: upper ends.

    Returns:
        Of the brackets' shape.

    >>> import numpy as np
    >>> root = falling_root(lambda x: 2 - x * x, np.array([0.0]), np.array([2.0]))
    >>> round(float(root[0]), 12)
    1.414213562373
    """
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = function(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2
