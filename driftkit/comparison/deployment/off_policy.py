"""Off-policy evaluation: what a policy over arms would have earned, from requests of another one.

All estimators are read from sums over cells: requests of one arm (of one segment) while the shares
of the arms were constant, so that a request's propensity is the cell's. A single request is a cell
too. Sources: Horvitz and Thompson 1952 (JASA 47:663) for inverse propensities; Swaminathan and
Joachims 2015 (NIPS) for the self-normalised form; Dudik, Langford and Li 2011 (ICML) for doubly
robust estimates; Wang, Agarwal and Dudik 2017 (ICML) for the switch; Su et al. 2020 (ICML) for
shrinkage. Read from sums: derived here, since all of them are sums over requests of terms that are
linear in the reward, and constant in a cell but for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.arrays import Floats, Integers

# A choice of this package: below and above, an estimate is of too few requests.
LEAST_SAMPLE = 100.0
MOST_WEIGHT = 50.0
_SLACK = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """Rewards of requests by cell; all arrays have shape (cells,).

    Attributes:
        arms: index of the cell's arm.
        segments: index of its segment; all 0 where there are none.
        halves: 0 or 1: the part of the requests that it belongs to, of which each is rewarded by a
            model of the other; all 0 where the model is given.
        propensities: the probability with which its requests came to the arm.
        requests: their number.
        rewards: the sum of their rewards.
        squares: the sum of the squares of their rewards.
    """

    arms: Integers
    segments: Integers
    halves: Integers
    propensities: Floats
    requests: Floats
    rewards: Floats
    squares: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimated mean reward and its standard error, NaN where it cannot be told."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a policy would have earned per request.

    Attributes:
        estimates: estimator -> its estimate.
        logged: the mean reward of the requests as they were.
        effective_sample: (sum w)^2 / sum w^2 (Kish 1965).
        largest_weight: of a request.
        mean_weight: about 1 where the propensities are right and every arm was tried.
        untried: the policy's share of arms that no request of the segment came to.
    """

    estimates: Mapping[str, Estimate]
    logged: Estimate
    effective_sample: float
    largest_weight: float
    mean_weight: float
    untried: float

    def doubt(self, *, clipped: bool = False) -> str | None:
        """Why the estimates should not be acted upon; None where nothing speaks against it."""
        if self.effective_sample < LEAST_SAMPLE:
            return (
                f"the effective sample is {self.effective_sample:.4g}, less than {LEAST_SAMPLE:g}"
            )
        if self.largest_weight > MOST_WEIGHT and not clipped:
            return f"a request counts {self.largest_weight:.4g} times, more than {MOST_WEIGHT:g}"
        if self.untried > 0:
            return f"{self.untried:.2%} of the policy are arms without requests"
        return None


def require_propensities(propensities: Floats, requests: Floats) -> None:
    """Checks that there are requests, and that each of them has a propensity.

    Args:
        propensities: of cells; NaN where it is missing.
        requests: how many the cells have.

    Raises:
        InputError: there are no two, or a propensity is missing, 0 or less, or more than 1; the
            message has the share.
    """
    used = requests > 0
    total = float(requests.sum())
    if total < 2:
        raise InputError(
            "a policy cannot be evaluated",
            where="requests",
            expected="at least two requests with a reward and a propensity",
            found=f"{total:g}",
            todo="Evaluate a longer time",
        )
    for what, wrong in (
        ("missing", np.isnan(propensities)),
        ("0 or less", propensities <= 0),
        ("more than 1", propensities > 1 + _SLACK),
    ):
        found = float(requests[used & wrong].sum())
        if found:
            raise InputError(
                f"propensities are {what}",
                where="propensities",
                expected="the probability of each request's arm, more than 0 and at most 1",
                found=f"{found / total:.2%} of {total:,.0f} requests without",
                todo="Log them with the requests, or give the history of the weights",
            )


def require_policy(policy: Floats, log: Log) -> None:
    """Checks that a policy's probabilities of shape (segments, arms) are such.

    Raises:
        SettingsError: one is negative or missing, a segment's do not sum to 1, or the log has arms
            or segments beyond them.
    """
    sums = policy.sum(axis=1)
    if not (policy >= 0).all() or (np.abs(sums - 1) > _SLACK).any():
        raise SettingsError(
            "the probabilities of a policy are wrong",
            where="policy",
            expected="probabilities of 0 or more that sum to 1",
            found=f"the least is {policy.min():g}, sums are {sums.min():g} to {sums.max():g}",
            todo="Correct the policy",
        )
    most = (int(log.segments.max(initial=0)), int(log.arms.max(initial=0)))
    if most[0] >= policy.shape[0] or most[1] >= policy.shape[1]:
        raise SettingsError(
            "the log has arms or segments that the policy does not know",
            where="policy",
            expected=f"a probability of each of {most[0] + 1} segments and {most[1] + 1} arms",
            found=f"{policy.shape[0]} segments and {policy.shape[1]} arms",
            todo="Give the policy for all arms",
        )


def reward_model(log: Log, policy_shape: tuple[int, int], prior: float = 100.0) -> Floats:
    """Each arm's mean reward in each segment by the requests of the other half.

    Half 0 is rewarded by half 1 and the other way round, so that no request speaks for itself
    (Chernozhukov et al. 2018, Econometrics J. 21:C1); where one half is empty, the other one is
    rewarded by itself. `prior` requests of the half's mean reward are added to each arm (a choice
    of this package).

    Args:
        log: the requests.
        policy_shape: segments and arms.
        prior: how many requests the mean of all counts for.

    Returns:
        Shape (2, segments, arms): for the requests of each half.
    """
    shape = (2, *policy_shape)
    cells = np.ravel_multi_index((log.halves, log.segments, log.arms), shape)
    size = int(np.prod(shape))
    requests, rewards = (
        np.bincount(cells, weights=each, minlength=size).reshape(shape)
        for each in (log.requests, log.rewards)
    )
    total = requests.sum(axis=(1, 2), keepdims=True)
    means = np.zeros_like(total)
    np.divide(rewards.sum(axis=(1, 2), keepdims=True), total, out=means, where=total > 0)
    fitted = np.zeros_like(requests)
    known = requests + prior
    np.divide(rewards + prior * means, known, out=fitted, where=known > 0)
    return np.where(total[::-1] > 0, fitted[::-1], fitted)


def evaluate(
    log: Log, policy: Floats, *, limit: float = 10.0, model: Floats | None = None
) -> Evaluation:
    """What a policy would have earned per request.

    Args:
        log: at least two requests.
        policy: probability of each arm in each segment, shape (segments, arms).
        limit: of weights that are clipped, switched off and shrunk.
        model: mean rewards of shape (2, segments, arms) for the requests of each half; None for
            `reward_model`.

    Returns:
        The estimators `ips`, `clipped_ips`, `snips`, `dm`, `dr`, `clipped_dr`, `sndr`,
        `switch_dr` and `shrinkage_dr`. The standard errors are those of the requests' terms, of
        the self-normalised ones by the delta method; they take the model as given and requests as
        independent. `dm` has none, since all of its error is the model's.

    Raises:
        InputError: there are no two requests, or propensities are missing or wrong.
        SettingsError: the policy does not fit.

    >>> two = np.array([0, 1]), np.array([0.5, 0.5]), np.array([50.0, 50.0]), np.array([10.0, 20.0])
    >>> zeros = np.zeros(2, dtype=np.int64)
    >>> log = Log(arms=two[0], segments=zeros, halves=zeros, propensities=two[1], requests=two[2],
    ...           rewards=two[3], squares=two[3])
    >>> round(evaluate(log, np.array([[0.0, 1.0]])).estimates["ips"].value, 10)
    0.4
    """
    require_propensities(log.propensities, log.requests)
    require_policy(policy, log)
    rewards = reward_model(log, (policy.shape[0], policy.shape[1])) if model is None else model
    terms = _Terms(
        log=log,
        weights=policy[log.segments, log.arms] / log.propensities,
        predicted=rewards[log.halves, log.segments, log.arms],
        direct=(policy * rewards).sum(axis=2)[log.halves, log.segments],
    )
    squared = terms.mean(terms.weights**2)
    return Evaluation(
        estimates=_estimates(terms, limit),
        logged=terms.linear(np.zeros_like(terms.weights), np.ones_like(terms.weights)),
        effective_sample=terms.total * terms.mean(terms.weights) ** 2 / squared if squared else 0.0,
        largest_weight=float(terms.weights[log.requests > 0].max()),
        mean_weight=terms.mean(terms.weights),
        untried=_untried(log, policy),
    )


def _untried(log: Log, policy: Floats) -> float:
    """The policy's share of arms without requests, over the segments as they are."""
    cells = np.ravel_multi_index((log.segments, log.arms), policy.shape)
    counts = np.bincount(cells, weights=log.requests, minlength=policy.size).reshape(policy.shape)
    missing = np.where(counts == 0, policy, 0.0).sum(axis=1)
    return float((missing * counts.sum(axis=1)).sum() / counts.sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Terms:
    """What estimators are made of, by cell: weights p / e, and the model's rewards."""

    log: Log
    weights: Floats
    predicted: Floats
    direct: Floats

    @property
    def total(self) -> float:
        return float(self.log.requests.sum())

    def mean(self, values: Floats) -> float:
        """The mean over requests of what is constant in a cell."""
        return float((self.log.requests * values).sum() / self.total)

    def linear(self, fixed: Floats, slope: Floats) -> Estimate:
        """The mean over requests of fixed + slope x reward, and its standard error."""
        log = self.log
        value = float((log.requests * fixed + slope * log.rewards).sum() / self.total)
        means = np.zeros_like(log.rewards)
        np.divide(log.rewards, log.requests, out=means, where=log.requests > 0)
        between = log.requests * (fixed + slope * means - value) ** 2
        within = slope**2 * np.maximum(log.squares - log.rewards * means, 0.0)
        variance = float((between + within).sum()) / (self.total - 1)
        return Estimate(value=value, standard_error=sqrt(variance / self.total))

    def robust(self, weights: Floats) -> Estimate:
        """The model's value, corrected by weighted residuals."""
        return self.linear(self.direct - weights * self.predicted, weights)

    def normalised(self, direct: Floats, predicted: Floats) -> Estimate:
        """The same, the correction divided by the sum of the weights."""
        scale = self.mean(self.weights)
        if not scale:
            return Estimate(value=nan, standard_error=nan)
        weights = self.weights / scale
        correction = self.linear(-weights * predicted, weights).value
        error = self.linear(direct - weights * (predicted + correction), weights).standard_error
        return Estimate(value=self.mean(direct) + correction, standard_error=error)


def _estimates(terms: _Terms, limit: float) -> dict[str, Estimate]:
    w = terms.weights
    none = np.zeros_like(w)
    clipped = np.minimum(w, limit)
    return {
        "ips": terms.linear(none, w),
        "clipped_ips": terms.linear(none, clipped),
        "snips": terms.normalised(none, none),
        "dm": Estimate(value=terms.mean(terms.direct), standard_error=nan),
        "dr": terms.robust(w),
        "clipped_dr": terms.robust(clipped),
        "sndr": terms.normalised(terms.direct, terms.predicted),
        "switch_dr": terms.robust(np.where(w > limit, 0.0, w)),
        "shrinkage_dr": terms.robust(w * limit / (w * w + limit)),
    }
