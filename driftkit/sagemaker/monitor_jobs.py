"""Runs the jobs of Model Monitor's own images: data quality, model quality, merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.constraints import Constraints
from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.merge import merge
from driftkit.monitors.model_quality import monitor as model_quality
from driftkit.sagemaker import metrics, scripts
from driftkit.sagemaker.inputs import paths_of, windowed
from driftkit.sagemaker.job_kinds import Kind
from driftkit.sinks.cloudwatch_metrics import of_data, of_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from driftkit.results.contract import Baseline, Metric, Report
    from driftkit.sagemaker.environment import Environment
    from driftkit.sinks.cloudwatch_metrics import Context, Line

_LABELS = ("inference_attribute", "probability_attribute", "ground_truth_attribute")
_JUDGING = ("problem_type", "positive_label", "probability_threshold_attribute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a job came to; its files are written.

    Attributes:
        violations: how many there are.
        rows: that were read; None for a merge.
        metrics: for CloudWatch.
        quiet: whether the job leaves no message, as AWS's merger.
        message: in place of that by the number of violations.
    """

    violations: int = 0
    rows: int | None = None
    metrics: tuple[Line, ...] = ()
    quiet: bool = False
    message: str | None = None


def learned(environment: Environment, baseline: Baseline) -> Done:
    """What a job came to that made a baseline, once its files are written."""
    baseline.write(environment.output)
    return Done(rows=baseline.run.rows if baseline.run else None)


def reported(
    environment: Environment,
    report: Report,
    lines: Callable[[Sequence[Metric], Context], tuple[Line, ...]],
) -> Done:
    """What a job came to that looked at a window, once its files are written."""
    report.write(environment.output)
    return Done(
        violations=len(report.violations),
        rows=report.run.rows if report.run else None,
        metrics=lines(report.metrics(), metrics.context_of(environment)),
    )


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
        # The schedule chose what is in the folder; AWS's image reads all of it.
        "together": True,
        "runner": environment.runner,
        **text_settings(given.format),
    }
    if given.captured:
        options["start"], options["end"] = environment.window
    return options


def told_by_content(options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with which captured and merged records are told by what is in them."""
    kind = options["format"]
    return {**options, "format": "auto" if kind == "capture" else kind}


def text_settings(kind: str) -> dict[str, str]:
    """Settings by which CSV is read as AWS's containers read it, whatever it looks like."""
    return {"separator": ",", "decimal": "."} if kind == "csv" else {}


def _merged(environment: Environment) -> Done:
    start, end = environment.window
    captures = paths_of(environment, "dataset_source")
    truths = paths_of(environment, "ground_truth_source")
    windowed(environment, captures)
    runner = environment.runner
    merge(captures, truths, environment.output, start=start, end=end, runner=runner)
    return Done(quiet=True)


def _baseline_files(environment: Environment) -> dict[str, Path] | None:
    """Constraints and statistics of the job's baseline, as the monitors read them."""
    named = {name: environment.path(f"baseline_{name}") for name in ("constraints", "statistics")}
    if named["constraints"] is None:
        return None
    return {
        name: path / f"{name}.json" if path.is_dir() else path
        for name, path in named.items()
        if path
    }


def _data_quality(environment: Environment, *, monitoring: bool) -> Done:
    files = _baseline_files(environment) if monitoring else None
    normal = None if files is None else data_quality.Baseline.read(**files)
    names = [each.name for each in normal.constraints.features] if normal else []
    settings = {**settings_of(environment), "capture_sides": environment.format.sides}
    data, options = scripts.data_of(environment, settings, names)
    if normal is None:
        # Also a schedule's job without baseline, which measures its window only.
        baseline = data_quality.baseline(data, **options)
        constraints = configured(baseline.constraints, environment)
        return learned(environment, replace(baseline, constraints=constraints))
    chosen = replace(normal, constraints=configured(normal.constraints, environment))
    result = data_quality.monitor(data, chosen, **options)
    lines = partial(of_data, emitted=metrics.emitted(result))
    return reported(environment, replace(result, states=None), lines)


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
    if config == constraints.to_dict()["monitoring_config"]:
        return constraints
    return Constraints.read(document, "data_quality_monitoring_config, categorical_drift_method")


def _model_quality(environment: Environment, *, monitoring: bool) -> Done:
    settings = {
        **settings_of(environment),
        **{name: environment.text(name) for name in _JUDGING},
        **{name: environment.jmespath(name) for name in _LABELS},
    }
    data, options = scripts.data_of(environment, settings)
    options = told_by_content(options)
    if not monitoring:
        return learned(environment, model_quality.baseline(data, **options))
    files = _baseline_files(environment)
    if files is None:
        raise SettingsError(
            "there is nothing to compare with",
            where="baseline_constraints",
            expected="the constraints.json of a model quality baseline",
            todo="Give the monitor a baseline",
        )
    normal = model_quality.ModelBaseline.read(**files)
    result = model_quality.monitor(data, normal, **options)
    return reported(environment, result, of_model)
