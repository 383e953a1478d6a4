"""Simulates how arms would be pulled under a bandit or constant weights, and what that would cost.

Each run has random numbers of its own, seeded by its number (numpy's SeedSequence and PCG64), so
that it is the same whichever other runs are simulated with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.bandits import Batches, Policy, pulls_of, wanted_shares
from driftkit.comparison.deployment.weights import Limits, next_shares
from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.comparison.arrays import Floats, Integers

# Runs that are worked on at once: their quadrature should fit into a few megabytes.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is simulated: rewards of 0 and 1, at once matured.

    Attributes:
        rates: the true mean reward of each arm, at least two.
        requests: of a run.
        batches: in how many equal parts they come; weights change between them.
        shares: of the arms at the start, which sum to 1; None for equal ones.
        policy: by which weights change; None where they stay as they are.
        limits: of the weights.
    """

    rates: Sequence[float]
    requests: int
    batches: int = 20
    shares: Sequence[float] | None = None
    policy: Policy | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """Runs of a scenario, batch by batch; all arrays have shape (runs, batches, arms).

    Attributes:
        rates: the true mean rewards, shape (arms,).
        pulls: requests of each arm.
        wins: how many of them were rewarded.
        shares: that the arms were to have.
    """

    rates: Floats
    pulls: Integers
    wins: Integers
    shares: Floats

    @property
    def regret(self) -> Floats:
        """Rewards missed so far to those expected of the best arm alone, shape (runs, batches).

        Expected, not drawn: the sum over arms of pulls x (highest rate - rate), also called the
        pseudo-regret (Bubeck and Cesa-Bianchi 2012, Found. Trends Mach. Learn. 5:1).
        """
        missed = self.pulls @ (self.rates.max() - self.rates)
        return np.asarray(missed.cumsum(axis=1))


def simulate(scenario: Scenario, runs: Sequence[int]) -> Simulation:
    """Simulates runs of a scenario.

    Args:
        scenario: what is simulated.
        runs: their numbers, at least one.

    Raises:
        SettingsError: the scenario is impossible.

    >>> same = Scenario(rates=[0.1, 0.3], requests=1_000, batches=10, shares=[1.0, 0.0])
    >>> simulate(same, range(2)).regret[:, -1]
    array([200., 200.])
    """
    _require_possible(scenario)
    parts = [_simulated(scenario, chunk) for chunk in _chunks(runs)]
    return Simulation(
        rates=np.array(scenario.rates, dtype=np.float64),
        pulls=np.concatenate([part[0] for part in parts]),
        wins=np.concatenate([part[1] for part in parts]),
        shares=np.concatenate([part[2] for part in parts]),
    )


def _chunks(runs: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(runs), _AT_ONCE):
        yield runs[first : first + _AT_ONCE]


def _simulated(scenario: Scenario, runs: Sequence[int]) -> tuple[Integers, Integers, Floats]:
    """Pulls, wins and shares of some runs side by side, shape (runs, batches, arms)."""
    drawn = [np.random.Generator(np.random.PCG64(np.random.SeedSequence(run))) for run in runs]
    sizes = np.diff(np.arange(scenario.batches + 1) * scenario.requests // scenario.batches)
    shape = (scenario.batches, len(runs), len(scenario.rates))
    pulls, wins = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    shares = np.empty(shape)
    shares[:] = 1 / shape[-1] if scenario.shares is None else scenario.shares
    for batch, size in enumerate(sizes):
        if batch and scenario.policy is not None:
            known = _known(pulls[:batch], wins[:batch], shares[:batch])
            shares[batch] = _next(known, scenario.policy, scenario.limits)
        for run, generator in enumerate(drawn):
            pulls[batch, run] = generator.multinomial(size, shares[batch, run])
            wins[batch, run] = generator.binomial(pulls[batch, run], scenario.rates)
    return pulls.swapaxes(0, 1), wins.swapaxes(0, 1), shares.swapaxes(0, 1)


def _known(pulls: Integers, wins: Integers, shares: Floats) -> Batches:
    rewards = wins.astype(np.float64)
    return Batches(pulls=pulls.astype(np.float64), rewards=rewards, squares=rewards, shares=shares)


def _next(known: Batches, policy: Policy, limits: Limits) -> Floats:
    units = pulls_of(known, policy).pulls
    return next_shares(wanted_shares(known, policy), units, known.shares[-1], limits)


def _require_possible(scenario: Scenario) -> None:
    rates = np.array(scenario.rates, dtype=np.float64)
    shares = np.full(len(rates), 1 / max(len(rates), 1))
    if scenario.shares is not None:
        shares = np.array(scenario.shares, dtype=np.float64)
    for possible, where, expected, found in (
        (len(rates) > 1, "rates", "at least two arms", f"{len(rates)}"),
        (bool(((rates >= 0) & (rates <= 1)).all()), "rates", "rates from 0 to 1", f"{rates}"),
        (
            len(shares) == len(rates)
            and bool((shares >= 0).all())
            and abs(shares.sum() - 1) < 1e-6,
            "shares",
            "a share of each arm, 0 or more, that sum to 1",
            f"{shares}",
        ),
        (
            1 <= scenario.batches <= scenario.requests,
            "batches",
            f"from 1 to the number of requests, {scenario.requests:,}",
            f"{scenario.batches:,}",
        ),
    ):
        if not possible:
            raise SettingsError(
                "a scenario cannot be simulated",
                where=where,
                expected=expected,
                found=found,
                todo="Correct it",
            )
