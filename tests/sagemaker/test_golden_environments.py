"""Every environment of a real job is understood, and leads to a job that ends as it should."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.sagemaker.environment import Environment
from driftkit.sagemaker.job_kinds import Kind, kind_of
from driftkit.sagemaker.paths import ContainerPaths
from tests.capture.captures import record
from tests.monitors.merging import capture, label
from tests.sagemaker.box import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

KINDS = {
    "data_quality_baseline": Kind.DATA_QUALITY_BASELINE,
    "data_quality_monitor_endpoint_2024": Kind.DATA_QUALITY,
    "model_quality_baseline": Kind.MODEL_QUALITY_BASELINE,
    "groundtruth_merge": Kind.MERGE,
    "model_quality_monitor_2021": Kind.MODEL_QUALITY,
}
LABELLED = "label,prediction,probability\n" + "1,1,0.9\n0,0,0.2\n1,0,0.4\n0,0,0.1\n" * 60
BASELINE = "/opt/ml/processing/input/baseline_dataset_input/data.csv"


@pytest.fixture
def observed(golden: Callable[[str], Path]) -> dict[str, Any]:
    text = golden("container/observed_environment.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize("name", KINDS)
def test_the_job_is_recognised(observed: dict[str, Any], box: Box, name: str) -> None:
    environment = Environment(variables=observed[name], paths=ContainerPaths(root=box.root))

    assert kind_of(environment) is KINDS[name]


def test_no_environment_is_left_out(observed: dict[str, Any]) -> None:
    texts = {"note", "model_quality_monitor_later_dataset_format"}
    assert set(observed) - texts == set(KINDS)


def test_a_data_quality_baseline(observed: dict[str, Any], box: Box) -> None:
    box.put(BASELINE, "x,y\n1,a\n2,b\n")

    assert box.run(observed["data_quality_baseline"]) == 0
    assert box.message == "Completed: Job completed successfully with no violations."
    assert box.outputs == {"statistics.json", "constraints.json"}


def test_a_data_quality_schedule(observed: dict[str, Any], box: Box) -> None:
    """The observed job has a preprocessor and no baseline: it measures its window."""
    variables = observed["data_quality_monitor_endpoint_2024"]
    script = "def preprocess_handler(r):\n    return {'score': r.endpoint_output.data.strip()}\n"
    box.put(variables["record_preprocessor_script"], script)
    hours = "/opt/ml/processing/input/endpoint/churn/AllTraffic"
    inside = record("1,x", "0.5\n", time="2024-03-18T13:30:00Z")
    box.put_lines(f"{hours}/{HOUR}/a.jsonl", [inside, inside])
    box.put_lines(f"{hours}/2024/03/18/14/a.jsonl", [inside])

    assert box.run(variables) == 0
    assert box.message == "Completed: Job completed successfully with no violations."
    statistics = box.json("statistics.json")
    assert statistics["dataset"]["item_count"] == 2
    assert [feature["name"] for feature in statistics["features"]] == ["score"]


def test_a_model_quality_baseline(observed: dict[str, Any], box: Box) -> None:
    box.put(BASELINE, LABELLED)

    assert box.run(observed["model_quality_baseline"]) == 0
    assert box.json("constraints.json")["binary_classification_constraints"]["recall"] == {
        "threshold": 0.5,
        "comparison_operator": "LessThanThreshold",
    }


def test_a_merge(observed: dict[str, Any], box: Box) -> None:
    hour = "2024/02/22/13"
    captures = [capture("a", time="2024-02-22T13:10:00Z"), capture("b")]
    box.put_lines(f"/opt/ml/processing/input_data/churn/AllTraffic/{hour}/a.jsonl", captures)
    box.put_lines(f"/opt/ml/processing/groundtruth/{hour}/b.jsonl", [label("a")])

    assert box.run(observed["groundtruth_merge"]) == 0
    merged = list((box.root / "opt/ml/processing/output/churn/AllTraffic" / hour).iterdir())
    (line,) = merged[0].read_text().splitlines()
    assert json.loads(line)["groundTruthData"] == {"data": "1", "encoding": "CSV"}
    assert not (box.root / "opt/ml/output/message").exists()


@pytest.mark.parametrize("later", [False, True])
def test_a_model_quality_schedule(observed: dict[str, Any], box: Box, *, later: bool) -> None:
    baseline = observed["model_quality_baseline"]
    box.put(BASELINE, LABELLED)
    box.run(baseline)
    variables = dict(observed["model_quality_monitor_2021"])
    if later:
        variables["dataset_format"] = observed["model_quality_monitor_later_dataset_format"]
    constraints = box.text("/opt/ml/processing/output/constraints.json")
    box.put(variables["baseline_constraints"], constraints)
    records = [
        {
            **capture(str(i), output=score),
            "groundTruthData": label("", actual)["groundTruthData"],
        }
        for i, (score, actual) in enumerate([("0.9", "0"), ("0.2", "1"), ("0.7", "1")] * 80)
    ]
    box.put_lines("/opt/ml/processing/input_data/e/v/2021/10/27/21/part-0.jsonl", records)

    assert box.run(variables) == 0
    violations = box.json("constraint_violations.json")["violations"]
    assert {"accuracy", "falsePositiveRate"} <= {each["metric_name"] for each in violations}
    assert box.message == (
        f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    )
    names = {line["MetricName"] for line in box.metrics}
    assert {"recall", "auc", "f0_5", "accuracy_best_constant_classifier"} <= names
    assert len(names) == 17
