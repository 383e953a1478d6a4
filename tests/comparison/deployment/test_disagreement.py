"""Cells in which two versions disagree, ranked: against the same by plain loops."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from driftkit.comparison.deployment.disagreement import (
    LEAST_PAIRS,
    MOST_CELLS,
    Disagreements,
    disagreements,
)

COUNTS = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
CELLS = st.lists(COUNTS, max_size=40)


def found_of(cells: list[tuple[int, int, int]]) -> Disagreements:
    """What is found of (champion alone, challenger alone, the rest) of each cell."""
    lost, won, rest = np.array(cells, dtype=np.int64).reshape(-1, 3).T
    return disagreements(lost + won + rest, lost, won)


@given(CELLS)
def test_cells_are_those_of_a_plain_loop(cells: list[tuple[int, int, int]]) -> None:
    found = found_of(cells)

    enough = [i for i, each in enumerate(cells) if sum(each) >= LEAST_PAIRS]
    apart = {i: cells[i] for i in enough if cells[i][0] + cells[i][1]}
    distances = {i: abs(b - c) / sqrt(b + c) for i, (c, b, _) in apart.items()}
    expected = sorted(apart, key=lambda i: (-distances[i], i))[:MOST_CELLS]
    assert found.cell.tolist() == expected
    assert found.distance.tolist() == pytest.approx([distances[i] for i in expected])
    assert found.difference.tolist() == pytest.approx(
        [(cells[i][1] - cells[i][0]) / sum(cells[i]) for i in expected]
    )
    assert found.discordant.tolist() == pytest.approx(
        [(cells[i][1] + cells[i][0]) / sum(cells[i]) for i in expected]
    )


@given(CELLS)
def test_p_values_are_adjusted_for_all_cells_with_enough_pairs(
    cells: list[tuple[int, int, int]],
) -> None:
    found = found_of(cells)

    tested = [each for each in cells if sum(each) >= LEAST_PAIRS]
    plain = sorted(stats.binomtest(c, b + c).pvalue if b + c else 1.0 for c, b, _ in tested)
    steps = [min(p * (len(plain) - i), 1.0) for i, p in enumerate(plain)]
    adjusted = np.maximum.accumulate([0.0, *steps])[1:]
    for cell, p in zip(found.cell, found.p_value, strict=True):
        c, b, _ = cells[cell]
        at = plain.index(stats.binomtest(c, b + c).pvalue)
        # The first of equal p-values has the greatest step, which the others take over.
        assert p == pytest.approx(adjusted[at], rel=1e-9)


def test_where_the_challenger_is_worse_for_one_carrier_that_cell_comes_first() -> None:
    found = found_of([(20, 21, 500), (40, 5, 300), (0, 0, 900), (9, 0, 3), (15, 12, 200)])

    assert found.cell.tolist() == [1, 4, 0]
    assert found.difference[0] == pytest.approx(-35 / 345)
    assert found.p_value[0] < 1e-5
    assert found.p_value[1:].tolist() == [1.0, 1.0]


def test_no_cells_disagree_nowhere() -> None:
    assert found_of([]).cell.tolist() == []
    assert found_of([(0, 0, 90), (3, 4, 1)]).cell.tolist() == []
