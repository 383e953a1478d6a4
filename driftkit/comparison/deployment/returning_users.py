"""Simulates requests of users that come back, each with a rate of their own, hashed into buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class UserScenario:
    """What is simulated.

    Attributes:
        rates: the mean rate of each arm over users.
        requests: of a run.
        batches: in how many equal parts they come.
        shares: of the arms, which sum to 1.
        buckets: into which users are hashed.
        users: how many there are, of whom any may be the next; None where nobody comes back.
        concentration: a + b of the Beta distribution of the users' rates: the lower, the more they
            differ.
        sticky: whether a user keeps to an arm; otherwise each request is routed by itself.
    """

    rates: Sequence[float]
    requests: int
    batches: int
    shares: Sequence[float]
    buckets: int = 512
    users: int | None = None
    concentration: float = 5.0
    sticky: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserCounts:
    """Requests of one run, and those with the event; shape (batches, arms, buckets) both."""

    requests: Integers
    events: Integers


def simulate_users(scenario: UserScenario, run: int) -> UserCounts:
    """One run, which depends on its number alone.

    A user has the same quantile of the Beta distribution in every arm, so that where rates are the
    same, arms differ by chance alone.

    Args:
        scenario: what is simulated.
        run: its number, the seed.

    >>> one = UserScenario(rates=[0.1, 0.3], requests=1_000, batches=10, shares=[1, 0], users=50)
    >>> simulate_users(one, 1).requests.sum(axis=(0, 2))
    array([1000,    0])
    """
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(run)))
    arms, count = len(scenario.rates), scenario.requests
    users = scenario.users or count
    who = np.arange(count) if scenario.users is None else random.integers(0, users, count)
    bucket = random.integers(0, scenario.buckets, users)[who]
    routed = random.choice(arms, users if scenario.sticky else count, p=scenario.shares)
    arm = routed[who] if scenario.sticky else routed
    event = random.random(count) < _rates(scenario, random, users)[who, arm]
    batch = np.arange(count) * scenario.batches // count
    shape = (scenario.batches, arms, scenario.buckets)
    cells = np.ravel_multi_index((batch, arm, bucket), shape)
    size = int(np.prod(shape))
    return UserCounts(
        requests=np.bincount(cells, minlength=size).reshape(shape),
        events=np.bincount(cells[event], minlength=size).reshape(shape),
    )


def _rates(scenario: UserScenario, random: np.random.Generator, users: int) -> Floats:
    """The rate of each user in each arm."""
    means = np.array(scenario.rates, dtype=np.float64)
    if scenario.users is None:
        return np.broadcast_to(means, (users, len(means)))
    from scipy.special import betaincinv  # noqa: PLC0415  (slow to load)

    # Rates of 0 and 1 have no distribution of this kind: all users have them.
    inner = np.clip(means, 1e-9, 1 - 1e-9) * scenario.concentration
    found = betaincinv(inner, scenario.concentration - inner, random.random(users)[:, None])
    return np.where((means > 0) & (means < 1), found, means)
