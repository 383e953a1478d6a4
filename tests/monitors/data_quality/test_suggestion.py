"""Each rule of the suggested constraints, on statistics small enough to see through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftkit.formats.statistics import (
    Category,
    FeatureStatistics,
    NumericalStatistics,
    Statistics,
    StringStatistics,
)
from driftkit.monitors.data_quality.suggestion import suggest

if TYPE_CHECKING:
    from driftkit.formats.constraints import Constraints, FeatureConstraints


def numeric(minimum: float | None = 0.0, share: float | None = None) -> FeatureStatistics:
    counts = NumericalStatistics(num_present=3, num_missing=1, min=minimum, completeness=share)
    return FeatureStatistics(name="age", inferred_type="Integral", numerical=counts)


def string(*values: str) -> FeatureStatistics:
    categories = tuple(Category(value=value, count=1) for value in values)
    counts = StringStatistics(num_present=3, num_missing=1, categories=categories)
    return FeatureStatistics(name="city", inferred_type="String", string=counts)


NOTHING = FeatureStatistics(name="empty", inferred_type="Unknown")


def suggested(*features: FeatureStatistics) -> Constraints:
    return suggest(Statistics(item_count=4, features=features))


def constraints_of(feature: FeatureStatistics) -> FeatureConstraints:
    return suggested(feature).features[0]


@pytest.mark.parametrize(
    ("feature", "expected"),
    [(numeric(), 0.75), (numeric(share=0.5), 0.5), (string("a"), 0.75), (NOTHING, None)],
)
def test_completeness_is_the_observed_one(
    feature: FeatureStatistics, expected: float | None
) -> None:
    assert constraints_of(feature).completeness == expected


def test_no_rows_have_no_completeness() -> None:
    counts = StringStatistics(num_present=0, num_missing=0)
    feature = FeatureStatistics(name="x", inferred_type="Unknown", string=counts)

    assert constraints_of(feature).completeness is None


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (numeric(0.0), True),
        (numeric(-0.0), True),
        (numeric(-1e-9), False),
        (numeric(None), None),
        (string("a"), None),
        (NOTHING, None),
    ],
)
def test_a_minimum_below_zero_decides_on_non_negativity(
    feature: FeatureStatistics,
    expected: bool | None,  # noqa: FBT001
) -> None:
    assert constraints_of(feature).is_non_negative == expected


@pytest.mark.parametrize(
    ("feature", "expected"),
    [(string("b", "a"), ("b", "a")), (string(), None), (numeric(), None), (NOTHING, None)],
)
def test_domains_are_all_values_in_the_order_of_the_buckets(
    feature: FeatureStatistics, expected: tuple[str, ...] | None
) -> None:
    assert constraints_of(feature).domains == expected


def test_the_configuration_has_the_newer_containers_keys_and_defaults() -> None:
    assert suggested(NOTHING).to_dict()["monitoring_config"] == {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": {
            "perform_comparison": "Enabled",
            "comparison_threshold": 0.1,
            "comparison_method": "Robust",
            "categorical_comparison_threshold": 0.1,
            "categorical_drift_method": "LInfinity",
        },
    }


def test_features_keep_name_type_and_order() -> None:
    found = suggested(string("a"), NOTHING, numeric()).features

    assert [(f.name, f.inferred_type) for f in found] == [
        ("city", "String"),
        ("empty", "Unknown"),
        ("age", "Integral"),
    ]
