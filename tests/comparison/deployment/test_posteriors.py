"""Posteriors of bandits against quadrature, simulation and closed forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from driftkit.comparison.deployment.bandits import Pulls, beta_posterior, stop_of
from driftkit.comparison.deployment.posteriors import Beta, Normal, expected_loss, value_remaining

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = range(4)


@pytest.fixture
def recorded(golden: Callable[[str], Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(golden("deployment/bandits/beta.json").read_text())[
        "rows"
    ]
    assert len(rows) == len(ROWS)
    return rows


def posterior(row: dict[str, Any]) -> Beta:
    pulls, wins = (np.array(row[key], dtype=np.float64) for key in ("pulls", "wins"))
    return beta_posterior(Pulls(pulls=pulls, rewards=wins, squares=wins))


@pytest.mark.parametrize("number", ROWS)
def test_the_best_arm_is_scipys_quadrature(recorded: list[dict[str, Any]], number: int) -> None:
    row = recorded[number]

    found = posterior(row).probability_best()

    assert found == pytest.approx(row["p_best_exact"], abs=1e-8)
    assert found == pytest.approx(row["p_best_mc"], abs=0.002)


@pytest.mark.parametrize("number", ROWS)
def test_what_is_left_to_win_is_that_of_a_million_draws(
    recorded: list[dict[str, Any]], number: int
) -> None:
    row = recorded[number]

    stop = stop_of(posterior(row))

    assert stop.best == row["best"]
    assert stop.value_remaining == pytest.approx(row["value_remaining_q95_relative_mc"], abs=0.005)
    assert stop.expected_loss == pytest.approx(row["expected_loss_mc"], abs=0.001)
    assert stop.stop is (row["value_remaining_q95_relative_mc"] < 0.01)


SHAPES = st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)), min_size=2, max_size=5).map(
    np.array
)


@given(SHAPES)
def test_the_order_of_arms_does_not_matter(shapes: np.ndarray) -> None:
    a, b = shapes.T

    found = Beta(a=a, b=b).probability_best()

    assert Beta(a=a[::-1], b=b[::-1]).probability_best() == pytest.approx(found[::-1], abs=1e-9)
    assert found.sum() == pytest.approx(1, abs=1e-12)


@given(st.floats(1, 1e5), st.floats(1, 1e5), st.floats(1, 1e5), st.floats(1, 1e5))
def test_mirrored_rewards_mirror_the_better_of_two_arms(
    a0: float, b0: float, a1: float, b1: float
) -> None:
    found = Beta(a=np.array([a0, a1]), b=np.array([b0, b1])).probability_best()
    mirrored = Beta(a=np.array([b0, b1]), b=np.array([a0, a1])).probability_best()

    assert mirrored == pytest.approx(found[::-1], abs=1e-8)


def test_an_arm_without_pulls_has_a_known_chance_against_a_uniform_one() -> None:
    # P(U > max of two others) of three uniform variables is 1/3; against Beta(2, 1) it is 1/3.
    assert Beta(a=np.ones(3), b=np.ones(3)).probability_best() == pytest.approx([1 / 3] * 3)
    two = Beta(a=np.array([1.0, 2.0]), b=np.ones(2)).probability_best()
    assert two == pytest.approx([1 / 3, 2 / 3], abs=1e-10)


@given(
    st.floats(-5, 5), st.floats(-5, 5), st.floats(-3, 3).map(np.exp), st.floats(-3, 3).map(np.exp)
)
def test_of_two_normal_arms_there_is_a_closed_form(
    m0: float, m1: float, e0: float, e1: float
) -> None:
    found = Normal(means=np.array([m0, m1]), errors=np.array([e0, e1])).probability_best()

    assert found[1] == pytest.approx(norm.cdf((m1 - m0) / np.hypot(e0, e1)), abs=1e-8)


def test_arms_of_very_different_certainty_agree_with_draws() -> None:
    believed = Normal(means=np.array([0.0, 1e-3, -0.5]), errors=np.array([1e-4, 1e-3, 1.0]))
    best = believed.draws(400_000, 3).argmax(axis=1)

    found = believed.probability_best()

    assert found == pytest.approx(np.bincount(best, minlength=3) / best.size, abs=0.004)


@pytest.mark.parametrize("kind", ["beta", "normal"])
def test_many_posteriors_side_by_side_are_each_of_them(kind: str) -> None:
    drawn = np.random.default_rng(1).uniform(1, 50, size=(2, 3, 2, 4))
    a, b = drawn

    def chances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        if kind == "beta":
            return Beta(a=first, b=second).probability_best()
        return Normal(means=first, errors=second).probability_best()

    together = chances(a, b)

    alone = [[chances(a[i, j], b[i, j]) for j in range(2)] for i in range(3)]
    assert together == pytest.approx(np.array(alone), abs=1e-12)


def test_nothing_is_left_of_a_mean_reward_that_may_be_negative() -> None:
    drawn = np.array([[-0.1, 0.2], [0.1, 0.2]])

    assert value_remaining(drawn, 0) == np.inf
    assert value_remaining(drawn, 1) == 0.0


def test_the_stop_says_none_where_the_share_is_no_number() -> None:
    believed = Normal(means=np.array([-1.0, -1.1]), errors=np.array([0.1, 0.1]))

    stop = stop_of(believed)

    assert stop.value_remaining is None
    assert not stop.stop


def test_an_arm_that_is_best_almost_surely_stops_the_bandit_too() -> None:
    believed = Normal(means=np.array([-1.0, -2.0]), errors=np.array([0.1, 0.1]))

    stop = stop_of(believed)

    assert stop.stop
    assert stop.best == 0


def test_losses_to_the_best_arm_are_its_advantage() -> None:
    drawn = Normal(means=np.array([1.0, 3.0]), errors=np.array([1e-9, 1e-9])).draws(1_000, 0)

    assert expected_loss(drawn) == pytest.approx([2.0, 0.0], abs=1e-6)
