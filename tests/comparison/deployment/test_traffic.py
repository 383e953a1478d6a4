"""Traffic of several models against caches and inequalities computed the long way."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.traffic import (
    cold,
    dense_minutes,
    gini,
    hit_rates,
    stack_distances,
)

MODELS = st.lists(st.integers(0, 9), max_size=200)


def hits(models: list[int], capacity: int) -> int:
    """What a cache that drops the model used longest ago has."""
    cache: OrderedDict[int, None] = OrderedDict()
    found = 0
    for model in models:
        found += model in cache
        cache[model] = None
        cache.move_to_end(model)
        if len(cache) > capacity:
            cache.popitem(last=False)
    return found


@given(MODELS.filter(bool))
def test_rates_are_those_of_a_cache(models: list[int]) -> None:
    capacities = np.arange(1, 12)

    rates = hit_rates(stack_distances(np.array(models)), capacities)

    assert rates.tolist() == [hits(models, int(c)) / len(models) for c in capacities]


@pytest.mark.parametrize("size", [63, 64, 65, 4097])
def test_distances_of_many_models(size: int) -> None:
    models = np.random.default_rng(size).integers(0, 50, size)

    distances = stack_distances(models)

    last: dict[int, int] = {}
    for index, model in enumerate(models.tolist()):
        between = set(models[last[model] + 1 : index].tolist()) if model in last else None
        assert distances[index] == (-1 if between is None else len(between))
        last[model] = index


def test_without_requests_there_is_no_rate() -> None:
    assert np.isnan(hit_rates(stack_distances(np.zeros(0, np.int64)), np.array([3]))).all()


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_gini_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    requests = np.array(counts, float)

    value = gini(requests)

    if not requests.sum():
        assert value is None
    else:
        differences = np.abs(requests[:, None] - requests[None, :]).mean()
        assert value == pytest.approx(differences / 2 / requests.mean(), abs=1e-12)


@pytest.mark.parametrize(("last", "expected"), [(3600.0, True), (3600.5, False), (np.nan, True)])
def test_a_model_is_cold_after_an_hour(last: float, expected: bool) -> None:  # noqa: FBT001
    assert cold(np.array([last]), end=7200.0).tolist() == [expected]


@given(st.lists(st.integers(10, 40), min_size=1), st.sampled_from([1.0, 25.0, 100.0]))
def test_minutes_between_the_first_and_the_last_are_kept(minutes: list[int], share: float) -> None:
    first, dense = dense_minutes(np.array(minutes), sampling_percentage=share)

    assert (first, first + len(dense) - 1) == (min(minutes), max(minutes))
    assert dense.sum() * share / 100 == pytest.approx(len(minutes))
    assert dense[minutes[0] - first] * share / 100 == pytest.approx(minutes.count(minutes[0]))


def test_counts_of_minutes_add_up() -> None:
    first, dense = dense_minutes(np.array([3, 1, 3]), np.array([2.0, 5.0, 4.0]))

    assert (first, dense.tolist()) == (1, [5.0, 0.0, 6.0])


def test_no_minutes() -> None:
    assert dense_minutes(np.zeros(0, np.int64))[1].tolist() == []
