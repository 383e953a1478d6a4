"""The real runs whose rows are known, from the job's environment to the numbers of AWS."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.capture.captures import record
from tests.golden.test_churn_data_quality import FIRST_SENT, LAST_SENT, TIMES_SENT
from tests.sagemaker.box import CAPTURE, CSV, HOUR, MERGED, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

    Golden = Callable[[str], Path]

INPUT = "/opt/ml/processing/input"
BASELINE = f"{INPUT}/baseline_dataset_input"
KEPT = "/opt/ml/processing/baseline"
TRAINING = {"dataset_source": BASELINE, "publish_cloudwatch_metrics": "Disabled"}
SDK = "sdk/tests/data/pipeline/quality_check_step"


def _keep_baseline(box: Box) -> dict[str, str]:
    """Moves a baseline job's results to where a schedule's jobs find them."""
    told = {}
    for name, folder in (("statistics", "stats"), ("constraints", "constraints")):
        path = f"{KEPT}/{folder}/{name}.json"
        box.put(path, box.text(f"/opt/ml/processing/output/{name}.json"))
        told[f"baseline_{name}"] = path
    return told


def test_the_statistics_of_the_sdk(box: Box, golden: Golden) -> None:
    box.put(f"{BASELINE}/data.csv", golden(f"{SDK}/data_quality/baseline_dataset.csv").read_bytes())

    assert box.run({**TRAINING, "dataset_format": '{"csv": {"header": false}}'}) == 0

    # Keys that only newer containers write are left out of the comparison.
    written = json.loads(golden(f"{SDK}/data_quality/statistics.json").read_text())
    for mine, theirs in zip(
        box.json("statistics.json")["features"], written["features"], strict=True
    ):
        for kind in ("numerical_statistics", "string_statistics"):
            known = theirs.get(kind, {})
            assert {key: mine[kind][key] for key in known} == known


def test_the_regression_of_the_sdk(box: Box, golden: Golden) -> None:
    rows = golden(f"{SDK}/model_quality/baseline_dataset.csv").read_bytes()
    box.put(f"{BASELINE}/data.csv", rows)
    told = {
        "analysis_type": "MODEL_QUALITY",
        "problem_type": "Regression",
        "inference_attribute": "Prediction",
        "ground_truth_attribute": "Label",
        "dataset_format": CSV,
    }

    assert box.run({**TRAINING, **told}) == 0

    written = json.loads(golden(f"{SDK}/model_quality/statistics.json").read_text())
    mine = box.json("statistics.json")["regression_metrics"]
    assert {name: metric["value"] for name, metric in mine.items()} == {
        name: metric["value"] for name, metric in written["regression_metrics"].items()
    }


def test_churn_data_quality(box: Box, golden: Golden) -> None:
    folder = "churn-data-quality"
    box.put(
        f"{BASELINE}/training.csv",
        golden(f"{folder}/training-dataset-with-header.csv").read_bytes(),
    )
    box.run({**TRAINING, "dataset_format": CSV})
    with golden(f"{folder}/test-dataset-input-cols.csv").open(newline="") as lines:
        rows = [",".join(row) for row in csv.reader(lines)]
    sent = rows[:FIRST_SENT] + rows * TIMES_SENT + rows[:LAST_SENT]
    records = [record(row, f"0.{1000 + i}\n") for i, row in enumerate(sent)]
    box.put_lines(f"{INPUT}/endpoint/churn/AllTraffic/{HOUR}/a.jsonl", records)
    told = {"dataset_source": f"{INPUT}/endpoint", "dataset_format": CAPTURE, **SCHEDULED}

    assert box.run({**told, **_keep_baseline(box)}) == 0

    assert box.message == (
        "CompletedWithViolations: Job completed successfully with 60 violations."
    )
    figures = json.loads(golden(f"{folder}/churn_data_quality_golden.json").read_text())
    run = figures["monitoring_run"]
    violations = box.json("constraint_violations.json")["violations"]
    assert {each["constraint_check_type"] for each in violations} == {"data_type_check"}
    assert {each["description"] for each in violations} == {
        run["description_churn"],
        run["description_feature"],
    }
    drifts = [line for line in box.metrics if "drift" in line["MetricName"]]
    assert all(0 <= line["Value"] <= 0.1 for line in drifts)


def test_churn_model_quality(box: Box, golden: Golden) -> None:
    rows = golden("churn-model-quality/validation_with_predictions.csv").read_bytes()
    box.put(f"{BASELINE}/data.csv", rows)
    told = {
        "analysis_type": "MODEL_QUALITY",
        "problem_type": "BinaryClassification",
        "inference_attribute": "prediction",
        "probability_attribute": "probability",
        "ground_truth_attribute": "label",
        "dataset_format": CSV,
    }

    assert box.run({**TRAINING, **told}) == 0

    metrics = box.json("statistics.json")["binary_classification_metrics"]
    assert metrics["auc"]["value"] == 0.9395127993393898
    assert metrics["confusion_matrix"] == {"0": {"0": 173, "1": 0}, "1": {"0": 12, "1": 16}}


CLARIFY_RUNS = ("batch_json_2024", "endpoint_json_2024")


@pytest.mark.parametrize("run", CLARIFY_RUNS)
def test_clarify_bias(box: Box, golden: Golden, run: str) -> None:
    """The runs whose merged record was printed whole; the endpoint was asked ten times."""
    pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")
    expected = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    adult = json.loads(golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text())
    box.put(f"{KEPT}/analysis.json", json.dumps(expected[run]["baseline_analysis_json"]))
    config = {
        "headers": [*adult["headers"], "Target"],
        "label": "instances[*].label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
    }
    box.put(f"{INPUT}/config/analysis_config.json", json.dumps(config))
    times = 1 if run.startswith("batch") else 10
    merged = [expected[run]["merged_record"]] * times
    box.put_lines(f"/opt/ml/processing/input_data/e/v/{HOUR}/part-0.jsonl", merged)
    told = {
        "dataset_source": "/opt/ml/processing/input_data",
        "dataset_format": MERGED,
        "baseline_constraints": f"{KEPT}/analysis.json",
        "features_attribute": "instances[*].features",
        "inference_attribute": _inference(run),
        **SCHEDULED,
    }

    assert box.run(told) == 0, box.message

    mine = box.json("constraint_violations.json")["violations"]
    theirs = expected[run]["constraint_violations_json"]["violations"]
    assert [_without_number(each) for each in mine] == [_without_number(each) for each in theirs]
    assert _numbers(mine) == pytest.approx(_numbers(theirs), rel=1e-12)
    assert box.message.startswith("CompletedWithViolations: ")
    assert "bias_metric_DPL" in {line["MetricName"] for line in box.metrics}


def _inference(run: str) -> str:
    above = "SageMakerOutput.predictions" if run.startswith("batch") else "predictions"
    return f"{above}[*].predicted_label"


def _without_number(violation: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in violation.items() if key != "description"}


def _numbers(violations: list[dict[str, Any]]) -> list[float]:
    return [float(violation["description"].split()[2]) for violation in violations]


def test_the_baseline_of_clarify(box: Box, golden: Golden) -> None:
    """SageMakerClarifyProcessor's job on the validation set, predictions beside the labels."""
    pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")
    adult = json.loads(golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text())
    expected = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    model = adult["model"]
    lines = []
    for row in adult["validation"]:
        score = np.dot(row["features"], model["weights"]) + model["bias"]
        predicted = int(1 / (1 + math.exp(-score)) > model["threshold"])
        lines.append(",".join(map(str, [*row["features"], row["label"], predicted])))
    box.put(f"{INPUT}/data/rows.csv", "\n".join([*lines, ""]))
    config = {
        "dataset_type": "text/csv",
        "headers": [*adult["headers"], "Target", "prediction"],
        "label": "Target",
        "predicted_label": "prediction",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
        "methods": {
            "pre_training_bias": {"methods": "all"},
            "post_training_bias": {"methods": "all"},
        },
    }
    box.put(f"{INPUT}/config/analysis_config.json", json.dumps(config))

    assert box.run({}) == 0, box.message

    assert box.message == "Completed: SageMaker XAI Analyzer ran successfully"
    printed = expected["batch_json_2024"]["baseline_analysis_json"]
    mine = box.json("analysis.json")
    assert _metrics(mine) == pytest.approx(_metrics(printed), rel=1e-14)


def _metrics(analysis: dict[str, Any]) -> dict[str, float]:
    return {
        metric["name"]: float(metric["value"])
        for stage in ("post_training_bias_metrics", "pre_training_bias_metrics")
        for metric in analysis[stage]["facets"]["Sex"][0]["metrics"]
    }
