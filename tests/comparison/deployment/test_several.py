"""Adjusted p-values against their definition, and the split of error rates."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.several import holm, levels

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@given(P_VALUES)
def test_holm_is_bonferroni_in_every_subset(p_values: list[float]) -> None:
    """Holm's steps are the short way of the closed test, from which they follow."""
    tests = range(len(p_values))
    subsets = [set(some) for size in tests for some in combinations(tests, size + 1)]
    expected = [
        max(min(1, len(some) * min(p_values[i] for i in some)) for some in subsets if test in some)
        for test in tests
    ]

    assert holm(p_values) == pytest.approx(expected)


@given(P_VALUES)
def test_p_values_keep_their_order_and_do_not_fall(p_values: list[float]) -> None:
    found = holm(p_values)

    assert (found >= np.array(p_values) * (1 - 1e-12)).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_tests_that_could_not_be_made_do_not_count() -> None:
    found = holm([0.01, np.nan, 0.04, 0.03, np.nan])

    assert np.isnan(found).tolist() == [False, True, False, False, True]
    assert found[[0, 2, 3]] == pytest.approx(holm([0.01, 0.04, 0.03]))
    assert np.isnan(holm([np.nan])).all()
    assert holm([]).shape == (0,)


def test_one_test_needs_no_adjustment() -> None:
    assert holm([0.04]) == pytest.approx([0.04])


@pytest.mark.parametrize(
    ("metrics", "challengers", "expected"),
    [(1, 1, (0.05, 0.04)), (4, 1, (0.05, 0.01)), (1, 5, (0.01, 0.04)), (2, 2, (0.025, 0.02))],
)
def test_error_rates_are_split(
    metrics: int, challengers: int, expected: tuple[float, float]
) -> None:
    found = levels(0.05, 0.04, metrics=metrics, challengers=challengers)

    assert (found.promote, found.roll_back) == pytest.approx(expected)
