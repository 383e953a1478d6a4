"""Paths in Clarify's configuration are the container's own, below its root."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sagemaker.adult import CONFIG, MODEL, Adult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

LOCAL = {"DRIFTKIT_MODEL": MODEL}


@pytest.fixture
def adult(golden: Callable[[str], Path]) -> Adult:
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    return Adult(known=json.loads(text))


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_of_baseline_rows_follows_the_root(adult: Adult, box: Box, scheme: str) -> None:
    """AWS's own file of baseline rows, named as the job's container sees it."""
    place = "/opt/ml/processing/input/baseline/baseline.csv"
    lines = [adult.known["headers"], adult.known["shap_baseline"]]
    box.put(place, "".join(f"{','.join(map(str, line))}\n" for line in lines))
    adult.put(box, adult.config(shap=adult.shap(baseline=f"{scheme}{place}")))

    assert box.run(LOCAL) == 0, box.message

    (label,) = box.json("analysis.json")["explanations"]["kernel_shap"].values()
    printed = adult.printed("jsonlines_endpoint_2023")
    assert label["global_shap_values"] == pytest.approx(printed["global_shap_values"], abs=2e-3)
    assert label["expected_value"] == pytest.approx(printed["expected_value"], abs=1e-7)
    written = box.text("/opt/ml/processing/output/explanations_shap/baseline.csv")
    assert written == box.text(place)


@pytest.mark.parametrize("place", ["/etc/passwd", "rows.csv", "file:///etc/passwd"])
def test_a_path_of_baseline_rows_leads_nowhere_else(adult: Adult, box: Box, place: str) -> None:
    adult.put(box, adult.config(shap=adult.shap(baseline=place)))

    assert box.run(LOCAL) == 255
    assert "methods.shap.baseline: the path is outside of the job's folders" in box.message
    assert box.outputs == set()


def test_facets_in_a_file_of_their_own_follow_the_root(adult: Adult, box: Box) -> None:
    place = "/opt/ml/processing/input/facets/facets.csv"
    methods = {"pre_training_bias": {"methods": ["CI"]}}
    config = adult.config(**methods) | {
        "dataset_type": "text/csv",
        "headers": ["x", "Target"],
        "label": "Target",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "facet_dataset_uri": place,
        "facet_headers": ["Sex"],
    }
    del config["features"]
    box.put(CONFIG, json.dumps(config))
    box.put("/opt/ml/processing/input/data/rows.csv", "1,0\n2,1\n3,1\n4,0\n")
    box.put(place, "0\n0\n0\n1\n")

    assert box.run({}) == 0, box.message

    stage = box.json("analysis.json")["pre_training_bias_metrics"]
    assert stage["facets"]["Sex"][0]["metrics"][0]["value"] == 0.5
