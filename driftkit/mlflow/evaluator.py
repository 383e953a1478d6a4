"""Evaluates models for `mlflow.models.evaluate`: quality with intervals, and what has drifted."""

from __future__ import annotations

import json
import logging
import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftkit
from driftkit.errors import DriftkitError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from driftkit.results.contract import Metric, Result

# MLflow loads this module whenever it is imported itself, so that all else is imported below.
_TYPES = ("regressor", "classifier")
_LABEL, _PREDICTION = "driftkit label", "driftkit prediction"
_MONITORS = ("model_quality", "data_quality")
_FOLDER = "driftkit"
_LOGGER = logging.getLogger(__name__)


class Evaluator:
    """What MLflow knows as the evaluator driftkit.

    Its configuration has a section for each monitor: `{"model_quality": {...}, "data_quality":
    {...}}`, with `baseline`, a path or what the monitor's `baseline` gave, and settings of the monitor.
    """

    @classmethod
    def can_evaluate(
        cls, *, model_type: str, evaluator_config: Mapping[str, Any] | None, **_: Any
    ) -> bool:
        """Whether there is anything to evaluate.

        Args:
            model_type: as MLflow calls it.
            evaluator_config: sections of monitors.
        """
        return model_type in _TYPES or "data_quality" in (evaluator_config or {})

    def evaluate(
        self,
        *,
        model_type: str,
        dataset: Any,
        run_id: str,
        evaluator_config: Mapping[str, Any] | None,
        **more: Any,
    ) -> Any:
        """Evaluates a model, or predictions that are made, and logs what is found to the run.

        Args:
            model_type: classifier or regressor; of others only the data are looked at.
            dataset: of MLflow, with labels.
            run_id: of MLflow's run.
            evaluator_config: sections of monitors.
            more: `model`, None where the dataset has predictions; `predictions`, the column of them
                where the model gives several; `model_id`, of a logged model, of which the metrics
                are then.

        Returns:
            MLflow's EvaluationResult.

        Raises:
            DriftkitError: a section asks for what cannot be done. MLflow asks every evaluator that
                is installed: where there is no section, nothing is raised and a warning is logged.
        """
        from mlflow import MlflowClient  # noqa: PLC0415
        from mlflow.models import EvaluationResult  # noqa: PLC0415

        asked = {name: each for name, each in (evaluator_config or {}).items() if name in _MONITORS}
        try:
            _refuse_others(evaluator_config or {}, asked)
            frame = _frame(dataset, more.get("model"), more.get("predictions"))
            found = _found(frame, asked, model_type)
        except DriftkitError as error:
            if asked:
                raise
            _LOGGER.warning("driftkit does not evaluate this model: %s", error)
            return EvaluationResult({}, {}, run_id)
        metrics = dict(_numbers(found))
        client = MlflowClient()
        _log_numbers(client, run_id, metrics, more.get("model_id"))
        return EvaluationResult(metrics, _log_files(client, run_id, found), run_id)


def _refuse_others(config: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """A configuration without sections is one of other evaluators."""
    others = sorted(config.keys() - asked.keys())
    if asked and others:
        raise SettingsError(
            "there is no such section of the evaluator",
            expected=" or ".join(_MONITORS),
            found=", ".join(map(repr, others)),
        )


def _frame(dataset: Any, model: Any, column: str | None) -> pd.DataFrame:
    """The features, with label and prediction where there are any."""
    import pandas as pd  # noqa: PLC0415

    features = dataset.features_data
    frame = (
        features.copy()
        if isinstance(features, pd.DataFrame)
        else pd.DataFrame(features, columns=dataset.feature_names)
    )
    predicted = dataset.predictions_data if model is None else model.predict(features)
    if isinstance(predicted, pd.DataFrame) and column:
        predicted = predicted[column]
    for name, values in ((_LABEL, dataset.labels_data), (_PREDICTION, predicted)):
        if values is not None:
            frame[name] = getattr(values, "to_numpy", lambda values=values: values)()
    return frame


def _found(
    frame: pd.DataFrame, asked: Mapping[str, Mapping[str, Any]], model_type: str
) -> dict[str, Result]:
    """What each monitor finds."""
    found: dict[str, Result] = {}
    if model_type in _TYPES and {_LABEL, _PREDICTION} <= {*frame.columns}:
        found["model_quality"] = _quality(frame, model_type, **asked.get("model_quality", {}))
    if "data_quality" in asked:
        features = frame.drop(columns=[_LABEL, _PREDICTION], errors="ignore")
        found["data_quality"] = _drift(features, **asked["data_quality"])
    return found


def _quality(frame: pd.DataFrame, model_type: str, baseline: Any = None, **settings: Any) -> Result:
    """The quality with its intervals, compared where there is a baseline."""
    problem = "Regression"
    if model_type == "classifier":
        several = frame[_LABEL].nunique() > 2
        problem = "MulticlassClassification" if several else "BinaryClassification"
    about = {
        "problem_type": problem,
        "ground_truth_attribute": _LABEL,
        "inference_attribute": _PREDICTION,
        **settings,
    }
    monitor = driftkit.model_quality
    if baseline is None:
        return monitor.baseline(frame, **about)
    return monitor.monitor(frame, baseline, **about)


def _drift(features: pd.DataFrame, baseline: Any = None, **settings: Any) -> Result:
    """The features, compared with their baseline."""
    if baseline is None:
        raise SettingsError(
            "there is no baseline to compare with",
            where="data_quality",
            expected="baseline, a path or what driftkit.data_quality.baseline gave",
        )
    return driftkit.data_quality.monitor(features, baseline, **settings)


def _numbers(found: Mapping[str, Result]) -> Iterable[tuple[str, float]]:
    """Metrics by MLflow's keys, with the ends of their intervals."""
    from driftkit.sinks.mlflow import keys_of_metrics  # noqa: PLC0415

    for monitor, result in found.items():
        for key, each in keys_of_metrics(result.metrics()).items():
            yield from _with_interval(key, each)
        findings = getattr(result, "findings", None)
        if findings is not None:
            yield f"{monitor}.violations", float(len(findings))


def _with_interval(key: str, metric: Metric) -> Iterable[tuple[str, float]]:
    from driftkit.sinks.mlflow import KEY  # noqa: PLC0415

    ends = {key: metric.value, f"{key}.lower": metric.lower, f"{key}.upper": metric.upper}
    return (
        (name, float(value))
        for name, value in ends.items()
        if value is not None and math.isfinite(value) and len(name) <= KEY
    )


def _log_numbers(
    client: Any, run_id: str, metrics: Mapping[str, float], model_id: str | None
) -> None:
    from mlflow.entities import Metric as Logged  # noqa: PLC0415

    from driftkit.sinks.mlflow import log_metrics  # noqa: PLC0415

    now = time.time_ns() // 1_000_000
    logged = [
        Logged(key, value, now, 0, model_id=model_id, run_id=run_id)
        for key, value in metrics.items()
    ]
    log_metrics(client, run_id, logged)


def _log_files(client: Any, run_id: str, found: Mapping[str, Result]) -> dict[str, Any]:
    """Logs the files of monitors and their pages, and gives MLflow's artifacts of them."""
    from mlflow.models.evaluation import artifacts as kinds  # noqa: PLC0415

    root = client.get_run(run_id).info.artifact_uri
    # MLflow saves all artifacts of a result in one folder.
    texts = {
        f"{_FOLDER}/{monitor}_{name}": text
        for monitor, result in found.items()
        for name, text in _texts(result).items()
    }
    made: dict[str, Any] = {}
    for file, text in texts.items():
        client.log_text(run_id, text, file)
        is_json = file.endswith(".json")
        kind = kinds.JsonEvaluationArtifact if is_json else kinds.TextEvaluationArtifact
        content = json.loads(text) if is_json else text
        made[file] = kind(uri=f"{root}/{file}", content=content)
    return made


def _texts(result: Any) -> dict[str, str]:
    """The files of a result that are texts, by their names, and its page."""
    with tempfile.TemporaryDirectory() as folder:
        result.write(folder)
        texts = {
            each.name: each.read_text(encoding="utf-8")
            for each in sorted(Path(folder).glob("*.json"))
        }
    page = getattr(result, "report", None)
    return {**texts, "report.html": page().html} if page else texts
