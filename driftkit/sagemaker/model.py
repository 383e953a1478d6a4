"""The model of an explainability job: a file, an endpoint, or a shadow endpoint."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.explain import models
from driftkit.sagemaker.shadow_endpoint import Shadow, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.sagemaker.environment import Environment

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
        with running(Shadow.of(predictor)) as made:
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
    path = environment.places.inside(rest if known else spec, VARIABLE)
    return f"{kind}:{path}" if known else str(path)
