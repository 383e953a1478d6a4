"""Clarify's `label`, `probability`, threshold and `label_headers`: which label each answer means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.bias import monitor as bias
from tests.explain.endpoint import Endpoint
from tests.sagemaker.adult import CONFIG, Adult
from tests.sagemaker.answers import (
    CASES,
    CSV,
    JSON,
    LINES,
    PEOPLE,
    Case,
    Person,
    answered,
    asked,
    config_of,
    metrics_of,
    of_columns,
)
from tests.sagemaker.box import HOUR, MERGED, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")

DATA = "/opt/ml/processing/input/data"
SOURCE = "/opt/ml/processing/input/endpoint"
KEPT = "/opt/ml/processing/baseline/analysis.json"
EVERY = pytest.mark.parametrize("name", CASES)
KINDS = pytest.mark.parametrize("kind", [CSV, LINES, JSON])
METHODS = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}


@EVERY
@KINDS
def test_the_labels_of_a_processing_job(box: Box, kind: str, name: str) -> None:
    case = CASES[name]
    config = config_of(case, dataset_type=CSV, methods=METHODS, predictor=case.predictor(kind))
    box.put(CONFIG, json.dumps(config))
    rows = [",".join(map(str, (*person.features, person.truth))) for person in PEOPLE]
    box.put(f"{DATA}/rows.csv", "\n".join([*rows, ""]))

    endpoint = Endpoint(lambda body: answered(case, kind, asked(kind, body)).encode())
    with endpoint.running() as url:
        assert box.run({"DRIFTKIT_MODEL": url}) == 0, box.message

    assert metrics_of(box.json("analysis.json")) == metrics_of(of_columns(case).to_dict())


def _part(kind: str, data: str) -> dict[str, str]:
    return {"data": data, "encoding": "CSV" if kind == CSV else "JSON"}


def _record(case: Case, kind: str, people: list[Person]) -> dict[str, Any]:
    """A merged capture; one of CSV or JSON holds several rows, a JSON line one."""
    rows = [list(person.features) for person in people]
    truths = [person.truth for person in people]
    if kind == CSV:
        asked = "\n".join(",".join(map(str, row)) for row in rows)
        truth = "\n".join(map(str, truths))
    elif kind == LINES:
        asked, truth = json.dumps({"features": rows[0]}), json.dumps({"truth": truths[0]})
    else:
        asked = json.dumps({"instances": [{"features": row} for row in rows]})
        truth = json.dumps({"instances": [{"truth": each} for each in truths]})
    return {
        "captureData": {
            "endpointInput": _part(kind, asked),
            "endpointOutput": _part(kind, answered(case, kind, people)),
        },
        "groundTruthData": _part(kind, truth),
        "eventMetadata": {"eventId": "1", "inferenceTime": SCHEDULED["start_time"]},
    }


def _hour(case: Case, kind: str, rows: int) -> list[dict[str, Any]]:
    parts = [list(PEOPLE[at : at + rows]) for at in range(0, len(PEOPLE), rows)]
    return [_record(case, kind, part) for part in parts]


def _attributes(case: Case, kind: str) -> dict[str, str]:
    """What the schedule's input says, as the job's environment has it."""
    asked = case.predictor(kind)
    given = {
        "inference_attribute": asked.get("label"),
        "probability_attribute": asked.get("probability"),
        "probability_threshold_attribute": case.threshold,
        "features_attribute": {LINES: "features", JSON: "instances[*].features"}.get(kind),
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _monitored_config(case: Case, kind: str) -> dict[str, Any]:
    label = {CSV: "truth", LINES: "truth", JSON: "instances[*].truth"}[kind]
    config = config_of(case, label=label)
    config.pop("probability_threshold", None)
    if case.headers is not None:
        config["predictor"] = {"label_headers": list(case.headers)}
    return config


# An answer in JSON needs a path.
HOURS = [
    (name, kind, rows)
    for kind, rows in ((CSV, 5), (LINES, 1), (JSON, 1), (JSON, 5))
    for name, case in CASES.items()
    if case.places or kind == CSV
]


@pytest.mark.parametrize(("name", "kind", "rows"), HOURS)
def test_the_labels_of_an_hour(box: Box, kind: str, name: str, rows: int) -> None:
    case = CASES[name]
    expected = of_columns(case)
    box.put(KEPT, json.dumps(expected.to_dict()))
    box.put(CONFIG, json.dumps(_monitored_config(case, kind)))
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", _hour(case, kind, rows))
    told = {
        **SCHEDULED,
        **_attributes(case, kind),
        "dataset_source": SOURCE,
        "dataset_format": MERGED,
        "baseline_constraints": KEPT,
    }

    assert box.run(told) == 0, box.message

    assert metrics_of(box.json("analysis.json")) == metrics_of(expected.to_dict())
    assert box.json("constraint_violations.json")["violations"] == []


def test_a_monitor_knows_the_places_of_the_configuration(tmp_path: Path) -> None:
    """Where the schedule names none, the `predictor` of the configuration does."""
    case = CASES["both, threshold"]
    file = tmp_path / "hour.jsonl"
    file.write_text("\n".join(map(json.dumps, _hour(case, LINES, 1))))
    config = _monitored_config(case, LINES) | {"predictor": case.predictor(LINES)}

    found = bias.baseline(
        file, analysis_config=config, features_attribute="features", dialect="aws", runner="local"
    )

    assert found.analysis == of_columns(case)


@pytest.fixture
def runs(golden: Callable[[str], Path]) -> dict[str, Any]:
    text = golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text()
    return dict(json.loads(text))


def test_both_places_as_in_awss_notebooks(
    box: Box, golden: Callable[[str], Path], runs: dict[str, Any]
) -> None:
    """The model's own threshold is 0.463, which only its label knows."""
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    adult = Adult(known=json.loads(text))
    threshold = adult.known["model"]["threshold"]

    def answer(body: bytes) -> bytes:
        scores = [json.loads(line)["score"] for line in adult.answer_lines(body).splitlines()]
        found = [{"predicted_label": int(each > threshold), "score": each} for each in scores]
        return "\n".join(map(json.dumps, found)).encode()

    config = adult.config(**METHODS) | {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
        "predictor": {
            "content_type": LINES,
            "accept_type": LINES,
            "label": "predicted_label",
            "probability": "score",
        },
    }
    adult.put(box, config)

    with Endpoint(answer).running() as url:
        assert box.run({"DRIFTKIT_MODEL": url}) == 0, box.message

    printed = runs["batch_json_2024"]["baseline_analysis_json"]
    mine = metrics_of(box.json("analysis.json"), "Sex")
    assert mine == pytest.approx(metrics_of(printed, "Sex"), rel=1e-14)


def test_an_hour_of_a_golden_run_with_both_places(box: Box, runs: dict[str, Any]) -> None:
    run = runs["batch_json_2024"]
    box.put(KEPT, json.dumps(run["baseline_analysis_json"]))
    headers = ["Age", "Workclass", "fnlwgt", "Education", "Education-Num", "Marital Status"]
    headers += ["Occupation", "Relationship", "Ethnic group", "Sex", "Capital Gain"]
    headers += ["Capital Loss", "Hours per week", "Country", "Target"]
    config = {
        "headers": headers,
        "label": "instances[*].label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
    }
    box.put(CONFIG, json.dumps(config))
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", [run["merged_record"]])
    told = {
        **SCHEDULED,
        "features_attribute": "instances[*].features",
        "inference_attribute": "SageMakerOutput.predictions[*].predicted_label",
        "probability_attribute": "SageMakerOutput.predictions[*].score",
        "dataset_source": SOURCE,
        "dataset_format": MERGED,
        "baseline_constraints": KEPT,
    }

    assert box.run(told) == 0, box.message

    found, printed = (
        [(each["metric_name"], float(each["description"].split()[2])) for each in violations]
        for violations in (
            box.json("constraint_violations.json")["violations"],
            run["constraint_violations_json"]["violations"],
        )
    )
    assert [name for name, _ in found] == [name for name, _ in printed]
    assert dict(found) == pytest.approx(dict(printed), rel=1e-12)
