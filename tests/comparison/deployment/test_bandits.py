"""Policies of bandits against mabwiser, closed forms and laws."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.bandits import (
    POLICIES,
    Batches,
    Policy,
    Pulls,
    beta_posterior,
    normal_posterior,
    posterior,
    remembered,
    ucb1_index,
    wanted_shares,
)
from driftkit.comparison.deployment.posteriors import Beta
from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = sorted(POLICIES)


def batches(pulls: Any, rewards: Any, squares: Any = None, shares: Any = None) -> Batches:
    """One batch where the sums have one axis, equal shares where there are none."""
    n, s = np.atleast_2d(np.asarray(pulls, np.float64)), np.atleast_2d(np.asarray(rewards, float))
    return Batches(
        pulls=n,
        rewards=s,
        squares=s if squares is None else np.atleast_2d(np.asarray(squares, np.float64)),
        shares=np.full(n.shape, 1 / n.shape[-1]) if shares is None else np.atleast_2d(shares),
    )


def pulls(n: Any, s: Any, ss: Any = None) -> Pulls:
    n, s = np.asarray(n, np.float64), np.asarray(s, np.float64)
    return Pulls(pulls=n, rewards=s, squares=s if ss is None else np.asarray(ss, np.float64))


@pytest.fixture
def mabwiser(golden: Callable[[str], Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(golden("deployment/bandits/mabwiser.json").read_text())
    return found


@pytest.fixture
def beta_rows(golden: Callable[[str], Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(golden("deployment/bandits/beta.json").read_text())[
        "rows"
    ]
    return rows


@pytest.mark.parametrize(("key", "alpha"), [("ucb1_alpha1", 1.0), ("ucb1_alpha_sqrt2", 2**0.5)])
def test_ucb1_is_mabwisers(mabwiser: dict[str, Any], key: str, alpha: float) -> None:
    arms = list(mabwiser["pulls"])
    known = pulls([*mabwiser["pulls"].values()], [*mabwiser["rewards"].values()])
    expected = mabwiser["expectations"]

    index = ucb1_index(known, alpha)
    shares = wanted_shares(batches(known.pulls, known.rewards), Policy(name="ucb1", alpha=alpha))

    assert index == pytest.approx([expected[key][arm] for arm in arms], rel=1e-12)
    assert shares.tolist() == [float(arm == expected[f"{key}_predict"]) for arm in arms]


def test_epsilon_greedy_favours_mabwisers_arm(mabwiser: dict[str, Any]) -> None:
    arms = list(mabwiser["pulls"])
    sums = batches([*mabwiser["pulls"].values()], [*mabwiser["rewards"].values()])
    chosen = mabwiser["expectations"]["epsilon_greedy_predict"]

    shares = wanted_shares(sums, Policy(name="epsilon-greedy", epsilon=0.3))

    assert shares == pytest.approx([0.8 if arm == chosen else 0.1 for arm in arms], abs=1e-12)


@pytest.mark.parametrize("number", range(4))
def test_recorded_sums_give_the_recorded_shares(
    beta_rows: list[dict[str, Any]], number: int
) -> None:
    row = beta_rows[number]
    sums = batches(row["pulls"], row["wins"])

    assert wanted_shares(sums, Policy()) == pytest.approx(row["p_best_exact"], abs=1e-8)
    softmax = wanted_shares(sums, Policy(name="softmax", temperature=0.1))
    assert softmax == pytest.approx(row["softmax_tau_0_1"], abs=1e-12)
    index = ucb1_index(pulls(row["pulls"], row["wins"]))
    assert index == pytest.approx(row["ucb1"], rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(10))
def test_shares_sum_to_one(name: str, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    n = drawn.integers(2, 10_000, size=2 + seed % 4).astype(np.float64)
    s = np.floor(n * drawn.random(n.size).round(1))

    shares = wanted_shares(batches(n, s), Policy(name=name))

    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert (shares >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_segments_side_by_side_are_each_of_them(name: str) -> None:
    drawn = np.random.default_rng(4)
    n = drawn.integers(50, 500, size=(3, 2, 4)).astype(np.float64)
    s = drawn.binomial(n.astype(int), 0.3).astype(np.float64)

    together = wanted_shares(batches(n, s), Policy(name=name))

    for segment in range(2):
        alone = wanted_shares(batches(n[:, segment], s[:, segment]), Policy(name=name))
        assert together[segment] == pytest.approx(alone, abs=1e-12)


@pytest.mark.parametrize("name", ["ucb1", "epsilon-greedy"])
def test_of_equal_arms_the_first_is_taken(name: str) -> None:
    shares = wanted_shares(batches([10, 10, 10], [3, 3, 2]), Policy(name=name, epsilon=0))

    assert shares.tolist() == [1, 0, 0]


def test_ucb1_tries_an_arm_without_pulls_first() -> None:
    assert wanted_shares(batches([100, 0], [100, 0]), Policy(name="ucb1")).tolist() == [0, 1]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"ucb1", "epsilon-greedy"}))
def test_without_any_pulls_all_arms_have_the_same_share(name: str) -> None:
    shares = wanted_shares(batches([0, 0, 0], [0, 0, 0]), Policy(name=name))

    assert shares == pytest.approx([1 / 3] * 3, abs=1e-12)


def test_exp3_estimates_the_mean_reward_of_each_arm() -> None:
    """The law behind it: rewards over propensities have the arm's mean as their expectation."""
    drawn = np.random.default_rng(7)
    chances, rates, size = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6]), 2_000_000
    n = drawn.multinomial(size, chances).astype(np.float64)
    s = drawn.binomial(n.astype(int), rates).astype(np.float64)
    gamma = 0.3

    shares = wanted_shares(batches(n, s, shares=chances), Policy(name="exp3", gamma=gamma))

    powers = np.exp(gamma * rates / 3)
    expected = (1 - gamma) * powers / powers.sum() + gamma / 3
    assert shares == pytest.approx(expected, abs=2e-4)
    assert shares.min() >= gamma / 3


def test_exp3_learns_from_every_batch_by_its_own_shares() -> None:
    n, s = [[90, 10], [50, 50]], [[9, 5], [5, 25]]
    shares = np.array([[0.9, 0.1], [0.5, 0.5]])

    found = wanted_shares(batches(n, s, shares=shares), Policy(name="exp3", gamma=0.5))

    # Both batches estimate 0.1 and 0.5, whatever the shares were.
    powers = np.exp(0.25 * np.array([0.2, 1.0]))
    assert found == pytest.approx(0.5 * powers / powers.sum() + 0.25, abs=1e-12)


def test_what_is_forgotten_does_not_count() -> None:
    old, new = [1_000.0, 1_000.0], [100.0, 100.0]
    turned = batches([old, new], [[900.0, 100.0], [10.0, 90.0]])

    by_all = wanted_shares(turned, Policy())
    by_latest = wanted_shares(turned, Policy(window=1))
    by_discount = wanted_shares(turned, Policy(discount=0.01))

    assert by_all[0] > 0.99
    assert by_latest == pytest.approx(wanted_shares(batches(new, [10.0, 90.0]), Policy()))
    assert by_discount[1] > 0.99


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.floats(0.1, 1))
def test_discounting_window_by_window_is_the_sum_over_kept_windows(
    values: list[float], discount: float
) -> None:
    folded = 0.0
    for value in values:
        folded = folded * discount + value

    found = remembered(np.array(values)[:, None], Policy(discount=discount))

    assert found == pytest.approx([folded], rel=1e-9)


def test_a_normal_posterior_has_the_arms_standard_errors() -> None:
    drawn = np.random.default_rng(2).normal(5, 2, size=(2, 40))

    found = normal_posterior(pulls([40, 40], drawn.sum(axis=1), (drawn**2).sum(axis=1)))

    assert found is not None
    assert found.means == pytest.approx(drawn.mean(axis=1), rel=1e-12)
    assert found.errors == pytest.approx(drawn.std(axis=1, ddof=1) / 40**0.5, rel=1e-9)


def test_a_prior_counts_by_its_precision() -> None:
    drawn = np.random.default_rng(2).normal(5, 2, size=(2, 40))
    sums = pulls([40, 40], drawn.sum(axis=1), (drawn**2).sum(axis=1))
    plain = normal_posterior(sums)
    assert plain is not None

    # A prior as precise as the rewards moves the mean half of the way to its own.
    found = normal_posterior(sums, (1.0, float(plain.errors[0] ** 2)))

    assert found is not None
    assert found.means[0] == pytest.approx((plain.means[0] + 1) / 2, rel=1e-9)
    assert found.errors[0] == pytest.approx(plain.errors[0] / 2**0.5, rel=1e-9)


def test_an_arm_of_equal_rewards_is_not_known_for_certain() -> None:
    found = normal_posterior(pulls([50, 50], [0, 25], [0, 25]))

    assert found is not None
    assert found.errors[0] > 0
    assert 0 < found.probability_best()[0] < 0.01


@pytest.mark.parametrize(
    "known", [pulls([1, 50], [1, 25]), pulls([50, 50], [5, 5], [0.5, 0.5])], ids=["few", "equal"]
)
def test_where_nothing_can_be_said_there_is_no_posterior(known: Pulls) -> None:
    assert normal_posterior(known) is None
    policy = Policy(name="thompson-gaussian")
    sums = batches(known.pulls, known.rewards, known.squares)
    assert wanted_shares(sums, policy).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("s", "ss"),
    [([5, 120], [5, 120]), ([5, -1], [5, 1]), ([5, 60], [5, 90])],
    ids=["above 1", "below 0", "squares show one above 1"],
)
def test_rewards_beyond_one_are_refused_by_beta(s: list[float], ss: list[float]) -> None:
    sums = batches([100, 100], s, ss)

    with pytest.raises(InputError, match=r"arm 2: a reward is not between 0 and 1"):
        wanted_shares(sums, Policy())
    with pytest.raises(InputError, match="arm challenger: a reward is not"):
        wanted_shares(replace(sums, names=("champion", "challenger")), Policy())
    assert wanted_shares(sums, Policy(name="thompson-gaussian")).sum() == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_the_belief_fits_the_rewards(name: str) -> None:
    shares_only = pulls([100, 100], [10, 20])
    amounts = pulls([100, 100], [500, 700], [5_000, 9_000])

    gaussian = name == "thompson-gaussian"
    assert isinstance(posterior(shares_only, Policy(name=name)), Beta) is not gaussian
    if name != "thompson-beta":
        assert not isinstance(posterior(amounts, Policy(name=name)), Beta)


def test_rewards_of_all_pulls_are_within_the_unit() -> None:
    # Discounted sums are not exact, so that their difference may be a trace below 0.
    known = pulls([10.000000001], [10.0000000011])

    assert beta_posterior(known).b.tolist() == [1.0]


def test_an_unknown_policy_is_named() -> None:
    with pytest.raises(SettingsError, match=r"expected: thompson-beta .*found: greedy"):
        wanted_shares(batches([1, 1], [0, 1]), Policy(name="greedy"))
