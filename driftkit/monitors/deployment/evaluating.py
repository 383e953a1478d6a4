"""The verb `evaluate`: what a policy over arms would have earned, from the requests that there were."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from driftkit.comparison.deployment.off_policy import Log
from driftkit.comparison.deployment.off_policy import evaluate as evaluated
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment import policy as policy_file
from driftkit.formats.deployment.policy import OTHERS
from driftkit.formats.deployment.policy_values import PolicyEstimate, PolicyValue, PolicyValues
from driftkit.formats.deployment.verdict import PlanName, TimeSpan
from driftkit.formats.python_json import read_object
from driftkit.io.reading import of_data
from driftkit.monitors.deployment.evaluation_results import DeploymentPolicyValues
from driftkit.monitors.deployment.evaluation_settings import EvaluationSettings
from driftkit.monitors.deployment.inputs import ArmData, opened_arms
from driftkit.monitors.deployment.measuring import judging_of
from driftkit.monitors.deployment.plans import plan_of
from driftkit.monitors.deployment.rewards import Orientation, reward_metric
from driftkit.monitors.deployment.row_columns import RowAttributes
from driftkit.monitors.deployment.timeline import moment
from driftkit.readers.opening import refuse_results
from driftkit.settings.declaring import spelt_out
from driftkit.states.deployment.logged import BY_WEIGHTS, DIGITS, KEYS
from driftkit.states.deployment.logged_fold import KnownShares, LoggedFold, RewardSource
from driftkit.states.deployment.metrics import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.formats.deployment.policy import ArmPolicy
    from driftkit.monitors.deployment.evaluation_settings import EvaluationKeywords
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.logged import LoggedSums

__all__ = ["DeploymentPolicyValues", "evaluate"]

_STICKY = (
    "users keep to their arm while weights change: a request's propensity is the share of its arm "
    "when its user first came, and not the one taken here; log it with the request"
)
_CHANGED = (
    "propensities are the plan's weights, as if a bandit had not changed them: log them with the "
    "requests, or make a plan with the history of the weights"
)
# In the order of their numbers in the states.
_SOURCES = ("logged", "weights")


@spelt_out(EvaluationSettings)
@of_data
def evaluate(
    data: Any,
    policy: Any,
    baseline: Any,
    *,
    progress: Progress | None = None,
    **settings: Unpack[EvaluationKeywords],
) -> DeploymentPolicyValues:
    """Says what a policy over arms would have earned per request, without trying it.

    Args:
        data: rows of all arms, as for `monitor`, that say what came of each request.
        policy: the probability of each arm, as a JSON file or mapping: {"old": 0.2, "new": 0.8},
            or such a mapping for each segment; or a list of policies.
        baseline: the plan: a DeploymentPlan, or the path or URL of its folder or file.
        progress: called with units done, units in all and rows so far.
        **settings: how rows are read; where the probability is with which each request came to
            its arm. Requests that do not say it have the share of their arm by the plan's weights
            at that time.

    Returns:
        The estimates, each with its interval at a fixed horizon, and what speaks against them.

    Raises:
        InputError: the data cannot be read, or propensities are missing or wrong.
        FormatError: plan or policy is missing or is not what it should be.
        SettingsError: a setting is unknown, or a policy does not fit the segments.
        EngineError: Spark failed.
    """
    began = time.perf_counter()
    chosen = EvaluationSettings.from_keywords(**settings)
    refuse_results(data)
    plan = plan_of(baseline)
    asked = _Asked.of(plan, _policies(policy, tuple(plan.arms)), chosen)
    rows = opened_arms(ArmData(data, chosen.run), asked.of_rows, asked.attributes, chosen.run)
    runner = runner_of(rows.dataset, chosen.run.compute)
    state = runner.run(rows.dataset, Job(fold=asked.fold(rows.names)), progress)
    rows.judge(state.rows, state.rejected)
    run = rows.run(chosen.run, runner.where).ended(state, began)
    return DeploymentPolicyValues(estimated=asked.values(state), run=run)


def _policies(given: Any, arms: tuple[str, ...]) -> dict[str, ArmPolicy]:
    """Name -> policy of each that was handed in."""
    listed = list(given) if isinstance(given, list | tuple) else [given]
    found: dict[str, ArmPolicy] = {}
    for number, each in enumerate(listed, start=1):
        if isinstance(each, str | PathLike):
            document, name = read_object(each), str(each)
        elif isinstance(each, Mapping):
            document, name = dict(each), "policy" if len(listed) == 1 else f"policy {number}"
        else:
            document, name = {}, type(each).__name__
        found[name] = policy_file.read(document, name, arms=arms)
    if len(found) < len(listed) or not found:
        raise InputError(
            "a policy is named twice" if found else "there is no policy",
            where="policy",
            expected="files or mappings with the probability of each arm, each once",
            found=", ".join(map(str, listed)) or "nothing",
            todo="Name each once",
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked for, before any row is read.

    Attributes:
        plan: as it was handed in.
        policies: by name.
        settings: how rows are read.
        metric: that is the reward; None where an attribute is.
        column: whose values are segments; None where no policy tells them apart.
    """

    plan: Plan
    policies: Mapping[str, ArmPolicy]
    settings: EvaluationSettings
    metric: PlannedMetric | None
    column: str | None

    @classmethod
    def of(
        cls, plan: Plan, policies: Mapping[str, ArmPolicy], settings: EvaluationSettings
    ) -> _Asked:
        """What settings and policies ask for.

        Raises:
            SettingsError: there is no reward, or no column for a policy by segments.
        """
        named = settings.reward_attribute
        return cls(
            plan=plan,
            policies=policies,
            settings=settings,
            metric=None if named else reward_metric(plan, settings.reward),
            column=_column(plan, policies, settings),
        )

    @property
    def segments(self) -> tuple[str, ...]:
        """That any policy names."""
        named = (segment for each in self.policies.values() for segment in each.segments)
        return tuple(dict.fromkeys(segment for segment in named if segment != OTHERS))

    @property
    def of_rows(self) -> Plan:
        """The plan with those columns only that are needed."""
        return replace(
            self.plan,
            metrics=() if self.metric is None else (self.metric,),
            segment_by=() if self.column is None else (self.column,),
            inputs=None,
            pairing=None,
        )

    @property
    def attributes(self) -> RowAttributes:
        """Where a row says what."""
        settings = self.settings
        return RowAttributes.of(settings, logs=settings.propensity_attribute is None)

    def fold(self, names: tuple[str, ...]) -> LoggedFold:
        """What is summed up of rows with columns of these names."""
        return LoggedFold(
            names=names,
            arms=tuple(self.plan.arms),
            reward=_reward(self.metric),
            shares=_shares(self.plan),
            judging=judging_of(self.settings),
            segment_by=self.column,
            segments=self.segments,
            salt=self.plan.unit.salt,
        )

    def values(self, state: LoggedSums) -> PolicyValues:
        """What the policies would have earned.

        Raises:
            InputError: there are no two requests, or propensities are missing or wrong.
            SettingsError: a policy does not say what to do with a segment that there is.
        """
        log = _log(state)
        named = self.segments
        has_others = bool((log.segments == len(named)).any()) or not named
        segments = (*named, OTHERS) if has_others else named
        arms = tuple(self.plan.arms)
        found = {
            name: evaluated(
                log,
                np.array(each.probabilities(segments, arms)),
                limit=self.settings.weight_limit,
            )
            for name, each in self.policies.items()
        }
        first = next(iter(found.values()))
        return PolicyValues(
            plan=PlanName.of(self.plan),
            window=_window(state),
            requests=_counted(log.arms, log.requests, arms),
            propensities=_counted(state.keys[:, KEYS.index("source")], log.requests, _SOURCES),
            limit=self.settings.weight_limit,
            logged=PolicyEstimate.of("mean", first.logged),
            policies=tuple(
                PolicyValue.of(name, each.segments, found[name])
                for name, each in self.policies.items()
            ),
            notes=tuple(self._notes(state)),
        )

    def _notes(self, state: LoggedSums) -> Iterator[str]:
        if self.metric is not None:
            yield Orientation.of(self.metric).told(self.metric.name)
        if state.without_reward:
            yield f"{state.without_reward:,} requests without a reward are left out"
        if state.digits:
            yield (
                f"propensities are rounded to {DIGITS[state.digits]} binary digits: they have too "
                "many different values"
            )
        by_weights = bool((state.keys[:, KEYS.index("source")] == BY_WEIGHTS).any())
        if by_weights and self.plan.routing == "sticky" and self.plan.weights_history:
            yield _STICKY
        if by_weights and self.plan.strategy == "bandit" and not self.plan.weights_history:
            yield _CHANGED


def _column(
    plan: Plan, policies: Mapping[str, ArmPolicy], settings: EvaluationSettings
) -> str | None:
    """The column whose values are segments; None where no policy tells them apart."""
    by_segment = [name for name, each in policies.items() if each.by_segment]
    if not by_segment:
        return None
    if settings.segment_by is not None:
        return settings.segment_by
    if len(plan.segment_by) != 1:
        raise SettingsError(
            "a policy is by segments, and nobody says of which column",
            where=by_segment[0],
            expected="a column whose values are the policy's segments",
            found=", ".join(plan.segment_by) or "a plan without segments",
            todo="Name it with --segment-by",
        )
    return plan.segment_by[0]


def _reward(metric: PlannedMetric | None) -> RewardSource:
    if metric is None:
        return RewardSource()
    turned = Orientation.of(metric)
    return RewardSource(metric=source_of(metric), offset=turned.offset, sign=turned.sign)


def _shares(plan: Plan) -> KnownShares:
    """The arms' shares by the plan's weights; none of a shadow, which gets copies of requests."""
    if plan.strategy == "shadow":
        return KnownShares()
    if plan.weights_history:
        changes = [(int(each.start.timestamp()), each.weights) for each in plan.weights_history]
    else:
        changes = [] if plan.weights is None else [(0, plan.weights)]
    rows = [[weights.get(arm, 0.0) for arm in plan.arms] for _, weights in changes]
    return KnownShares(
        starts=tuple(start for start, _ in changes),
        shares=tuple(tuple(weight / sum(row) for weight in row) for row in rows),
    )


def _log(state: LoggedSums) -> Log:
    columns = {name: state.keys[:, index] for index, name in enumerate(KEYS)}
    requests, rewards, squares = state.sums.T
    return Log(
        arms=columns["arm"],
        segments=columns["segment"],
        halves=columns["half"],
        propensities=state.propensities,
        requests=requests,
        rewards=rewards,
        squares=squares,
    )


def _counted(codes: Integers, requests: Floats, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(codes, requests, len(names))
    return {name: round(float(count)) for name, count in zip(names, counts, strict=True)}


def _window(state: LoggedSums) -> TimeSpan:
    if state.span is None:
        return TimeSpan()
    first, last = state.span
    return TimeSpan(start=moment(first), end=moment(last + 1))
