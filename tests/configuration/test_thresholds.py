"""Thresholds of a configuration are put into the baseline's constraints in memory."""

from __future__ import annotations

from typing import Any

import pytest

import driftkit
from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.configuration.thresholds import FeatureThresholds, Thresholds, with_thresholds

NORMAL = driftkit.data_quality.baseline(
    {"age": [float(each) for each in range(50)], "city": ["Bonn", "Ulm"] * 25}
).constraints


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            {"method": "JensenShannon"},
            {"comparison_threshold": NUMERICAL["JensenShannon"].threshold},
        ),
        (
            {"categorical_method": "ChiSquared"},
            {"categorical_comparison_threshold": CATEGORICAL["ChiSquared"].threshold},
        ),
        (
            {"categorical_method": "ChiSquared", "distance": 0.3},
            {"categorical_comparison_threshold": 0.3},
        ),
        (
            {"categorical_method": "ChiSquared", "distance": 0.3, "categorical_distance": 0.4},
            {"categorical_comparison_threshold": 0.4, "comparison_threshold": 0.3},
        ),
    ],
)
def test_a_method_without_a_distance_has_its_usual_one(
    said: dict[str, Any], found: dict[str, float]
) -> None:
    of_all = with_thresholds(NORMAL, Thresholds(**said), {})
    of_one = with_thresholds(NORMAL, Thresholds(), {"*": FeatureThresholds(**said)})

    distribution = of_all.monitoring_config.distribution
    assert {name: getattr(distribution, name) for name in found} == found
    assert of_one.features[0].overrides is not None
    assert found.items() <= of_one.features[0].overrides.distribution.items()
