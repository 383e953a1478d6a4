"""How small a difference can be found, how many units that takes, and how long they take to come."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from driftkit.comparison.deployment.asymptotic_sequence import one_sided_half_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

_MOST_UNITS: Final = 10**15
# SciPy's takes a third of a second to load, which the making of a plan should not.
_QUANTILE: Final = NormalDist().inv_cdf


def fixed_horizon_effect(standard_error: ArrayLike, *, alpha: float, power: float) -> Floats:
    """The difference that one look at the end finds with probability `power`.

    `(z_(1 - alpha) + z_power) se`, one-sided; half of alpha for a two-sided test.

    >>> round(float(fixed_horizon_effect(0.01, alpha=0.05, power=0.8)), 6)
    0.024865
    """
    error = np.asarray(standard_error, dtype=np.float64)
    return np.asarray((_QUANTILE(power) - _QUANTILE(alpha)) * error)


def always_valid_effect(
    units: ArrayLike, variance: ArrayLike, *, alpha: float, power: float, tuning: float
) -> Floats:
    """The difference that the one-sided asymptotic sequence finds by then with probability `power`.

    Its half width at that look plus `z_power se`; looks before it can only add to the power.

    Args:
        units: units of both arms together at the look.
        variance: squared standard error of the difference at that look.
        alpha: probability that the bound is ever wrong.
        power: probability with which the difference is to be found.
        tuning: the number of units for which the sequence is tuned.

    >>> effect = always_valid_effect(40_000, 9e-6, alpha=0.05, power=0.8, tuning=20_000)
    >>> round(float(effect), 6)
    0.010929
    """
    width = one_sided_half_width(units, variance, alpha=alpha, tuning=tuning)
    return np.asarray(width + _QUANTILE(power) * np.sqrt(variance))


def least_units(effect: Callable[[float], float], distance: float, *, first: int) -> int | None:
    """The smallest number of units that finds a difference; None where no number does.

    Args:
        effect: the difference that so many units find; falling.
        distance: that is to be found.
        first: the number below which nothing is decided.

    >>> least_units(lambda n: n**-0.5, 0.03, first=400)
    1112
    """
    numbers = range(first, _MOST_UNITS)
    at = bisect_right(numbers, -distance, key=lambda units: -effect(units))
    return numbers[at] if at < len(numbers) else None


def units_needed(
    half_width: Callable[[float], float], distance: float, *, units: float
) -> float | None:
    """The number of units at which a bound is nearer to the estimate than `distance`.

    If the estimate stays as it is; the estimate's own error is not in this number.

    Args:
        half_width: distance of the bound from the estimate at a number of units; falling.
        distance: that of the estimate from the threshold which the bound is to pass.
        units: the number so far, above 0, which is the answer where it is enough.

    Returns:
        None where the estimate is on the wrong side, or no number of units would do.

    >>> needed = units_needed(lambda n: n**-0.5, 0.01, units=400)
    >>> round(needed)
    10000
    """
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to load)

    if not distance > 0:
        return None
    enough = units
    while not half_width(enough) < distance:
        enough *= 2
        if enough > _MOST_UNITS:
            return None
    if enough == units:
        return units
    found = brentq(lambda log: half_width(np.exp(log)) - distance, *np.log((enough / 2, enough)))
    return float(np.exp(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How fast units with labels come in.

    Attributes:
        per_day: that are captured and get a label, of all arms.
        share: the part of them that goes to the arms whose units are counted.
        label_delay_days: how long after the request the label comes, as its 95 % quantile.
    """

    per_day: float
    share: float = 1.0
    label_delay_days: float = 0.0


def days_needed(units: float, traffic: Traffic) -> float | None:
    """How many days that many units take, with the delay of the last labels; None without traffic.

    >>> days_needed(4_500, Traffic(per_day=5_000, share=0.1, label_delay_days=2))
    11.0
    """
    rate = traffic.per_day * traffic.share
    return units / rate + traffic.label_delay_days if rate > 0 else None
