"""Intervals against published examples, statsmodels' numbers and plain simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.classification import Cells
from driftkit.comparison.quality_intervals import (
    Interval,
    binary_intervals,
    difference,
    hanley_mcneil,
    wilson,
)
from driftkit.states.quality.rank_sums import RankSums
from driftkit.states.quality.scores import Scores


@pytest.mark.parametrize(("part", "whole"), [(0, 20), (1, 29), (15, 148), (81, 263), (20, 20)])
def test_wilson_is_scipys(part: int, whole: int) -> None:
    found = wilson(part, whole)

    expected = stats.binomtest(part, whole).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_newcombe_is_his_own_table() -> None:
    """Newcombe 1998, Table II, method 10, cases (a), (b) and (e)."""
    cases = {(56, 70, 48, 80): (0.0524, 0.3339), (9, 10, 3, 10): (0.1705, 0.8090)}
    cases[5, 56, 0, 29] = (-0.0381, 0.1926)
    for (a, n, b, m), expected in cases.items():
        now, before = wilson(a, n), wilson(b, m)
        assert now is not None
        assert before is not None
        gap = difference(now, before)
        assert (gap.low, gap.high) == pytest.approx(expected, abs=5e-5)


def test_delongs_variance_is_that_of_placements() -> None:
    draws = np.random.default_rng(0)
    labels = draws.random(300) < 0.4
    scores = (draws.random(300) * 0.6 + labels * 0.2).round(2).astype(np.float64)
    positives, negatives = scores[labels], scores[~labels]

    found = RankSums.from_scores(Scores.from_probabilities(scores, labels))

    won = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    of_positives, of_negatives = won.mean(axis=1), won.mean(axis=0)
    expected = of_positives.var(ddof=1) / len(positives) + of_negatives.var(ddof=1) / len(negatives)
    assert found.whole.auc == pytest.approx(won.mean(), abs=1e-15)
    assert found.variance == pytest.approx(expected, rel=1e-9)


def test_hanley_and_mcneil_is_near_delong_for_normal_scores() -> None:
    draws = np.random.default_rng(1)
    labels = np.arange(4_000) < 1_600
    scores = stats.norm.cdf(draws.normal(size=4_000) + labels)

    found = RankSums.from_scores(Scores.from_probabilities(scores, labels))

    near = hanley_mcneil(found.whole.auc, 1_600, 2_400)
    assert near == pytest.approx(found.variance, rel=0.1)


def test_the_bootstrap_of_f1_is_that_of_rows() -> None:
    cells = Cells(tp=60, fp=20, fn=40, tn=380)
    rows = np.repeat([0, 1, 2, 3], [60, 20, 40, 380])
    draws = np.random.default_rng(2)
    drawn = []
    for _ in range(2_000):
        tp, fp, fn, _ = np.bincount(draws.choice(rows, rows.size), minlength=4)
        drawn.append(2 * tp / (2 * tp + fp + fn))

    found = binary_intervals(cells)["f1"]

    assert found is not None
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)


def test_a_difference_from_a_fixed_number_is_the_interval_moved() -> None:
    now = wilson(30, 100)
    assert now is not None

    gap = difference(now, Interval(value=0.5, low=0.5, high=0.5))

    assert (gap.low, gap.high) == pytest.approx((now.low - 0.5, now.high - 0.5))


def test_wilson_covers_as_it_says() -> None:
    draws = np.random.default_rng(4).binomial(200, 0.3, 3_000)

    covered = [0.3 in interval for part in draws if (interval := wilson(int(part), 200))]

    assert 0.93 < np.mean(covered) < 0.97
