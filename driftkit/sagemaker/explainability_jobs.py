"""Runs Clarify's explainability jobs: processing jobs and monitoring jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats import analysis_config
from driftkit.monitors.attribution import monitor as attribution
from driftkit.monitors.bias import monitor as bias
from driftkit.sagemaker import metrics
from driftkit.sagemaker.inputs import data_paths
from driftkit.sagemaker.model import model_of
from driftkit.sagemaker.monitor_jobs import Done, settings_of
from driftkit.sagemaker.predicted_labels import labelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.sagemaker.environment import Environment
    from driftkit.sagemaker.predicted_labels import Labelled

METHODS = {"shap", "pdp"}
BIAS = {"pre_training_bias", "post_training_bias"}
_ATTRIBUTES = ("probability_attribute", "inference_attribute")


def monitored(environment: Environment, config: Mapping[str, Any]) -> Done:
    """A scheduled job of a ModelExplainabilityMonitor.

    Raises:
        DriftkitError: as the attribution monitor does.
    """
    told = settings_of(environment)
    # Features are what was sent, whichever side the other monitors look at.
    told.pop("capture_sides")
    told["features_attribute"] = _path(environment, "features_attribute")
    data, normal = data_paths(environment), environment.path("baseline_constraints")
    asked = _located(environment, config)
    with model_of(environment, config) as model:
        if normal is None:
            learned = attribution.baseline(data, model, analysis_config=asked, **told)
            return _written(environment, learned)
        result = attribution.monitor(data, normal, model, analysis_config=asked, **told)
    result.write(environment.output)
    return Done(
        violations=len(result.violations),
        rows=result.run.rows if result.run else None,
        metrics=metrics.of_explanations(result, metrics.context_of(environment)),
    )


def _located(environment: Environment, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, with the place of the score that the schedule's input names."""
    predictor = dict(config.get("predictor") or {})
    score, label = (_path(environment, name) for name in _ATTRIBUTES)
    # Explained is the score; a label is one where nothing else is known.
    place = score or (None if predictor.get("label") is not None else label)
    if place is not None and predictor.get("probability") is None:
        predictor["probability"] = int(place) if place.isdecimal() else place
    return {**config, "predictor": predictor}


def _path(environment: Environment, name: str) -> str | None:
    return (environment.text(name) or "").removeprefix("$.") or None


def processed(environment: Environment, given: Labelled) -> Done:
    """A Clarify processing job that asks a model: for explanations, for labels, or for both.

    Args:
        environment: of the job.
        given: the dataset, without the model's labels.

    Raises:
        DriftkitError: as the monitors do.
    """
    methods = (given.config.get("methods") or {}).keys()
    if BIAS & methods:
        # What is wrong with it is told before the model is asked for anything else.
        analysis_config.read(given.config)
    found = measured = None
    with model_of(environment, given.config) as model:
        if METHODS & methods:
            explain = attribution.baseline if "shap" in methods else attribution.dependence
            found = explain(given.data, model, analysis_config=given.config, **given.told)
        if BIAS & methods:
            with labelled(given, model) as table:
                measured = bias.baseline(table.data, analysis_config=table.config, **table.told)
    if found is not None and measured is not None:
        beside = {k: v for k, v in measured.analysis.to_dict().items() if k != "version"}
        found = replace(found, explanations=replace(found.explanations, extra=beside))
    return _written(environment, found or measured)


def _written(
    environment: Environment, result: attribution.AttributionBaseline | bias.BiasBaseline | None
) -> Done:
    if result is None:
        raise SettingsError(
            "no analysis is asked for",
            where="analysis_config.json: methods",
            expected=", ".join(sorted(METHODS | BIAS)),
            todo="Name one of them",
        )
    result.write(environment.output)
    return Done(rows=result.run.rows if result.run else None)
