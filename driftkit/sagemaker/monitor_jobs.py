"""Runs the jobs of Model Monitor's own images: data quality, model quality, merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.constraints import Constraints
from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.merge import merge
from driftkit.monitors.model_quality import monitor as model_quality
from driftkit.sagemaker import metrics, scripts
from driftkit.sagemaker.inputs import paths_of, windowed
from driftkit.sagemaker.job_kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from driftkit.monitors.data_quality.results import MonitoringResult
    from driftkit.sagemaker.environment import Environment
    from driftkit.sagemaker.metrics import Line
    from driftkit.settings import RunnerName

_LABELS = ("inference_attribute", "probability_attribute", "ground_truth_attribute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a job came to; its files are written.

    Attributes:
        violations: how many there are.
        rows: that were read; None for a merge.
        metrics: for CloudWatch.
        quiet: whether the job leaves no message, as AWS's merger.
    """

    violations: int = 0
    rows: int | None = None
    metrics: tuple[Line, ...] = ()
    quiet: bool = False


def run(kind: Kind, environment: Environment) -> Done:
    """Runs a job and writes its files.

    Args:
        kind: any but Clarify's.
        environment: what the job was told.

    Raises:
        DriftkitError: as the monitors do.
    """
    if kind is Kind.MERGE:
        return _merged(environment)
    if kind in {Kind.MODEL_QUALITY, Kind.MODEL_QUALITY_BASELINE}:
        return _model_quality(environment, monitoring=kind is Kind.MODEL_QUALITY)
    return _data_quality(environment, monitoring=kind is Kind.DATA_QUALITY)


def settings_of(environment: Environment) -> dict[str, Any]:
    """What all monitors are told alike; the window only where records know their time."""
    given = environment.format
    options: dict[str, Any] = {
        "format": given.format,
        "header": given.header,
        "output_columns_position": given.position,
        "dialect": "aws",
        "engine": "scan",
        "capture_sides": given.sides,
        # The schedule chose what is in the folder; AWS's image reads all of it.
        "together": True,
        **text_settings(given.format),
    }
    if len(environment.hosts[1]) > 1:
        options["runner"] = "spark"
    if given.captured:
        options["start"], options["end"] = environment.window
    return options


def text_settings(kind: str) -> dict[str, str]:
    """Settings by which CSV is read as AWS's containers read it, whatever it looks like."""
    return {"separator": ",", "decimal": "."} if kind == "csv" else {}


def _merged(environment: Environment) -> Done:
    start, end = environment.window
    captures = paths_of(environment, "dataset_source")
    truths = paths_of(environment, "ground_truth_source")
    windowed(captures, environment.window, environment.paths)
    runner: RunnerName = "spark" if len(environment.hosts[1]) > 1 else "auto"
    merge(captures, truths, environment.output, start=start, end=end, runner=runner)
    return Done(quiet=True)


def _baseline(environment: Environment) -> data_quality.Baseline | None:
    """The baseline, if the job has one."""
    constraints = environment.path("baseline_constraints")
    statistics = environment.path("baseline_statistics")
    if constraints is None:
        return None
    file = constraints / "constraints.json" if constraints.is_dir() else constraints
    measured = statistics / "statistics.json" if statistics and statistics.is_dir() else statistics
    return data_quality.Baseline.read(constraints=file, statistics=measured)


def _data_quality(environment: Environment, *, monitoring: bool) -> Done:
    normal = _baseline(environment) if monitoring else None
    names = [each.name for each in normal.constraints.features] if normal else []
    data, options = scripts.data_of(environment, settings_of(environment), names)
    if normal is None:
        return _data_quality_baseline(environment, data, options)
    chosen = replace(normal, constraints=configured(normal.constraints, environment))
    result = data_quality.monitor(data, chosen, **options)
    result.write(environment.output, keep_states=False)
    return Done(
        violations=len(result.violations),
        rows=result.run.rows if result.run else None,
        metrics=_data_metrics(result, environment),
    )


def _data_quality_baseline(environment: Environment, data: Any, options: Mapping[str, Any]) -> Done:
    """Also a schedule's job without baseline, which measures its window only."""
    baseline = data_quality.baseline(data, **options)
    constraints = configured(baseline.constraints, environment)
    replace(baseline, constraints=constraints).write(environment.output)
    return Done(rows=baseline.run.rows if baseline.run else None)


def configured(constraints: Constraints, environment: Environment) -> Constraints:
    """The constraints with what the environment says of their monitoring configuration.

    Raises:
        FormatError: data_quality_monitoring_config is not what it should be.
    """
    document = constraints.to_dict()
    config = document["monitoring_config"]
    if whole := environment.json("data_quality_monitoring_config"):
        distribution = config["distribution_constraints"]
        given = whole.get("distribution_constraints")
        # What is no object is named by whoever reads the whole.
        merged = {**distribution, **(given or {})} if isinstance(given, dict | None) else given
        config |= {**whole, "distribution_constraints": merged}
    method = environment.text("categorical_drift_method")
    if method and isinstance(config["distribution_constraints"], dict):
        config["distribution_constraints"]["categorical_drift_method"] = method
    if config == constraints.monitoring_config.to_dict():
        return constraints
    return Constraints.read(document, "data_quality_monitoring_config, categorical_drift_method")


def _data_metrics(result: MonitoringResult, environment: Environment) -> tuple[Line, ...]:
    normal = result.baseline
    if normal is None:
        return ()
    constraints = normal.constraints
    configs = constraints.own_configs
    emitted = {
        feature.name
        for feature in result.statistics.features
        if configs.get(feature.name, constraints.monitoring_config).emit_metrics
    }
    return metrics.of_data(result, emitted, metrics.context_of(environment))


def _model_quality(environment: Environment, *, monitoring: bool) -> Done:
    options = settings_of(environment) | _quality_settings(environment)
    options.pop("capture_sides")
    data, options = scripts.data_of(environment, options)
    if options["format"] == "capture":
        options["format"] = "auto"
    if not monitoring:
        baseline = model_quality.baseline(data, **options)
        baseline.write(environment.output)
        return Done(rows=baseline.run.rows if baseline.run else None)
    result = model_quality.monitor(data, _model_baseline(environment), **options)
    result.write(environment.output)
    return Done(
        violations=len(result.violations),
        rows=result.run.rows if result.run else None,
        metrics=metrics.of_model(result, metrics.context_of(environment)),
    )


def _model_baseline(environment: Environment) -> model_quality.ModelBaseline:
    constraints = environment.path("baseline_constraints")
    if constraints is None:
        raise SettingsError(
            "there is nothing to compare with",
            where="baseline_constraints",
            expected="the constraints.json of a model quality baseline",
            todo="Give the monitor a baseline",
        )
    statistics = environment.path("baseline_statistics")
    file: Path = constraints / "constraints.json" if constraints.is_dir() else constraints
    return model_quality.ModelBaseline.read(constraints=file, statistics=statistics)


def _quality_settings(environment: Environment) -> dict[str, Any]:
    options: dict[str, Any] = {"problem_type": environment.text("problem_type")}
    for name in _LABELS:
        # The API allows JSONPath, of which only the plain form is in use.
        options[name] = (environment.text(name) or "").removeprefix("$.") or None
    options["positive_label"] = environment.text("positive_label")
    threshold = environment.text("probability_threshold_attribute")
    if threshold is not None:
        options["probability_threshold_attribute"] = threshold
    return options
