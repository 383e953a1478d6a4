"""How sure an estimated metric is, and how far it moves in an ordinary window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.outcomes import AUC

if TYPE_CHECKING:
    from driftkit.comparison.estimation.outcomes import Outcomes

Range = tuple[float, float]
_DEVIATIONS = 3.0


def sampling_variances(outcomes: Outcomes) -> dict[str, float]:
    """The variance of each metric over windows of as many rows like these, expected or counted.

    Of metrics of a threshold by the delta method on the confusion matrix, of the AUC by DeLong's
    placements. There is none of the average precision.
    """
    matrix = np.array(outcomes.matrix)
    found = {name: float(matrix @ np.square(slopes)) for name, slopes in outcomes.gradients.items()}
    area = float(outcomes.placed.variance)
    if not math.isnan(area):
        found[AUC] = area
    return found


def around(middle: float, deviation: float, times: float = _DEVIATIONS, most: float = 1.0) -> Range:
    """Three standard deviations, or so many, to both sides, within what a share can be.

    Args:
        middle: of the range.
        deviation: the standard deviation.
        times: how many of them.
        most: the greatest value, where it is not that of a share; the least is 0.

    >>> around(0.625, 0.125)
    (0.25, 1.0)
    """
    half = times * deviation
    return max(middle - half, 0.0), min(middle + half, most)
