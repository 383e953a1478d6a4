"""Draws the sums of a plan's arms, run by run, as if their rates were known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.returning_users import UserScenario, simulate_users
from driftkit.comparison.deployment.simulation import Scenario
from driftkit.comparison.deployment.simulation import simulate as simulated
from driftkit.errors import SettingsError
from driftkit.formats.deployment.plan import WeightsChange
from driftkit.monitors.deployment.bandit_rules import BanditRules
from driftkit.monitors.deployment.rewards import reward_metric
from driftkit.monitors.deployment.timeline import DAY, moment
from driftkit.states.deployment.blocks import HOUR
from driftkit.states.deployment.dense_sums import DenseSums

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.comparison.deployment.simulation import Simulation
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.monitors.deployment.simulation_settings import SimulationSettings
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.arms import ArmSums

# 2026-01-01T00:00:00Z; any midnight will do.
BEGIN = 1_767_225_600
_RATES = frozenset({"rate", "slo"})
# Runs that are drawn at once.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedRun:
    """One run.

    Attributes:
        plan: by which it is decided, with the weights that the run had.
        sums: what would have been read of its requests.
        requests: of each arm, shape (arms,).
        weights: of the arms before each look, which sum to 1; shape (looks, arms).
    """

    plan: Plan
    sums: ArmSums
    requests: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedPlan:
    """A plan whose arms have known rates.

    Attributes:
        plan: with the one metric that is simulated, tested at its part of the rates of error.
        settings: how much is simulated.
        rates: of the arms, in the order of the plan.
        shares: of the arms at the start, which sum to 1.
        blocks: begin of the requests before each look.
    """

    plan: Plan
    settings: SimulationSettings
    rates: Floats
    shares: Floats
    blocks: Integers

    @classmethod
    def of(cls, plan: Plan, settings: SimulationSettings) -> SimulatedPlan:
        """What is simulated of a plan.

        Raises:
            SettingsError: rates are missing, or the plan cannot be simulated.
        """
        metric = _metric(plan, settings)
        days = settings.days or plan.horizon.maximum_days
        shares = np.ones(len(plan.arms))
        if plan.weights_history or plan.weights:
            weights = plan.weights or (plan.weights_history or ())[0].weights
            shares = np.array([weights.get(arm, 0.0) for arm in plan.arms])
        return cls(
            plan=_reduced(plan, metric),
            settings=settings,
            rates=_rates(plan, settings),
            shares=shares / shares.sum(),
            blocks=_blocks(days, settings.looks),
        )

    @property
    def metric(self) -> PlannedMetric:
        """The one that decides."""
        return self.plan.metrics[0]

    @property
    def days(self) -> float:
        """From the first request to the last look."""
        return float(self.blocks[-1] - self.blocks[0] + HOUR) / DAY

    @property
    def rewards(self) -> Floats:
        """The rates at which requests are rewarded."""
        return self.rates if self.metric.better == "higher" else 1.0 - self.rates

    def runs(self, numbers: Sequence[int]) -> Iterator[SimulatedRun]:
        """The runs of these numbers, which are their seeds.

        Raises:
            SettingsError: there are more looks than requests.
        """
        if self.plan.unit.source != "request" or self.settings.users is not None:
            scenario = self._of_users()
            for number in numbers:
                yield self._users(scenario, number)
            return
        for first in range(0, len(numbers), _AT_ONCE):
            some = numbers[first : first + _AT_ONCE]
            drawn = simulated(self._scenario(), some)
            for index in range(len(some)):
                yield self._requests(drawn, index)

    def _scenario(self) -> Scenario:
        bandit = self.plan.bandit if self.plan.strategy == "bandit" else None
        rules = BanditRules.of_plan(bandit)
        return Scenario(
            rates=self.rewards.tolist(),
            requests=self.settings.requests,
            batches=self.settings.looks,
            shares=self.shares.tolist(),
            policy=None if bandit is None else rules.policy,
            limits=rules.limits,
        )

    def _requests(self, drawn: Simulation, run: int) -> SimulatedRun:
        trials, wins = drawn.pulls[run].astype(np.float64), drawn.wins[run].astype(np.float64)
        events = wins if self.metric.better == "higher" else trials - wins
        sums = DenseSums.of_rate(self.blocks, events, trials)
        return SimulatedRun(
            plan=self._with_weights(drawn.shares[run]),
            sums=sums.as_states(self.metric.name, tuple(self.plan.arms)),
            requests=trials.sum(axis=0),
            weights=drawn.shares[run],
        )

    def _with_weights(self, shares: Floats) -> Plan:
        """The plan with the weights of a run, where they changed."""
        changes = np.flatnonzero(np.any(shares[1:] != shares[:-1], axis=1)) + 1
        if not len(changes):
            return self.plan
        history = tuple(
            WeightsChange(
                start=moment(self.blocks[look]),
                weights=dict(zip(self.plan.arms, shares[look].tolist(), strict=True)),
            )
            for look in [0, *changes.tolist()]
        )
        return replace(self.plan, weights_history=history)

    def _of_users(self) -> UserScenario:
        settings = self.settings
        return UserScenario(
            rates=self.rates.tolist(),
            requests=settings.requests,
            batches=settings.looks,
            shares=self.shares.tolist(),
            buckets=self.plan.unit.buckets,
            users=settings.users,
            concentration=settings.concentration,
            sticky=self.plan.routing == "sticky",
        )

    def _users(self, scenario: UserScenario, run: int) -> SimulatedRun:
        drawn = simulate_users(scenario, run)
        trials, events = drawn.requests.sum(axis=2), drawn.events.sum(axis=2)
        in_buckets = np.stack([drawn.events, drawn.requests], axis=2).astype(np.float64)
        sums = DenseSums.of_rate(
            self.blocks,
            events.astype(np.float64),
            trials.astype(np.float64),
            None if self.plan.unit.source == "request" else in_buckets,
        )
        return SimulatedRun(
            plan=self.plan,
            sums=sums.as_states(self.metric.name, tuple(self.plan.arms)),
            requests=trials.sum(axis=0).astype(np.float64),
            weights=np.broadcast_to(self.shares, trials.shape),
        )


def _metric(plan: Plan, settings: SimulationSettings) -> PlannedMetric:
    """The rate that is simulated.

    Raises:
        SettingsError: the plan has no such rate, or pairs rows, or weights that follow users.
    """
    for impossible, why in (
        (
            plan.strategy == "shadow",
            "rates of two arms do not say how the rows of pairs go together",
        ),
        (
            plan.strategy == "bandit" and plan.unit.source != "request",
            "the weights of a bandit follow requests, not users",
        ),
    ):
        if impossible:
            raise SettingsError(
                "the plan cannot be simulated",
                where="strategy",
                expected="a canary, an A/B test or a bandit of requests",
                found=f"{plan.strategy}: {why}",
                todo="Simulate a plan of another strategy",
            )
    metric = reward_metric(plan, settings.metric)
    if metric.kind not in _RATES or not metric.decisive:
        rates = [each.name for each in plan.decisive if each.kind in _RATES]
        raise SettingsError(
            "only rates that decide can be simulated",
            where="metric",
            expected=" | ".join(rates) or "a goal or guardrail that is a rate",
            found=f"{metric.name}, a {metric.kind}",
            todo="Name a rate of the plan with --metric",
        )
    return metric


def _reduced(plan: Plan, metric: PlannedMetric) -> Plan:
    """The plan with one of its metrics, at the level that it has among all of them."""
    rates = plan.error_rates
    part = replace(rates, roll_back=rates.roll_back / len(plan.decisive))
    return replace(plan, metrics=(metric,), error_rates=part, segment_by=(), pairing=None)


def _rates(plan: Plan, settings: SimulationSettings) -> Floats:
    named = dict(settings.rates)
    if set(named) != set(plan.arms):
        raise SettingsError(
            "rates are missing, or of arms that the plan does not know",
            where="rates",
            expected=f"the rate of each arm: {', '.join(plan.arms)}",
            found=", ".join(named) or "none",
            todo="Write --rates " + ",".join(f"{arm}=0.1" for arm in plan.arms),
        )
    return np.array([named[arm] for arm in plan.arms])


def _blocks(days: float, looks: int) -> Integers:
    """Begins of hours, as evenly as there are; parts of hours where there are more looks."""
    hours = days * DAY / HOUR
    if looks <= hours:
        begins = np.rint(np.linspace(0, max(hours - 1, 0), looks)) * HOUR
    else:
        begins = np.floor(np.arange(looks) * days * DAY / looks)
    return BEGIN + begins.astype(np.int64)
