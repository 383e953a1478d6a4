"""Dependence is what is left of a table once the shares of its rows and columns are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.dependence import dependence

if TYPE_CHECKING:
    import numpy.typing as npt

    Table = npt.NDArray[np.float64]


def cells(table: Table) -> dict[str, int]:
    return {f"r{i} | c{j}": int(n) for (i, j), n in np.ndenumerate(table) if n}


def related(correlation: float, rows: int, seed: int) -> dict[str, int]:
    """Rows in quintiles of two numbers."""
    random = np.random.default_rng(seed)
    x, y = random.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], rows).T
    edges = [-0.8416, -0.2533, 0.2533, 0.8416]
    table = np.zeros((5, 5))
    np.add.at(table, (np.searchsorted(edges, x), np.searchsorted(edges, y)), 1)
    return cells(table)


def test_other_shares_with_the_same_odds_are_no_change() -> None:
    before = np.array([[4000.0, 1000.0], [2000.0, 3000.0]])
    # Rows and columns weigh otherwise; each odds ratio stays.
    now = before * np.array([[3.0], [1.0]]) * np.array([[1.0, 4.0]])

    assert dependence(cells(now), cells(before), robust=False) < 0.01
    assert dependence(cells(now), cells(before[::-1]), robust=False) > 0.5


def test_of_two_by_two_tables_it_is_the_difference_of_phi() -> None:
    before, now = np.full((2, 2), 25_000.0), np.array([[40_000, 10_000], [10_000, 40_000]])

    assert dependence(cells(now), cells(before), robust=False) == pytest.approx(0.6, abs=1e-3)


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_chance_is_none(correlation: float) -> None:
    before = related(correlation, 2_000, seed=0)

    found = [dependence(related(correlation, 400, s), before, robust=True) for s in range(1, 101)]

    assert sum(each > 0 for each in found) <= 2


@pytest.mark.parametrize(("before", "now"), [(0.0, 0.5), (0.6, -0.6), (0.6, 0.0)])
def test_correlations_that_change_are_found(before: float, now: float) -> None:
    found = dependence(related(now, 1_000, seed=1), related(before, 5_000, seed=2), robust=True)

    assert found > 0.1


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"a": 3}, {"a": 1, "b": 5}),
        ({"a | x": 3}, {"a | x": 1, "b | y": 5}),
        ({"a | x": 3, "b | y": 2}, {"c | x": 1, "d | y": 5}),
        ({"a | x": 3, "b | y": 2}, {"a | y": 1, "b | z": 5}),
    ],
)
def test_tables_without_two_rows_and_columns_in_common_have_none(
    now: dict[str, int], before: dict[str, int]
) -> None:
    assert dependence(now, before, robust=False) == 0.0
