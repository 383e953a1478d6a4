"""Bounds of z statistics at a few planned looks that together spend an error rate."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

    Spending = Callable[[Floats], Floats]
    Points = tuple[Floats, Floats]

SPENDING_EXPONENT: Final = 2
"""Of the plans' spending: alpha t^2 spends little early."""
# Beyond 8 standard errors there is nothing that counts.
_FAR: Final = 8.0
_FARTHEST: Final = 40.0
_LEAST_GROWTH: Final = 1e-3
_NODES: Final = 96
_NODES_PER_DEVIATION: Final = 4


def power_spending(alpha: float, exponent: float) -> Spending:
    """Spends alpha t^exponent up to information fraction t (Lan and DeMets 1983; Kim, DeMets 1987).

    >>> power_spending(0.05, 2)(np.array([0.5, 1.0])).tolist()
    [0.0125, 0.05]
    """

    def spent(fractions: Floats) -> Floats:
        return np.asarray(alpha * fractions**exponent)

    return spent


def look_bounds(fractions: ArrayLike, spending: Spending) -> Floats:
    """The upper bound of the z statistic at each look, one-sided.

    By recursive integration of the density of the sum that has crossed no bound yet (Armitage,
    McPherson and Rowe 1969, JRSS A 132:235), for increments that are independent and normal.

    A look without new information has the bound of the look before it. A look at which less than
    0.001 of all information is new cannot decide: its bound is infinite, and what it would spend
    is left to the next one.

    Args:
        fractions: information at each look as a part of that planned for the last; ascending.
        spending: the error spent up to each fraction.

    Raises:
        InputError: fractions go backwards, or are not in (0, 1].

    >>> look_bounds([0.5, 1.0], power_spending(0.025, 1)).round(4).tolist()
    [2.2414, 2.1251]
    """
    times = _checked(np.atleast_1d(np.asarray(fractions, dtype=np.float64)))
    # None of the information, at the beginning, is a sum that is surely 0.
    points: Points = (np.zeros(1), np.ones(1))
    time, paid, bounds = 0.0, 0.0, np.full(times.size, np.inf)
    for index, (now, spent) in enumerate(zip(times, spending(times), strict=True)):
        growth = float(now) - time
        if growth == 0:
            bounds[index] = bounds[index - 1]
        elif growth >= _LEAST_GROWTH:
            bounds[index] = _bound(points, float(spent) - paid, growth, float(now))
            finest = _finest(times[index:], growth)
            points = _survivors(points, growth, (float(now), bounds[index], finest))
            time, paid = float(now), float(spent)
    return bounds


def last_level(alpha: float, looks: int) -> float:
    """What is left of an error rate for the last of some looks at equal steps of information.

    >>> round(last_level(0.05, 5), 4)
    0.0367
    """
    from scipy.special import ndtr  # noqa: PLC0415  (slow to load)

    fractions = np.arange(1, looks + 1) / looks
    return float(ndtr(-look_bounds(fractions, power_spending(alpha, SPENDING_EXPONENT))[-1]))


def _checked(times: Floats) -> Floats:
    # The comparison with the negation refuses what is not a number, too.
    if not ((times > 0) & (times <= 1)).all():
        raise InputError(
            "information fractions are out of range",
            expected="fractions above 0 and up to 1",
            found=", ".join(f"{time:g}" for time in times if not 0 < time <= 1),
            todo="Divide by the information that the plan expects at the last look",
        )
    back = np.flatnonzero(np.diff(times) < 0)
    if back.size:
        first = int(back[0])
        raise InputError(
            "information fractions go backwards",
            expected="fractions in ascending order",
            found=f"{times[first + 1]:g} after {times[first]:g}",
            todo="Give the looks in the order of time, from the same plan",
        )
    return times


def _bound(points: Points, spend: float, growth: float, now: float) -> float:
    """The z above which the sum gets with probability `spend`."""
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to load)
    from scipy.special import ndtr  # noqa: PLC0415

    sums, weights = points

    def excess(bound: float) -> float:
        beyond = ndtr((sums - bound * np.sqrt(now)) / np.sqrt(growth))
        return float(weights @ beyond) - spend

    if excess(_FARTHEST) >= 0:
        return np.inf
    return float(brentq(excess, -_FAR, _FARTHEST, xtol=1e-12))


def _finest(times: Floats, growth: float) -> float:
    """The smaller standard deviation of the step to this look and that to the next."""
    steps = times[1:] - times[0]
    steps = steps[steps >= _LEAST_GROWTH]
    return float(np.sqrt(min(growth, steps[0] if steps.size else growth)))


def _survivors(points: Points, growth: float, look: tuple[float, float, float]) -> Points:
    """Sums that are still below the bound, at Gauss-Legendre's nodes, with their weights."""
    now, bound, finest = look
    low, high = -_FAR * np.sqrt(now), min(bound, _FAR) * np.sqrt(now)
    nodes, widths = _nodes(int(_NODES_PER_DEVIATION * (high - low) / finest / _NODES) + 1)
    sums = (high + low) / 2 + (high - low) / 2 * nodes
    before, weights = points
    steps = (sums[:, None] - before) / np.sqrt(growth)
    density = np.exp(-steps * steps / 2) @ weights / np.sqrt(2 * np.pi * growth)
    return sums, density * widths * (high - low) / 2


@lru_cache
def _nodes(times: int) -> Points:
    return np.polynomial.legendre.leggauss(times * _NODES)
