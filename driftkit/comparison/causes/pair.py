"""The numbers of a baseline beside those of a window, and how far a model of the change fits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.lines import lines, median_ratio, misfits, ratios
from driftkit.comparison.causes.ordinary import Ordinary
from driftkit.comparison.detection.cells import sketch_allowance
from driftkit.comparison.distributions import widest_gap

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.causes.samples import Numbers

# Two samples of one law are further apart in one of a hundred cases, times sqrt(1/n + 1/m).
_CHANCE = 1.63
# In standard deviations.
_SAME = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A baseline and a window of one feature, both with values.

    Attributes:
        before: of the baseline.
        now: of the window.
        ordinary: how far ordinary windows are from the baseline, where that is known.
    """

    before: Numbers
    now: Numbers
    ordinary: Ordinary = field(default_factory=Ordinary)

    @cached_property
    def sampling(self) -> float:
        """How far the distributions of two samples of one law may be apart."""
        n, m = self.now.present, self.before.present
        return _CHANCE * math.sqrt(1 / n + 1 / m) + sketch_allowance(n) + sketch_allowance(m)

    @property
    def chance(self) -> float:
        """The same, or how far those of ordinary windows are, if that is more."""
        return max(self.sampling, self.ordinary.gap)

    @cached_property
    def gap(self) -> float:
        """How far the distributions are apart."""
        return widest_gap(self.before.distribution, self.now.distribution).distance

    @cached_property
    def scale(self) -> float:
        """A standard deviation of the baseline's middle, never 0."""
        return max(self.before.deviation, 1e-12)

    @cached_property
    def moves(self) -> Floats:
        """How far the quantiles from 5 to 95 % went."""
        return self.now.middle - self.before.middle

    @cached_property
    def line(self) -> tuple[float, float]:
        """Factor and offset of the line through the quantiles."""
        factors, offsets = lines(self.before.middle, self.now.middle[None])
        return float(factors[0]), float(offsets[0])

    @cached_property
    def factors(self) -> tuple[float, float]:
        """Those without an offset, by squares and by absolute differences; not all before may be 0."""
        before, now = self.before.middle, self.now.middle
        return float(ratios(before, now[None])[0]), median_ratio(before, now)

    def misfit(self, factor: float, offset: float) -> float:
        """What factor and offset leave of the quantiles, in standard deviations."""
        model = np.array([factor]), np.array([offset])
        return float(misfits(self.before.middle, self.now.middle[None], *model)[0])

    @property
    def moved(self) -> float | None:
        """How far typical values went, in standard deviations; None where the baseline has none."""
        return float(np.mean(self.moves)) / self.scale if self.before.deviation > 0 else None

    def apart(self, factor: float, offset: float) -> float:
        """How far the window is from factor times the baseline plus an offset.

        Values that are nearly the same count as the same, as Paul Levy's metric has it: factors and
        results are given with few digits.
        """
        model, now = self.before.changed(factor, offset).distribution, self.now.distribution
        points = np.concatenate([model.values, now.values])
        beyond = points + _SAME * self.now.deviation
        above = model.shares(points) - now.shares(beyond)
        below = now.shares(points) - model.shares(beyond)
        return float(max(above.max(), below.max(), 0.0))

    def fit(self, apart: float) -> float:
        """The part of the gap that is explained, what chance may leave counted as explained."""
        return 1 - max(0.0, apart - self.chance) / max(self.gap, apart, 1e-12)
