"""Statistics say what the states know."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from driftkit.monitors.data_quality.description import CATEGORIES, buckets, describe
from driftkit.states.profile.kll import KllSketch
from tests.states.tables import folded

if TYPE_CHECKING:
    from driftkit.formats.statistics import FeatureStatistics


def described(column: pa.Array) -> FeatureStatistics:
    return describe(folded(pa.table({"a": column}))).features[0]


def test_bounds_are_computed_in_the_order_of_aws() -> None:
    found = buckets(KllSketch().extended(np.array([0.0, 4.0])), 0.0, 4.0)

    assert [bucket.upper_bound for bucket in found][:6] == [0.4, 0.8, 1.2, 1.6, 2.0, 2.4]
    assert [bucket.count for bucket in found] == [1.0, *[0.0] * 8, 1.0]


def test_few_values_are_counted_as_by_numpy() -> None:
    values = np.round(np.random.default_rng(0).normal(size=2000), 2)

    found = described(pa.array(values)).numerical

    assert found is not None
    assert found.kll is not None
    edges = [bucket.lower_bound for bucket in found.kll.buckets] + [values.max()]
    assert [b.count for b in found.kll.buckets] == np.histogram(values, edges)[0].tolist()
    assert found.kll.data == (array("d", values),)
    assert (found.kll.k, found.kll.c) == (2048.0, 0.64)


def test_a_constant_column_is_one_point() -> None:
    found = described(pa.array([7] * 5)).numerical

    assert found is not None
    assert found.kll is not None
    assert [(b.lower_bound, b.upper_bound) for b in found.kll.buckets] == [(7.0, 7.0)] * 10
    assert [bucket.count for bucket in found.kll.buckets] == [0.0] * 9 + [5.0]
    assert found.std_dev == 0.0


def test_text_without_values_is_unknown_and_says_that_all_is_missing() -> None:
    found = described(pa.nulls(3, pa.string()))

    assert (found.inferred_type, found.numerical) == ("Unknown", None)
    assert found.string is not None
    assert (found.string.num_missing, found.string.completeness) == (3, 0.0)
    assert found.string.categories is None


def test_numbers_without_values_keep_their_declared_type() -> None:
    found = described(pa.nulls(3, pa.int64()))

    assert found.inferred_type == "Integral"
    assert found.numerical is not None
    assert (found.numerical.num_missing, found.numerical.mean, found.numerical.kll) == (
        3,
        None,
        None,
    )


def test_categories_are_sorted_by_count_and_then_by_value() -> None:
    found = described(pa.array(["b", "c", "c", "a", None]))

    assert found.string is not None
    assert found.string.categories is not None
    pairs = [(each.value, each.count) for each in found.string.categories]
    assert pairs == [("c", 2), ("a", 1), ("b", 1)]
    assert found.string.distinct_count == 3.0


@pytest.mark.parametrize(("values", "listed"), [(CATEGORIES - 20, True), (CATEGORIES + 30, False)])
def test_columns_with_too_many_values_list_none(values: int, listed: bool) -> None:  # noqa: FBT001
    found = described(pa.array([f"v{number}" for number in range(values)]))

    assert found.string is not None
    assert (found.string.categories is not None) == listed


def test_truth_values_are_categories() -> None:
    for column in (pa.array([True, False, True]), pa.array(["true", "false", "true"])):
        found = described(column)
        assert found.inferred_type == "Boolean"
        assert found.string is not None
        assert [each.value for each in found.string.categories or ()] == ["true", "false"]


def test_numbers_with_few_values_are_no_categories() -> None:
    assert described(pa.array(["1", "2", "1"])).string is None
