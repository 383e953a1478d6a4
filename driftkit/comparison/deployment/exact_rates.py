"""Exact confidence sequences of rates: they need events and trials only, however rare the events.

The likelihood of the observations under a mixture of rates over that under one rate is a martingale
if that rate is the true one; Ville's inequality makes a confidence sequence of it (Robbins 1970;
Howard, Ramdas, McAuliffe and Sekhon 2021, Annals of Statistics 49:1055). Nothing is asymptotic, and
the order of the rows does not matter. Arrays of looks, metrics or both broadcast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

    Ends = tuple[Floats, Floats]

_JEFFREYS: Final = 0.5
_STEPS: Final = 200
_CLOSE: Final = 1e-15
_HALVINGS: Final = 64
# The logarithm of the smallest p value.
_SMALLEST: Final = -700.0


def log_e_value(
    events: ArrayLike, trials: ArrayLike, rate: ArrayLike, *, prior: float = _JEFFREYS
) -> Floats:
    """The logarithm of the evidence against a rate: ln(Beta mixture's likelihood / the rate's).

    If the rate is the true one, the e-value ever exceeds 1/a with probability a at most. With
    prior 1 and rate 1/2 it is the test of pairs of which one only is right.

    Args:
        events: counts, at most the trials.
        trials: counts.
        rate: the supposed rate, inside (0, 1).
        prior: both parameters of the mixing Beta distribution.

    >>> round(float(log_e_value(300, 540, 0.5, prior=1)), 8)
    0.4126422
    """
    from scipy.special import betaln, xlog1py, xlogy  # noqa: PLC0415  (slow to load)

    hits = np.asarray(events, dtype=np.float64)
    misses = np.asarray(trials, dtype=np.float64) - hits
    supposed = np.asarray(rate, dtype=np.float64)
    mixed = betaln(prior + hits, prior + misses) - betaln(prior, prior)
    return np.asarray(mixed - xlogy(hits, supposed) - xlog1py(misses, -supposed))


def rate_bounds(
    events: ArrayLike, trials: ArrayLike, *, alpha: ArrayLike, prior: float = _JEFFREYS
) -> Ends:
    """The lower and upper bounds of a rate that it ever leaves with probability alpha.

    The rates with an e-value below 1/alpha. 0 events have the lower bound 0, and no trials the
    bounds 0 and 1. Each bound alone is also a one-sided one of alpha, and a conservative one.

    Args:
        events: counts, at most the trials.
        trials: counts.
        alpha: probability that the rate is ever outside; may be an array, too.
        prior: both parameters of the mixing Beta distribution.

    >>> low, high = rate_bounds([0, 30], [100, 100], alpha=0.05)
    >>> low.round(7).tolist(), high.round(7).tolist()
    ([0.0, 0.1656515], [0.0570286, 0.4628399])
    """
    from scipy.special import betaln  # noqa: PLC0415  (slow to load)

    hits, misses = _counts(events, trials)
    target = betaln(prior, prior) - betaln(prior + hits, prior + misses) - np.log(alpha)
    return _ends(_logit(hits, misses, target), _logit(misses, hits, target))


def difference_bounds(
    events: ArrayLike,
    trials: ArrayLike,
    base: ArrayLike,
    base_trials: ArrayLike,
    *,
    alpha: ArrayLike,
) -> Ends:
    """The bounds of rate minus base rate that the difference ever leaves with probability alpha.

    Each arm has half of alpha, so that the bounds of the difference are those of the arms taken
    crosswise: exact, and conservative. Each bound alone is also a one-sided one of alpha.

    >>> low, high = difference_bounds(46, 10_000, 0, 10_000, alpha=0.05)
    >>> round(float(low), 6), round(float(high), 6)
    (0.001453, 0.007981)
    """
    half = np.divide(alpha, 2)
    low, high = rate_bounds(events, trials, alpha=half)
    base_low, base_high = rate_bounds(base, base_trials, alpha=half)
    return low - base_high, high - base_low


def difference_p_value(
    events: ArrayLike,
    trials: ArrayLike,
    base: ArrayLike,
    base_trials: ArrayLike,
    threshold: ArrayLike,
) -> Floats:
    """The p value that holds at every look of a difference being larger than a threshold.

    The smallest alpha whose lower bound of the difference is above the threshold, by bisection of
    its logarithm; at most 1.

    >>> round(float(difference_p_value(46, 10_000, 0, 10_000, 0.001)), 5)
    0.00481
    """
    counts = np.broadcast_arrays(events, trials, base, base_trials, threshold)
    low, high = np.full(counts[0].shape, _SMALLEST), np.zeros(counts[0].shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = difference_bounds(*counts[:4], alpha=np.exp(middle))[0] > counts[4]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(np.exp(high))


def _counts(events: ArrayLike, trials: ArrayLike) -> Ends:
    hits, total = np.broadcast_arrays(
        np.asarray(events, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    )
    return hits, total - hits


def _ends(low: Floats, opposite: Floats) -> Ends:
    """The bounds whose logits are `low` and -`opposite`; so is neither rounded near 0 or near 1."""
    from scipy.special import expit  # noqa: PLC0415  (slow to load)

    return np.asarray(expit(low)), np.asarray(expit(-opposite))


def _logit(hits: Floats, misses: Floats, target: Floats) -> Floats:
    """The logit of the smaller rate of log likelihood -target; -inf where there are no hits.

    In the logit t of the rate, -ln likelihood is n ln(1 + e^t) - k t: convex, and above -k t. So
    Newton's steps from -target/k go up to the root and never beyond it, but for rounding.
    """
    from scipy.special import expit  # noqa: PLC0415  (slow to load)

    some = hits > 0
    logit = -target / np.where(some, hits, 1.0)
    for _ in range(_STEPS):
        # Sums of positive terms only, so that a few hits among very many are not rounded away.
        least = np.where(logit > 0, misses, hits) * np.abs(logit)
        excess = least + (hits + misses) * np.log1p(np.exp(-np.abs(logit))) - target
        slope = np.where(some, hits * expit(-logit) - misses * expit(logit), 1.0)
        step = excess / slope
        step = np.where(some & (step > _CLOSE * np.abs(logit)), step, 0.0)
        if not step.any():
            break
        logit = logit + step
    return np.where(some, logit, -np.inf)
