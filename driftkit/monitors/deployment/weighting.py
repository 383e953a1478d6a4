"""The verb `weights`: which share of the requests each arm should have from now on."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from driftkit.comparison.deployment.bandits import Policy
from driftkit.comparison.deployment.sample_ratio import log_bayes_factor
from driftkit.comparison.deployment.weights import Limits
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.deployment import experiment_stats
from driftkit.formats.deployment.bandit import Bandit
from driftkit.formats.deployment.verdict import PlanName, TimeSpan
from driftkit.formats.deployment.weights_file import History, read_file
from driftkit.io.reading import of_data
from driftkit.monitors.deployment.bandit_results import DeploymentWeights
from driftkit.monitors.deployment.bandit_rules import BanditRules
from driftkit.monitors.deployment.bandit_settings import WeightsSettings
from driftkit.monitors.deployment.measuring import KEPT
from driftkit.monitors.deployment.metric_tables import variants_of
from driftkit.monitors.deployment.plans import plan_of
from driftkit.monitors.deployment.results import DeploymentReport
from driftkit.monitors.deployment.rewards import Matured, Orientation, reward_metric
from driftkit.monitors.deployment.timeline import moment
from driftkit.settings.declaring import spelt_out
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.storage import refuse_other_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.deployment.bandit import BanditWeights
    from driftkit.formats.deployment.experiment_stats import ExperimentStats
    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.bandit_settings import WeightsKeywords
    from driftkit.monitors.deployment.timeline import Timeline
    from driftkit.native.arrays import Floats
    from driftkit.states.deployment.arms import ArmSums
    from driftkit.states.deployment.storage import DeploymentStates

__all__ = ["DeploymentWeights", "weights"]

BIASED = (
    "means under weights that follow rewards are biased: quote the difference by epochs of the "
    "verdict, or what driftkit deployment evaluate estimates"
)
_OF_THE_PLAN = (
    "the weights so far are taken to be the plan's: once they have changed, name the "
    "desired_weights.json that was sent, or the endpoint's description, with --weights-file"
)
_OF_THE_PLAN_NO_MORE = (
    "the weights so far are taken to be the plan's, {planned}, but the latest requests came at "
    "other shares, {seen}: the step from the plan's is not the step from those; name the "
    "desired_weights.json that was sent, or the endpoint's description, with --weights-file"
)
_NO_ENDPOINT = "no desired_weights.json: name the endpoint with --endpoint"


@spelt_out(WeightsSettings)
@of_data
def weights(
    data: Any, baseline: Any = None, **settings: Unpack[WeightsKeywords]
) -> DeploymentWeights:
    """Says which share of the requests each arm should have, by the rewards so far.

    Args:
        data: what `monitor` kept: a report, the path of its folder, kept states, or a list of
            them; or the answer of /stats of AWS's A/B testing sample, as a JSON file or mapping.
        baseline: the plan of the states: a DeploymentPlan, or the path of its folder or file; a
            report that was just made has it.
        **settings: by which policy weights follow rewards, and within which limits.

    Returns:
        The weights, with what they come from and whether there is something left to learn.

    Raises:
        InputError: states are of another plan, or rewards do not fit the policy.
        FormatError: a file is missing or is not what it should be.
        SettingsError: a setting is unknown, or does not fit the plan.
    """
    chosen = WeightsSettings.from_keywords(**settings)
    stats = _stats_in(data)
    if stats is not None:
        return _of_stats(stats, chosen)
    given = data if baseline is None and isinstance(data, DeploymentReport) else baseline
    if given is None:
        raise InputError(
            "weights of states need the plan that they are by",
            where="baseline",
            expected="the plan: it says what is rewarded, and the weights so far",
            todo="Name its folder with --baseline",
        )
    plan = plan_of(given)
    states = KEPT.combine(*(data if isinstance(data, list | tuple) else [data]))
    refuse_other_plan(states, plan.sha256)
    return _of_states(states, plan, chosen)


def _stats_in(data: Any) -> ExperimentStats | None:
    """The answer of /stats that was handed in; None where something else was."""
    if isinstance(data, Mapping):
        return experiment_stats.read(data)
    given = data[0] if isinstance(data, list | tuple) and len(data) == 1 else data
    if isinstance(given, str | PathLike) and str(given).endswith(".json"):
        return experiment_stats.read_file(given)
    return None


def _of_stats(stats: ExperimentStats, chosen: WeightsSettings) -> DeploymentWeights:
    usual = BanditRules()
    of_sample = BanditRules(
        policy=Policy(name=stats.policy or usual.policy.name, epsilon=stats.epsilon),
        limits=Limits(minimum=max(usual.limits.minimum, stats.warmup)),
    )
    batches = stats.batches()
    rules = of_sample.said(chosen, batches.names)
    endpoint = chosen.endpoint or stats.endpoint
    variants = {name: name for name in batches.names}
    before = _from_file(chosen, variants)
    if before is None and all(arm.weight is not None for arm in stats.arms):
        before = batches.shares[0]
    bandit = Bandit(
        policy=rules.policy.name,
        parameters=rules.parameters,
        window=TimeSpan(),
        weights=(rules.weights(batches, before),),
        notes=(BIASED, *([] if endpoint else [_NO_ENDPOINT])),
    )
    return DeploymentWeights(bandit=bandit, endpoint=endpoint, variants=variants)


def _of_states(states: DeploymentStates, plan: Plan, chosen: WeightsSettings) -> DeploymentWeights:
    if plan.strategy == "shadow":
        raise SettingsError(
            "a shadow has no weights: it gets copies of the champion's requests",
            where="strategy",
            expected="arms that share the requests",
            found=plan.strategy,
            todo="Make a plan of the strategy bandit",
        )
    sums = states.state
    metric = reward_metric(plan, chosen.reward)
    rules = BanditRules.of_plan(plan.bandit).said(chosen, sums.layout.arms)
    matured = Matured.of(plan, sums, chosen.attribution_window)
    named = variants_of(plan)
    # A plan is the same whatever the order of its arms; the states have the order of the numbers.
    variants = {arm: named[arm] for arm in sums.layout.arms}
    before = _before(plan, sums.layout.arms, chosen, variants)
    notes = [Orientation.of(metric).told(metric.name), BIASED]
    if chosen.weights_file is None:
        notes.append(_not_of_a_file(matured.time, before))
    found = [rules.weights(matured.batches(metric, sums), before)]
    for name, segment in _segments(sums, plan, chosen):
        found.append(rules.weights(matured.batches(metric, segment), before, name))
    endpoint = chosen.endpoint or plan.endpoint
    if endpoint is None:
        notes.append(_NO_ENDPOINT)
    return DeploymentWeights(
        bandit=_told(plan, rules, matured, tuple(found), notes),
        endpoint=endpoint,
        variants=variants,
    )


def _told(
    plan: Plan,
    rules: BanditRules,
    matured: Matured,
    found: tuple[BanditWeights, ...],
    notes: Sequence[str],
) -> Bandit:
    time = matured.time
    counts = matured.kept & (time.blocks != UNKNOWN)
    window = TimeSpan()
    if counts.any():
        window = TimeSpan(start=moment(time.blocks[counts][0]), end=moment(time.ends[counts].max()))
    return Bandit(
        plan=PlanName.of(plan),
        policy=rules.policy.name,
        parameters=rules.parameters,
        window=window,
        matured_before=None if matured.until is None else moment(matured.until),
        weights=found,
        notes=tuple(notes),
    )


def _not_of_a_file(time: Timeline, before: Floats | None) -> str:
    """What people should know of weights that are taken to be the plan's.

    The requests of the last epoch are held against them by the test of the sample ratio. Those of
    users that keep to an arm vary more than it allows, and change later than the weights.
    """
    if before is None or time.plan.routing == "sticky":
        return _OF_THE_PLAN
    seen = time.requests_of_epoch[-1]
    evidence = float(log_bayes_factor(seen, before))
    if evidence < -np.log(time.plan.error_rates.sample_ratio):
        return _OF_THE_PLAN
    return _OF_THE_PLAN_NO_MORE.format(
        planned=_shares_in_words(time, before), seen=_shares_in_words(time, seen)
    )


def _shares_in_words(time: Timeline, weights: Floats) -> str:
    shares = (weights / weights.sum()).tolist()
    return ", ".join(
        f"{arm} {share:.2%}" for arm, share in zip(time.sums.layout.arms, shares, strict=True)
    )


def _before(
    plan: Plan, arms: Sequence[str], chosen: WeightsSettings, variants: Mapping[str, str]
) -> Floats | None:
    """The weights so far: of the file, or the plan's latest; None where there are none."""
    found = _from_file(chosen, variants)
    if found is not None:
        return found
    latest = plan.weights_history[-1].weights if plan.weights_history else plan.weights
    return None if latest is None else np.array([latest.get(arm, 0.0) for arm in arms])


def _from_file(chosen: WeightsSettings, variants: Mapping[str, str]) -> Floats | None:
    """The weights of the file that describes the endpoint; None where none is named.

    Raises:
        FormatError: it has another arm, or lacks one.
    """
    if chosen.weights_file is None:
        return None
    content, arms = read_file(chosen.weights_file), set(variants.values())
    shares = content.shares
    if shares and isinstance(content, History):
        # It leaves out who gets no requests.
        shares = dict.fromkeys(arms, 0.0) | shares
    if not {each for each, share in shares.items() if share} <= arms <= shares.keys():
        raise FormatError(
            "the endpoint has other variants",
            where=chosen.weights_file,
            expected=", ".join(variants.values()),
            found=", ".join(shares) or "none",
            todo="Name the file of this endpoint",
        )
    return np.array([shares[variant] for variant in variants.values()])


def _segments(sums: ArmSums, plan: Plan, chosen: WeightsSettings) -> Iterator[tuple[str, ArmSums]]:
    """The segments that are asked for, but for the rest of those that are rare."""
    column = chosen.segment_by
    if column is None:
        return
    if column not in plan.segment_by:
        raise SettingsError(
            "the states have no such segments",
            where="segment_by",
            expected=" | ".join(plan.segment_by) or "a plan with segments",
            found=column,
            todo="Name a column by which the plan has segments",
        )
    for name, segment in sums.segments.get(column, {}).items():
        if name is not None:
            yield name, segment
