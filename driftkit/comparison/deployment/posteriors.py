"""Which arm is best, as the rewards seen so far tell: posteriors, and what is left to win."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats

DRAWS = 100_000
# 95 % of the draws leave less to win than the value remaining.
_REMAINING = 0.95
_ORDER = 12
# Ends of panels in standard deviations: close where a distribution function rises, wide in the
# tails, which are exponential where an arm has few rewards.
_HALF = (0.0, 2.0, 4.0, 7.0, 12.0, 22.0, 40.0)
_ENDS = np.array(sorted({sign * end for end in _HALF for sign in (-1.0, 1.0)}))


class Posterior(Protocol):
    """What is believed of the arms' mean rewards; the last axis of all arrays is the arms."""

    @property
    def means(self) -> Floats:
        """The expected mean reward of each arm."""

    def probability_best(self) -> Floats:
        """The probability of each arm that no other arm has a higher mean reward."""

    def draws(self, number: int, seed: int) -> Floats:
        """Mean rewards drawn at random, shape (number, arms)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beta:
    """Beta distributions of mean rewards between 0 and 1 (Thompson 1933, Biometrika 25:285).

    Attributes:
        a: 1 + sum of rewards, shape (..., arms).
        b: 1 + pulls - sum of rewards.
    """

    a: Floats
    b: Floats

    @property
    def means(self) -> Floats:
        """a / (a + b)."""
        return self.a / (self.a + self.b)

    def probability_best(self) -> Floats:
        """By quadrature, without random numbers, to better than 1e-10.

        It integrates over the log-odds, where the densities are smooth up to both ends.

        >>> Beta(a=np.array([101.0, 131.0]), b=np.array([901.0, 871.0])).probability_best().round(8)
        array([0.01783493, 0.98216507])
        """
        from scipy.special import betainc, digamma, expit, log_expit, polygamma  # noqa: PLC0415

        spread = np.sqrt(polygamma(1, self.a) + polygamma(1, self.b))
        points, weights = _panels(digamma(self.a) - digamma(self.b), spread)
        a, b, at = self.a[..., None], self.b[..., None], points[..., None, :]
        peak = a * np.log(a / (a + b)) + b * np.log(b / (a + b))
        density = np.exp(a * log_expit(at) + b * log_expit(-at) - peak)
        return _probability_best(density, np.asarray(betainc(a, b, expit(at)), float), weights)

    def draws(self, number: int, seed: int) -> Floats:
        """Mean rewards drawn at random, shape (number, arms)."""
        return np.random.default_rng(seed).beta(self.a, self.b, size=(number, *self.a.shape))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Normal:
    """Normal distributions of mean rewards.

    Attributes:
        means: of each arm, shape (..., arms).
        errors: their standard errors, more than 0.
    """

    means: Floats
    errors: Floats

    def probability_best(self) -> Floats:
        """By quadrature, without random numbers, to better than 1e-10.

        Of two arms it is Phi((m1 - m0) / sqrt(se0^2 + se1^2)).

        >>> Normal(means=np.array([0.0, 1.0]), errors=np.ones(2)).probability_best().round(8)
        array([0.23975006, 0.76024994])
        """
        from scipy.special import ndtr  # noqa: PLC0415  (slow to load, and rarely needed)

        points, weights = _panels(self.means, self.errors)
        at = (points[..., None, :] - self.means[..., None]) / self.errors[..., None]
        return _probability_best(np.exp(-0.5 * at * at), ndtr(at), weights)

    def draws(self, number: int, seed: int) -> Floats:
        """Mean rewards drawn at random, shape (number, arms)."""
        drawn = np.random.default_rng(seed).standard_normal((number, *self.means.shape))
        return self.means + self.errors * drawn


def _panels(middle: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Points and weights of Gauss-Legendre quadrature, close where any of the arms varies.

    Returns:
        Shape (..., points) both.
    """
    ends = (middle[..., None] + spread[..., None] * _ENDS).reshape(*middle.shape[:-1], -1)
    ends.sort(axis=-1)
    nodes, weights = _legendre()
    half = np.diff(ends)[..., None] / 2
    points = ends[..., :-1, None] + half * (1 + nodes)
    flat = (*middle.shape[:-1], -1)
    return points.reshape(flat), (half * weights).reshape(flat)


@cache
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_ORDER)


def _probability_best(density: Floats, below: Floats, weights: Floats) -> Floats:
    """The integral over an arm's density times all others' distribution functions.

    Args:
        density: of each arm at each point, up to a factor, shape (..., arms, points).
        below: the arms' distribution functions there.
        weights: of the points, shape (..., points).
    """
    one = np.ones_like(below[..., :1, :])
    before = np.concatenate([one, below[..., :-1, :]], axis=-2).cumprod(axis=-2)
    after = np.concatenate([one, below[..., :0:-1, :]], axis=-2).cumprod(axis=-2)[..., ::-1, :]
    mass = density * weights[..., None, :]
    found = (mass * before * after).sum(axis=-1) / mass.sum(axis=-1)
    return np.asarray(found / found.sum(axis=-1, keepdims=True))


def value_remaining(drawn: Floats, best: int) -> float:
    """How much the mean reward could still rise over the best arm's, as a share of the latter.

    The 95 % quantile of (max theta - theta_best) / theta_best (Scott 2010, "A modern Bayesian look
    at the multi-armed bandit", Appl. Stochastic Models Bus. Ind. 26:639).

    Args:
        drawn: mean rewards from the posterior, shape (draws, arms).
        best: index of the arm whose expected reward is the highest.

    Returns:
        0 or more; infinity where the best arm's mean reward may be 0 or less, so that there is no
        share of it.

    >>> round(value_remaining(np.array([[0.1, 0.2], [0.3, 0.2]]), 1), 3)
    0.5
    """
    gap, base = drawn.max(axis=1) - drawn[:, best], drawn[:, best]
    share = np.full(len(gap), np.inf)
    np.divide(gap, base, out=share, where=base > 0)
    # A draw that another arm does not beat leaves nothing to win, whatever its sign.
    share[gap <= 0] = 0.0
    return float(np.quantile(share, _REMAINING, method="higher"))


def expected_loss(drawn: Floats) -> Floats:
    """What each arm's mean reward is expected to be short of the best one's, shape (arms,).

    The mean of max theta - theta_i over draws, shape (draws, arms), from the posterior.

    >>> expected_loss(np.array([[0.1, 0.2], [0.3, 0.2]])).round(3)
    array([0.05, 0.05])
    """
    return np.asarray((drawn.max(axis=1, keepdims=True) - drawn).mean(axis=0))
