"""The energy distance of vectors, from the distributions of some projections of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import sketch_allowance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.distributions import Distribution

# Steps to which distributions are cut: more of them change the noise by less than a hundredth.
_STEPS = 64
_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicedEnergy:
    """How far two sets of vectors are apart.

    Attributes:
        value: from 0 (the same) to 1 (no value in common, each set in one point); chance may make it
            slightly negative.
        noise: what it hardly ever exceeds where nothing has changed.
    """

    value: float
    noise: float


def sliced_energy(pairs: Sequence[tuple[Distribution, Distribution]]) -> SlicedEnergy:
    """The energy coefficient of vectors, averaged over their projections.

    Of each projection, the energy distance is 2 integral (F - G)^2, from which its expectation is
    subtracted where nothing has changed; the sum is divided by that of 2 E|X - Y|. It is an unbiased MMD
    whose kernel is the negative distance along the projections (Szekely and Rizzo 2013; Sejdinovic
    et al. 2013). The noise is its standard deviation if all projections moved together, which they
    do not, times four, and what the sketches may err by.

    Args:
        pairs: the distributions of each projection, with at least one value each.
    """
    apart = spread = noise = 0.0
    for now, before in pairs:
        points = np.union1d(now.values, before.values)
        widths = np.diff(points)
        first, second = now.shares(points)[:-1], before.shares(points)[:-1]
        scale = 1.0 / now.total + 1.0 / before.total
        pooled = (now.total * first + before.total * second) / (now.total + before.total)
        unchanged = float((pooled * (1.0 - pooled)) @ widths)
        apart += 2.0 * float((first - second) ** 2 @ widths) - 2.0 * scale * unchanged
        spread += 2.0 * float((first * (1.0 - second) + second * (1.0 - first)) @ widths)
        error = sketch_allowance(now.total) + sketch_allowance(before.total)
        noise += _DEVIATIONS * scale * _deviation(pooled, widths)
        noise += 2.0 * error**2 * float(widths[(pooled > 0.001) & (pooled < 0.999)].sum())
    if not spread:
        return SlicedEnergy(value=0.0, noise=0.0)
    return SlicedEnergy(value=apart / spread, noise=noise / spread)


def _deviation(shares: Floats, widths: Floats) -> float:
    """That of 2 integral B^2, where B is a Brownian bridge at the shares."""
    if len(shares) > _STEPS:
        steps = np.array_split(np.arange(len(shares)), _STEPS)
        shares = np.array([shares[each].mean() for each in steps])
        widths = np.array([widths[each].sum() for each in steps])
    lower, upper = np.minimum.outer(shares, shares), np.maximum.outer(shares, shares)
    return 2.0 * math.sqrt(2.0 * float(widths @ (lower * (1.0 - upper)) ** 2 @ widths))
