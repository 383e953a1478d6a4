"""The place of feature attribution among the container's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.container.environment import Environment


def monitored(environment: Environment, config: Mapping[str, Any]) -> NoReturn:
    """A scheduled job of a ModelExplainabilityMonitor.

    Raises:
        SettingsError: always; the container has no model to ask.
    """
    raise _missing(environment, config)


def processed(environment: Environment, config: Mapping[str, Any]) -> NoReturn:
    """A Clarify processing job that asks for attributions.

    Raises:
        SettingsError: as above.
    """
    raise _missing(environment, config)


def _missing(environment: Environment, config: Mapping[str, Any]) -> SettingsError:
    methods = ", ".join(sorted(config.get("methods") or {})) or "explainability"
    return SettingsError(
        "the container does not compute feature attributions",
        where=environment.text("analysis_type") or "analysis_config.json: methods",
        expected="pre_training_bias, post_training_bias",
        found=methods,
        todo="Run `driftkit attribution` with the model, or leave this job on SageMaker's image; "
        "the bias part may run here by itself",
    )
