"""statistics.json: what is optional, what the two generations write, and any statistics at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.formats.jackson import dumps, loads
from driftkit.formats.statistics import (
    Bucket,
    Category,
    FeatureStatistics,
    KllDistribution,
    NumericalStatistics,
    Statistics,
    StringStatistics,
)
from tests.formats import documents
from tests.formats.documents import at, with_value, without

COUNTS = st.integers(min_value=0, max_value=2**63 - 1)
NUMBERS = st.floats(allow_nan=False)
SHARES = st.floats(min_value=0.0, max_value=1.0)
LEVELS = st.lists(st.lists(NUMBERS).map(tuple), min_size=1).map(tuple)
BUCKETS = st.builds(Bucket, lower_bound=NUMBERS, upper_bound=NUMBERS, count=NUMBERS)
KLL = st.builds(
    KllDistribution, buckets=st.lists(BUCKETS).map(tuple), c=NUMBERS, k=NUMBERS, data=LEVELS
)
NUMERICAL = st.builds(
    NumericalStatistics,
    num_present=COUNTS,
    num_missing=COUNTS,
    mean=st.none() | NUMBERS,
    sum=st.none() | NUMBERS,
    std_dev=st.none() | NUMBERS,
    min=st.none() | NUMBERS,
    max=st.none() | NUMBERS,
    approximate_num_distinct_values=st.none() | COUNTS,
    completeness=st.none() | SHARES,
    kll=st.none() | KLL,
)
CATEGORIES = st.lists(st.builds(Category, value=st.text(), count=COUNTS)).map(tuple)
STRING = st.builds(
    StringStatistics,
    num_present=COUNTS,
    num_missing=COUNTS,
    distinct_count=st.none() | NUMBERS,
    completeness=st.none() | SHARES,
    categories=st.none() | CATEGORIES,
)
FEATURES = st.builds(
    FeatureStatistics,
    name=st.text(),
    inferred_type=st.sampled_from(["Integral", "Fractional", "String", "Boolean", "Unknown"]),
    numerical=st.none() | NUMERICAL,
    string=st.none() | STRING,
)


@given(COUNTS, st.lists(FEATURES, unique_by=lambda feature: feature.name).map(tuple))
def test_statistics_survive_the_file(
    item_count: int, features: tuple[FeatureStatistics, ...]
) -> None:
    statistics = Statistics(item_count=item_count, features=features)

    assert Statistics.read(loads(dumps(statistics.to_dict()), "x.json")) == statistics


@pytest.mark.parametrize(
    "path",
    [
        "features.0.numerical_statistics",
        "features.0.numerical_statistics.mean",
        "features.0.numerical_statistics.distribution",
        "features.0.numerical_statistics.distribution.kll.sketch",
        "features.0.numerical_statistics.approximate_num_distinct_values",
        "features.1.string_statistics",
        "features.1.string_statistics.completeness",
        "features.1.string_statistics.distribution",
    ],
)
def test_an_absent_optional_key_stays_absent(path: str) -> None:
    document = without(documents.statistics(), path)

    assert Statistics.read(document).to_dict() == document


def test_the_older_generation_lacks_distinct_values_and_completeness() -> None:
    written = Statistics.read(documents.statistics()).to_dict(generation="2020")

    expected = documents.statistics()
    del at(expected, "features.0.numerical_statistics")["approximate_num_distinct_values"]
    del at(expected, "features.0.numerical_statistics")["completeness"]
    del at(expected, "features.1.string_statistics")["completeness"]
    assert written == expected


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_numbers_without_a_json_form_are_words(text: str) -> None:
    document = with_value(documents.statistics(), "features.0.numerical_statistics.mean", text)

    statistics = Statistics.read(document)

    assert statistics.features[0].numerical is not None
    assert isinstance(statistics.features[0].numerical.mean, float)
    assert dumps(statistics.to_dict()) == dumps(document)
