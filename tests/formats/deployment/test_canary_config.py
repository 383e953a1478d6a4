"""Kayenta's canary configurations: read, and refused by JSON path where nothing could pass."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.comparison.deployment.kayenta import Rule, Thresholds
from driftkit.errors import FormatError
from driftkit.formats.deployment.canary_config import read, read_file
from tests.formats.damage import damaged, ours
from tests.formats.documents import with_value, without

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT: dict[str, Any] = {
    "name": "checkout",
    "configVersion": "1",
    "applications": ["shop"],
    "judge": {"name": "NetflixACAJudge-v1.0", "judgeConfigurations": {}},
    "metrics": [
        {
            "name": "errors",
            "query": {"type": "prometheus", "metricName": "errors"},
            "groups": ["Errors"],
            "analysisConfigurations": {
                "canary": {
                    "direction": "increase",
                    "nanStrategy": "replace",
                    "critical": True,
                    "mustHaveData": True,
                    "outliers": {"strategy": "remove", "outlierFactor": 2.5},
                    "effectSize": {"allowedIncrease": 1.1, "criticalIncrease": 1.5},
                }
            },
            "scopeName": "default",
        },
        {"name": "latency", "groups": ["Latency", "All"]},
        {
            "name": "cpu",
            "groups": ["All"],
            "analysisConfigurations": {"canary": {"muted": True}},
        },
    ],
    "classifier": {
        "groupWeights": {"Errors": 60, "Latency": 30},
        "scoreThresholds": {"pass": 90, "marginal": 50},
    },
}
CANARY = "metrics.0.analysisConfigurations.canary"


def test_a_configuration_is_read() -> None:
    config = read(DOCUMENT)

    assert config.name == "checkout"
    assert [metric.name for metric in config.metrics] == ["errors", "latency", "cpu"]
    assert [metric.groups for metric in config.metrics] == [
        ("Errors",), ("Latency", "All"), ("All",)
    ]  # fmt: skip
    assert [metric.muted for metric in config.metrics] == [False, False, True]
    assert config.weights == {"Errors": 60.0, "Latency": 30.0}
    assert (config.pass_score, config.marginal_score) == (90.0, 50.0)


def test_rules_are_read_with_the_judges_defaults() -> None:
    errors, latency, _ = read(DOCUMENT).metrics

    assert latency.rule == Rule()
    assert errors.rule == Rule(
        direction="increase",
        replaces_nan=True,
        removes_outliers=True,
        outlier_factor=2.5,
        critical=True,
        must_have_data=True,
        allowed=Thresholds(increase=1.1),
        critical_effect=Thresholds(increase=1.5),
    )


def test_common_language_effects_have_thresholds_of_their_own() -> None:
    document = with_value(deepcopy(DOCUMENT), f"{CANARY}.effectSize", {"measure": "cles"})

    rule = read(document).metrics[0].rule

    assert rule.measure == "cles"
    assert rule.allowed == rule.critical_effect == Thresholds(increase=0.5, decrease=0.5)


def test_nan_strategy_none_removes() -> None:
    document = with_value(deepcopy(DOCUMENT), f"{CANARY}.nanStrategy", "none")

    assert not read(document).metrics[0].rule.replaces_nan


@pytest.mark.parametrize("key", ["judge", "classifier", "name"])
def test_what_has_a_default_may_be_missing(key: str) -> None:
    config = read(without(deepcopy(DOCUMENT), key))

    if key == "classifier":
        assert (config.weights, config.pass_score, config.marginal_score) == ({}, 95.0, 75.0)


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "canary.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")

    assert read_file(tmp_path / "canary.json") == read(DOCUMENT)


WEIGHTS = "classifier.groupWeights"
SCORES = "classifier.scoreThresholds"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("metrics", [], "metrics: the configuration has nothing to judge by.*no metrics"),
        ("metrics", DOCUMENT["metrics"][2:], "metrics: .*1 muted metrics"),
        (WEIGHTS, {"Errors": 80, "Latency": 30}, "classifier.groupWeights: .*a sum of 110"),
        (WEIGHTS, {"Errors": 50, "Latency": 20, "All": 20}, "groupWeights: .*a sum of 90"),
        (WEIGHTS, {"Eror": 80}, "groupWeights.Eror: a group has a weight, but no metric"),
        (WEIGHTS, {"Errors": -1}, "groupWeights.Errors: .*from 0 to 100; found: -1"),
        (SCORES, {"pass": 70, "marginal": 80}, "scoreThresholds.marginal: .*at most what passes"),
        (SCORES, {"pass": 101}, "scoreThresholds.pass: .*from 0 to 100"),
        (
            "judge.name",
            "dredd-v1.0",
            "judge.name: .*NetflixACAJudge-v1.0; found: 'dredd-v1.0'",
        ),
        ("metrics.1.name", "errors", r"metrics\[1\].name: .*found: 'errors'"),
        ("metrics.1.groups", [], r"metrics\[1\].groups.*at least one group"),
        (f"{CANARY}.direction", "up", r"canary.direction.*increase \| decrease \| either"),
        (f"{CANARY}.nanStrategy", "skip", r"canary.nanStrategy.*remove \| replace"),
        (f"{CANARY}.outliers.strategy", "drop", r"outliers.strategy.*keep \| remove"),
        (f"{CANARY}.outliers.outlierFactor", -1, "outlierFactor.*0 or more"),
        (f"{CANARY}.effectSize.measure", "median", r"measure.*meanRatio \| cles"),
        (f"{CANARY}.effectSize.allowedIncrease", "NaN", "allowedIncrease.*finite"),
        (f"{CANARY}.critical", "yes", "canary.critical.*true or false"),
    ],
)
def test_what_cannot_be_judged_by_is_refused(path: str, value: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(with_value(deepcopy(DOCUMENT), path, value))


@given(damaged(DOCUMENT))
def test_a_damaged_configuration_is_read_or_refused_with_its_path(broken: dict[str, Any]) -> None:
    with ours():
        read(broken)
