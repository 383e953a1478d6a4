"""Simulated users that come back: their arms, buckets and rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from driftkit.comparison.deployment.returning_users import UserScenario, simulate_users

SCENARIO = UserScenario(
    rates=[0.2, 0.2], requests=20_000, batches=50, shares=[0.5, 0.5], buckets=512, users=1_000
)


def test_a_run_depends_on_its_number_alone() -> None:
    one, again, other = (simulate_users(SCENARIO, run) for run in (3, 3, 4))

    np.testing.assert_array_equal(one.events, again.events)
    assert (one.events != other.events).any()


def test_all_requests_are_drawn_in_equal_batches() -> None:
    found = simulate_users(replace(SCENARIO, requests=1_001, batches=10), 1)

    batches = found.requests.sum(axis=(1, 2))
    assert batches.sum() == 1_001
    assert set(batches.tolist()) == {100, 101}
    assert (found.events <= found.requests).all()


def test_a_users_requests_are_in_one_bucket_and_in_one_arm() -> None:
    few = replace(SCENARIO, users=5, buckets=1_000_003)

    sticky = simulate_users(replace(few, batches=1), 1).requests[0]
    routed = simulate_users(replace(few, batches=1, sticky=False), 1).requests[0]

    assert (sticky > 0).sum() == 5
    assert (routed > 0).sum() == 10


@pytest.mark.parametrize(("users", "spread"), [(None, 1.0), (1_000, 1 + 19 / 6)])
def test_users_that_come_back_vary_more(users: int | None, spread: float) -> None:
    """Rates of users vary by 1/6 of a request's variance, and a user has 20 requests."""
    scenario = replace(SCENARIO, users=users, batches=1)

    rates = np.array(
        [
            found.events[0, 0].sum() / found.requests[0, 0].sum()
            for found in (simulate_users(scenario, run) for run in range(100))
        ]
    )

    assert rates.mean() == pytest.approx(0.2, abs=0.003)
    # Three standard deviations of the variance of 100 runs.
    assert rates.var(ddof=1) == pytest.approx(spread * 0.2 * 0.8 / 10_000, rel=0.43)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_rates_of_0_and_1_are_those_of_all_users(rate: float) -> None:
    found = simulate_users(replace(SCENARIO, rates=[rate, 0.5], requests=1_000), 1)

    assert found.events[:, 0].sum() == rate * found.requests[:, 0].sum()
