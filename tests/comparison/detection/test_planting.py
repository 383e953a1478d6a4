"""Faults that are planted into counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from driftkit.comparison.detection.faults import FAULTS
from driftkit.comparison.detection.planting import multiplied, planted

EDGES = ndtri(np.linspace(0.005, 0.995, 199))
# Below and above all of the reference there is nothing.
REFERENCE = np.concatenate([[0], np.full(198, 1_000), [0]])
RNG = np.random.default_rng(1)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_row_is_lost(fault: str) -> None:
    counts = np.random.default_rng(2).multinomial(5_000, REFERENCE / REFERENCE.sum())

    found, lost = planted(counts, REFERENCE, fault, 0.3, np.random.default_rng(3))  # type: ignore[arg-type]

    assert int(found.sum()) + lost == 5_000
    assert (found >= 0).all()
    assert (lost > 0) is (fault == "nulls")


@pytest.mark.parametrize(("shift", "factor"), [(0.5, 1.0), (-0.25, 1.0), (0.0, 1.3)])
def test_numbers_move_as_normal_ones_do(shift: float, factor: float) -> None:
    counts = REFERENCE * 5
    kind = "shift" if shift else "spread"

    found, _ = planted(counts, REFERENCE, kind, shift or factor, RNG)  # type: ignore[arg-type]

    ranks = REFERENCE.cumsum()[:-1] / REFERENCE.sum()
    inner = slice(1, -1)
    expected = ndtr((ndtri(ranks[inner]) - shift) / factor)
    assert found.cumsum()[:-1][inner] / found.sum() == pytest.approx(expected, abs=0.003)


def test_nothing_moves_by_nothing() -> None:
    counts = np.arange(200)

    assert planted(counts, REFERENCE, "shift", 0.0, RNG)[0].tolist() == counts.tolist()
    assert planted(counts, REFERENCE, "spread", 1.0, RNG)[0].tolist() == counts.tolist()


def test_multiplied_numbers_are_in_the_cells_that_they_would_be_counted_in() -> None:
    edges = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 4.0])
    rng = np.random.default_rng(4)
    values = rng.choice(edges, 500)

    for factor in (0.5, 1.0, 2.0, 60.0):
        before, after = (
            np.bincount(edges.searchsorted(some), minlength=len(edges) + 1)
            for some in (values, values * factor)
        )
        assert multiplied(before, edges, factor).tolist() == after.tolist()


def test_a_share_goes_from_the_most_frequent_category_to_the_next() -> None:
    counts = np.array([500, 300, 200, 0])

    found, _ = planted(counts, np.array([50, 30, 20, 0]), "share", 0.1, RNG)

    assert found[2:].tolist() == [200, 0]
    assert 500 - found[0] == found[1] - 300
    assert 60 < 500 - found[0] < 140


@pytest.mark.parametrize("fault", ["new", "units"])
def test_rows_go_beyond_all_that_is_known(fault: str) -> None:
    found, _ = planted(np.array([600, 400, 0]), np.array([6, 4, 0]), fault, 0.05, RNG)  # type: ignore[arg-type]

    assert 25 < found[-1] < 80


def test_a_frozen_column_has_one_value() -> None:
    found, _ = planted(np.array([3, 4, 5]), np.array([1, 9, 2]), "frozen", 0.0, RNG)

    assert found.tolist() == [0, 12, 0]
