"""Runs the verbs of the deployment monitor in a processing job: may a version take the traffic?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, get_args, get_origin

from driftkit.errors import SettingsError
from driftkit.formats.python_json import loads_object
from driftkit.monitors.deployment import (
    evaluating,
    monitor,
    pipeline,
    scaling,
    simulating,
    traffic,
    weighting,
)
from driftkit.monitors.deployment.bandit_settings import WeightsSettings
from driftkit.monitors.deployment.evaluation_settings import EvaluationSettings
from driftkit.monitors.deployment.plan_settings import PlanSettings
from driftkit.monitors.deployment.scaling_settings import ScalingSettings
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.monitors.deployment.simulation_settings import SimulationSettings
from driftkit.monitors.deployment.traffic_settings import TrafficSettings
from driftkit.sagemaker import metrics
from driftkit.sagemaker.inputs import data_paths
from driftkit.sagemaker.monitor_jobs import Done, settings_of, told_by_content
from driftkit.settings import Settings
from driftkit.settings.declaring import declared
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from pathlib import Path

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.results.contract import Run
    from driftkit.sagemaker.environment import Environment
    from driftkit.settings.declaring import Declared

VERB, PLAN, STATES, POLICY = (
    "deployment_verb",
    "deployment_plan",
    "deployment_states",
    "policy_file",
)
STAGES, BASELINE_STAGES = "stages", "baseline_stages"
_METRICS, _IDS = "metrics_file", "id_column"
# Settings that name a file of an input.
_FILES = frozenset(
    {"canary_config", "endpoint_file", "merge_report", _METRICS, "metrics_table", "weights_file"}
)
# Those that name a folder of each arm.
_FOLDERS = frozenset({"attributions"})
_PATHS = ("inference", "probability", "ground_truth", "propensity", "reward")
_JMESPATHS = frozenset(f"{each}_attribute" for each in _PATHS)
# What is missing, what it should be, and whence it comes.
_INPUTS = {
    PLAN: (
        "there is no plan to decide by",
        "the folder of deployment_plan.json, or the file",
        "Make it with `driftkit deployment baseline`",
    ),
    POLICY: (
        "there is no policy",
        "of evaluate the file or folder of policies over arms, of scaling the file of policies",
        "Write it",
    ),
}


class _Result(Protocol):
    @property
    def run(self) -> Run | None: ...

    def write(self, directory: PathOrUrl) -> tuple[Location, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verb:
    """A verb as a job.

    Attributes:
        called: with the environment and the settings that it has.
        settings: the dataclass of those.
        without: names of settings that it has not.
    """

    called: Callable[[Environment, dict[str, Any]], _Result]
    settings: type[Any]
    without: Container[str] = ()


def run(environment: Environment) -> Done:
    """Runs the verb that the job names, and writes its files.

    Raises:
        DriftkitError: as the verbs do, or it is none of them.
    """
    name = (environment.text(VERB) or _MONITOR).lower()
    if name not in _VERBS:
        raise SettingsError(
            "the deployment monitor has no such verb",
            where=VERB,
            expected=" | ".join(_VERBS),
            found=name,
            todo="Write one of them, or leave it out to monitor",
        )
    verb = _VERBS[name]
    result = verb.called(environment, _said(environment, verb))
    written = result.write(environment.output)
    rows = result.run.rows if result.run else None
    if not isinstance(result, monitor.DeploymentReport):
        return Done(rows=rows, message=f"Completed: {', '.join(each.name for each in written)}")
    at = environment.moment("metric_time") or datetime.now(UTC)
    return Done(
        violations=len(result.violations),
        rows=rows,
        metrics=metrics.of_deployment(result, at),
        message=f"Completed: {result.verdict.headline}",
    )


def _monitored(environment: Environment, said: dict[str, Any]) -> _Result:
    """The verdict; states of earlier hours are added to those of this one, if the job has some."""
    plan = _needed(environment, PLAN)
    data = [*data_paths(environment), *_earlier(environment)]
    return monitor.monitor(data, plan, **_reading(environment), **said)


def _weighted(environment: Environment, said: dict[str, Any]) -> _Result:
    return weighting.weights(_kept(environment), environment.path(PLAN), **said)


def _evaluated(environment: Environment, said: dict[str, Any]) -> _Result:
    given, plan = _needed(environment, POLICY), _needed(environment, PLAN)
    policies = sorted(given.glob("*.json")) if given.is_dir() else [given]
    return evaluating.evaluate(
        data_paths(environment), policies, plan, **_reading(environment), **said
    )


def _replayed(environment: Environment, said: dict[str, Any]) -> _Result:
    policy = _needed(environment, POLICY)
    return scaling.scaling(data_paths(environment), policy, **_reading(environment), **said)


def _piped(environment: Environment, said: dict[str, Any]) -> _Result:
    found = environment.path(_METRICS)
    return pipeline.pipeline(
        _named_paths(environment, STAGES),
        _named_paths(environment, BASELINE_STAGES),
        id_column=environment.text(_IDS),
        metrics_file=None if found is None else str(found),
        **_reading(environment),
        **said,
    )


_MONITOR = "monitor"
_VERBS: Mapping[str, _Verb] = MappingProxyType(
    {
        "baseline": _Verb(
            called=lambda environment, said: monitor.baseline(
                data_paths(environment), **_reading(environment), **said
            ),
            settings=DeploymentSettings,
        ),
        _MONITOR: _Verb(
            called=_monitored, settings=DeploymentSettings, without=declared(PlanSettings)
        ),
        "weights": _Verb(called=_weighted, settings=WeightsSettings),
        "evaluate": _Verb(called=_evaluated, settings=EvaluationSettings),
        "simulate": _Verb(
            called=lambda environment, said: simulating.simulate(
                _needed(environment, PLAN), **said
            ),
            settings=SimulationSettings,
        ),
        "scaling": _Verb(called=_replayed, settings=ScalingSettings),
        "traffic": _Verb(
            called=lambda environment, said: traffic.traffic(
                data_paths(environment), **_reading(environment), **said
            ),
            settings=TrafficSettings,
        ),
        "pipeline": _Verb(
            called=_piped,
            settings=Settings,
            # A window's segments and times are those of its baseline.
            without=declared(Settings),
        ),
    }
)


def _reading(environment: Environment) -> dict[str, Any]:
    return told_by_content(settings_of(environment))


def _needed(environment: Environment, name: str) -> Path:
    """The input that a verb cannot do without.

    Raises:
        SettingsError: the job has none.
    """
    found = environment.path(name)
    if found is None:
        what, expected, todo = _INPUTS[name]
        raise SettingsError(
            what,
            where=name,
            expected=expected,
            todo=f"{todo}, and give it to the job as an input",
        )
    return found


def _earlier(environment: Environment) -> list[str]:
    """The states of earlier hours; none where their folder is empty, as before the first hour."""
    given = environment.path(STATES)
    file = given / FILE if given is not None and given.is_dir() else given
    return [] if file is None or not file.exists() else [str(file)]


def _kept(environment: Environment) -> Sequence[Path]:
    """All states in the folder, however deep, or the file.

    Raises:
        SettingsError: there are none.
    """
    given = environment.path(STATES)
    files = [] if given is None else sorted(given.rglob(FILE)) if given.is_dir() else [given]
    if not files:
        raise SettingsError(
            "there are no states to make weights of",
            where=STATES,
            expected=f"the folder with each {FILE} that jobs of monitor wrote, or a file",
            todo="Give it to the job as an input",
        )
    return files


def _named_paths(environment: Environment, name: str) -> dict[str, str]:
    """Paths by name: of a pipeline's points, of captures one side, after an @; or of arms.

    Raises:
        FormatError: it is not JSON.
        SettingsError: a path is outside of the job's folders.
    """

    def inside(written: str) -> str:
        path, sign, side = written.rpartition("@")
        if sign and side in pipeline.SIDES:
            return f"{environment.paths.inside(path, name)}@{side}"
        return str(environment.paths.inside(written, name))

    return {named: inside(str(path)) for named, path in environment.json(name).items()}


def _said(environment: Environment, verb: _Verb) -> dict[str, Any]:
    """What the variables say of a verb's settings, each by its own name.

    How rows are read, and which window counts, is told by the variables of all monitors.
    """
    known = declared(verb.settings)
    common = declared(Settings, "read", "window", "compute")
    named = known.keys() - common.keys() - {each for each in known if each in verb.without}
    found = {name: _value(environment, known[name]) for name in sorted(named)}
    return {name: value for name, value in found.items() if value is not None}


def _value(environment: Environment, of: Declared) -> Any:
    """The value of a variable: lists and objects are JSON, if they are not one text."""
    if of.name in _FILES:
        file = environment.path(of.name)
        return None if file is None else str(file)
    if of.name in _FOLDERS:
        return _named_paths(environment, of.name) or None
    text = environment.jmespath(of.name) if of.name in _JMESPATHS else environment.text(of.name)
    kinds = {of.kind, get_origin(of.kind), *get_args(of.kind)}
    if text is None or not kinds & {int, float, tuple}:
        return text
    if tuple in kinds:
        is_json = text.startswith(("[", "{"))
        return loads_object(f'{{"{of.name}": {text}}}', of.name)[of.name] if is_json else text
    return _number(text)


def _number(text: str) -> int | float | str:
    """The number; what is none is left for the setting's check to refuse."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return float(text)
    return text
