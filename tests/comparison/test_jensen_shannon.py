"""The Jensen-Shannon distance against SciPy on the same bins."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from driftkit.comparison.distributions import distribution
from driftkit.comparison.jensen_shannon import categorical_distance, numerical_distance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Levels = Sequence[Sequence[float]]

VALUES = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6))
LEVELS = st.lists(st.lists(VALUES, max_size=30), min_size=1, max_size=4).filter(any)
CATEGORIES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10_000), min_size=1)


def expanded(levels: Levels) -> list[float]:
    """The values that a sketch stands for, each as often as it does."""
    return list(
        chain.from_iterable(repeat(x, 2**i) for i, level in enumerate(levels) for x in level)
    )


def of_numbers(current: Levels, baseline: Levels) -> float:
    sketches = (distribution(levels, distinct_ranks=False) for levels in (current, baseline))
    return numerical_distance(*sketches)


@given(current=LEVELS, baseline=LEVELS)
def test_numbers_are_those_of_scipy_on_the_deciles_of_the_baseline(
    current: Levels, baseline: Levels
) -> None:
    now, before = np.sort(expanded(current)), np.sort(expanded(baseline))
    # The value that at least a tenth of the values is at most, at least two tenths, and so on.
    places = np.searchsorted(np.arange(1, len(before) + 1), np.arange(1, 10) / 10 * len(before))
    deciles = np.unique([*before[places], before[-1]])
    bins = [np.where(x < before[0], -1, np.digitize(x, deciles, right=True)) for x in (now, before)]
    counts = [np.bincount(each + 1, minlength=len(deciles) + 2) for each in bins]

    expected = jensenshannon(counts[0], counts[1], base=2)

    assert of_numbers(current, baseline) == pytest.approx(np.nan_to_num(expected), abs=1e-7)


@given(current=CATEGORIES, baseline=CATEGORIES)
def test_categories_are_those_of_scipy(
    current: Mapping[str, int], baseline: Mapping[str, int]
) -> None:
    counts = [np.array([each.get(key, 0) for key in "abcdefgh"]) for each in (current, baseline)]

    expected = jensenshannon(counts[0], counts[1], base=2)

    there, back = categorical_distance(current, baseline), categorical_distance(baseline, current)
    assert there == pytest.approx(np.nan_to_num(expected), abs=1e-7)
    assert there == back


def test_samples_of_one_distribution_are_apart_by_chance_as_the_page_says() -> None:
    random = np.random.default_rng(7)
    baseline = random.normal(size=100_000).tolist()
    rows, bins = 1_000, 10
    by_chance = np.sqrt((bins - 1) * (1 / rows + 1 / 100_000) / (8 * np.log(2)))

    measured = [of_numbers([random.normal(size=rows).tolist()], [baseline]) for _ in range(20)]

    assert np.mean(measured) == pytest.approx(by_chance, rel=0.15)
    assert max(measured) < 0.1


def test_an_outlier_widens_the_last_bin_only() -> None:
    low = [float(x) for x in range(1000)]
    high = [x + 300 for x in low]

    plain, with_outlier = (of_numbers([high], [[*low, *more]]) for more in ([], [1e12]))

    assert with_outlier == pytest.approx(plain, abs=0.1)
