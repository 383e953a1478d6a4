"""Distances of shares in cells against SciPy on the same cells."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, entropy
from scipy.stats.contingency import association

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.comparison.distributions import distribution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.distributions import Distribution

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
    return numbers("JensenShannon", *sketches)


def numbers(name: str, current: Distribution, baseline: Distribution) -> float:
    measure = NUMERICAL[name].numbers
    assert measure is not None
    return measure(current, baseline)


def categories(name: str, current: Mapping[str, int], baseline: Mapping[str, int]) -> float:
    measure = CATEGORICAL[name].categories
    assert measure is not None
    return measure(current, baseline)


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

    there = categories("JensenShannon", current, baseline)
    back = categories("JensenShannon", baseline, current)
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


@given(current=CATEGORIES, baseline=CATEGORIES)
def test_divergences_of_categories_are_their_definitions(
    current: Mapping[str, int], baseline: Mapping[str, int]
) -> None:
    keys = sorted(current.keys() | baseline.keys())
    counts = [np.array([each.get(key, 0) for key in keys]) for each in (current, baseline)]
    q, p = ((each + 0.5) / (each.sum() + 0.5 * len(keys)) for each in counts)
    own, other = (each / each.sum() for each in counts)

    expected = {
        "JensenShannonDivergence": np.nan_to_num(jensenshannon(own, other, base=2)) ** 2,
        "KullbackLeibler": entropy(q, p),
        "PSI": entropy(q, p) + entropy(p, q),
        "Hellinger": np.linalg.norm(np.sqrt(own) - np.sqrt(other)) / np.sqrt(2),
        "TotalVariation": np.abs(own - other).sum() / 2,
    }

    found = {name: categories(name, current, baseline) for name in expected}
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(current=CATEGORIES, baseline=CATEGORIES)
def test_chi_square_is_that_of_a_table_of_counts(
    current: Mapping[str, int], baseline: Mapping[str, int]
) -> None:
    keys = sorted(current.keys() | baseline.keys())
    table = np.array([[each.get(key, 0) for key in keys] for each in (current, baseline)])
    several = len(keys) > 1
    p_value = chi2_contingency(table, correction=False).pvalue if several else 1.0
    v = association(table, "cramer") if several else 0.0

    assert categories("PearsonChiSquared", current, baseline) == pytest.approx(p_value, rel=1e-9)
    assert categories("CramersV", current, baseline) == pytest.approx(v, rel=1e-12, abs=1e-12)


@given(current=CATEGORIES, baseline=CATEGORIES, name=st.sampled_from([*CATEGORICAL]))
def test_shares_count_and_not_the_names_of_categories(
    current: Mapping[str, int], baseline: Mapping[str, int], name: str
) -> None:
    renamed = [{key.upper(): n for key, n in each.items()} for each in (current, baseline)]

    there = categories(name, current, baseline)
    assert categories(name, *renamed) == pytest.approx(there, rel=1e-12, nan_ok=True)


SYMMETRIC = ("JensenShannonDivergence", "PSI", "Hellinger", "TotalVariation", "CramersV")


@given(current=CATEGORIES, baseline=CATEGORIES, name=st.sampled_from(SYMMETRIC))
def test_divergences_are_the_same_both_ways(
    current: Mapping[str, int], baseline: Mapping[str, int], name: str
) -> None:
    back = categories(name, baseline, current)
    assert categories(name, current, baseline) == pytest.approx(back, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", ["PSI", "KullbackLeibler"])
def test_numbers_that_the_baseline_never_had_leave_it_finite(name: str) -> None:
    low, high = ([[float(x) for x in range(at, at + 100)]] for at in (0, 1000))
    current, baseline = (distribution(each, distinct_ranks=False) for each in (high, low))

    assert 1 < numbers(name, current, baseline) < 20
