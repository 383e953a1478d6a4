"""Clarify's files: read, written again, and named by JSON path where they are wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import FormatError
from driftkit.formats import analysis_config
from driftkit.formats.analysis import Analysis, read_file
from driftkit.formats.python_json import dumps
from driftkit.formats.violations import BiasViolation
from driftkit.formats.violations import read as read_violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG: dict[str, Any] = {
    "label": "late",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "carrier"}],
}


def test_clarifys_file_is_written_again_byte_for_byte(golden: Callable[[str], Path]) -> None:
    file = golden("sdk/tests/data/pipeline/clarify_check_step/data_bias/good_cases/analysis.json")

    assert dumps(read_file(file).to_dict()) == file.read_text().rstrip("\n")


def test_infinities_are_texts() -> None:
    metric = {"name": "TE", "description": "", "value": float("-inf")}
    stage = {
        "label": "y",
        "facets": {"a": [{"value_or_threshold": "1", "metrics": [metric]}]},
        "label_value_or_threshold": "1",
    }
    document = {"version": "1.0", "post_training_bias_metrics": stage}

    text = dumps(Analysis.read(document).to_dict())

    assert '"value": "-Infinity"' in text
    assert Analysis.read(json.loads(text)) == Analysis.read(document)


@pytest.mark.parametrize("further", [{}, {"later": 1}], ids=["none", "one"])
def test_a_stage_with_unknown_keys_or_no_facets_is_written_again(further: dict[str, Any]) -> None:
    stage = {"label": "y", "facets": {}, "label_value_or_threshold": "1", **further}
    document = {"version": "1.0", "pre_training_bias_metrics": stage}

    assert Analysis.read(document).to_dict() == document


def test_other_analyses_are_kept() -> None:
    document = {"version": "1.0", "explanations": {"kernel_shap": {}}}

    assert Analysis.read(document).to_dict() == document


@pytest.mark.parametrize(
    ("stage", "path"),
    [
        ({"facets": {}}, "pre_training_bias_metrics.label"),
        ({"facets": {"a": 1}, "label": "y", "label_value_or_threshold": ""}, "facets.a"),
        (
            {
                "facets": {
                    "a": [{"value_or_threshold": "1", "metrics": [{"name": "x", "value": "y"}]}]
                },
                "label": "y",
                "label_value_or_threshold": "",
            },
            "pre_training_bias_metrics.facets.a[0].metrics[0].value",
        ),
    ],
)
def test_errors_carry_the_json_path(stage: dict[str, Any], path: str) -> None:
    with pytest.raises(FormatError) as caught:
        Analysis.read({"pre_training_bias_metrics": stage})

    assert path in str(caught.value)


def test_violations_are_read_again(golden: Callable[[str], Path]) -> None:
    text = golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text()
    for run in json.loads(text).values():
        document = run["constraint_violations_json"]
        assert read_violations(document, BiasViolation).to_dict() == document


@pytest.mark.parametrize("version", [{}, {"version": None}], ids=["none", "null"])
def test_violations_without_a_version_are_of_the_only_one(version: dict[str, Any]) -> None:
    found = read_violations({**version, "violations": []}, row=BiasViolation)

    assert found.version == "1.0"
    assert read_violations(found.to_dict(), row=BiasViolation) == found
    report = Analysis.read(version)
    assert Analysis.read(report.to_dict()) == report


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"label": None}, "label"),
        ({"label_values_or_threshold": None}, "label_values_or_threshold"),
        ({"facet": [{}]}, "facet[0].name_or_index"),
        ({"facet": [{"name_or_index": "a", "value_or_threshold": [[1]]}]}, "facet[0].value_or_thr"),
        ({"headers": "a,b"}, "headers"),
        ({"version": "2.0"}, "version"),
        ({"methods": {"pre_training_bias": {"methods": "some"}}}, "methods.pre_training_bias"),
        ({"probability_threshold": 1.5}, "probability_threshold"),
    ],
)
def test_a_wrong_configuration_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(FormatError) as caught:
        analysis_config.read({**CONFIG, **changes}, "config.json")

    assert f"config.json: {path}" in str(caught.value)


def test_values_keep_their_types_and_single_ones_are_lists() -> None:
    config = analysis_config.read(
        {
            **CONFIG,
            "label_values_or_threshold": [True, 1, 1.5, "1"],
            "facet": {"name_or_index": 3, "value_or_threshold": 40},
        }
    )

    assert [type(value) for value in config.label_values_or_threshold] == [bool, int, float, str]
    assert config.facet[0].value_or_threshold == (40,)


def test_the_sdks_monitor_configuration_asks_for_everything() -> None:
    config = analysis_config.read(CONFIG)

    assert config.asks_for("pre_training") == config.asks_for("post_training") == "all"
