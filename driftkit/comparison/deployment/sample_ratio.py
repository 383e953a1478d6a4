"""Whether the arms get the shares of requests that they should: the sample-ratio test.

Where they do not, requests are lost or routed by something that the metrics may depend on, and no
difference of arms can be trusted. Requests that were sent to an arm by name say nothing about the
routing and must not be counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import over_epochs
from driftkit.comparison.deployment.ratios import ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.deployment.epochs import Epochs

# How many requests the prior of the sequential test is worth: it finds small deviations soonest.
CONCENTRATION = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketedShares:
    """The arms' shares of the units, from their shares of each bucket.

    Attributes:
        shares: mean over buckets of the arm's share of the bucket's requests, shape (..., arms).
        variance: of that mean.
        z: shares less what they should be, in standard errors; NaN without variance.
    """

    shares: Floats
    variance: Floats
    z: Floats


def log_bayes_factor(
    counts: ArrayLike, weights: ArrayLike, prior: ArrayLike | None = None
) -> Floats:
    """The evidence that the arms do not get their shares: ln of the Bayes factor.

    A multinomial with a Dirichlet prior against the shares of the weights: its expectation is 1 at
    every look if the shares are right, so that by Ville's inequality it ever exceeds 1 / alpha in
    at most alpha of all runs. Source: Lindon and Malek 2022, "Anytime-Valid Inference For
    Multinomial Count Data". Written from memory of it; no independent oracle.

    Args:
        counts: requests or units, shape (..., arms).
        weights: of the arms, not negative, the same; arms of weight 0 are left out.
        prior: of the Dirichlet distribution, the same; by default 1,000 times the shares.

    Returns:
        Shape (...).

    >>> round(float(log_bayes_factor([9100, 900], [0.9, 0.1], [90, 10])), 6)
    3.401299
    """
    # SciPy is slow to load.
    from scipy.special import gammaln, xlogy  # noqa: PLC0415

    observed, shares = _counted(counts, weights)
    belief = CONCENTRATION * shares if prior is None else np.asarray(prior, dtype=np.float64)
    belief = np.where(shares > 0, belief, 0.0)
    # An arm that is left out has no count: any belief in it cancels out that is not 0.
    cells = np.where(shares > 0, belief, 1.0)
    gained = (gammaln(cells + observed) - gammaln(cells) - xlogy(observed, shares)).sum(axis=-1)
    total = belief.sum(axis=-1)
    total = np.where(total > 0, total, 1.0)
    found: Floats = gammaln(total) - gammaln(total + observed.sum(axis=-1)) + gained
    return found


def sequential_p_values(counts: Floats, weights: ArrayLike, epochs: Epochs) -> Floats:
    """The p-value of the sample-ratio test as of each look, valid however often one looks.

    1 / the greatest Bayes factor so far. Over epochs the factors multiply: each epoch begins with
    the prior of its own weights.

    Args:
        counts: of each look's epoch from its first block to the look, shape (looks, arms).
        weights: of each look, shape (looks, arms); one row for all looks will do.
        epochs: the epoch of each look, not falling.

    Returns:
        Shape (looks,); not rising.

    >>> counts = np.array([[500, 500], [1100, 900], [100, 900]])
    >>> sequential_p_values(counts, [[0.5, 0.5], [0.5, 0.5], [0.1, 0.9]], np.array([0, 0, 1]))
    array([1.        , 0.00218887, 0.00218887])
    """
    evidence = over_epochs(log_bayes_factor(counts, weights), epochs)
    greatest = np.maximum.accumulate(evidence)
    return np.exp(-np.maximum(greatest, 0.0))


def bucketed_shares(counts: ArrayLike, weights: ArrayLike) -> BucketedShares:
    """The shares of arms to which users keep: requests of one user are not independent.

    The mean over buckets of users of the arm's share in each, less its weight, in standard errors.
    Derived here; no independent oracle. It holds while users are assigned by the weights given: not
    after a change of weights that only new users follow. It is for one look; a p-value for any
    number of looks comes from the asymptotic sequence with `shares` and `variance`.

    Args:
        counts: requests, shape (..., arms, buckets); buckets without any are left out.
        weights: of the arms, shape (..., arms).

    >>> found = bucketed_shares([[3, 1, 2, 4], [1, 3, 2, 0]], [0.5, 0.5])
    >>> found.shares, found.z.round(6)
    (array([0.625, 0.375]), array([ 0.774597, -0.774597]))
    """
    observed = np.asarray(counts, dtype=np.float64)
    given = np.asarray(weights, dtype=np.float64)
    by_bucket = ratio(observed, observed.sum(axis=-2, keepdims=True))
    filled = np.isfinite(by_bucket)
    buckets = np.count_nonzero(filled, axis=-1)
    shares = ratio(np.where(filled, by_bucket, 0.0).sum(axis=-1), buckets)
    apart = np.where(filled, by_bucket - shares[..., None], 0.0)
    squares = np.einsum("...g,...g->...", apart, apart)
    variance = ratio(squares, np.maximum(buckets * (buckets - 1), 0))
    off = shares - ratio(given, given.sum(axis=-1, keepdims=True))
    return BucketedShares(shares=shares, variance=variance, z=ratio(off, np.sqrt(variance)))


def _counted(counts: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    """Counts of the arms with a weight, 0 for others, and the shares of all."""
    observed, given = np.broadcast_arrays(
        np.asarray(counts, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    )
    total = given.sum(axis=-1, keepdims=True)
    shares = np.divide(given, total, out=np.zeros(given.shape), where=total > 0)
    return np.where(shares > 0, observed, 0.0), shares
