"""How sure an estimated metric is, and how far it moves in an ordinary window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong_bins import delong_of_bins
from driftkit.comparison.estimation.outcomes import AUC, gradients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.estimation.outcomes import Outcomes

Range = tuple[float, float]
_DEVIATIONS = 3.0


def sampling_variances(outcomes: Outcomes, rows: float | None = None) -> dict[str, float]:
    """The variance of each metric over windows of rows like these.

    Of metrics of a threshold by the delta method on the confusion matrix, of the AUC by DeLong's
    placements. There is none of the average precision.

    Args:
        outcomes: of rows, expected or counted.
        rows: of a window; None for as many as the outcomes have.
    """
    matrix = np.array(outcomes.matrix)
    found = {
        name: float(matrix @ np.square(slopes)) for name, slopes in gradients(outcomes).items()
    }
    area = float(delong_of_bins(outcomes.positives, outcomes.negatives).covariance[0, 0])
    if not math.isnan(area):
        found[AUC] = area
    scale = 1.0 if rows is None else float(matrix.sum()) / rows
    return {name: each * scale for name, each in found.items()}


def limits(values: Sequence[float]) -> Range | None:
    """Mean less and plus three standard deviations of a metric over blocks of the reference.

    Within what a share can be; None of fewer than two blocks.

    >>> limits([0.5, 0.75])
    (0.25, 1.0)
    """
    known = np.array([each for each in values if not math.isnan(each)])
    if len(known) < 2:
        return None
    return around(float(known.mean()), float(known.std()))


def around(middle: float, deviation: float) -> Range:
    """Three standard deviations to both sides, within what a share can be."""
    half = _DEVIATIONS * deviation
    return max(middle - half, 0.0), min(middle + half, 1.0)
