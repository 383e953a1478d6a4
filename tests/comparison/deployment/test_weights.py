"""Weights of a bandit against recorded floors and laws."""

from __future__ import annotations

import json
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.weights import Limits, capped, floored, next_weights, rounded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANY = np.full(2, 1_000.0)
SHARES = (
    st.lists(st.floats(0.001, 1), min_size=2, max_size=10)
    .map(np.array)
    .map(lambda drawn: drawn / drawn.sum())
)


@pytest.mark.parametrize(("key", "floor"), [("0_01", 0.01), ("0_1", 0.1)])
def test_floors_are_the_recorded_ones(
    golden: Callable[[str], Path], key: str, floor: float
) -> None:
    rows: list[dict[str, Any]] = json.loads(golden("deployment/bandits/beta.json").read_text())[
        "rows"
    ]

    for row in rows:
        found = floored(np.array(row["p_best_exact"]), floor)
        assert found == pytest.approx(row[f"floor_{key}_additive"], rel=1e-12)


@pytest.mark.parametrize("floor", [0.5, 0.7, 1.0])
def test_floors_that_leave_nothing_give_equal_shares(floor: float) -> None:
    assert floored(np.array([0.9, 0.1]), floor).tolist() == [0.5, 0.5]


@given(SHARES, st.floats(0, 0.5))
def test_a_floor_keeps_the_order_and_the_sum(shares: np.ndarray, floor: float) -> None:
    found = floored(shares, floor)

    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert found.min() >= min(floor, 1 / len(shares)) - 1e-12
    assert (np.diff(found[np.argsort(shares, kind="stable")]) >= -1e-15).all()


@given(SHARES, st.integers(0, 9), st.floats(0.01, 1))
def test_no_arm_changes_by_more_than_the_step(shares: np.ndarray, turn: int, step: float) -> None:
    before = np.roll(shares, turn)

    found = capped(shares, before, step)

    assert np.abs(found - before).max() <= step + 1e-12
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert (found >= np.minimum(shares, before) - 1e-12).all()
    if np.abs(shares - before).max() <= step:
        assert found == pytest.approx(shares, abs=1e-12)


@given(SHARES, st.integers(2, 6))
def test_rounded_shares_sum_to_one_in_whole_digits(shares: np.ndarray, digits: int) -> None:
    found = rounded(shares, digits)

    assert fsum(found) == pytest.approx(1, abs=1e-15)
    assert sum(round(each * 10**digits) for each in found) == 10**digits
    assert np.abs(np.delete(found - shares, shares.argmax())).max() <= 0.5 / 10**digits + 1e-12


def test_weights_follow_the_policy_within_their_limits() -> None:
    found = next_weights(np.array([0.0, 1.0]), MANY, np.array([9.0, 1.0]))

    assert found.changed
    assert found.shares.tolist() == [0.7, 0.3]


def test_the_first_weights_are_not_held_back() -> None:
    found = next_weights(np.array([0.0, 1.0]), MANY, None)

    assert found.shares.tolist() == [0.05, 0.95]


def test_weights_stay_as_they_are_while_an_arm_has_few_units() -> None:
    found = next_weights(np.array([0.0, 1.0]), np.array([5_000.0, 99.0]), np.array([9.0, 1.0]))

    assert not found.changed
    assert found.waiting == (1,)
    assert found.shares.tolist() == [0.9, 0.1]


def test_an_arm_that_had_no_weight_gets_the_floor_while_all_wait() -> None:
    found = next_weights(np.array([0.5, 0.5]), np.array([5_000.0, 0.0]), np.array([1.0, 0.0]))

    assert not found.changed
    assert found.shares.tolist() == [0.95, 0.05]


def test_without_weights_so_far_all_arms_wait_with_the_same() -> None:
    found = next_weights(np.array([0.2, 0.8]), np.zeros(2), None)

    assert found.shares.tolist() == [0.5, 0.5]
    assert found.waiting == (0, 1)


@pytest.mark.parametrize("floor", [0.0, 0.05, 0.2])
def test_many_runs_lead_to_the_policys_shares_step_by_step(floor: float) -> None:
    limits = Limits(floor=floor, step=0.05)
    before = np.array([0.9, 0.1])
    wanted = np.array([0.1, 0.9])
    runs = []
    for _ in range(30):
        before = next_weights(wanted, MANY, before, limits).shares
        runs.append(before)

    assert np.abs(np.diff(runs, axis=0)).max() <= 0.0501
    assert before == pytest.approx(floored(wanted, floor), abs=1e-4)
