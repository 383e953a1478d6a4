"""Differences of rates at a fixed horizon: Miettinen and Nurminen's interval, and tests.

Rates are oriented so that larger is better: of errors, pass the requests without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.estimates import MarginTest
from driftkit.comparison.deployment.score_ends import score_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

# The closed form of a double root is right to the root of the precision; each step squares that.
_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Events among units; arrays of one shape, or numbers.

    Attributes:
        part: units with the event.
        whole: all units.
    """

    part: ArrayLike
    whole: ArrayLike


def score_interval(champion: Rate, challenger: Rate, alpha: float) -> tuple[Floats, Floats]:
    """Interval of challenger less champion by scores (Miettinen and Nurminen 1985, ibid. 4:213).

    The differences that `score_test` does not refuse. It has an end wherever both arms have units,
    also where no events were seen.

    Args:
        champion: the rate that is subtracted.
        challenger: the other.
        alpha: how often the interval may miss.

    Returns:
        Lower and upper ends; NaN where an arm has no units.

    >>> low, high = score_interval(Rate(part=2, whole=50), Rate(part=0, whole=50), 0.05)
    >>> round(float(low), 6), round(float(high), 6)
    (-0.135279, 0.033482)
    """
    arms = np.stack(np.broadcast_arrays(*(x for arm in _floats(champion, challenger) for x in arm)))
    gap = arms[2] / arms[3] - arms[0] / arms[1]
    return score_ends(lambda tried: _score(arms, tried), gap, alpha)


def score_test(champion: Rate, challenger: Rate, margin: ArrayLike = 0.0) -> MarginTest:
    """The score test of a difference of -margin (Farrington and Manning 1990, ibid. 9:1447).

    The variance is that of the likeliest rates which are the margin apart, with Miettinen and
    Nurminen's factor n / (n - 1).

    >>> arms = Rate(part=100, whole=1_000), Rate(part=130, whole=1_000)
    >>> test = score_test(*arms, margin=0.01)
    >>> round(float(test.statistic), 6), round(float(test.p_not_worse), 8)
    (2.795373, 0.00259199)
    """
    from scipy.special import ndtr  # noqa: PLC0415  (slow to load)

    arms = [x for arm in _floats(champion, challenger) for x in arm]
    z = _score(arms, -np.asarray(margin, dtype=float))
    return MarginTest(statistic=z, p_not_worse=ndtr(-z), p_harmed=ndtr(z))


def _floats(*rates: Rate) -> list[tuple[Floats, Floats]]:
    """Parts and wholes; a whole of 0 is NaN."""
    wholes = [np.asarray(rate.whole, dtype=float) for rate in rates]
    return [
        (np.asarray(rate.part, dtype=float), np.where(whole > 0, whole, np.nan))
        for rate, whole in zip(rates, wholes, strict=True)
    ]


def _score(arms: Sequence[Floats] | Floats, gap: Floats) -> Floats:
    """How many standard errors the measured difference is above `gap`, if `gap` is true."""
    k0, n0, k1, n1 = arms
    p0 = _likeliest(k0, n0, (k1, n1), gap)
    p1 = np.clip(p0 + gap, 0.0, 1.0)
    units = n0 + n1
    variance = (p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1) * units / (units - 1)
    above = k1 / n1 - k0 / n0 - gap
    with np.errstate(divide="ignore", invalid="ignore"):
        z = above / np.sqrt(variance)
    # Nothing is refused where nothing varies and the difference is the one that was seen.
    return np.where(above == 0, 0.0, z)


def fisher_test(champion: Rate, challenger: Rate) -> Floats:
    """How likely so many events of the challenger or more are, if both rates are the same.

    Of events as they are, errors for example. Exact given all events of both arms (Fisher 1935,
    Journal of the Royal Statistical Society 98:39), and at one look only.

    >>> round(float(fisher_test(Rate(part=1, whole=10), Rate(part=11, whole=14))), 9)
    0.001379728
    """
    # Only few runs need it, and it is slow to load.
    from scipy.stats import hypergeom  # noqa: PLC0415

    (k0, n0), (k1, n1) = _floats(champion, challenger)
    return np.asarray(hypergeom.sf(k1 - 1, n0 + n1, k0 + k1, n1))


def _likeliest(k0: Floats, n0: Floats, other: tuple[Floats, Floats], gap: Floats) -> Floats:
    """The champion's likeliest rate if the challenger's is `gap` above it: a root of a cubic."""
    k1, n1 = other
    units = n0 + n1
    a2 = ((n1 + 2 * n0) * gap - units - k0 - k1) / units
    a1 = (k1 - n1 * gap + (1 - 2 * gap) * k0 - n0 * gap * (1 - gap)) / units
    a0 = k0 * gap * (1 - gap) / units
    rate = np.clip(_middle_root(a2, a1, a0), np.maximum(0.0, -gap), np.minimum(1.0, 1 - gap))
    for _ in range(_STEPS):
        slope = (3 * rate + 2 * a2) * rate + a1
        value = ((rate + a2) * rate + a1) * rate + a0
        step = np.divide(value, slope, out=np.zeros_like(value), where=slope != 0)
        rate = np.clip(rate - step, np.maximum(0.0, -gap), np.minimum(1.0, 1 - gap))
    return rate


def _middle_root(a2: Floats, a1: Floats, a0: Floats) -> Floats:
    """The middle one of the three real roots of x^3 + a2 x^2 + a1 x + a0 (Viete 1615)."""
    half = (a2 / 3) ** 3 - a2 * a1 / 6 + a0 / 2
    radius = np.copysign(np.sqrt(np.maximum((a2 / 3) ** 2 - a1 / 3, 0.0)), half)
    cosine = np.divide(half, radius**3, out=np.zeros_like(half), where=radius != 0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    return np.asarray(2 * radius * np.cos(angle) - a2 / 3)
