"""Differences of absolute values from those of the values themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.magnitudes import magnitude_bounds, magnitude_difference

VALUES = st.floats(-1, 1)
# Half of them an end at the value itself, where a bound is the tightest that may hold.
ROOM = st.one_of(st.just(0.0), st.floats(0, 2), st.just(np.inf))


@given(old=VALUES, new=VALUES)
def test_it_is_the_difference_of_absolute_values(old: float, new: float) -> None:
    found = magnitude_difference(new - old, new + old)

    assert found == pytest.approx(abs(new) - abs(old), abs=1e-15)


@given(old=VALUES, new=VALUES, room=st.tuples(ROOM, ROOM, ROOM, ROOM))
def test_bounds_hold_where_both_intervals_do(
    old: float, new: float, room: tuple[float, float, float, float]
) -> None:
    difference, total = new - old, new + old

    low, high = magnitude_bounds(
        (difference - room[0], difference + room[1]), (total - room[2], total + room[3])
    )

    assert low <= abs(new) - abs(old) + 1e-15
    assert high >= abs(new) - abs(old) - 1e-15


@given(
    old=VALUES, new=VALUES, room=st.tuples(ROOM, ROOM, ROOM, ROOM), wrong=st.sampled_from(range(4))
)
def test_each_bound_is_wrong_only_if_one_of_two_ends_is(
    old: float, new: float, room: tuple[float, float, float, float], wrong: int
) -> None:
    difference, total = new - old, new + old
    # Of the four ends, the two that a bound may lean on: see its docstring.
    sign = 1.0 if new >= 0 else -1.0
    upper_ends = {1, 3} if sign > 0 else {0, 2}
    shifts = [-room[0], room[1], -room[2], room[3]]
    shifts[wrong] = 10.0 if wrong in {0, 2} else -10.0

    _, high = magnitude_bounds(
        (difference + shifts[0], difference + shifts[1]), (total + shifts[2], total + shifts[3])
    )

    if wrong not in upper_ends:
        assert high >= abs(new) - abs(old) - 1e-15


def test_ends_at_the_estimate_bound_it_from_both_sides() -> None:
    old, new = np.array([0.1, 0.1, -0.1, 0.0]), np.array([0.3, -0.3, 0.05, 0.2])
    at = (new - old, new - old), (new + old, new + old)

    low, high = magnitude_bounds(*at)

    assert low.tolist() == pytest.approx((abs(new) - abs(old)).tolist())
    assert high.tolist() == pytest.approx(low.tolist())


def test_nothing_is_known_without_ends() -> None:
    low, high = magnitude_bounds((-np.inf, np.inf), (-np.inf, np.inf))

    assert (float(low), float(high)) == (-np.inf, np.inf)
