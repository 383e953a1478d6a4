"""The chi-square test against SciPy, on counts that are put together by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from driftkit.comparison.chi_square import chi_square

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMON = st.fixed_dictionaries(dict.fromkeys("abcde", st.integers(200, 900)))


def scipy_test(observed: Sequence[float], shares: Sequence[float]) -> tuple[float, float]:
    expected = [share / sum(shares) * sum(observed) for share in shares]
    result = chisquare(observed, expected)
    return result.statistic, result.pvalue


@given(sample=COMMON, baseline=COMMON)
def test_frequent_categories_are_tested_as_by_scipy(
    sample: Mapping[str, int], baseline: Mapping[str, int]
) -> None:
    observed, expected = ([each[key] for key in "abcde"] for each in (sample, baseline))
    statistic, p_value = scipy_test(observed, expected)

    assert chi_square(sample, baseline, robust=False) == pytest.approx(statistic, abs=1e-9)
    assert chi_square(sample, baseline, robust=True) == pytest.approx(p_value, rel=1e-6)


@pytest.mark.parametrize(
    ("sample", "baseline", "observed", "expected"),
    [
        pytest.param(
            {"a": 50, "b": 45, "c": 3, "d": 2},
            {"a": 500, "b": 450, "c": 30, "d": 20},
            [50, 45, 5],
            [500, 450, 50],
            id="two rare ones of four become one",
        ),
        pytest.param(
            {"a": 30, "b": 30, "c": 20, "d": 18, "e": 2},
            {"a": 300, "b": 300, "c": 200, "d": 180, "e": 20},
            [30, 30, 20, 18, 2],
            [300, 300, 200, 180, 20],
            id="one rare one of five is excused",
        ),
        pytest.param(
            {"a": 60, "b": 40, "new": 900},
            {"a": 50, "b": 50},
            [60, 40],
            [50, 50],
            id="new categories are ignored",
        ),
        pytest.param(
            {"a": 60, "b": 40},
            {"a": 50, "b": 40, "gone": 10},
            [60, 40, 0],
            [50, 40, 10],
            id="vanished categories count as zero",
        ),
    ],
)
def test_rare_categories_are_put_together(
    sample: dict[str, int], baseline: dict[str, int], observed: list[float], expected: list[float]
) -> None:
    statistic, p_value = scipy_test(observed, expected)

    assert chi_square(sample, baseline, robust=False) == pytest.approx(statistic, abs=1e-12)
    assert chi_square(sample, baseline, robust=True) == pytest.approx(p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("sample", "baseline"),
    [
        pytest.param({"a": 9}, {"a": 9}, id="one category"),
        pytest.param({"a": 11, "b": 5}, {"a": 80, "b": 20}, id="less than ten expected of two"),
        pytest.param({"x": 500}, {"a": 80, "b": 20}, id="nothing in common"),
    ],
)
def test_less_than_two_categories_have_no_chi_square(
    sample: dict[str, int], baseline: dict[str, int]
) -> None:
    assert math.isnan(chi_square(sample, baseline, robust=True))
    assert math.isnan(chi_square(sample, baseline, robust=False))
