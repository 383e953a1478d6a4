"""Sums the rows of arms up: of data, of kept states, or of both."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.monitors.deployment.inputs import ArmData, opened_arms
from driftkit.monitors.deployment.maturity import immature
from driftkit.monitors.deployment.metric_tables import opened_metrics, run_on, states_of, sums_of
from driftkit.monitors.deployment.row_columns import RowAttributes
from driftkit.monitors.kept_states import KeptStates, of_window
from driftkit.settings.declaring import changed
from driftkit.states.deployment import storage
from driftkit.states.deployment.arms import ArmLayout
from driftkit.states.deployment.arms_fold import UNIT, ArmFold
from driftkit.states.deployment.judging import Judging
from driftkit.states.deployment.metrics import sources_of
from driftkit.states.deployment.pair_fold import PairFold, pairing_of
from driftkit.states.deployment.storage import DeploymentStates, refuse_other_plan

if TYPE_CHECKING:
    from driftkit.compute.job import Progress, Runner
    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.evaluation_settings import EvaluationSettings
    from driftkit.monitors.deployment.inputs import ArmRows
    from driftkit.monitors.deployment.settings import DeploymentSettings
    from driftkit.results.contract import Run
    from driftkit.states.deployment.arms import ArmSums
    from driftkit.states.deployment.pairs import PairState

# Compressed bytes of what is summed up at a time: a million rows are worth several threads.
_PIECE_BYTES = 16 * 1024 * 1024

KEPT = KeptStates(
    monitor=storage.MONITOR,
    kind=DeploymentStates,
    loads=storage.loads,
    combined=storage.combined,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of all rows.

    Attributes:
        states: the sums.
        run: how they came about.
        notes: what else a person should know of the rows, a line each.
    """

    states: DeploymentStates
    run: Run
    notes: tuple[str, ...] = ()


def measured(
    data: Any, plan: Plan, settings: DeploymentSettings, progress: Progress | None
) -> Measured:
    """The sums of all rows: those of data and of states that are handed in together add up.

    Args:
        data: whatever the monitors take; states of earlier windows among its paths.
        plan: whose arms and metrics are summed up.
        settings: how rows are read.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: data cannot be read, states are of another plan, or windows overlap.
        FormatError: a file of states is damaged.
    """
    found = _of_rows(data, plan, settings, progress)
    path = settings.metrics_table
    if path is None:
        return found
    _refuse_needless(path, plan)
    metrics = opened_metrics(path, plan, settings.run.window, (plan.champion,))
    sums = sums_of(metrics, plan, found.states.state.layout)
    states = KEPT.combine(found.states, states_of(path, metrics, plan, sums))
    return replace(found, states=states)


def _of_rows(
    data: Any, plan: Plan, settings: DeploymentSettings, progress: Progress | None
) -> Measured:
    began = time.perf_counter()
    kept, others = KEPT.parted(data)
    if kept and not others:
        return _of_states(KEPT.combine(*kept), plan, settings, began)
    rows = ArmData(others if kept else data, settings.run)
    late = immature(rows, plan, settings)
    notes = () if late is None else (late.note,)
    if late is not None and late.is_all:
        if not kept:
            raise late.refused(rows.name)
        return replace(_of_states(KEPT.combine(*kept), plan, settings, began), notes=notes)
    chosen = settings if late is None else changed(settings, end=late.start)
    found = replace(rows_measured(rows, plan, chosen, progress), notes=notes)
    if not kept:
        return found
    states = KEPT.combine(*kept, found.states)
    return replace(found, states=states, run=found.run.ended(states.state, began))


def _of_states(
    states: DeploymentStates, plan: Plan, settings: DeploymentSettings, began: float
) -> Measured:
    """What kept states tell without new rows.

    Raises:
        InputError: they are of another plan.
    """
    refuse_other_plan(states, plan.sha256)
    return Measured(states=states, run=KEPT.about(states, settings.run).ended(states.state, began))


def rows_measured(
    given: ArmData, plan: Plan, settings: DeploymentSettings, progress: Progress | None
) -> Measured:
    """The sums of data.

    Raises:
        InputError: they cannot be read, or most rows are of no arm.
    """
    began = time.perf_counter()
    if plan.is_of_tables:
        return _tables_measured(given.data, plan, settings, began)
    back = timedelta(seconds=settings.lookback) or None
    attributes = replace(RowAttributes.of(settings), lookback=back)
    rows = opened_arms(given, plan, attributes, settings.run)
    runner = runner_of(rows.dataset, settings.run.compute)
    fold = fold_of(plan, settings, rows.names)
    state, pairs = _summed(rows, plan, fold, runner, progress)
    rows.judge(state.rows, state.rejected)
    run = rows.run(settings.run, runner.where).ended(state, began)
    states = DeploymentStates(state=state, plan=plan.sha256, pairs=pairs)
    return Measured(states=of_window(states, given.data, rows.dataset, settings.run), run=run)


def _summed(
    rows: ArmRows, plan: Plan, fold: ArmFold, runner: Runner, progress: Progress | None
) -> tuple[ArmSums, PairState | None]:
    """The sums of all rows, and of pairs where the plan asks for them: one pass over the data."""
    if plan.pairing is None:
        return runner.run(rows.dataset, Job(fold=fold, piece_bytes=_PIECE_BYTES), progress), None
    if len(plan.challengers) > 1:
        raise InputError(
            "rows of more than two arms cannot be paired",
            where="pair_by",
            expected="a champion and one challenger",
            found=", ".join(plan.challengers),
            todo="Make a plan for each challenger",
        )
    pairing = pairing_of(plan, plan.challengers[0])
    job = Job(fold=PairFold(arms=fold, pairing=pairing))
    found, pairs = runner.run_paired(rows.dataset, job, pairing, progress)
    return found.sums, pairs


def _tables_measured(data: Any, plan: Plan, settings: DeploymentSettings, began: float) -> Measured:
    """The sums of tables of metrics, where there is nothing else."""
    metrics = opened_metrics(data, plan, settings.run.window, (plan.champion,))
    sums = sums_of(metrics, plan, fold_of(plan, settings, ()).layout, alone=True)
    run = run_on(metrics, settings.run, began, engine="tables of metrics")
    return Measured(states=states_of(data, metrics, plan, sums), run=run)


def _refuse_needless(path: str, plan: Plan) -> None:
    if not any(metric.table for metric in plan.metrics):
        raise SettingsError(
            "the plan has no metric of tables",
            where="metrics_table",
            expected="a plan with errors, table:EVENTS/REQUESTS or table:METRIC",
            found=path,
            todo="Ask for one when the plan is made, or leave the table out",
        )


def judging_of(settings: DeploymentSettings | EvaluationSettings) -> Judging:
    """How it is told from label and prediction whether a row is right."""
    return Judging(
        positive=settings.positive_label,
        threshold=settings.probability_threshold_attribute,
        label_names=settings.probability_labels,
    )


def fold_of(plan: Plan, settings: DeploymentSettings, names: tuple[str, ...]) -> ArmFold:
    """What is summed up of rows with columns of these names."""
    sources = sources_of(plan.metrics)
    covariates = [metric.covariate for metric in plan.metrics]
    layout = ArmLayout(
        arms=tuple(plan.arms),
        metrics=tuple(sources),
        buckets=plan.unit.buckets if UNIT in names else 0,
        scores=any("probability" in metric.needs for metric in plan.metrics),
        covariates=any(covariates),
        cells=tuple(len(each.cells) for each in plan.inputs or ()),
    )
    return ArmFold(
        names=names,
        layout=layout,
        sources=tuple(sources.values()),
        judging=judging_of(settings),
        covariates=(*covariates, *[None] * (len(sources) - len(covariates))),
        changes=tuple(int(each.start.timestamp()) for each in plan.weights_history or ()),
        salt=plan.unit.salt,
        segment_by=plan.segment_by,
        inputs=plan.inputs or (),
    )
