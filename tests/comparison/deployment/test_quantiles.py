"""Ranks around quantiles against scipy's quantile test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.deployment.quantiles import order_statistic_ranks
from tests.comparison.deployment.recorded import fixed_horizon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_intervals_of_recorded_quantiles(golden: Callable[[str], Path]) -> None:
    values = np.sort(fixed_horizon(golden, "means")["control"])
    for case in fixed_horizon(golden, "quantiles"):
        low, high = order_statistic_ranks(case["n"], case["q"], 0.05)

        assert [values[low - 1], values[high - 1]] == case["ci"]


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_ranks_are_scipys(alpha: float, share: float) -> None:
    for n in (1, 2, 5, 29, 300, 5_001):
        values = np.arange(1.0, n + 1)

        low, high = order_statistic_ranks(n, share, alpha)

        expected: Any = stats.quantile_test(values, q=0.0, p=share).confidence_interval(1 - alpha)
        assert low == (0 if np.isnan(expected.low) else expected.low)
        assert high == (n + 1 if np.isnan(expected.high) else expected.high)


def test_many_rows_and_arrays() -> None:
    n, share = np.array([10_000_000, 40]), np.array([0.95, 0.5])

    low, high = order_statistic_ranks(n, share, 0.05)

    assert low.tolist() == [int(stats.binom.ppf(0.025, *of)) for of in zip(n, share, strict=True)]
    assert high.tolist() == [
        int(stats.binom.isf(0.025, *of)) + 1 for of in zip(n, share, strict=True)
    ]
