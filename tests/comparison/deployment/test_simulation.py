"""Simulated bandits: the laws of regret, seeds by run, and weights within their limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from driftkit.comparison.deployment.bandits import POLICIES, Policy
from driftkit.comparison.deployment.simulation import Scenario, Simulation, simulate
from driftkit.comparison.deployment.weights import Limits
from driftkit.errors import SettingsError

RATES = (0.10, 0.12)
REQUESTS = 20_000
RUNS = range(500)
FREE = Limits(floor=0.0, step=1.0, minimum=0.0)


def of_policy(name: str, runs: range = RUNS) -> Simulation:
    scenario = Scenario(rates=RATES, requests=REQUESTS, policy=Policy(name=name), limits=FREE)
    return simulate(scenario, runs)


def test_the_regret_of_equal_shares_is_known() -> None:
    regret = simulate(Scenario(rates=RATES, requests=REQUESTS), RUNS).regret[:, -1]

    expected = REQUESTS * (max(RATES) - np.mean(RATES))
    assert regret.mean() == pytest.approx(expected, abs=4 * regret.std() / len(RUNS) ** 0.5)


def test_thompsons_regret_levels_off_and_epsilon_greedys_does_not() -> None:
    thompson, greedy = of_policy("thompson-beta").regret, of_policy("epsilon-greedy").regret

    slope = (greedy[:, -1] - greedy[:, 9]) / (REQUESTS / 2)
    least = 0.1 * (max(RATES) - np.mean(RATES))
    assert slope.mean() >= least - 2 * slope.std() / len(RUNS) ** 0.5
    assert thompson[:, -1].mean() < greedy[:, -1].mean()
    late, early = thompson[:, -1] - thompson[:, 9], thompson[:, 9]
    assert late.mean() < early.mean() / 3


def test_a_run_is_the_same_whatever_is_simulated_with_it() -> None:
    together = of_policy("thompson-beta", range(70))

    for runs in (range(3, 5), range(63, 66), range(69, 70)):
        alone = of_policy("thompson-beta", runs)
        assert (alone.pulls == together.pulls[runs.start : runs.stop]).all()
        assert (alone.wins == together.wins[runs.start : runs.stop]).all()
    assert (together.pulls[0] != together.pulls[1]).any()


def test_arms_are_pulled_and_rewarded_by_their_shares_and_rates() -> None:
    scenario = Scenario(rates=(0.1, 0.5, 1.0), requests=1_000, batches=7, shares=(0.6, 0.3, 0.1))

    found = simulate(scenario, range(300))

    assert (found.pulls.sum(axis=(1, 2)) == 1_000).all()
    assert found.pulls.sum(axis=(0, 1)) / 300_000 == pytest.approx([0.6, 0.3, 0.1], abs=0.005)
    rates = found.wins.sum(axis=(0, 1)) / found.pulls.sum(axis=(0, 1))
    assert rates == pytest.approx([0.1, 0.5, 1.0], abs=0.01)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_weights_stay_within_their_limits(name: str) -> None:
    scenario = Scenario(
        rates=(0.1, 0.3, 0.2),
        requests=3_000,
        batches=10,
        shares=(0.8, 0.1, 0.1),
        policy=Policy(name=name),
    )

    shares = simulate(scenario, range(20)).shares

    assert shares.sum(axis=2) == pytest.approx(1.0, abs=1e-12)
    assert shares.min() >= 0.05 - 1e-9
    assert np.abs(np.diff(shares, axis=1)).max() <= 0.2 + 2e-4
    # Thirty requests of a batch are too few for the two small arms.
    assert (shares[:, :3] == shares[:, :1]).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rates": (0.1,)}, "rates: .*at least two arms"),
        ({"rates": (0.1, 1.2)}, "rates: .*from 0 to 1"),
        ({"rates": (0.1, float("nan"))}, "rates: .*from 0 to 1"),
        ({"shares": (0.5, 0.6)}, "shares: .*sum to 1"),
        ({"shares": (1.0,)}, "shares: .*a share of each arm"),
        ({"batches": 0}, "batches: .*from 1 to"),
        ({"requests": 5, "batches": 6}, "batches: .*number of requests, 5"),
    ],
)
def test_impossible_scenarios_are_refused(changed: dict[str, Any], message: str) -> None:
    scenario: dict[str, Any] = {"rates": RATES, "requests": 100, "batches": 5, **changed}

    with pytest.raises(SettingsError, match=message):
        simulate(Scenario(**scenario), range(1))
