"""Lines in CloudWatch's embedded metric format, checked by a schema of what AWS documents of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from tests.sinks.windows import BEGIN, finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.results.facts import Facts
    from tests.sinks.conftest import Clock

NAME = {"type": "string", "minLength": 1, "maxLength": 255}
# Names, types and limits of "Specification: Embedded metric format" in CloudWatch's user guide.
SCHEMA = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 0},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {
                                "type": "string",
                                "pattern": "^[a-zA-Z0-9._#:/-]+$",
                                "maxLength": 256,
                            },
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {"type": "string", "minLength": 1, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": NAME,
                                        "Unit": {"enum": ["None", "Count", "Percent"]},
                                        "StorageResolution": {"enum": [1, 60]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
# So long may an event of CloudWatch Logs be on its way through any of its agents.
MOST = 256 * 1024


def lines(text: str) -> list[dict[str, Any]]:
    """The lines, each of which is right."""
    validator = pytest.importorskip("jsonschema.validators", reason="needs jsonschema")
    found = [json.loads(each) for each in text.splitlines()]
    for each in found:
        validator.validate(each, SCHEMA)
        for directive in each["_aws"]["CloudWatchMetrics"]:
            named = [metric["Name"] for metric in directive["Metrics"]]
            assert len(set(named)) == len(named)
            # What a directive names is a member beside it: numbers, and texts of dimensions.
            assert all(abs(each[name]) <= 2**360 for name in named)
            for name in (name for names in directive["Dimensions"] for name in names):
                assert 0 < len(each[name]) <= 1024
                assert each[name].isascii()
    assert all(len(each) <= MOST for each in text.splitlines())
    assert "Infinity" not in text
    assert "NaN" not in text
    return found


def written(facts: Facts, clock: Clock, file: Path, options: str = "") -> list[dict[str, Any]]:
    said = send_facts(facts, [facts_sink_of_spec(f"emf:{file} {options}")], clock.attempts())
    assert said == []
    return lines(file.read_text())


def profile(feature: str, **numbers: float) -> list[Metric]:
    return [
        Metric(group="profile", name=name, feature=feature, value=value)
        for name, value in numbers.items()
    ]


def test_a_line_is_of_the_window(clock: Clock, tmp_path: Path) -> None:
    numbers = {"num_present": 3, "num_missing": 1, "sum": 60.0, "min": 10.0, "max": 30.0}
    facts = window(0, finding(), metrics=(*profile("age", **numbers), measured(0.3)))

    (line,) = written(facts, clock, tmp_path / "log", "schedule=hourly")

    assert line == {
        "_aws": {
            "Timestamp": round(BEGIN.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "aws/sagemaker/Endpoints/data-metrics",
                    "Dimensions": [["Endpoint", "MonitoringSchedule"]],
                    "Metrics": [
                        {"Name": "feature_data_age", "Unit": "None"},
                        {"Name": "feature_non_null_age", "Unit": "None"},
                        {"Name": "feature_baseline_drift_age", "Unit": "None"},
                    ],
                }
            ],
        },
        "feature_data_age": 20.0,
        "feature_non_null_age": 0.75,
        "feature_baseline_drift_age": 0.3,
        "Endpoint": "churn",
        "MonitoringSchedule": "hourly",
        "driftkit": {
            "run_id": "run-0",
            "monitor": "data_quality",
            "status": "violated",
            "rows": 100,
            "violations": 1,
        },
    }


def test_lines_are_added_and_have_a_hundred_metrics_at_most(clock: Clock, tmp_path: Path) -> None:
    many = window(0, metrics=tuple(measured(0.3, feature=f"{'ä' * 90}{at}") for at in range(250)))

    written(window(0, metrics=(measured(0.3),)), clock, tmp_path / "log")
    found = written(many, clock, tmp_path / "log", "namespace=own/models endpoint=e")

    counts = [len(each["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for each in found]
    assert counts == [1, 100, 100, 50]
    assert found[-1]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "own/models"
    assert found[-1]["Endpoint"] == "e"


def test_metrics_of_other_dimensions_have_lines_of_their_own(clock: Clock, tmp_path: Path) -> None:
    dimensions = {"stage": "post_training", "target": "y", "target_value": "", "facet": "größe\n"}
    metrics = tuple(
        Metric(
            group="bias",
            name=name,
            value=math.inf,
            dimensions={**dimensions, "facet_value": value},
        )
        for name in ("TE", "DI")
        for value in ("\ud800" + "x" * 2000, "f")
    )
    facts = window(0, metrics=metrics, monitor="bias")
    facts = replace(facts, subject=replace(facts.subject, variant="b"))

    found = written(facts, clock, tmp_path / "log")

    assert [each["bias_metric_TE"] for each in found] == [2.0**360] * 2
    assert [each["FacetValue"][-1] for each in found] == ["x", "f"]
    assert {each["Variant"] for each in found} == {"b"}


def test_a_container_logs_them(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    facts = window(0, metrics=(measured(0.3),))

    assert send_facts(facts, [facts_sink_of_spec("emf:")], clock.attempts()) == []

    (line,) = lines(capsys.readouterr().out)
    assert line["feature_baseline_drift_age"] == 0.3


def test_what_cannot_be_told_is_said(clock: Clock, tmp_path: Path) -> None:
    sink = facts_sink_of_spec(f"emf:{tmp_path}/none/log")
    clock.seconds = 15 * 86_400.0

    (unwritable,) = send_facts(window(15 * 24, metrics=(measured(0.3),)), [sink], clock.attempts())
    (old,) = send_facts(window(0), [sink], clock.attempts())

    assert "No such file" in unwritable
    assert "older than two weeks" in old
