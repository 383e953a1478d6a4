"""Bias drift: compares a bias metric with its baseline.

AWS documents an interval (page "Monitor Bias Drift for Models in Production"), but five real runs
follow a point rule; docs/bias.md has both side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.comparison.bias.noise import LOG

if TYPE_CHECKING:
    from driftkit.comparison.bias.noise import Noise

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A metric against its baseline.

    Attributes:
        worse: whether it violates.
        allowed: the range of values that are as good as the baseline's, or better.
        interval: where the metric lies, noise considered; None under the point rule, and where
            the noise is not known.
        differs_from_point_rule: whether the other rule would have said otherwise.
    """

    worse: bool
    allowed: Range
    interval: Range | None
    differs_from_point_rule: bool = False


def point_rule(current: float, baseline: float) -> Comparison:
    """Worse if abs(current) > abs(baseline), as in every real run.

    >>> point_rule(-0.3, 0.2).worse, point_rule(0.1, -0.2).worse, point_rule(0.2, 0.2).worse
    (True, False, False)
    """
    reach = abs(baseline)
    return Comparison(worse=abs(current) > reach, allowed=(-reach, reach), interval=None)


def allowed_range(baseline: float, *, ratio: bool) -> Range:
    """Values that are as good as the baseline's.

    As far from 0 as the baseline, to either side; for ratios as far from 1 on a logarithmic scale.

    >>> allowed_range(-0.2, ratio=False), allowed_range(0.8, ratio=True)
    ((-0.2, 0.2), (0.8, 1.25))
    """
    if not ratio:
        return -abs(baseline), abs(baseline)
    if baseline <= 0 or math.isinf(baseline):
        return 0.0, math.inf
    return min(baseline, 1 / baseline), max(baseline, 1 / baseline)


def noise_rule(
    current: float,
    baseline: float,
    allowed: Range | None,
    spread: Noise | None,
    z: float,
) -> Comparison:
    """Worse only if the whole interval of the metric lies outside the allowed range.

    Args:
        current: the metric in the window.
        baseline: the metric in the baseline.
        allowed: the user's range; None for the baseline's.
        spread: the noise of the window, with that of the baseline where it is known; None where
            there is none, as for the flip test: then the point decides.
        z: deviations to either side.
    """
    ratio = spread is not None and spread.scale is LOG
    low, high = allowed_range(baseline, ratio=ratio) if allowed is None else allowed
    interval = (current, current) if spread is None else spread.interval(z)
    worse = interval[0] > high or interval[1] < low
    return Comparison(
        worse=worse,
        allowed=(low, high),
        interval=None if spread is None else interval,
        differs_from_point_rule=worse != point_rule(current, baseline).worse,
    )
