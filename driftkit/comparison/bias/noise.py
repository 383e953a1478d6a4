"""The noise of a bias metric: scales on which it spreads evenly, and intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A scale on which a metric spreads evenly to both sides.

    Attributes:
        name: for files and messages.
        to: from values to the scale.
        back: from the scale to values.
    """

    name: str
    to: Callable[[Any], Any]
    back: Callable[[float], float]


def _exp(exponent: float) -> float:
    return math.exp(min(exponent, 700.0))


def _sinh(value: float) -> float:
    return math.sinh(max(min(value, 700.0), -700.0))


LINEAR = Scale(name="linear", to=np.asarray, back=float)
# Ratios, for which no bias is 1: half and double are equally far from it.
LOG = Scale(name="log", to=np.log, back=_exp)
# Differences of ratios, which are linear around 0 and like ratios far from it.
ASINH = Scale(name="asinh", to=np.arcsinh, back=_sinh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How a metric spreads around its value.

    Attributes:
        centre: the value that the spread is around; finite also where the metric is not.
        deviation: standard deviation, on the scale.
        scale: on which the spread is a normal one.
    """

    centre: float
    deviation: float
    scale: Scale = LINEAR

    def interval(self, z: float) -> tuple[float, float]:
        """The normal interval, `z` deviations to either side."""
        middle = float(self.scale.to(self.centre))
        reach = z * self.deviation
        return self.scale.back(middle - reach), self.scale.back(middle + reach)

    def detectable(self, confidence: float) -> float:
        """The smallest difference (for ratios: factor) that is found in four of five windows.

        Sum of the two quantiles times the deviation (Cohen, "Statistical Power Analysis", 1988).
        """
        z = z_of(confidence) + NormalDist().inv_cdf(POWER)
        if self.scale is LOG:
            return _exp(z * self.deviation)
        low, high = self.interval(z)
        return max(high - self.centre, self.centre - low)


def z_of(confidence: float, comparisons: int = 1) -> float:
    """Quantile of a two-sided normal interval, so that `comparisons` of them hold together.

    >>> round(z_of(0.95), 3)
    1.96
    """
    return NormalDist().inv_cdf(1 - (1 - confidence) / (2 * max(comparisons, 1)))
