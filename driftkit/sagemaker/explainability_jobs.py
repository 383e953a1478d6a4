"""Runs Clarify's explainability jobs: processing jobs and monitoring jobs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from driftkit.errors import SettingsError
from driftkit.explain import models
from driftkit.formats import analysis_config
from driftkit.monitors.attribution import monitor as attribution
from driftkit.monitors.bias import monitor as bias
from driftkit.sagemaker.inputs import data_paths
from driftkit.sagemaker.monitor_jobs import learned, reported, settings_of
from driftkit.sagemaker.predicted_labels import with_predicted_labels
from driftkit.sagemaker.shadow_endpoint import Shadow, running
from driftkit.sinks.cloudwatch_metrics import of_explanations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.sagemaker.environment import Environment
    from driftkit.sagemaker.monitor_jobs import Done
    from driftkit.sagemaker.predicted_labels import LabelledDataset

VARIABLE = "DRIFTKIT_MODEL"
KEY = "driftkit_model"
_ELSEWHERE = ("http://", "https://", "sagemaker:")


@contextmanager
def model_of(environment: Environment, config: Mapping[str, Any]) -> Iterator[str]:
    """The specification of the model, as driftkit.explain.predictor_files.predictor takes it.

    The variable DRIFTKIT_MODEL goes before predictor.driftkit_model, and both before Clarify's
    own keys. A model that is known by its name only gets an endpoint as long as it is needed.

    Args:
        environment: of the job.
        config: the content of analysis_config.json.

    Raises:
        SettingsError: no model is named, or two are, or its file is none of the job's.
        InputError: the endpoint cannot be made.
    """
    predictor = config.get("predictor") or {}
    own = environment.text(VARIABLE) or predictor.get(KEY)
    name, endpoint = predictor.get("model_name"), predictor.get("endpoint_name")
    if own:
        yield _placed(environment, str(own))
    elif name and endpoint:
        raise SettingsError(
            "there are an endpoint and a model",
            where="analysis_config.json: predictor",
            expected="endpoint_name or model_name",
            found=f"{endpoint}, {name}",
            todo="Leave one of them out",
        )
    elif name:
        with running(Shadow.from_predictor(predictor)) as made:
            yield f"sagemaker:{made}"
    else:
        yield f"sagemaker:{endpoint or _monitored(environment)}"


def _monitored(environment: Environment) -> str:
    """The endpoint of a schedule, which is asked where the configuration names no model."""
    endpoint = environment.text("sagemaker_endpoint_name")
    if endpoint is None:
        raise SettingsError(
            "there is no model to ask",
            where="analysis_config.json: predictor",
            expected=f"endpoint_name, model_name, {KEY}, or the variable {VARIABLE}",
            found="none of them",
            todo="Name the model's endpoint, or its file among the job's inputs",
        )
    return endpoint


def _placed(environment: Environment, spec: str) -> str:
    """The specification with the path where the file is on this machine."""
    if spec.startswith(_ELSEWHERE):
        return spec
    kind, colon, rest = spec.partition(":")
    known = bool(colon) and kind in models.KINDS
    path = environment.paths.inside(rest if known else spec, VARIABLE)
    return f"{kind}:{path}" if known else str(path)


METHODS = {"shap", "pdp"}
BIAS = {"pre_training_bias", "post_training_bias"}


def monitored(environment: Environment, config: Mapping[str, Any]) -> Done:
    """A scheduled job of a ModelExplainabilityMonitor.

    Raises:
        DriftkitError: as the attribution monitor does.
    """
    # Features are what was sent, whichever side the other monitors look at.
    settings = settings_of(environment)
    settings["features_attribute"] = environment.jmespath("features_attribute")
    data, normal = data_paths(environment), environment.path("baseline_constraints")
    asked = _located(environment, config)
    with model_of(environment, config) as model:
        if normal is None:
            found = attribution.baseline(data, model, analysis_config=asked, **settings)
            return learned(environment, found)
        result = attribution.monitor(data, normal, model, analysis_config=asked, **settings)
    return reported(environment, result, of_explanations)


def _located(environment: Environment, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, with the place of the score that the schedule's input names."""
    predictor = dict(config.get("predictor") or {})
    score, label = map(environment.jmespath, ("probability_attribute", "inference_attribute"))
    # Explained is the score; a label is one where nothing else is known.
    path = score or (None if predictor.get("label") is not None else label)
    if path is not None and predictor.get("probability") is None:
        predictor["probability"] = int(path) if path.isdecimal() else path
    return {**config, "predictor": predictor}


def processed(environment: Environment, given: LabelledDataset) -> Done:
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
            found = explain(given.data, model, analysis_config=given.config, **given.settings)
        if BIAS & methods:
            with with_predicted_labels(given, model) as table:
                measured = bias.baseline(table.data, analysis_config=table.config, **table.settings)
    if found is None:
        # One of both is asked for.
        return learned(environment, cast("bias.BiasBaseline", measured))
    if measured is not None:
        beside = {k: v for k, v in measured.analysis.to_dict().items() if k != "version"}
        found = replace(found, explanations=replace(found.explanations, extra=beside))
    return learned(environment, found)
