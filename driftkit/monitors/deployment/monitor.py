"""The deployment monitor: may this version take the traffic?"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.extras import require
from driftkit.formats.deployment.comparison import Comparison
from driftkit.formats.deployment.verdict import PlanName
from driftkit.io.reading import of_data
from driftkit.monitors.deployment.attributions import attribution_tables
from driftkit.monitors.deployment.canary import asked_config, judged_by_kayenta
from driftkit.monitors.deployment.decision import Rules, decide
from driftkit.monitors.deployment.evaluating import DeploymentPolicyValues, evaluate
from driftkit.monitors.deployment.freezing import frozen
from driftkit.monitors.deployment.inputs import ArmData, arms_in
from driftkit.monitors.deployment.maturity import label_delay_days
from driftkit.monitors.deployment.measuring import KEPT, measured, rows_measured
from driftkit.monitors.deployment.metric_tables import opened_metrics, run_on
from driftkit.monitors.deployment.pipeline import PipelineReport, pipeline
from driftkit.monitors.deployment.planning import FoundArms, planned, provisional_plan
from driftkit.monitors.deployment.plans import plan_of
from driftkit.monitors.deployment.predictions import without_labels
from driftkit.monitors.deployment.results import (
    CHECK,
    GUARDED,
    DeploymentPlan,
    DeploymentReport,
)
from driftkit.monitors.deployment.sample_sizes import LONGEST_WAIT, champion_values, planning_of
from driftkit.monitors.deployment.scaling import ReplayedScaling, scaling
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.monitors.deployment.simulating import DeploymentSimulation, simulate
from driftkit.monitors.deployment.tables import comparison_of
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.monitors.deployment.traffic import EndpointTraffic, traffic
from driftkit.monitors.deployment.trajectories import looks_of
from driftkit.monitors.deployment.verdicts import verdict_of
from driftkit.monitors.deployment.weighting import DeploymentWeights, weights
from driftkit.monitors.deployment.weights_source import WeightsSource
from driftkit.monitors.kept_states import save_states
from driftkit.readers.opening import refuse_results
from driftkit.settings.declaring import spelt_out
from driftkit.settings.patterns import refuse_unmatched
from driftkit.states.deployment.storage import DeploymentStates

if TYPE_CHECKING:
    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.canary_config import CanaryConfig
    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.measuring import Measured
    from driftkit.monitors.deployment.settings import DecisionKeywords, DeploymentKeywords
    from driftkit.settings import Settings

# Its statistics are SciPy's, which is loaded where they are computed.
require("scipy", "science", "the deployment monitor")

__all__ = [
    "DeploymentPlan",
    "DeploymentPolicyValues",
    "DeploymentReport",
    "DeploymentSimulation",
    "DeploymentStates",
    "DeploymentWeights",
    "EndpointTraffic",
    "PipelineReport",
    "ReplayedScaling",
    "baseline",
    "combine",
    "evaluate",
    "monitor",
    "pipeline",
    "save_states",
    "scaling",
    "simulate",
    "traffic",
    "weights",
]

combine = KEPT.combine


@spelt_out(DeploymentSettings)
@of_data
def baseline(
    data: Any, *, progress: Progress | None = None, **settings: Unpack[DeploymentKeywords]
) -> DeploymentPlan:
    """Freezes what is decided before the first request: arms, metrics, margins, error rates.

    Args:
        data: rows of the champion, and of the challengers where there are some already: a path, a
            list of paths (files, folders, globs, URLs), a pandas or Spark DataFrame, an Arrow table,
            or a mapping of columns to values. Margins that are a share of the champion's value,
            limits that are its quantiles and the cells of its inputs are made of them.
        progress: called with units done, units in all and rows so far.
        **settings: what is compared and how rows are read, for example goals="accuracy",
            guardrails=["latency_slo:0.01"], limits={"latency_slo": 250}.

    Returns:
        The plan. A verdict names it by its hash, so that it cannot be changed later unnoticed.

    Raises:
        InputError: the data cannot be read, or have no second arm.
        SettingsError: a setting is unknown, missing, or contradicts another.
        FormatError: a file with weights is not what it should be.
        EngineError: Spark failed.
    """
    said = DeploymentSettings.from_keywords(**settings)
    refuse_results(data)
    source = WeightsSource.of(said)
    chosen = source.settings(said)
    given = ArmData(data, chosen.run)
    found = source.arms(_found(given, chosen), dict(chosen.planning.arms))
    taken = frozen(given, chosen, found, progress)
    chosen = taken.settings
    asked = chosen.planning
    provisional = provisional_plan(asked, found, taken.inputs)
    summed = rows_measured(given, provisional, chosen, progress)
    Timeline(plan=provisional, sums=summed.states.state).refuse_odd_rates()
    champion = champion_values(summed.states.state, provisional)
    plan = planned(asked, found, champion, taken.inputs)
    delay = label_delay_days(given, chosen)
    planning = planning_of(plan, summed.states.state, _wait(plan, source), delay)
    run = replace(summed.run, remarks=(*summed.run.remarks, *taken.notes, *source.notes()))
    return DeploymentPlan(plan=plan, champion=champion, planning=planning, run=run)


@spelt_out(DeploymentSettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    progress: Progress | None = None,
    **settings: Unpack[DecisionKeywords],
) -> DeploymentReport:
    """Says whether a challenger may take the traffic: promote, hold or roll back.

    The answer holds however often it is asked for, and no later hour turns it. States of earlier
    hours may be handed in beside the data of new ones.

    Args:
        data: rows of all arms, as for `baseline`; files of states among them. Where all metrics of
            the plan are of tables of operational metrics, or Kayenta judges, these tables.
        baseline: the plan: a DeploymentPlan, the path or URL of its folder or file, or an earlier
            report.
        progress: called with units done, units in all and rows so far.
        **settings: how rows are read; start and end choose the window.

    Returns:
        The verdict, the tables behind it, and states that later hours are added to.

    Raises:
        InputError: the data cannot be read, an arm has no rows, or states are of another plan.
        FormatError: the plan is missing or is not what it should be.
        SettingsError: a setting is unknown.
        EngineError: Spark failed.
    """
    chosen = DeploymentSettings.from_keywords(**settings)
    refuse_results(data)
    config = asked_config(chosen)
    plan = plan_of(baseline)
    known = (CHECK, *(each.name for each in plan.metrics))
    refuse_unmatched("severity", chosen.run.grading.severity, known, "checks or metrics")
    # Before any row is read, which may take long.
    tables = attribution_tables(plan, dict(chosen.attributions))
    if config is not None:
        return _judged(data, plan, config, chosen.run).with_attributions(tables)
    found = _decided(measured(data, plan, chosen, progress), plan, chosen)
    return found.with_attributions(tables)


def _judged(data: Any, plan: Plan, config: CanaryConfig, settings: Settings) -> DeploymentReport:
    """What Kayenta's judge says of tables of metrics."""
    began = time.perf_counter()
    metrics = opened_metrics(data, plan, settings.window, arms=plan.arms)
    return DeploymentReport(
        verdict=judged_by_kayenta(metrics, plan, config),
        comparison=Comparison(plan=PlanName.of(plan), champion=plan.champion),
        plan=plan,
        run=run_on(metrics, settings, began, engine="Kayenta's judge"),
    )


def _decided(found: Measured, plan: Plan, settings: DeploymentSettings) -> DeploymentReport:
    rules = Rules(
        any_harm=settings.roll_back_on == "any-harm",
        accept_observational=settings.accept_observational,
    )
    pairs = found.states.pairs
    decisions = decide(plan, found.states.state, rules, pairs)
    comparison = comparison_of(plan, decisions[0].time, pairs)
    notes = (*found.notes, *without_labels(decisions, comparison.predictions))
    return DeploymentReport(
        verdict=verdict_of(plan, decisions, pairs, notes),
        comparison=comparison,
        plan=plan,
        looks=looks_of(decisions),
        states=found.states,
        run=found.run,
    )


def _wait(plan: Plan, source: WeightsSource) -> int | None:
    """For how many seconds a deployment of the plan waits for its alarms."""
    if source.endpoint is not None and source.endpoint.wait_seconds:
        return source.endpoint.wait_seconds
    return LONGEST_WAIT if plan.endpoint and plan.strategy in GUARDED else None


def _found(given: ArmData, chosen: DeploymentSettings) -> FoundArms:
    """What the data tell of the arms, where nobody names them."""
    if chosen.planning.arms:
        return FoundArms()
    return FoundArms(selectors=arms_in(given))
