"""Runs the deployment monitor in a processing job: may the new version take the traffic?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.monitors.deployment import monitor as deployment
from driftkit.sagemaker import metrics
from driftkit.sagemaker.inputs import data_paths
from driftkit.sagemaker.monitor_jobs import Done, settings_of, told_by_content
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from driftkit.sagemaker.environment import Environment

PLAN, STATES = "deployment_plan", "deployment_states"
_ATTRIBUTES = (
    "inference_attribute",
    "probability_attribute",
    "ground_truth_attribute",
    "propensity_attribute",
    "reward_attribute",
)
_OTHERS = (
    "positive_label",
    "probability_threshold_attribute",
    "probability_labels",
    "time_column",
    "roll_back_on",
    "accept_observational",
)


def run(environment: Environment) -> Done:
    """Decides by a plan, and writes verdict.json, comparison.json and states.arrow.

    The states of earlier hours are added to those of this one, where the job is given some.

    Raises:
        DriftkitError: as the monitor does.
    """
    plan = environment.path(PLAN)
    if plan is None:
        raise SettingsError(
            "there is no plan to decide by",
            where=PLAN,
            expected="the folder of deployment_plan.json, or the file",
            todo="Make it with `driftkit deployment baseline`, and give it to the job as an input",
        )
    data = [*data_paths(environment), *_earlier(environment)]
    report = deployment.monitor(data, plan, **_settings(environment))
    report.write(environment.output)
    at = environment.moment("metric_time") or datetime.now(UTC)
    return Done(
        violations=len(report.violations),
        rows=report.run.rows if report.run else None,
        metrics=metrics.of_deployment(report, at),
        message=f"Completed: {report.verdict.headline}",
    )


def _earlier(environment: Environment) -> list[str]:
    """The states of earlier hours; none where their folder is empty, as before the first hour."""
    given = environment.path(STATES)
    file = given / FILE if given is not None and given.is_dir() else given
    return [] if file is None or not file.exists() else [str(file)]


def _settings(environment: Environment) -> dict[str, Any]:
    return {
        **told_by_content(settings_of(environment)),
        **{name: environment.jmespath(name) for name in _ATTRIBUTES},
        **{name: environment.text(name) for name in _OTHERS},
    }
