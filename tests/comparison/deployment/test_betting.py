"""Sequences that read each row, against confseq's numbers and by their error rates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.deployment.betting import (
    betting_bounds,
    plug_in_empirical_bernstein,
    plug_in_hoeffding,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Sequence = Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]


@pytest.mark.parametrize(
    ("method", "sequence", "within"),
    [
        ("predmix_empbern", plug_in_empirical_bernstein, 1e-9),
        ("predmix_hoeffding", plug_in_hoeffding, 1e-9),
        ("betting_breaks1000", betting_bounds, 1e-3 + 1e-9),
    ],
)
def test_sequences_are_those_of_confseq(
    golden: Callable[[str], Path], method: str, sequence: Sequence, within: float
) -> None:
    content = json.loads(golden("deployment/sequential/confseq.json").read_text())
    recorded = [row for row in content["cs"] if row["method"] == method]
    assert len(recorded) == 2

    for row in recorded:
        low, high = sequence(content["series"][row["series"]], alpha=0.05)

        at = np.array(row["at"]) - 1
        assert low[at] == pytest.approx(row["lower"], abs=within)
        assert high[at] == pytest.approx(row["upper"], abs=within)


SEQUENCES = [plug_in_empirical_bernstein, plug_in_hoeffding, betting_bounds]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_means_are_ever_missed_by_at_most_alpha(sequence: Sequence) -> None:
    draws = np.random.default_rng(1)
    missed = 0
    for _ in range(100):
        low, high = sequence((draws.random(200) < 0.2).astype(np.float64), alpha=0.1)
        missed += int(((low > 0.2) | (high < 0.2)).any())

    assert missed <= 10


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_bounds_know_no_row_of_the_future(sequence: Sequence) -> None:
    rows = np.random.default_rng(4).beta(2, 3, 80)

    whole, start = sequence(rows, alpha=0.05), sequence(rows[:30], alpha=0.05)

    assert whole[0][:30].tolist() == start[0].tolist()
    assert whole[1][:30].tolist() == start[1].tolist()


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_bounds_nest_in_alpha(sequence: Sequence) -> None:
    rows = np.random.default_rng(4).beta(2, 3, 300)

    inner, outer = sequence(rows, alpha=0.2), sequence(rows, alpha=0.01)

    assert outer[0][-1] < inner[0][-1] < inner[1][-1] < outer[1][-1]


def test_a_coarse_grid_still_has_bounds() -> None:
    low, high = betting_bounds(np.full(5_000, 0.251), alpha=0.05, grid=20)

    assert low[-1] <= 0.251 <= high[-1]
    assert high[-1] - low[-1] <= 0.15 + 1e-12
