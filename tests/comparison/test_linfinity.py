"""Distances against SciPy, a plain rank map, and the laws of distances."""

from __future__ import annotations

import math
from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwobign

from driftkit.comparison.distributions import distribution
from driftkit.comparison.linfinity import (
    C_ALPHA,
    categorical_distance,
    corrected,
    numerical_distance,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Levels = Sequence[Sequence[float]]

VALUES = st.one_of(
    st.integers(-4, 4).map(float),
    st.floats(allow_nan=False, width=32),
)
LEVELS = st.lists(st.lists(VALUES, max_size=30), min_size=1, max_size=4).filter(any)
CATEGORIES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10_000), min_size=1)


def expanded(levels: Levels) -> list[float]:
    """The values that a sketch stands for, each as often as it does."""
    repeated = (repeat(value, 2**i) for i, level in enumerate(levels) for value in level)
    return list(chain.from_iterable(repeated))


def plain_rank_map(levels: Levels) -> dict[float, int]:
    """Deequ's getRankMap in Python: of equal values the last one, of the highest level, stays."""
    weighted = sorted((value, 2**i) for i, level in enumerate(levels) for value in level)
    return dict(weighted)


def plain_distance(first: Levels, second: Levels) -> float:
    maps = plain_rank_map(first), plain_rank_map(second)
    points = [*maps[0], *maps[1]]
    shares = [
        [sum(w for v, w in map_.items() if v <= x) / sum(map_.values()) for x in points]
        for map_ in maps
    ]
    return max(abs(a - b) for a, b in zip(shares[0], shares[1], strict=True))


@given(first=LEVELS, second=LEVELS)
def test_true_ranks_give_the_kolmogorov_smirnov_statistic(first: Levels, second: Levels) -> None:
    distance = numerical_distance(first, second, robust=False, distinct_ranks=False)

    with np.errstate(divide="ignore"):  # SciPy's p-value of samples of one
        expected = ks_2samp(expanded(first), expanded(second), method="asymp").statistic
    assert distance == pytest.approx(expected, abs=1e-12)


@given(first=LEVELS, second=LEVELS)
def test_distinct_ranks_are_those_of_the_rank_map(first: Levels, second: Levels) -> None:
    assert numerical_distance(first, second, robust=False, distinct_ranks=True) == plain_distance(
        first, second
    )


@given(first=LEVELS, second=LEVELS, robust=st.booleans(), distinct=st.booleans())
def test_numerical_distance_is_symmetric_and_bounded(
    first: Levels, second: Levels, *, robust: bool, distinct: bool
) -> None:
    there = numerical_distance(first, second, robust=robust, distinct_ranks=distinct)
    back = numerical_distance(second, first, robust=robust, distinct_ranks=distinct)

    assert 0.0 <= there == back <= 1.0
    assert numerical_distance(first, first, robust=robust, distinct_ranks=distinct) == 0.0


@pytest.mark.parametrize("distinct", [True, False])
def test_sketches_with_nan_and_infinity_have_a_distance(*, distinct: bool) -> None:
    first = [[math.nan, math.inf, 1.0, math.nan], [math.nan]]
    second = [[-math.inf, 1.0]]

    distance = numerical_distance(first, second, robust=False, distinct_ranks=distinct)

    assert 0.0 < distance <= 1.0


@pytest.mark.parametrize(("distinct", "ranks"), [(True, [4, 6]), (False, [5, 10])])
def test_all_nan_of_a_sketch_are_one_value_and_the_last(
    ranks: list[int], *, distinct: bool
) -> None:
    levels = [[math.nan, 1.0], [math.nan, math.nan], [1.0]]

    found = distribution(levels, distinct_ranks=distinct)

    assert repr(found.values.tolist()) == "[1.0, nan]"
    assert found.ranks.tolist() == ranks


def test_values_without_ties_do_not_show_the_quirk() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 3, 500)).tolist()

    by_quirk, true = (
        numerical_distance(first, second, robust=True, distinct_ranks=quirk)
        for quirk in (True, False)
    )

    assert by_quirk == true


def test_the_correction_stands_for_a_significance_of_three_in_a_thousand() -> None:
    assert kstwobign.sf(C_ALPHA) == pytest.approx(0.003, abs=1e-4)


def test_robust_is_the_distance_less_the_correction() -> None:
    first, second = [[float(x) for x in range(100)]], [[float(x + 60) for x in range(400)]]

    simple, robust = (
        numerical_distance(first, second, robust=robust, distinct_ranks=False)
        for robust in (False, True)
    )

    assert robust == max(0.0, simple - 1.8 * math.sqrt(500.0 / 40_000.0))


def test_nine_values_are_too_few_for_any_distance_above_four_tenths() -> None:
    assert corrected(1.0, 9, 10**9) == pytest.approx(0.4, abs=1e-6)


@given(first=CATEGORIES, second=CATEGORIES)
def test_categorical_distance_is_the_largest_difference_of_shares(
    first: Mapping[str, int], second: Mapping[str, int]
) -> None:
    counts = np.array([[each.get(key, 0) for key in "abcdefgh"] for each in (first, second)])
    shares = counts / counts.sum(axis=1, keepdims=True)

    distance = categorical_distance(first, second, robust=False)

    assert distance == pytest.approx(np.abs(shares[0] - shares[1]).max(), abs=1e-15)
    assert categorical_distance(second, first, robust=False) == distance


def test_robust_categorical_distance_is_corrected_by_the_rows() -> None:
    first, second = {"a": 30, "b": 70}, {"a": 900, "b": 100}

    distance = categorical_distance(first, second, robust=True)

    assert distance == pytest.approx(corrected(0.6, 100, 1000), rel=1e-12)
