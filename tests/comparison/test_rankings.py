"""Rankings against scikit-learn's NDCG."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftkit.comparison.rankings import ndcg

metrics = pytest.importorskip("sklearn.metrics")

VALUES = st.floats(0, 10).map(lambda value: round(value, 1))


@given(st.integers(2, 12).flatmap(lambda n: arrays(np.float64, (3, n), elements=VALUES)))
def test_scores_are_scikit_learns_ties_included(values: np.ndarray) -> None:
    gains, live = values[0] + 0.01, values[1:]

    expected = [metrics.ndcg_score(gains[None], row[None]) for row in live]

    assert ndcg(gains, live) == pytest.approx(expected, rel=1e-12)


def test_the_same_ranking_scores_one_whatever_the_values() -> None:
    assert float(ndcg(np.array([3.0, 1.0, 2.0]), np.array([0.3, 0.01, 0.02]))) == 1


def test_gains_of_nothing_have_no_score() -> None:
    assert np.isnan(ndcg(np.zeros(3), np.array([1.0, 2.0, 3.0])))
