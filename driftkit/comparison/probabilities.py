"""Tail probabilities of the laws that tests of drift need, from normal to hypergeometric.

They are what the tests of drift need of SciPy, which weighs 140 MB and loads slowly. Each equals
SciPy's function to 1e-11 (relative).
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Truths

_TINY = 1e-300
_PRECISION = 1e-15
_TERMS = 2000
_SERIES_FROM = 8.0
# Below this many inverse poles the tail of a sum of squares is 1 to twelve digits.
_SURE = 0.03
_INVERSE = NormalDist().inv_cdf
_ROOT_HALF = math.sqrt(0.5)
# ln n! less Stirling's n ln n - n + ln(2 pi n) / 2, by its series from 16 on.
_EXACT_CORRECTIONS = np.array(
    [0.0]
    + [
        math.lgamma(n + 1) - (n * math.log(n) - n + 0.5 * math.log(2 * math.pi * n))
        for n in range(1, 16)
    ]
)


def normal_quantile(shares: ArrayLike) -> Floats:
    """Standard normal quantiles of shares between 0 and 1, both excluded (Wichura 1988, AS 241).

    >>> normal_quantile([0.5, 0.975]).round(6).tolist()
    [0.0, 1.959964]
    """
    return _each(_INVERSE, shares)


def normal_two_sided(z: ArrayLike) -> Floats:
    """Probability that a standard normal number is further from 0 than z.

    >>> float(normal_two_sided(-1.959964).round(6))
    0.05
    """
    return _each(lambda one: math.erfc(abs(one) * _ROOT_HALF), z)


def chi_square_tail(x: ArrayLike, degrees: ArrayLike) -> Floats:
    """Probability that chi-square exceeds x >= 0, for up to 10,000 degrees of freedom.

    The upper incomplete gamma function: its series below a + 1, its continued fraction above
    (Abramowitz and Stegun 6.5.29 and 6.5.31, the fraction by Lentz's method).

    >>> float(chi_square_tail(3.841459, 1).round(6))
    0.05
    """
    return _each(lambda one, freedom: _gamma_tail(freedom / 2, one / 2), x, degrees)


def student_two_sided(t: ArrayLike, degrees: ArrayLike) -> Floats:
    """Probability that a Student number, of up to 1,000 degrees of freedom, is further from 0 than t.

    The incomplete beta function by its continued fraction (Abramowitz and Stegun 26.7.1, 26.5.8).

    >>> float(student_two_sided(2.228139, 10).round(6))
    0.05
    """
    return _each(lambda one, freedom: _beta_share(freedom / 2, one * one / freedom), t, degrees)


def kolmogorov_tail(x: ArrayLike) -> Floats:
    """Limit probability that the largest gap of two distribution functions, scaled, exceeds x.

    Kolmogorov 1933; below 1 by the theta function's other series, where the first one cancels.

    >>> float(kolmogorov_tail(1.358099).round(6))
    0.05
    """
    each = np.asarray(x, dtype=np.float64)
    clear = np.maximum(each, 0.04)
    terms = np.arange(1, 12)
    signs = np.where(terms % 2 == 1, 1.0, -1.0)
    far = 2 * (signs * np.exp(-2 * (terms * clear[..., None]) ** 2)).sum(axis=-1)
    odd = (2 * terms - 1) * math.pi
    near = np.exp(-((odd / clear[..., None]) ** 2) / 8).sum(axis=-1)
    below = 1 - math.sqrt(2 * math.pi) / clear * near
    return np.clip(np.where(each < 0.8, np.where(each <= 0.04, 1.0, below), far), 0.0, 1.0)


def smirnov_tail(gap: Floats, rows: Floats) -> Floats:
    """Probability that the widest gap of two samples exceeds one: the limit, as Stephens corrects it.

    Args:
        gap: of the distribution functions.
        rows: n m / (n + m) of n and m rows (Stephens 1970).

    >>> float(smirnov_tail(np.array(0.1923), np.array(50.0)).round(3))
    0.043
    """
    root = np.sqrt(rows)
    return kolmogorov_tail((root + 0.12 + 0.11 / root) * gap)


def hypergeometric_tail(
    at_least: ArrayLike, drawn: ArrayLike, hits: ArrayLike, population: ArrayLike
) -> Floats:
    """Probability of at least so many hits among those drawn without putting back.

    The first term by Loader's saddle point expansion (2000), the others by their ratios.

    Args:
        at_least: hits among the drawn, whole numbers.
        drawn: how many are drawn, at least 1.
        hits: how many of the population are hits.
        population: how many there are, more than are drawn.

    Returns:
        Probabilities, in the shape of the arguments together.

    >>> float(hypergeometric_tail(2, 5, 3, 10).round(12))
    0.5
    """
    asked = (np.asarray(each, dtype=np.float64) for each in (at_least, drawn, hits, population))
    k, n, m, all_ = np.broadcast_arrays(*asked)
    # The side beyond the mean is summed: its terms fall, and small tails keep their digits.
    upper = k > n * m / all_
    start = np.where(upper, k, k - 1)
    lowest, highest = np.maximum(0, n + m - all_), np.minimum(n, m)
    held = np.clip(start, lowest, highest)
    side = _mass(held, n, m, all_) * _ratios(held, n, m, all_, upper)
    side = np.where((start >= lowest) & (start <= highest), np.minimum(side, 1.0), 0.0)
    return np.where(upper, side, 1 - side)


def digamma(x: ArrayLike) -> Floats:
    """The derivative of ln gamma at x > 0: its asymptotic series, from 8 on by the recurrence.

    Abramowitz and Stegun 6.3.5 and 6.3.18.

    >>> float(digamma(1).round(12))
    -0.577215664902
    """
    each = np.array(x, dtype=np.float64)
    below: Floats = np.zeros(each.shape)
    # Few numbers of many are small.
    small = each < _SERIES_FROM
    steps = each[small][:, None] + np.arange(math.ceil(_SERIES_FROM))
    taken = steps < _SERIES_FROM
    below[small] = -np.where(taken, 1 / steps, 0.0).sum(axis=1)
    each[small] += taken.sum(axis=1)
    square = 1 / (each * each)
    inner = 1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32760)))
    series = square * (1 / 12 - square * (1 / 120 - square * inner))
    return np.asarray(below + np.log(each) - 0.5 / each - series)


def _each(function: Callable[..., float], *values: ArrayLike) -> Floats:
    given = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in values))
    found = map(function, *(each.ravel().tolist() for each in given))
    return np.fromiter(found, np.float64, given[0].size).reshape(given[0].shape)


def _gamma_tail(a: float, x: float) -> float:
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, _TERMS):
            term *= x / (a + n)
            total += term
            if term < total * _PRECISION:
                break
        return 1 - total * scale
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for n in range(1, _TERMS):
        b += 2
        d = 1 / (b - n * (n - a) * d)
        c = b - n * (n - a) / c
        value *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return scale * value


def _beta_share(a: float, odds: float) -> float:
    """The incomplete beta function I_x(a, 1/2) with x = 1 / (1 + odds), by Lentz's fraction."""
    x, rest, b = 1 / (1 + odds), odds / (1 + odds), 0.5
    if odds == 0:
        return 1.0
    front = a * math.log(x) + b * math.log(rest) + math.lgamma(a + b) - math.lgamma(a)
    scale = math.exp(front - math.lgamma(b))
    if x < (a + 1) / (a + b + 2):
        return scale * _beta_fraction(a, b, x) / a
    return 1 - scale * _beta_fraction(b, a, rest) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for n in range(1, _TERMS):
        even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
        d, c = 1 / (1 + even * d), 1 + even / c
        value *= d * c
        odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
        d, c = 1 / (1 + odd * d), 1 + odd / c
        value *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return value


def _mass(k: Floats, n: Floats, m: Floats, population: Floats) -> Floats:
    """Hypergeometric probabilities as a quotient of binomial ones (Loader 2000)."""
    share = n / population
    logs = (
        _log_binomial(k, m, share)
        + _log_binomial(n - k, population - m, share)
        - _log_binomial(n, population, share)
    )
    return np.exp(logs)


def _log_binomial(k: Floats, n: Floats, share: Floats) -> Floats:
    missed = n - k
    inner = (k > 0) & (missed > 0)
    x, y, whole = (np.where(inner, each, 1.0) for each in (k, missed, n))
    corrections = _stirling(whole) - _stirling(x) - _stirling(y)
    deviances = _deviance(x, whole * share) + _deviance(y, whole * (1 - share))
    logs = corrections - deviances + 0.5 * np.log(whole / (2 * math.pi * x * y))
    edges = np.where(k == 0, n * np.log1p(-share), n * np.log(share))
    return np.where(inner, logs, edges)


def _stirling(n: Floats) -> Floats:
    """What Stirling's formula lacks of ln n!, n >= 1."""
    square = n * n
    inner = 1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square) / square) / square
    series = (1 / 12 - (1 / 360 - inner / square) / square) / n
    return np.where(n < 16, _EXACT_CORRECTIONS[np.minimum(n, 15).astype(np.int64)], series)


def _deviance(x: Floats, mean: Floats) -> Floats:
    """x ln(x / mean) + mean - x without cancellation where both are near."""
    v = (x - mean) / (x + mean)
    near = np.abs(v) < 0.1
    term = 2 * x * np.where(near, v, 0.0)
    total = (x - mean) * np.where(near, v, 0.0)
    for step in range(1, 12):
        term = term * v * v
        total = total + np.where(near, term, 0.0) / (2 * step + 1)
    return np.where(near, total, x * np.log(x / mean) + mean - x)


def _ratios(k: Floats, n: Floats, m: Floats, population: Floats, upper: Truths) -> Floats:
    """The terms from k away from the mean, as multiples of the first."""
    term, total, at = np.ones(k.shape), np.ones(k.shape), k.copy()
    while (term > _PRECISION * total).any():
        last, spared = np.where(upper, at, at - 1), population - n - m + 1
        numerator, denominator = (n - last) * (m - last), (last + 1) * (spared + last)
        above = np.where(upper, numerator, denominator)
        term = term * above / np.where(above > 0, np.where(upper, denominator, numerator), 1.0)
        total = total + term
        at = np.where(upper, at + 1, at - 1)
    return total


def anderson_tail(x: ArrayLike) -> Floats:
    """Limit probability that Anderson and Darling's A^2, of one or two samples, exceeds x.

    >>> float(anderson_tail(2.4924).round(4))
    0.05
    """
    return _squares_tail(x, _anderson_arcs())


def cramer_tail(x: ArrayLike) -> Floats:
    """Limit probability that Cramer and von Mises' statistic, of one or two samples, exceeds x.

    >>> float(cramer_tail(0.46136).round(4))
    0.05
    """
    return _squares_tail(x, _cramer_arcs())


# Arcs of Smirnov's formula that matter, and nodes of its integrals.
_ARCS, _NODES = 40, 40
_ANGLES = np.cos((2 * np.arange(1, _NODES + 1) - 1) / (2 * _NODES) * math.pi)
# Numbers whose tails are summed at a time.
_CHUNK = 256


@cache
def _anderson_arcs() -> tuple[Floats, Floats]:
    """The product of 1 - u / (j (j + 1)) over all j."""
    poles = np.arange(1, 2 * _ARCS + 1) * np.arange(2, 2 * _ARCS + 2)
    return _arcs(poles, lambda u: -np.cos(math.pi / 2 * np.sqrt(1 + 4 * u)) / (math.pi * u))


@cache
def _cramer_arcs() -> tuple[Floats, Floats]:
    """The product of 1 - u / (j pi)^2 over all j."""
    poles = np.square(np.arange(1, 2 * _ARCS + 1) * math.pi)
    return _arcs(poles, lambda u: np.sin(np.sqrt(u)) / np.sqrt(u))


def _arcs(poles: ArrayLike, product: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Gauss and Chebyshev's nodes between every second pair of poles, and what each is worth.

    Args:
        poles: ascending.
        product: of 1 - u / pole over all poles.
    """
    lower, upper = np.asarray(poles, dtype=np.float64).reshape(-1, 2, 1).swapaxes(0, 1)
    nodes = (upper + lower) / 2 + (upper - lower) / 2 * _ANGLES
    rooted = np.sqrt((nodes - lower) * (upper - nodes) / np.abs(product(nodes)))
    signs = np.where(np.arange(len(nodes)) % 2 == 0, 1.0, -1.0)[:, None]
    weights = signs * rooted / nodes / _NODES
    return nodes.ravel(), weights.ravel()


def _squares_tail(x: ArrayLike, arcs: tuple[Floats, Floats]) -> Floats:
    """Tail of the sum of squared standard normal numbers, each divided by a pole.

    Smirnov 1937: integrals between every second pair of poles, here by Gauss and Chebyshev, whose
    weight is the root in them at either end.
    """
    nodes, weights = arcs
    each = np.asarray(x, dtype=np.float64).ravel()
    found = np.empty(each.shape)
    for start in range(0, len(each), _CHUNK):
        some = slice(start, start + _CHUNK)
        found[some] = np.exp(-each[some, None] / 2 * nodes) @ weights
    clear = np.where(each * nodes.min() < _SURE, 1.0, np.clip(found, 0.0, 1.0))
    return clear.reshape(np.shape(x))
