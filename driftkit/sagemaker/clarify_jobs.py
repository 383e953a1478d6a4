"""Runs the jobs of Clarify's image: bias, explainability, processing jobs with both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.columns.numbers import number_in
from driftkit.errors import InputError, SettingsError
from driftkit.formats import attribution_config
from driftkit.io.locations import is_url
from driftkit.monitors.bias import monitor as bias
from driftkit.readers.formats import FORMATS
from driftkit.sagemaker import explainability_jobs, paths, predicted_labels
from driftkit.sagemaker.inputs import data_paths
from driftkit.sagemaker.job_kinds import Kind, analysis_config
from driftkit.sagemaker.messages import NO_DATA
from driftkit.sagemaker.monitor_jobs import (
    learned,
    reported,
    settings_of,
    text_settings,
    told_by_content,
)
from driftkit.sinks.cloudwatch_metrics import of_bias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.sagemaker.environment import Environment
    from driftkit.sagemaker.monitor_jobs import Done

_BESIDE = ("facet_dataset_uri", "predicted_label_dataset_uri")
_LOCAL = "file://"


def configured(environment: Environment) -> dict[str, Any]:
    """The content of analysis_config.json; its own data set and model are placed where they are read.

    Raises:
        SettingsError: it is not there, or a path leads out of the job's folders.
        FormatError: it is not JSON, or a value is of another type.
    """
    config = analysis_config(environment)
    attribution_config.check(config)
    placed: dict[str, Any] = {
        key: _placed(environment, config[key], key) for key in _BESIDE if config.get(key)
    }
    methods = config.get("methods") or {}
    shap = methods.get("shap") or {}
    baseline = shap.get("baseline")
    if isinstance(baseline, str):
        found = _placed(environment, baseline, "methods.shap.baseline")
        placed["methods"] = {**methods, "shap": {**shap, "baseline": found}}
    return {**config, **placed}


def _placed(environment: Environment, path: str, key: str) -> str:
    local = path.removeprefix(_LOCAL)
    if local == path and is_url(path):
        return path
    return str(environment.paths.inside(local, f"analysis_config.json: {key}"))


_TYPES = {each.media_type: each.name for each in FORMATS if each.media_type}
_BIAS, _EXPLAINED = explainability_jobs.BIAS, explainability_jobs.METHODS


def run(kind: Kind, environment: Environment) -> Done:
    """Runs a job and writes its files.

    Raises:
        DriftkitError: as the monitors do.
    """
    config = configured(environment)
    if kind is Kind.CLARIFY:
        return _processed(environment, config)
    if kind is Kind.EXPLAINABILITY:
        return explainability_jobs.monitored(environment, config)
    return _monitored(environment, config)


def _processed(environment: Environment, config: Mapping[str, Any]) -> Done:
    methods = config.get("methods")
    asked = set(_BIAS) if methods is None else set(methods)
    unknown = asked - _BIAS - _EXPLAINED - {"report"}
    if unknown or not asked - {"report"}:
        raise SettingsError(
            "there is an analysis that is not known" if unknown else "no analysis is asked for",
            where="analysis_config.json: methods",
            expected=", ".join(sorted(_BIAS | _EXPLAINED)),
            found=", ".join(sorted(unknown)) or "nothing",
            todo="Correct it",
        )
    settings: dict[str, Any] = {
        "dialect": "aws",
        "format": _format(config),
        "runner": environment.runner,
        "together": True,
        **text_settings(_format(config)),
    }
    data = _dataset(environment, config)
    if asked & _EXPLAINED or predicted_labels.is_asked(config):
        given = predicted_labels.LabelledDataset(data=data, config=config, settings=settings)
        return explainability_jobs.processed(environment, given)
    return learned(environment, bias.baseline(data, analysis_config=dict(config), **settings))


def _dataset(environment: Environment, config: Mapping[str, Any]) -> str:
    uri = config.get("dataset_uri")
    folder = environment.paths.inside(str(uri or paths.DATASET), "dataset_uri")
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(NO_DATA, found=f"{uri or paths.DATASET} is empty")
    return str(folder)


def _format(config: Mapping[str, Any]) -> str:
    given = str(config.get("dataset_type") or "").lower()
    if given and given not in _TYPES:
        raise SettingsError(
            "the dataset type is not supported",
            where="analysis_config.json: dataset_type",
            expected=", ".join(_TYPES),
            found=given,
            todo="Convert the dataset",
        )
    return _TYPES.get(given, "auto")


def _monitored(environment: Environment, config: Mapping[str, Any]) -> Done:
    settings = told_by_content(settings_of(environment))
    if settings["format"] != "csv":
        settings.pop("header")
    settings |= {
        name: environment.jmespath(name)
        for name in ("features_attribute", "inference_attribute", "probability_attribute")
    }
    settings["probability_threshold"] = _threshold(environment)
    data = data_paths(environment)
    normal = environment.path("baseline_constraints")
    if normal is None:
        return learned(environment, bias.baseline(data, analysis_config=dict(config), **settings))
    result = bias.monitor(data, normal, analysis_config=dict(config), **settings)
    return reported(environment, result, of_bias)


def _threshold(environment: Environment) -> float | None:
    text = environment.text("probability_threshold_attribute")
    number = None if text is None else number_in(text)
    if text is not None and number is None:
        raise SettingsError(
            "the threshold is no number",
            where="probability_threshold_attribute",
            expected="a number from 0 to 1",
            found=text,
            todo="Correct it",
        )
    return number
