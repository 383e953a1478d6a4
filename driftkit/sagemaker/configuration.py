"""Clarify's analysis_config.json of a job, with its paths mapped to this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.formats import processing_config
from driftkit.io.locations import is_url
from driftkit.sagemaker.job_kinds import analysis_config

if TYPE_CHECKING:
    from driftkit.sagemaker.environment import Environment

_BESIDE = ("facet_dataset_uri", "predicted_label_dataset_uri")
_LOCAL = "file://"


def configured(environment: Environment) -> dict[str, Any]:
    """The content of analysis_config.json; its own data set and model are placed where they are read.

    Raises:
        SettingsError: it is not there, or a path leads out of the job's folders.
        FormatError: it is not JSON, or a value is of another type.
    """
    config = analysis_config(environment)
    processing_config.check(config)
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
    return str(environment.places.inside(local, f"analysis_config.json: {key}"))
