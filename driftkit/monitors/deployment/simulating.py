"""The verb `simulate`: how a plan would decide if the truth were known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from driftkit.comparison.quality_intervals import wilson
from driftkit.formats.deployment.simulation import (
    MeanWeights,
    Regret,
    RunShare,
    SimulatedChallenger,
    Simulation,
    Spread,
)
from driftkit.formats.deployment.verdict import PlanName
from driftkit.monitors.deployment.decision import Rules, decide
from driftkit.monitors.deployment.plans import plan_of
from driftkit.monitors.deployment.simulated_runs import SimulatedPlan
from driftkit.monitors.deployment.simulation_results import DeploymentSimulation
from driftkit.monitors.deployment.simulation_settings import SimulationSettings
from driftkit.settings.declaring import spelt_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.verdict import Answer
    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.simulated_runs import SimulatedRun
    from driftkit.monitors.deployment.simulation_settings import SimulationKeywords
    from driftkit.native.arrays import Floats

__all__ = ["DeploymentSimulation", "simulate"]


@spelt_out(SimulationSettings)
def simulate(
    baseline: Any, *, progress: Progress | None = None, **settings: Unpack[SimulationKeywords]
) -> DeploymentSimulation:
    """Says how often a plan would promote, hold and roll back, and when, if the rates were these.

    Args:
        baseline: the plan: a DeploymentPlan, or the path or URL of its folder or file.
        progress: called with runs done, runs in all and requests so far.
        **settings: the true rate of each arm, and how many requests there are.

    Returns:
        The shares of the runs, each with its interval. A run depends on its number alone.

    Raises:
        FormatError: the plan is missing or is not what it should be.
        InputError: it is no plan.
        SettingsError: a setting is unknown or does not fit the plan.
    """
    chosen = SimulationSettings.from_keywords(**settings)
    plan = plan_of(baseline)
    simulated = SimulatedPlan.of(plan, chosen)
    rules = Rules(
        any_harm=chosen.roll_back_on == "any-harm",
        accept_observational=chosen.accept_observational,
    )
    found = _Found(simulated=simulated)
    for run in simulated.runs(range(chosen.runs)):
        found.add(run, decide(run.plan, run.sums, rules))
        if progress is not None:
            progress(len(found.pulls), chosen.runs, len(found.pulls) * chosen.requests)
    return DeploymentSimulation(simulation=_told(plan, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a challenger in a run.

    Attributes:
        verdict: promote, hold or roll_back.
        requests: of all arms until the look that decided, or all of them.
        days: the same.
    """

    verdict: Answer
    requests: float
    days: float

    @classmethod
    def of(cls, decision: Decision) -> Outcome:
        """The outcome of a decision."""
        look = -1 if decision.look is None else decision.look
        requests = float(decision.time.requests.sum(axis=1).cumsum()[look])
        days = float(decision.days[look])
        return cls(verdict=decision.verdict, requests=requests, days=days)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What is known of the runs so far.

    Attributes:
        simulated: what is simulated.
        outcomes: challenger -> what became of it, run by run.
        pulls: requests of each arm, run by run.
        weights: of the arms before each look, run by run, while they change.
    """

    simulated: SimulatedPlan
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    pulls: list[Floats] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)

    def add(self, run: SimulatedRun, decisions: Sequence[Decision]) -> None:
        """Takes a run in."""
        for each in decisions:
            self.outcomes.setdefault(each.challenger, []).append(Outcome.of(each))
        self.pulls.append(run.requests)
        if self.simulated.plan.strategy == "bandit":
            self.weights.append(run.weights)

    @property
    def regret(self) -> Regret:
        """Rewards missed, expected rather than drawn."""
        rewards = self.simulated.rewards
        gaps = rewards.max() - rewards
        missed = np.array(self.pulls) @ gaps
        runs = len(missed)
        return Regret(
            mean=float(missed.mean()),
            standard_error=float(missed.std(ddof=1) / np.sqrt(runs)) if runs > 1 else None,
            equal_shares=float(self.simulated.settings.requests * gaps.mean()),
        )

    def mean_weights(self) -> Iterator[MeanWeights]:
        """Of a bandit, before each look."""
        if not self.weights:
            return
        arms, settings = self.simulated.plan.arms, self.simulated.settings
        for look, shares in enumerate(np.mean(self.weights, axis=0).tolist()):
            yield MeanWeights(
                requests=look * settings.requests // settings.looks,
                weights=dict(zip(arms, shares, strict=True)),
            )


def _told(plan: Plan, found: _Found) -> Simulation:
    simulated = found.simulated
    settings = simulated.settings
    return Simulation(
        plan=PlanName.of(plan),
        metric=simulated.metric.name,
        rates=dict(zip(plan.arms, simulated.rates.tolist(), strict=True)),
        requests=settings.requests,
        runs=settings.runs,
        looks=settings.looks,
        days=simulated.days,
        users=settings.users,
        challengers=tuple(_challenger(name, of) for name, of in found.outcomes.items()),
        regret=found.regret,
        weights=tuple(found.mean_weights()),
        notes=tuple(_notes(plan, simulated)),
    )


def _challenger(name: str, outcomes: Sequence[Outcome]) -> SimulatedChallenger:
    decided = [each for each in outcomes if each.verdict != "hold"]
    return SimulatedChallenger(
        challenger=name,
        promote=_share("promote", outcomes),
        hold=_share("hold", outcomes),
        roll_back=_share("roll_back", outcomes),
        requests=_spread([each.requests for each in decided]),
        days=_spread([each.days for each in decided]),
    )


def _share(verdict: Answer, outcomes: Sequence[Outcome]) -> RunShare:
    found = wilson(sum(each.verdict == verdict for each in outcomes), len(outcomes))
    if found is None:
        return RunShare(share=None, low=None, high=None)
    return RunShare(share=found.value, low=found.low, high=found.high)


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    tenth, median, ninetieth = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return Spread(median=median, tenth=tenth, ninetieth=ninetieth)


def _notes(plan: Plan, simulated: SimulatedPlan) -> Iterator[str]:
    others = [each.name for each in plan.decisive if each.name != simulated.metric.name]
    if others:
        yield (
            f"{', '.join(others)} are taken for passing: a promotion waits for them, too, and each "
            "may roll back"
        )
    if simulated.settings.users is not None and plan.unit.source == "request":
        yield "users come back, and the plan takes their requests for independent"
