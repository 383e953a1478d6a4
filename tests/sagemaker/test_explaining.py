"""Jobs that explain: Clarify's processing jobs and its monitor's hours, with every kind of model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.capture.captures import record
from tests.explain.endpoint import Endpoint
from tests.sagemaker.adult import CONFIG, DATA, MODEL, Adult
from tests.sagemaker.box import CAPTURE, HOUR, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

DONE = "Completed: SageMaker XAI Analyzer ran successfully"
LOCAL = {"DRIFTKIT_MODEL": MODEL}
KEPT = "/opt/ml/processing/baseline/analysis.json"
SOURCE = "/opt/ml/processing/input/endpoint"
LINES = "application/jsonlines"


@pytest.fixture
def adult(golden: Callable[[str], Path]) -> Adult:
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    return Adult(known=json.loads(text))


def explained(box: Box) -> dict[str, Any]:
    """The only label of analysis.json."""
    (label,) = box.json("analysis.json")["explanations"]["kernel_shap"].values()
    return dict(label)


def as_aws(adult: Adult, found: dict[str, Any]) -> None:
    """Compares with the printed values, which a hundred samples leave some noise in."""
    printed = adult.printed("jsonlines_endpoint_2023")
    assert found["global_shap_values"] == pytest.approx(printed["global_shap_values"], abs=2e-3)
    assert found["expected_value"] == pytest.approx(printed["expected_value"], abs=1e-7)


@pytest.fixture
def asked(adult: Adult, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adult model behind SageMaker's runtime, which keeps what it is asked."""
    pytest.importorskip("boto3", reason="endpoints are asked through boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    endpoint = Endpoint(adult.answer_lines)
    with endpoint.running() as url:
        address = url.removesuffix("/invocations")
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", address)
        yield endpoint


def test_shap_of_a_local_model(adult: Adult, box: Box) -> None:
    adult.put(box, adult.config(shap=adult.shap(save_local_shap_values=True), report={}))

    assert box.run(LOCAL) == 0, box.message

    assert box.message == DONE
    as_aws(adult, explained(box))
    local = box.text("/opt/ml/processing/output/explanations_shap/out.csv").splitlines()
    assert local[0].split(",") == [f"{name}_label0" for name in adult.known["headers"]]
    assert len(local) == 1 + len(adult.rows)


def test_shap_of_an_endpoint(adult: Adult, box: Box, asked: Endpoint) -> None:
    config = adult.config(shap=adult.shap())
    config["predictor"] = {
        "endpoint_name": "adult",
        "content_type": LINES,
        "accept_type": LINES,
        "content_template": '{"features":$features}',
        "label": "score",
        "custom_attributes": "c=1",
    }
    adult.put(box, config)

    assert box.run({}) == 0, box.message

    as_aws(adult, explained(box))
    assert {each["X-Amzn-SageMaker-Custom-Attributes"] for each in asked.headers} == {"c=1"}


def test_partial_dependence_alone(adult: Adult, box: Box) -> None:
    config = adult.config(pdp={"features": ["Age"], "grid_resolution": 4})
    config["predictor"] = {"driftkit_model": MODEL}
    adult.put(box, config)

    assert box.run({}) == 0, box.message

    (found,) = box.json("analysis.json")["explanations"]["pdp"]
    assert found["feature_name"] == "Age"
    # The weight of the age is positive.
    (predictions,) = found["model_predictions"]
    assert predictions == sorted(predictions)
    assert len(predictions) == len(found["feature_values"]) == 4


def test_bias_and_explanations_are_in_one_file(
    adult: Adult, box: Box, golden: Callable[[str], Path]
) -> None:
    """The label is predicted by the model, as SageMakerClarifyProcessor's combined job does."""
    pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")
    bias = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}
    config = adult.config(shap=adult.shap(), **bias) | {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
        "probability_threshold": adult.known["model"]["threshold"],
    }
    adult.put(box, config)

    assert box.run(LOCAL) == 0, box.message

    as_aws(adult, explained(box))
    runs = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    printed = runs["batch_json_2024"]["baseline_analysis_json"]
    mine = box.json("analysis.json")
    assert bias_of(mine) == pytest.approx(bias_of(printed), rel=1e-14)
    assert mine["post_training_bias_metrics"]["label"] == "Target"


def test_a_document_of_json_is_as_its_lines(adult: Adult, box: Box) -> None:
    methods = {"pre_training_bias": {"methods": ["DPL"]}, "post_training_bias": {"methods": ["AD"]}}
    config = adult.config(shap=adult.shap(), **methods) | {
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
    }
    adult.put(box, config)
    assert box.run(LOCAL) == 0, box.message
    of_lines = box.json("analysis.json")
    in_document = {
        "dataset_type": "application/json",
        "features": "instances[*].features",
        "label": "instances[*].label",
    }
    adult.put(box, config | in_document)
    box.at(DATA).unlink()
    document = json.dumps({"instances": adult.known["validation"]})
    box.put(DATA.replace(".jsonl", ".json"), document)

    assert box.run(LOCAL) == 0, box.message

    assert box.json("analysis.json") == of_lines


def bias_of(analysis: dict[str, Any]) -> dict[str, float]:
    return {
        metric["name"]: float(metric["value"])
        for stage in ("post_training_bias_metrics", "pre_training_bias_metrics")
        for metric in analysis[stage]["facets"]["Sex"][0]["metrics"]
    }


def monitored(adult: Adult, box: Box, path: str | None) -> dict[str, str]:
    """An hour of captures, CSV or JSON, against the values that AWS printed."""
    box.put(KEPT, json.dumps(adult.known["aws_shap_analysis"]["jsonlines_endpoint_2023"]))
    records = [record(_sent(row, path), "0.5\n") for row in adult.rows[:200]]
    if path is not None:
        for each in records:
            each["captureData"]["endpointInput"]["encoding"] = "JSON"
            each["captureData"]["endpointOutput"] = {
                "data": '{"score": 0.5}',
                "encoding": "JSON",
            }
    box.put_lines(f"{SOURCE}/adult/AllTraffic/{HOUR}/a.jsonl", records)
    named = {} if path is None else {"features_attribute": path}
    return {
        **SCHEDULED,
        **named,
        "dataset_source": SOURCE,
        "dataset_format": CAPTURE,
        "baseline_constraints": KEPT,
    }


def _sent(row: list[float], path: str | None) -> str:
    return ",".join(map(str, row)) if path is None else json.dumps({path: row})


@pytest.mark.parametrize("path", [None, "features"])
def test_an_hour_like_the_baseline(adult: Adult, box: Box, path: str | None) -> None:
    config = {"headers": adult.known["headers"], "methods": {"shap": adult.shap()}}
    adult.put(box, config)

    assert box.run({**monitored(adult, box, path), **LOCAL}) == 0, box.message

    assert box.message == DONE
    assert box.json("constraint_violations.json") == {"version": "1.0", "violations": []}


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_hour_of_batch_transform(adult: Adult, box: Box, kind: str) -> None:
    """Batch transform puts its answer behind the row that it was asked about."""
    adult.put(box, {"headers": adult.known["headers"], "methods": {"shap": adult.shap()}})
    told = monitored(adult, box, None)
    source = "/opt/ml/processing/input/transform"
    if kind == "csv":
        lines = [",".join(map(str, [*row, 0.5])) for row in adult.rows[:200]]
        asked = {"dataset_format": '{"csv": {"header": false}}'}
    else:
        records = [{"features": row, "SageMakerOutput": {"score": 0.5}} for row in adult.rows[:200]]
        lines = [json.dumps(each) for each in records]
        asked = {"dataset_format": '{"json": {"lines": true}}', "features_attribute": "features"}
    box.put(f"{source}/{HOUR}/rows.{kind}", "\n".join([*lines, ""]))
    del told["sagemaker_endpoint_name"]

    assert box.run({**told, **asked, **LOCAL, "dataset_source": source}) == 0, box.message

    assert box.message == DONE
    assert {each["Name"] for each in box.metrics[0]["Dimensions"]} == {
        "MonitoringSchedule",
        "ExplainabilityMethod",
        "Label",
        "ValueType",
    }


def test_an_hour_of_a_golden_run(adult: Adult, box: Box, golden: Callable[[str], Path]) -> None:
    """A request of 334 rows in one document of JSON, as AWS captured it."""
    shap = adult.shap(save_local_shap_values=True)
    adult.put(box, {"headers": adult.known["headers"], "methods": {"shap": shap}})
    told = {**monitored(adult, box, None), "features_attribute": "instances[*].features"}
    runs = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    captured = dict(runs["endpoint_json_2024"]["merged_record"])
    del captured["groundTruthData"]
    captured["eventMetadata"]["inferenceTime"] = SCHEDULED["start_time"]
    box.put_lines(f"{SOURCE}/adult/AllTraffic/{HOUR}/a.jsonl", [captured])

    assert box.run({**told, **LOCAL}) == 0, box.message

    assert box.message == DONE
    rows = box.text("/opt/ml/processing/output/explanations_shap/out.csv").splitlines()
    assert len(rows) == 1 + len(adult.known["monitored_window"]["data"])


def test_an_hour_of_another_model(adult: Adult, box: Box) -> None:
    """The weights stand the other way round; features that did not matter do now."""
    config = {
        "headers": adult.known["headers"],
        "methods": {"shap": adult.shap()},
        "predictor": {"label_headers": ["Target"]},
    }
    adult.put(box, config, reversed(adult.known["model"]["weights"]))

    assert box.run({**monitored(adult, box, None), **LOCAL}) == 0, box.message

    assert box.message == ("CompletedWithViolations: Job completed successfully with 1 violations.")
    (violation,) = box.json("constraint_violations.json")["violations"]
    assert violation["constraint_check_type"] == "feature_attribution_drift_check"
    lines = {line["MetricName"]: line for line in box.metrics}
    assert set(lines) == {*(f"feature_{name}" for name in adult.known["headers"]), "ExpectedValue"}
    values = explained(box)["global_shap_values"]
    assert {name: lines[f"feature_{name}"]["Value"] for name in values} == values
    assert {each["Name"]: each["Value"] for each in lines["ExpectedValue"]["Dimensions"]} == {
        "Endpoint": "churn",
        "MonitoringSchedule": "hourly",
        "ExplainabilityMethod": "KernelShap",
        "Label": "Target",
        "ValueType": "ExpectedValue",
    }


def test_the_monitored_endpoint_is_asked_where_no_model_is_named(
    adult: Adult, box: Box, asked: Endpoint
) -> None:
    config = {
        "headers": adult.known["headers"],
        "methods": {"shap": adult.shap()},
        "predictor": {"content_type": LINES, "accept_type": LINES},
    }
    adult.put(box, config)

    told = {**monitored(adult, box, None), "inference_attribute": "score"}
    assert box.run(told) == 0, box.message

    assert box.message == DONE
    assert asked.bodies


@pytest.mark.parametrize(
    ("predictor", "variables", "said"),
    [
        ({}, {}, "there is no model to ask"),
        ({"endpoint_name": "e", "model_name": "m"}, {}, "there are an endpoint and a model"),
        ({"model_name": "m"}, {}, "the model's endpoint has no instances"),
        ({}, {"DRIFTKIT_MODEL": "/etc/model.py"}, "the path is outside of the job's folders"),
        ({"driftkit_model": "joblib:../m"}, {}, "the path is outside of the job's folders"),
    ],
)
def test_a_model_that_is_not_there(
    adult: Adult, box: Box, predictor: Any, variables: Any, said: str
) -> None:
    adult.put(box, adult.config(shap=adult.shap()) | {"predictor": predictor})

    assert box.run(variables) == 255
    assert box.message.startswith("ClientError: ")
    assert said in box.message
    assert box.outputs == set()


@pytest.mark.parametrize("method", ["asymmetric_shapley_value", "grad_cam"])
def test_an_analysis_that_is_not_known(adult: Adult, box: Box, method: str) -> None:
    box.put(CONFIG, json.dumps(adult.config(**{method: {}})))

    assert box.run(LOCAL) == 255
    assert "there is an analysis that is not known" in box.message
    assert method in box.message
