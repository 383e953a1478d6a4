"""Adjusted p-values against tea-tasting, SciPy and the definition, and the split of error rates."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from driftkit.comparison.deployment.several import (
    benjamini_hochberg,
    hochberg_sidak,
    holm,
    levels,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.comparison.deployment.ratios import Numbers

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)
RULES = [holm, benjamini_hochberg, hochberg_sidak]


@pytest.mark.parametrize(
    ("rule", "recorded"),
    [(benjamini_hochberg, "adjust_bh"), (hochberg_sidak, "adjust_hochberg")],
)
def test_adjusted_p_values_are_tea_tastings(
    golden: Callable[[str], Path], rule: Callable[[list[float]], Numbers], recorded: str
) -> None:
    rows = json.loads(golden("deployment/tests/tea_tasting.json").read_text())[recorded]

    found = rule([float(row["pvalue"]) for row in rows])

    assert found == pytest.approx([float(row["pvalue_adj"]) for row in rows], rel=1e-9)


@given(P_VALUES)
def test_the_false_discovery_rate_is_scipys(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values))


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


@pytest.mark.parametrize("rule", RULES)
@given(p_values=P_VALUES)
def test_p_values_keep_their_order_and_do_not_fall(
    rule: Callable[[list[float]], Numbers], p_values: list[float]
) -> None:
    found = rule(p_values)

    assert (found >= np.array(p_values) * (1 - 1e-12)).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(p_values, kind="stable")]) >= 0).all()


@pytest.mark.parametrize("rule", RULES)
def test_tests_that_could_not_be_made_do_not_count(
    rule: Callable[[list[float]], Numbers],
) -> None:
    found = rule([0.01, np.nan, 0.04, 0.03, np.nan])

    assert np.isnan(found).tolist() == [False, True, False, False, True]
    assert found[[0, 2, 3]] == pytest.approx(rule([0.01, 0.04, 0.03]))
    assert np.isnan(rule([np.nan])).all()
    assert rule([]).shape == (0,)


@pytest.mark.parametrize("rule", RULES)
def test_one_test_needs_no_adjustment(rule: Callable[[list[float]], Numbers]) -> None:
    assert rule([0.04]) == pytest.approx([0.04])


@pytest.mark.parametrize(
    ("metrics", "challengers", "expected"),
    [(1, 1, (0.05, 0.04)), (4, 1, (0.05, 0.01)), (1, 5, (0.01, 0.04)), (2, 2, (0.025, 0.02))],
)
def test_error_rates_are_split(
    metrics: int, challengers: int, expected: tuple[float, float]
) -> None:
    found = levels(0.05, 0.04, metrics=metrics, challengers=challengers)

    assert (found.promote, found.roll_back) == pytest.approx(expected)
