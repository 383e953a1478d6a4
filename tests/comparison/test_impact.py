"""The standard error of an expected move is the spread of moves that are drawn again."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.impact import Move, expected_move

DRAWS = 1_500


def drawn(rng: np.random.Generator, shares: list[float], rows: tuple[int, int]) -> Move:
    """A move between a baseline of five cells and a window with other shares."""
    usual = np.array([0.4, 0.3, 0.2, 0.08, 0.02])
    means, spreads = np.array([0.0, 1.0, 0.5, 3.0, -2.0]), np.array([1.0, 0.2, 0.5, 1.0, 2.0])
    cells = rng.choice(5, rows[0], p=usual)
    answers = rng.normal(means[cells], spreads[cells])
    found = expected_move(
        rng.multinomial(rows[1], shares),
        np.bincount(cells, minlength=5),
        np.bincount(cells, answers, 5).astype(float),
        np.bincount(cells, answers**2, 5).astype(float),
    )
    assert found is not None
    return found


@pytest.mark.parametrize("rows", [(2_000, 200), (500, 50_000), (1_000, 1_000)])
@pytest.mark.parametrize("shares", [[0.4, 0.3, 0.2, 0.08, 0.02], [0.2, 0.2, 0.2, 0.3, 0.1]])
def test_the_error_is_the_spread_of_moves(shares: list[float], rows: tuple[int, int]) -> None:
    rng = np.random.default_rng(11)
    found = [drawn(rng, shares, rows) for _ in range(DRAWS)]

    sizes, errors = (
        np.array([getattr(each, name) for each in found]) for name in ("size", "standard_error")
    )

    truth = np.array(shares) - [0.4, 0.3, 0.2, 0.08, 0.02]
    assert sizes.mean() == pytest.approx(
        truth @ [0, 1, 0.5, 3, -2], abs=4 * sizes.std() / DRAWS**0.5
    )
    assert errors.mean() == pytest.approx(sizes.std(), rel=0.08)


def test_rows_of_which_nothing_is_known_move_nothing() -> None:
    rows, sums = np.array([10, 10, 0]), np.array([0.0, 10.0, 0.0])

    half = expected_move(np.array([0, 5, 5]), rows, sums, sums)
    whole = expected_move(np.array([0, 5, 0]), rows, sums, sums)

    assert half is not None
    assert whole is not None
    assert (half.size, half.unknown) == (whole.size / 2, 0.5)


def test_a_coarse_count_of_the_window_is_less_sure() -> None:
    rows, sums = np.array([500, 500]), np.array([0.0, 500.0])
    exact, rough = (
        expected_move(np.array([10**6, 10**6]), rows, sums, sums, allowance)
        for allowance in (0.0, 0.02)
    )

    assert exact is not None
    assert rough is not None
    # The step between both cells is one.
    assert rough.standard_error**2 - exact.standard_error**2 == pytest.approx(0.01**2)


@pytest.mark.parametrize(("window", "rows"), [([0, 0], [5, 5]), ([5, 5], [0, 0])])
def test_without_rows_nothing_is_expected(window: list[int], rows: list[int]) -> None:
    sums = np.array([float(each) for each in rows])

    assert expected_move(np.array(window), np.array(rows), sums, sums) is None
