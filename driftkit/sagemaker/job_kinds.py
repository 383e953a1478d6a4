"""Determines the type of a processing job."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.formats.python_json import read_object
from driftkit.sagemaker import paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from driftkit.sagemaker.environment import Environment


class Kind(StrEnum):
    """The jobs of Model Monitor and Clarify, and of a monitor that AWS has not."""

    DATA_QUALITY_BASELINE = "data quality baseline"
    DATA_QUALITY = "data quality monitoring"
    MODEL_QUALITY_BASELINE = "model quality baseline"
    MODEL_QUALITY = "model quality monitoring"
    MERGE = "ground truth merge"
    BIAS = "bias monitoring"
    EXPLAINABILITY = "explainability monitoring"
    CLARIFY = "Clarify processing"
    DEPLOYMENT = "deployment monitoring"

    @property
    def by_clarify(self) -> bool:
        """Whether AWS runs it in the image of Clarify."""
        return self in {Kind.BIAS, Kind.EXPLAINABILITY, Kind.CLARIFY}


_QUALITY = {"model_quality", "modelquality"}
_DATA = {"data_quality", "dataquality"}
_BIAS = {"model_bias", "modelbias", "bias"}
_EXPLAIN = {"model_explainability", "modelexplainability", "explainability"}
_DEPLOYMENT = {"deployment"}
_KNOWN = _QUALITY | _DATA | _BIAS | _EXPLAIN | _DEPLOYMENT


def kind_of(environment: Environment) -> Kind:
    """The job that the environment and its files describe.

    Raises:
        SettingsError: analysis_type is not known, or contradicts the files.
        FormatError: analysis_config.json is not JSON.
    """
    asked = (environment.text("analysis_type") or "").lower()
    if asked and asked not in _KNOWN:
        raise SettingsError(
            "the analysis is not known",
            where="analysis_type",
            expected="DATA_QUALITY | MODEL_QUALITY | MODEL_BIAS | MODEL_EXPLAINABILITY | "
            "DEPLOYMENT",
            found=asked,
            todo="Write one of them, or leave it out",
        )
    if asked in _DEPLOYMENT:
        return Kind.DEPLOYMENT
    if environment.text("ground_truth_source"):
        return Kind.MERGE
    if asked in _QUALITY:
        return Kind.MODEL_QUALITY if _scheduled(environment) else Kind.MODEL_QUALITY_BASELINE
    if asked not in _DATA and (asked or has_config(environment)):
        return _of_clarify(environment, asked)
    return Kind.DATA_QUALITY if _scheduled(environment) else Kind.DATA_QUALITY_BASELINE


def has_config(environment: Environment) -> bool:
    """Whether Clarify's configuration is there."""
    return environment.paths.at(paths.ANALYSIS_CONFIG).exists()


def analysis_config(environment: Environment) -> dict[str, Any]:
    """The content of analysis_config.json.

    Raises:
        SettingsError: it is not there.
        FormatError: it is not JSON.
    """
    if not has_config(environment):
        raise SettingsError(
            "the analysis configuration is missing",
            where=paths.ANALYSIS_CONFIG,
            todo="Give the job an input analysis_config with it",
        )
    return read_object(environment.paths.inside(paths.ANALYSIS_CONFIG, "analysis_config.json"))


def _scheduled(environment: Environment) -> bool:
    """Whether the job has a window or something to compare with."""
    signs = ("baseline_constraints", "baseline_statistics", "start_time", "end_time")
    if any(environment.text(name) for name in signs):
        return True
    return environment.text("dataset_format") is not None and environment.format.captured


def _of_clarify(environment: Environment, asked: str) -> Kind:
    if asked in _BIAS:
        return Kind.BIAS
    if asked in _EXPLAIN:
        return Kind.EXPLAINABILITY
    config = analysis_config(environment)
    if not _scheduled(environment):
        return Kind.CLARIFY
    return Kind.EXPLAINABILITY if _explains(config) else Kind.BIAS


def _explains(config: Mapping[str, Any]) -> bool:
    methods = config.get("methods")
    return isinstance(methods, dict) and bool({"shap", "pdp"} & methods.keys())
