"""The verb `pipeline`: the first step of an inference pipeline whose output drifts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from os import PathLike, fspath
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from driftkit.capture.record import INPUT, OUTPUT
from driftkit.errors import InputError
from driftkit.formats.deployment import pipeline as pipeline_file
from driftkit.formats.deployment.metric_files import read_metrics
from driftkit.formats.deployment.pipeline import ContainerTime, Pipeline, Stage, Step, StepIds
from driftkit.formats.python_json import file_text
from driftkit.io.locations import locate
from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.data_quality.result_files import CONSTRAINTS, STATISTICS
from driftkit.monitors.deployment.joined_steps import joined, stage_ids
from driftkit.results import methods
from driftkit.results.contract import Metric, Run
from driftkit.results.tables import baseline_html
from driftkit.settings import Settings
from driftkit.settings.declaring import declared, spelt_out
from driftkit.states.deployment.storage import MONITOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.compute.job import Progress
    from driftkit.monitors.data_quality.results import Baseline, MonitoringResult
    from driftkit.monitors.deployment.settings import OpenKeywords

LATENCY = "ContainerLatency"
SIDES = {"input": INPUT, "output": OUTPUT}
_LEAST_STAGES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineReport:
    """Where a pipeline's data began to differ.

    Attributes:
        pipeline: its stages and steps.
        results: of data quality, by stage; empty where only the file was read.
        run: how all of it came about.
    """

    pipeline: Pipeline
    results: Mapping[str, MonitoringResult] = field(default_factory=dict, compare=False)
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        "stage": "stage",
        "metric": "name",
        "value": "value",
        "rows": "rows",
        "reason": "reason",
    }
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {pipeline_file.NAME: self.pipeline.to_dict()}

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *self.pipeline.notes]

    def metrics(self) -> list[Metric]:
        """Features that drifted at each stage, and the share of rows that each step loses."""
        drifted = [
            Metric(
                group="pipeline",
                name="drifted_features",
                value=len(each.features),
                dimensions={"stage": each.name},
                rows=each.rows,
                reason=", ".join(each.features) or None,
            )
            for each in self.pipeline.stages
        ]
        lost = [
            Metric(
                group="pipeline",
                name="lost_share",
                value=each.lost,
                dimensions={"stage": f"{each.before} to {each.after}"},
                rows=None if each.ids is None else each.ids.joined + each.ids.lost,
                reason="the cause" if each.cause else None,
            )
            for each in self.pipeline.steps
        ]
        latencies = [
            Metric(
                group="pipeline",
                name="latency_share",
                value=each.share,
                dimensions={"stage": each.container},
            )
            for each in self.pipeline.latencies
        ]
        return [*drifted, *lost, *latencies]


@spelt_out(Settings, *declared(Settings, "read", "window", "compute"))
def pipeline(
    stages: Mapping[str, Any],
    baseline: Mapping[str, Any],
    *,
    id_column: str | None = None,
    metrics_file: str | None = None,
    progress: Progress | None = None,
    **settings: Unpack[OpenKeywords],
) -> PipelineReport:
    """Finds the first step of an inference pipeline whose output drifts while its input does not.

    What goes into a step and what comes out of it are joined by the ids of requests, where both
    have them, so that it is known which requests a step loses.

    Args:
        stages: the data's way, in its order: name of a point -> the data there, as `monitor` of
            data_quality takes them. Captures of the endpoint are what went in and what came out:
            a path that ends with @input or @output means that side.
        baseline: the same points -> what is normal there: a baseline of data_quality or its
            folder, or data from which it is learnt, for which the same endings count.
        id_column: the column of tables with the id of the request; without it `inferenceId`, where a
            table has it. Captures have the inferenceId that callers gave.
        metrics_file: a table of CloudWatch's metrics with ContainerLatency, whose column `variant`
            names the container.
        progress: called with units done, units in all and rows so far, for each stage.
        **settings: how the data of all stages are read and computed.

    Returns:
        What drifted at each point, the share of requests that each step lost, and the first step
        that is the cause; `write` makes pipeline.json.

    Raises:
        InputError: there are fewer than two points, one has no baseline, data cannot be read, or a
            table lacks the column with ids.
        FormatError: a baseline is damaged.
        SettingsError: a setting is unknown or contradicts another.
        EngineError: Spark failed.
    """
    _require_all(stages, baseline)
    began = time.perf_counter()
    run = Settings.from_keywords(**settings)
    ids = [stage_ids(*_side(data), id_column, run) for data in stages.values()]
    results = {
        name: _monitored(data, baseline[name], progress, settings) for name, data in stages.items()
    }
    found = tuple(_stage(name, result) for name, result in results.items())
    passed = [joined(one, other, run) for one, other in pairwise(ids)]
    told = _told(found, passed, _latencies(metrics_file))
    return PipelineReport(pipeline=told, results=results, run=_run(results, began))


def _told(
    stages: tuple[Stage, ...], ids: list[StepIds | None], latencies: tuple[ContainerTime, ...]
) -> Pipeline:
    """The stages with the steps between them.

    Args:
        stages: in the order of the data's way.
        ids: of each step.
        latencies: of the containers.
    """
    pairs = zip(pairwise(stages), ids, strict=True)
    steps = tuple(_step(before, after, each) for (before, after), each in pairs)
    causes = [f"{each.before} to {each.after}" for each in steps if each.cause]
    return Pipeline(
        stages=stages,
        steps=steps,
        first=causes[0] if causes else None,
        latencies=latencies,
        notes=(*_notes(stages, causes), *(note for each in steps for note in _id_notes(each))),
    )


def _latencies(file: str | None) -> tuple[ContainerTime, ...]:
    """The mean of each container, and its share of all of them.

    Raises:
        InputError: the file has no such metric, or averages without their samples.
    """
    if file is None:
        return ()
    means = {
        name: float(each.sums.sum() / each.counts.sum())
        for name, each in read_metrics(file).means(LATENCY).items()
    }
    total = sum(means.values())
    return tuple(
        ContainerTime(container=name, mean=mean, share=mean / total if total else None)
        for name, mean in means.items()
    )


def _require_all(stages: Mapping[str, Any], baseline: Mapping[str, Any]) -> None:
    lacking = [name for name in stages if name not in baseline]
    strange = [name for name in baseline if name not in stages]
    if len(stages) >= _LEAST_STAGES and not lacking and not strange:
        return
    raise InputError(
        "the stages of the pipeline and of the baseline are not the same"
        if lacking or strange
        else "a pipeline has at least two stages",
        where="stages, baseline",
        expected="what went in, what each step gave, and what is normal there, by the same names",
        found=f"stages: {', '.join(stages) or 'none'}; baseline: {', '.join(baseline) or 'none'}",
        todo="Name them alike, in the order of the data's way",
    )


def _monitored(
    data: Any, normal: Any, progress: Progress | None, settings: OpenKeywords
) -> MonitoringResult:
    found, sides = _side(data)
    chosen: OpenKeywords = {**settings, "capture_sides": sides}
    return data_quality.monitor(found, _baseline(normal, chosen), progress=progress, **chosen)


def _baseline(normal: Any, settings: OpenKeywords) -> Baseline | Any:
    """The baseline; learnt where it is data, all of whose time counts."""
    found, sides = _side(normal)
    if isinstance(found, str) and not _is_baseline(found):
        always: OpenKeywords = {
            **settings,
            "capture_sides": sides,
            "start": None,
            "end": None,
        }
        return data_quality.baseline(found, **always)
    return found


def _is_baseline(path: str) -> bool:
    return PurePath(path).name in {CONSTRAINTS, STATISTICS} or (locate(path) / CONSTRAINTS).exists()


def _side(data: Any) -> tuple[Any, tuple[str, ...]]:
    """The data, and the side of captures that is meant; both sides where none is named."""
    if not isinstance(data, str | PathLike):
        return data, ()
    path, sign, side = fspath(data).rpartition("@")
    return (path, (SIDES[side],)) if sign and side in SIDES else (fspath(data), ())


def _stage(name: str, result: MonitoringResult) -> Stage:
    violations = result.violations
    return Stage(
        name=name,
        rows=result.run.rows if result.run else 0,
        drifted=bool(violations),
        features=tuple(dict.fromkeys(each.feature_name for each in violations)),
        checks=tuple(dict.fromkeys(each.constraint_check_type for each in violations)),
    )


def _step(before: Stage, after: Stage, ids: StepIds | None) -> Step:
    by_rows = 1 - after.rows / before.rows if before.rows else None
    return Step(
        before=before.name,
        after=after.name,
        lost=by_rows if ids is None else ids.lost_share,
        cause=after.drifted and not before.drifted,
        ids=ids,
    )


def _notes(stages: Sequence[Stage], causes: Sequence[str]) -> Iterator[str]:
    if stages[0].drifted:
        yield (
            f"What went in drifted already ({', '.join(stages[0].features)}); "
            "what drifts after it may follow from that."
        )
    if causes:
        yield f"The first step that introduced drift is {causes[0]}."
    elif not any(each.drifted for each in stages):
        yield "Nothing drifted at any stage."


def _id_notes(step: Step) -> Iterator[str]:
    """What is odd about the ids of a step."""
    name, ids = f"{step.before} to {step.after}", step.ids
    if ids is None:
        return
    if not ids.joined and ids.lost and ids.appeared:
        yield f"{name}: no id before the step is after it; are these the same requests?"
    elif ids.appeared:
        yield f"{name}: {ids.appeared:,} ids after the step were not before it."
    if ids.repeated:
        yield (
            f"{name}: {ids.repeated:,} ids stand more than once before or after the step, so that "
            f"{ids.repeated_before:,} and {ids.repeated_after:,} rows are not joined, for example "
            f"{', '.join(ids.examples)}."
        )
    if ids.without_id_before or ids.without_id_after:
        yield (
            f"{name}: {ids.without_id_before:,} rows before the step and {ids.without_id_after:,} "
            "after it have no id."
        )


def _run(results: Mapping[str, MonitoringResult], began: float) -> Run | None:
    """The runs of all stages as one."""
    runs = [each.run for each in results.values() if each.run is not None]
    return replace(
        runs[0],
        monitor=MONITOR,
        rows=sum(each.rows for each in runs),
        seconds=time.perf_counter() - began,
        inputs=tuple(name for each in runs for name in each.inputs),
        remarks=tuple(dict.fromkeys(said for each in runs for said in each.remarks)),
    )
