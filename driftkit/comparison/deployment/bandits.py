"""Multi-armed bandits: from sums of rewards to the share of requests that each arm should have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.posteriors import (
    DRAWS,
    Beta,
    Normal,
    expected_loss,
    value_remaining,
)
from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftkit.comparison.arrays import Floats, Truths
    from driftkit.comparison.deployment.posteriors import Posterior

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batches:
    """Matured rewards of batches of constant weights, in the order of time, arms side by side.

    Attributes:
        pulls: requests whose rewards have matured, shape (batches, arms).
        rewards: sums of their rewards.
        squares: sums of the squares of their rewards.
        shares: the share of requests that each arm was to have in each batch.
        names: of the arms, for messages; empty for their numbers.
    """

    pulls: Floats
    rewards: Floats
    squares: Floats
    shares: Floats
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the rewards so far become the shares that arms should have.

    Attributes:
        name: a key of `POLICIES`.
        epsilon: share of requests that epsilon-greedy spends on all arms equally.
        alpha: how much ucb1 favours arms of which little is known.
        temperature: of softmax, in units of the reward: the lower, the greedier.
        gamma: share of requests that exp3 spends on all arms equally, and its speed.
        prior: mean and variance that thompson-gaussian expects of any arm's mean reward; None for
            no expectation.
        discount: factor of all earlier batches at each new one, 1 for none; the memory is of about
            1 / (1 - discount) batches.
        window: how many of the latest batches count; None for all.
    """

    name: str = "thompson-beta"
    epsilon: float = 0.1
    alpha: float = 1.0
    temperature: float = 0.1
    gamma: float = 0.1
    prior: tuple[float, float] | None = None
    discount: float = 1.0
    window: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pulls:
    """Sums of what is remembered of each arm, shape (..., arms) each, and the arms' names."""

    pulls: Floats
    rewards: Floats
    squares: Floats
    names: Sequence[str] = ()

    @property
    def means(self) -> Floats:
        """Mean reward; minus infinity of an arm without pulls."""
        unknown = np.full(self.pulls.shape, -np.inf)
        np.divide(self.rewards, self.pulls, out=unknown, where=self.pulls > 0)
        return unknown


def remembered(values: Floats, policy: Policy) -> Floats:
    """The sum over batches, the first axis, of which the older ones count less or not at all.

    >>> remembered(np.array([[4.0], [2.0], [1.0]]), Policy(discount=0.5))
    array([3.])
    >>> remembered(np.array([[4.0], [2.0], [1.0]]), Policy(window=2))
    array([3.])
    """
    latest = values if policy.window is None else values[-policy.window :]
    ages = np.arange(len(latest), dtype=np.float64)[::-1]
    return np.asarray(np.tensordot(policy.discount**ages, latest, axes=1))


def pulls_of(batches: Batches, policy: Policy) -> Pulls:
    """What the policy remembers of the batches."""
    return Pulls(
        pulls=remembered(batches.pulls, policy),
        rewards=remembered(batches.rewards, policy),
        squares=remembered(batches.squares, policy),
        names=batches.names,
    )


def beta_posterior(known: Pulls) -> Beta:
    """Beta(1 + s, 1 + n - s) of each arm: exact for rewards of 0 and 1, cautious between them.

    Raises:
        InputError: rewards are not between 0 and 1, as far as their sums show.
    """
    outside = ~_within_unit(known)
    if outside.any():
        number = int(np.flatnonzero(outside.reshape(-1, outside.shape[-1]).any(axis=0))[0])
        raise InputError(
            "a reward is not between 0 and 1",
            where=f"arm {known.names[number] if known.names else number + 1}",
            expected="rewards from 0 to 1 for thompson-beta",
            found="a sum of rewards below 0, above their number, or below that of their squares",
            todo="Divide rewards by their maximum, or choose the policy thompson-gaussian",
        )
    return Beta(a=1 + known.rewards, b=np.maximum(1 + known.pulls - known.rewards, 1.0))


def _within_unit(known: Pulls) -> Truths:
    slack = _SLACK * np.maximum(known.pulls, 1.0)
    few = (known.rewards >= -slack) & (known.rewards <= known.pulls + slack)
    return np.asarray(few & (known.squares <= known.rewards + slack))


def normal_posterior(known: Pulls, prior: tuple[float, float] | None = None) -> Normal | None:
    """Normal(m, s2 / n) of each arm; with a prior, both weighted by their precision.

    An arm whose rewards are all equal takes the variance pooled over the arms (a choice of this
    package): a mean of few equal rewards is not known for certain.

    Returns:
        None where nothing can be said: an arm has fewer than 2 pulls, or no arm's rewards differ.
    """
    if (known.pulls < 2).any():
        return None
    means = known.rewards / known.pulls
    spread = np.maximum(known.squares - known.rewards * means, 0.0)
    # Rounding leaves a trace of a spread where there is none.
    spread[spread <= 1e-12 * known.squares] = 0.0
    pooled = spread.sum(axis=-1, keepdims=True) / (known.pulls - 1).sum(axis=-1, keepdims=True)
    variance = np.where(spread > 0, spread / (known.pulls - 1), pooled)
    if not (variance > 0).all():
        return None
    precision = known.pulls / variance
    if prior is None:
        return Normal(means=means, errors=1 / np.sqrt(precision))
    both = precision + 1 / prior[1]
    return Normal(means=(means * precision + prior[0] / prior[1]) / both, errors=1 / np.sqrt(both))


def posterior(known: Pulls, policy: Policy) -> Posterior | None:
    """What is believed of the arms: of Beta where rewards may be between 0 and 1, else normal.

    Raises:
        InputError: the policy is thompson-beta, and rewards are not between 0 and 1.
    """
    gaussian = policy.name == "thompson-gaussian"
    if policy.name == "thompson-beta" or (not gaussian and _within_unit(known).all()):
        return beta_posterior(known)
    return normal_posterior(known, policy.prior)


def _thompson(batches: Batches, policy: Policy) -> Floats:
    believed = posterior(pulls_of(batches, policy), policy)
    return _equal(batches) if believed is None else believed.probability_best()


def _equal(batches: Batches) -> Floats:
    shape = batches.pulls.shape[1:]
    return np.full(shape, 1 / shape[-1])


def _all_to(values: Floats) -> Floats:
    """All to the highest, of several to the first."""
    chosen = values.argmax(axis=-1)[..., None]
    return np.asarray(np.arange(values.shape[-1]) == chosen, dtype=np.float64)


def _epsilon_greedy(batches: Batches, policy: Policy) -> Floats:
    best = _all_to(pulls_of(batches, policy).means)
    return np.asarray(policy.epsilon / best.shape[-1] + (1 - policy.epsilon) * best)


def ucb1_index(known: Pulls, alpha: float = 1.0) -> Floats:
    """m + alpha sqrt(2 ln N / n) (Auer, Cesa-Bianchi and Fischer 2002, Machine Learning 47:235).

    N is the number of pulls of all arms. Infinity of an arm without pulls.

    >>> sums = np.array([100.0, 120.0, 40.0]), np.array([10.0, 18.0, 5.0])
    >>> ucb1_index(Pulls(pulls=sums[0], rewards=sums[1], squares=sums[1])).round(8)
    array([0.43348708, 0.45443066, 0.65228937])
    """
    pulls = known.pulls
    total = np.maximum(pulls.sum(axis=-1, keepdims=True), 1.0)
    unseen = np.full(pulls.shape, np.inf)
    unknown = np.divide(2 * np.log(total), pulls, out=unseen, where=pulls > 0)
    return np.asarray(np.where(pulls > 0, known.means, 0.0) + alpha * np.sqrt(unknown))


def _ucb1(batches: Batches, policy: Policy) -> Floats:
    return _all_to(ucb1_index(pulls_of(batches, policy), policy.alpha))


def _softmax(batches: Batches, policy: Policy) -> Floats:
    means = pulls_of(batches, policy).means
    highest = means.max(axis=-1, keepdims=True)
    if not np.isfinite(highest).all():
        return _equal(batches)
    powers = np.exp((means - highest) / policy.temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _exp3(batches: Batches, policy: Policy) -> Floats:
    """EXP3 (Auer, Cesa-Bianchi, Freund and Schapire 2002, SIAM J. Comput. 32:48) by batches.

    ln w_i = (g / K) sum over batches of r_i, where r_i = sum r / p_i / requests of the batch is an
    unbiased estimate of the arm's mean reward (derived here for batches).
    """
    requests = batches.pulls.sum(axis=-1, keepdims=True)
    weighted = batches.shares * requests
    estimates = np.zeros_like(weighted)
    np.divide(batches.rewards, weighted, out=estimates, where=weighted > 0)
    logs = policy.gamma * remembered(estimates, policy) / weighted.shape[-1]
    powers = np.exp(logs - logs.max(axis=-1, keepdims=True))
    chances = powers / powers.sum(axis=-1, keepdims=True)
    return np.asarray((1 - policy.gamma) * chances + policy.gamma / weighted.shape[-1])


POLICIES: Mapping[str, Callable[[Batches, Policy], Floats]] = {
    "thompson-beta": _thompson,
    "thompson-gaussian": _thompson,
    "epsilon-greedy": _epsilon_greedy,
    "ucb1": _ucb1,
    "softmax": _softmax,
    "exp3": _exp3,
}


def wanted_shares(batches: Batches, policy: Policy) -> Floats:
    """The share of requests that the policy alone would give to each arm, shape (..., arms).

    Of several best arms ucb1 and epsilon-greedy take the first. Where a policy has nothing to go
    by, all arms have the same share.

    Args:
        batches: arrays of shape (batches, ..., arms): what stands between is worked on side by
            side, such as segments.
        policy: which one, and its parameters.

    Raises:
        InputError: rewards do not fit the policy.
        SettingsError: no policy has this name.
    """
    if policy.name not in POLICIES:
        raise SettingsError(
            "there is no such policy",
            where="policy",
            expected=" | ".join(POLICIES),
            found=policy.name,
            todo="Choose one of these",
        )
    return POLICIES[policy.name](batches, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Whether there is something left to learn.

    Attributes:
        stop: whether the bandit may end.
        best: index of the arm with the highest expected reward.
        probability_best: of each arm.
        value_remaining: what could still be won over the best arm, as a share of its mean reward;
            None where that is no number.
        expected_loss: of each arm to the best one, in units of the reward.
    """

    stop: bool
    best: int
    probability_best: Sequence[float]
    value_remaining: float | None
    expected_loss: Sequence[float]


def stop_of(
    believed: Posterior, *, remaining: float = 0.01, probability: float = 0.99, seed: int = 0
) -> Stop:
    """Whether the bandit may end: little is left to win, or one arm is the best almost surely.

    Value remaining and expected loss are of 100,000 seeded draws (no independent oracle); other
    seeds move the value remaining by 0.003 (standard deviation) where it is about 0.5.

    Args:
        believed: of arrays of shape (arms,).
        remaining: value remaining below which it may end.
        probability: of the best arm, from which on it may end.
        seed: of the draws.
    """
    best = int(believed.means.argmax())
    chances = believed.probability_best()
    drawn = believed.draws(DRAWS, seed)
    left = value_remaining(drawn, best)
    return Stop(
        stop=left < remaining or bool(chances[best] >= probability),
        best=best,
        probability_best=tuple(chances.tolist()),
        value_remaining=left if np.isfinite(left) else None,
        expected_loss=tuple(expected_loss(drawn).tolist()),
    )
