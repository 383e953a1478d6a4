"""`mlflow.models.evaluate` with driftkit's evaluator, in a database of MLflow."""

from __future__ import annotations

import runpy
import shutil
import tomllib
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.mlflow.evaluator import Evaluator

if TYPE_CHECKING:
    from collections.abc import Iterator

mlflow = pytest.importorskip("mlflow", reason="needs MLflow")
models = pytest.importorskip("mlflow.models", reason="needs MLflow")
if not hasattr(models, "evaluate"):
    pytest.skip("needs MLflow, not mlflow-skinny", allow_module_level=True)
ROOT = Path(__file__).parents[2]
RANDOM = np.random.default_rng(0)
ROWS = 600
AGES = RANDOM.normal(40, 5, ROWS)
LABELS = (AGES > 41).astype(int)
GOOD = np.where(RANDOM.random(ROWS) < 0.9, LABELS, 1 - LABELS)
BAD = np.where(RANDOM.random(ROWS) < 0.6, LABELS, 1 - LABELS)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without runs, which takes MLflow seconds to make."""
    folder = tmp_path_factory.mktemp("mlflow")
    # Its first experiment has its artifacts where it is made.
    with chdir(folder):
        mlflow.MlflowClient(f"sqlite:///{folder}/empty.db").search_experiments()
    return folder / "empty.db"


@pytest.fixture(autouse=True)
def database(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from mlflow.models.evaluation import evaluator_registry  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    shutil.copy(empty, tmp_path / "mlflow.db")
    registry = evaluator_registry._model_evaluation_registry
    monkeypatch.setitem(registry._registry, "driftkit", Evaluator)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    yield
    mlflow.set_tracking_uri("")


def data(predictions: Any, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"age": AGES, "label": LABELS, "predicted": predictions, **columns})


def evaluated(frame: pd.DataFrame, **how: Any) -> Any:
    known = {
        "targets": "label",
        "predictions": "predicted",
        "model_type": "classifier",
        "evaluators": "driftkit",
    }
    with mlflow.start_run():
        return models.evaluate(data=frame, **{**known, **how})


def test_the_entry_point_is_the_evaluator() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    points = project["project"]["entry-points"]["mlflow.model_evaluator"]
    module, _, name = points["driftkit"].partition(":")

    assert getattr(import_module(module), name) is Evaluator


def test_quality_has_intervals_and_is_logged() -> None:
    result = evaluated(data(GOOD))

    metrics = result.metrics
    assert metrics["quality.accuracy"] == pytest.approx((GOOD == LABELS).mean())
    assert (
        metrics["quality.accuracy.lower"]
        < metrics["quality.accuracy"]
        < metrics["quality.accuracy.upper"]
    )
    assert "model_quality.violations" not in metrics
    logged = mlflow.get_run(result.run_id).data.metrics
    assert logged == metrics
    statistics = result.artifacts["driftkit/model_quality_statistics.json"]
    read = mlflow.artifacts.load_dict(statistics.uri)
    assert read == statistics.content
    found = read["binary_classification_metrics"]["accuracy"]["value"]
    assert found == metrics["quality.accuracy"]


def test_a_baseline_says_what_fell_and_what_has_drifted(tmp_path: Path) -> None:
    quality = driftkit.model_quality.baseline(
        data(GOOD),
        problem_type="BinaryClassification",
        ground_truth_attribute="label",
        inference_attribute="predicted",
    )
    driftkit.data_quality.baseline(data(GOOD)[["age"]]).write(tmp_path / "base")
    config = {
        "model_quality": {"baseline": quality},
        "data_quality": {"baseline": str(tmp_path / "base")},
    }

    result = evaluated(data(BAD).assign(age=AGES + 30), evaluator_config=config)

    assert result.metrics["model_quality.violations"] > 0
    # The distance stands beside the values beyond the baseline's.
    assert result.metrics["data_quality.violations"] == 1
    assert any(name.startswith("drift.") for name in result.metrics)
    page = result.artifacts["driftkit/data_quality_report.html"]
    assert page.content.startswith("<!doctype html>")
    assert mlflow.artifacts.load_text(page.uri) == page.content
    result.save(tmp_path / "saved")
    again = models.EvaluationResult.load(tmp_path / "saved")
    assert again.metrics == result.metrics
    violations = again.artifacts["driftkit/data_quality_constraint_violations.json"].content
    assert [each["feature_name"] for each in violations["violations"]] == ["age"]


@pytest.mark.parametrize(("predictions", "refused"), [(GOOD, False), (BAD, True)])
def test_the_example_refuses_a_model_that_may_be_too_bad(
    predictions: Any,
    refused: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    data(predictions).to_csv(tmp_path / "labelled.csv", index=False)
    driftkit.data_quality.baseline(data(GOOD)[["age"]]).write(tmp_path / "baseline")
    example = runpy.run_path(str(ROOT / "docs/examples/mlflow_evaluate.py"))

    result = example["judged"]()
    try:
        example["accept"](result)
        said = ""
    except mlflow.exceptions.MlflowException as error:
        said = str(error)

    assert result.metrics["data_quality.violations"] == 0
    assert ("quality.accuracy.lower" in said) == refused


@pytest.mark.parametrize(
    ("model_type", "labels", "predictions", "metric"),
    [
        ("regressor", AGES, AGES + RANDOM.normal(0, 1, ROWS), "quality.rmse"),
        ("classifier", LABELS + (AGES > 45), LABELS, "quality.weighted_recall"),
    ],
)
def test_other_problems_are_known_by_their_labels(
    model_type: str, labels: Any, predictions: Any, metric: str
) -> None:
    result = evaluated(data(predictions).assign(label=labels), model_type=model_type)

    assert result.metrics[f"{metric}.lower"] <= result.metrics[metric]


def test_settings_of_the_monitor_are_taken() -> None:
    share = np.clip(GOOD * 0.6 + RANDOM.random(ROWS) * 0.4, 0, 1)
    config = {"model_quality": {"probability_attribute": "share"}}

    result = evaluated(data(GOOD, share=share), evaluator_config=config)

    assert result.metrics["quality.auc.lower"] < result.metrics["quality.auc"]


def test_a_model_is_asked() -> None:
    result = evaluated(
        data(GOOD).drop(columns="predicted"),
        model=lambda frame: (frame["age"] > 41).astype(int),
        predictions=None,
    )

    assert result.metrics["quality.accuracy"] == 1.0


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"model_quality": {"treshold": 1}}, "there is no setting"),
        ({"model_quality": {}, "data_qualty": {}}, "data_qualty"),
        ({"data_quality": {}}, "there is no baseline"),
    ],
)
def test_what_cannot_be_done_is_an_error(config: dict[str, Any], said: str) -> None:
    with pytest.raises(driftkit.SettingsError, match=said):
        evaluated(data(GOOD), evaluator_config=config)


def test_who_did_not_ask_for_it_is_not_stopped(caplog: pytest.LogCaptureFixture) -> None:
    named = data(GOOD).replace({"label": {0: "no", 1: "yes"}, "predicted": {0: "no", 1: "yes"}})

    result = evaluated(named)

    assert result.metrics == {}
    assert "driftkit does not evaluate this model" in caplog.text


def test_other_evaluators_may_run_beside() -> None:
    result = evaluated(
        data(GOOD), evaluators=["classifier", "driftkit"], evaluator_config={"driftkit": {}}
    )

    assert result.metrics["accuracy_score"] == pytest.approx(result.metrics["quality.accuracy"])
