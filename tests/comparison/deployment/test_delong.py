"""DeLong's variances against MLstatkit and scikit-learn; those of binned counts against exact ones."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from driftkit.comparison.deployment.delong import independent_difference
from driftkit.comparison.deployment.delong_bins import (
    PairCells,
    delong_of_bins,
    delong_of_pairs,
)
from driftkit.comparison.deployment.estimates import Estimate
from tests.comparison.deployment.exact_aucs import delong
from tests.comparison.deployment.recorded import fixed_horizon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Rows = tuple[NDArray[np.bool_], NDArray[np.int64]]

BINS = 16
SEEDS = st.integers(0, 10_000)


def rows_of(seed: int, rows: int, bins: int = BINS) -> Rows:
    """Labels, and two scores that know something of them and of each other."""
    draws = np.random.default_rng(seed)
    label = draws.random(rows) < 0.4
    common = draws.normal(size=rows) + label
    scores = common[:, None] + draws.normal(size=(rows, 2))
    binned: NDArray[np.int64] = np.clip((scores + 3) / 8 * bins, 0, bins - 1).astype(np.int64)
    return label, binned


def cells_of(rows: Rows, look: NDArray[np.int64]) -> PairCells:
    label, scores = rows
    return PairCells(
        look=look,
        positive=label,
        champion=scores[:, 0],
        challenger=scores[:, 1],
        count=np.ones(len(label), dtype=np.int64),
    )


def test_paired_aucs_are_mlstatkits(golden: Callable[[str], Path]) -> None:
    known = fixed_horizon(golden, "delong")
    scores = np.column_stack([known["champion"], known["challenger"]])

    found = delong(known["label"], scores)

    test = found.difference.against()
    assert found.values.tolist() == pytest.approx(known["sklearn_auc"], abs=1e-15)
    assert found.covariance == pytest.approx(np.array(known["cov"]), rel=1e-9)
    assert float(found.difference.error) == pytest.approx(known["se"], rel=1e-9)
    assert float(test.statistic) == pytest.approx(known["mlstatkit"]["z"], rel=1e-9)
    assert float(test.p_different) == pytest.approx(known["mlstatkit"]["p"], rel=1e-9)


@pytest.mark.parametrize("arm", ["champion", "challenger"])
def test_the_interval_of_one_auc_is_mlstatkits(golden: Callable[[str], Path], arm: str) -> None:
    known = fixed_horizon(golden, "delong")

    found = delong(known["label"], np.array(known[arm])[:, None])

    auc = Estimate(difference=found.values[0], variance=found.covariance[0, 0])
    expected = known["mlstatkit"][f"ci_{arm}"]
    assert [float(end) for end in auc.interval(0.05)] == pytest.approx(expected, rel=1e-9)


@given(SEEDS)
def test_aucs_are_scikit_learns_whatever_the_ties(seed: int) -> None:
    label, scores = rows_of(seed, 50, bins=5)

    found = delong(label, scores)

    expected = [roc_auc_score(label, column) for column in scores.T]
    assert found.values.tolist() == pytest.approx(expected, abs=1e-12)


@given(SEEDS)
def test_only_the_order_of_scores_counts(seed: int) -> None:
    label, scores = rows_of(seed, 60)

    found = delong(label, scores)
    stretched = delong(label, np.exp(scores / 3.0) - 7)

    assert np.array_equal(found.values, stretched.values)
    assert np.array_equal(found.covariance, stretched.covariance)


@given(SEEDS)
def test_turning_versions_or_scores_around_turns_the_difference_around(seed: int) -> None:
    label, scores = rows_of(seed, 60)

    found = delong(label, scores)

    swapped, negated = delong(label, scores[:, ::-1]), delong(label, -scores)
    for other in (swapped, negated):
        assert float(other.difference.difference) == pytest.approx(
            -float(found.difference.difference), abs=1e-12
        )
        assert float(other.difference.variance) == pytest.approx(
            float(found.difference.variance), rel=1e-9
        )
    assert negated.values == pytest.approx(1 - found.values, abs=1e-12)
    assert negated.covariance == pytest.approx(found.covariance, rel=1e-9)


@pytest.mark.parametrize("looks", [1, 31, 70])
def test_binned_pairs_at_every_look_are_the_exact_ones_of_the_rows_so_far(looks: int) -> None:
    rows = rows_of(3, 700)
    draws = np.random.default_rng(4)
    look = np.sort(draws.integers(0, looks, 700))
    mixed = draws.permutation(700)

    found = delong_of_pairs(cells_of(rows, look).at(mixed), looks, BINS)

    for each in range(looks):
        so_far = look <= each
        expected = delong(rows[0][so_far], rows[1][so_far])
        assert found.values[each] == pytest.approx(expected.values, abs=1e-12, nan_ok=True)
        assert found.covariance[each] == pytest.approx(
            expected.covariance, rel=1e-12, abs=1e-16, nan_ok=True
        )


def test_counted_cells_are_as_many_rows() -> None:
    rows, here = rows_of(5, 300), np.zeros(300, dtype=np.int64)
    label, scores = rows
    keys, count = np.unique(np.column_stack([label, scores]), axis=0, return_counts=True)
    cells = PairCells(
        look=np.zeros(len(keys), dtype=np.int64),
        positive=keys[:, 0] == 1,
        champion=keys[:, 1],
        challenger=keys[:, 2],
        count=count,
    )

    found, of_rows = delong_of_pairs(cells, 1, BINS), delong_of_pairs(cells_of(rows, here), 1, BINS)

    assert found.covariance == pytest.approx(of_rows.covariance, rel=1e-12)


def test_arms_with_rows_of_their_own_at_every_look() -> None:
    tables, exact = [], []
    for seed in (6, 7):
        label, scores = rows_of(seed, 400)
        at = np.zeros((2, 2, BINS))
        np.add.at(at, (label.astype(int), np.arange(400) // 200, scores[:, 0]), 1)
        tables.append(delong_of_bins(at[1].cumsum(axis=0), at[0].cumsum(axis=0)))
        exact.append([delong(label[:n], scores[:n, :1]) for n in (200, 400)])

    found = independent_difference(*tables)

    for look in range(2):
        champion, challenger = exact[0][look], exact[1][look]
        variance = champion.covariance[0, 0] + challenger.covariance[0, 0]
        assert found.variance[look] == pytest.approx(variance, rel=1e-12)
        gap = challenger.values[0] - champion.values[0]
        assert found.difference[look] == pytest.approx(gap, abs=1e-12)


def test_fine_bins_are_near_the_scores(golden: Callable[[str], Path]) -> None:
    known = fixed_horizon(golden, "delong")
    scores = 1 / (1 + np.exp(-np.column_stack([known["champion"], known["challenger"]])))
    label = np.array(known["label"], dtype=bool)
    binned = (label, np.floor(scores * 1_024).astype(np.int64))

    found = delong_of_pairs(cells_of(binned, np.zeros(len(label), dtype=np.int64)), 1, 1_024)

    assert float(found.difference.against().statistic[0]) == pytest.approx(known["z"], rel=1e-3)


@pytest.mark.parametrize(
    ("label", "measured"), [([1, 1, 1], False), ([0, 0, 0], False), ([1, 0, 0], True)]
)
def test_too_few_rows_of_a_class_claim_nothing(label: list[int], measured: bool) -> None:  # noqa: FBT001
    rows = np.array(label, dtype=bool), np.array([[2, 1], [0, 0], [1, 2]])

    exact = delong(*rows)
    binned = delong_of_pairs(cells_of(rows, np.zeros(3, dtype=np.int64)), 1, 3)

    for found in (exact, binned):
        assert np.isfinite(found.values).all() == measured
        assert np.isnan(found.covariance).all()
        assert np.isnan(found.difference.against(0.1).p_not_worse).all()


def test_no_rows_claim_nothing() -> None:
    nothing = np.array([], dtype=np.int64)

    found = delong_of_pairs(
        PairCells(
            look=nothing,
            positive=nothing.astype(bool),
            champion=nothing,
            challenger=nothing,
            count=nothing,
        ),
        2,
        4,
    )

    assert np.isnan(found.values).all()


@pytest.mark.parametrize("scores", [[[1, 1]] * 6, [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 6]]])
def test_equal_scores_claim_nothing(scores: list[list[int]]) -> None:
    label = np.array([True, False, True, True, False, False])

    found = delong(label, np.array(scores, dtype=np.int64)).difference

    assert float(found.difference) == 0.0
    assert isnan(found.against(0.01).p_not_worse)
