"""Simulated plans: laws of regret and weights, error rates, and what cannot be simulated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit import SettingsError
from driftkit.formats.deployment.plan import Bandit, Horizon, Plan, PlannedMetric, Unit
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.monitors.deployment.decision import decide
from driftkit.monitors.deployment.results import DeploymentPlan
from driftkit.monitors.deployment.simulated_runs import SimulatedPlan
from driftkit.monitors.deployment.simulation_settings import SimulationSettings
from driftkit.states.deployment.arms import SUMS
from tests.monitors.deployment.sums import plan, rates

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.deployment.simulation import Simulation

HALVES = {"old": 0.5, "new": 0.5}


def simulated(of: Plan, said: Any, **settings: Any) -> Simulation:
    """What is found of a plan."""
    few = {"runs": 20, "requests": 8_000, "looks": 20}
    found = driftkit.deployment.simulate(DeploymentPlan(plan=of), rates=said, **(few | settings))
    return found.simulation


def shares(found: Simulation, number: int = 0) -> tuple[float | None, float | None, float | None]:
    """How many runs promote, hold and roll back."""
    of = found.challengers[number]
    return of.promote.share, of.hold.share, of.roll_back.share


@pytest.mark.parametrize(("new", "expected"), [(0.16, (1.0, 0.0, 0.0)), (0.04, (0.0, 0.0, 1.0))])
def test_clear_cases_are_decided(new: float, expected: tuple[float, ...]) -> None:
    found = simulated(plan(weights=HALVES), {"old": 0.10, "new": new})

    assert shares(found) == expected
    [of] = found.challengers
    assert of.requests is not None
    assert 0 < of.requests.tenth <= of.requests.median <= of.requests.ninetieth <= 8_000
    assert of.days is not None
    assert 0 < of.days.median <= found.days == 60


def test_what_is_asked_is_not_simulated() -> None:
    inputs = (PlannedInput(column="amount", edges=(1.0,)),)

    found = simulated(plan(weights=HALVES, inputs=inputs), {"old": 0.10, "new": 0.16})

    assert shares(found) == (1.0, 0.0, 0.0)


def test_of_a_rate_that_is_better_when_lower_less_is_better() -> None:
    slow = PlannedMetric(
        name="ms_slo", role="goal", kind="slo", better="lower", margin=0.01, column="ms", limit=9.0
    )

    found = simulated(plan(slow, weights=HALVES), "old=0.10, new=0.04")

    assert shares(found) == (1.0, 0.0, 0.0)
    assert found.regret.equal_shares == pytest.approx(8_000 * 0.03)


def test_a_run_is_decided_as_rows_would_be() -> None:
    settings = SimulationSettings.from_keywords(
        rates={"old": 0.1, "new": 0.12}, requests=4_000, looks=10, days=1
    )
    [run] = SimulatedPlan.of(plan(weights=HALVES), settings).runs([7])

    dense = run.sums.sums[:, 0].reshape(10, 2, -1)
    [ours] = decide(run.plan, run.sums)
    [other] = decide(plan(weights=HALVES), rates(dense[..., 1], dense[..., 0]))

    assert run.requests.sum() == 4_000
    assert (ours.verdict, ours.look) == (other.verdict, other.look)
    np.testing.assert_array_equal(ours.judged[0].bounds.low, other.judged[0].bounds.low)


def test_runs_do_not_depend_on_each_other() -> None:
    one = simulated(plan(), {"old": 0.1, "new": 0.1}, runs=70)
    again = simulated(plan(), {"old": 0.1, "new": 0.1}, runs=70)
    settings = SimulationSettings.from_keywords(rates={"old": 0.1, "new": 0.1}, looks=5)
    drawn = SimulatedPlan.of(plan(), settings)

    [alone] = drawn.runs([66])
    among = list(drawn.runs(range(70)))[66]

    assert one == again
    np.testing.assert_array_equal(alone.sums.sums, among.sums.sums)


def test_regret_of_equal_shares_is_the_gap_to_the_mean() -> None:
    found = simulated(plan(), {"old": 0.10, "new": 0.12}, runs=100)

    assert found.regret.equal_shares == pytest.approx(8_000 * 0.01)
    error = found.regret.standard_error or 0.0
    assert abs(found.regret.mean - found.regret.equal_shares) < 4 * error


def test_a_bandit_misses_less_and_its_weights_go_to_the_best_arm() -> None:
    bandit = plan(strategy="bandit", bandit=Bandit(), weights=HALVES)

    found = simulated(bandit, {"old": 0.10, "new": 0.14}, looks=10)

    assert found.regret.mean < 0.6 * found.regret.equal_shares
    first, *_, last = found.weights
    assert first.weights == HALVES
    assert last.weights["new"] > 0.8
    assert all(sum(each.weights.values()) == pytest.approx(1) for each in found.weights)
    assert min(min(each.weights.values()) for each in found.weights) >= 0.05 - 1e-9


def test_epochs_of_a_bandit_are_those_of_its_weights() -> None:
    settings = SimulationSettings.from_keywords(
        rates={"old": 0.1, "new": 0.2}, requests=4_000, looks=5
    )
    bandit = plan(strategy="bandit", bandit=Bandit(), weights=HALVES)

    [run] = SimulatedPlan.of(bandit, settings).runs([1])

    assert run.plan.weights_history is not None
    [decision] = decide(run.plan, run.sums)
    assert decision.time.weights is not None
    np.testing.assert_allclose(decision.time.weights, run.weights)
    assert all(each.passed.all() for each in decision.trusts if each.name == "sample_ratio")


@pytest.mark.parametrize("routing", ["sticky", "request"])
def test_users_that_come_back_are_hashed_into_buckets(routing: Any) -> None:
    of_users = plan(routing=routing, unit=Unit(source="attribute:user", buckets=64), weights=HALVES)
    settings = SimulationSettings.from_keywords(
        rates={"old": 0.1, "new": 0.2}, users=500, requests=5_000, looks=5
    )

    [run] = SimulatedPlan.of(of_users, settings).runs([3])

    assert run.sums.layout.buckets == 64
    in_buckets = run.sums.buckets.sum(axis=-1)
    np.testing.assert_array_equal(
        in_buckets, run.sums.sums[..., [SUMS.index("s"), SUMS.index("n")]]
    )
    assert shares(simulated(of_users, {"old": 0.1, "new": 0.3}, users=2_000, runs=3))[0] == 1.0


def test_requests_of_users_that_are_taken_for_independent_are_noted() -> None:
    found = simulated(plan(), {"old": 0.2, "new": 0.2}, users=100, runs=2)

    assert found.notes == ("users come back, and the plan takes their requests for independent",)


def test_other_metrics_are_named_and_keep_their_part_of_the_error() -> None:
    goal = plan().metrics[0]
    brier = replace(goal, name="brier", role="guardrail", kind="mean", better="lower", column=None)
    settings = SimulationSettings.from_keywords(rates={"old": 0.1, "new": 0.1})

    found = simulated(plan(goal, brier), {"old": 0.1, "new": 0.1}, runs=1)

    reduced = SimulatedPlan.of(plan(goal, brier), settings).plan
    assert found.notes[0].startswith("brier are taken for passing")
    assert (reduced.error_rates.promote, reduced.error_rates.roll_back) == (0.05, 0.025)


@pytest.mark.parametrize(
    ("days", "looks", "last"), [(14, 100, 14.0), (1, 24, 1.0), (0.5, 100, 0.5), (2, 1, 1 / 24)]
)
def test_looks_are_spread_over_the_days(days: float, looks: int, last: float) -> None:
    horizon = Horizon(units=10**9, tuning_units=5_000, minimum_days=0, maximum_days=60)
    settings = SimulationSettings.from_keywords(
        rates={"old": 0.1, "new": 0.1}, days=days, looks=looks, requests=50_000
    )

    [run] = SimulatedPlan.of(plan(horizon=horizon), settings).runs([1])
    [decision] = decide(run.plan, run.sums)

    assert len(decision.time.blocks) == looks
    assert decision.days[-1] == pytest.approx(last)


def test_files_are_read_again(tmp_path: Path) -> None:
    found = driftkit.deployment.simulate(
        DeploymentPlan(plan=plan()), rates="old=0.1,new=0.1", runs=2, looks=2
    )

    found.write(tmp_path)

    assert type(found).read(tmp_path) == found
    assert found.statistics_table()["found"].tolist()[:3] == ["promote", "hold", "roll_back"]


SHADOW: dict[str, Any] = {"strategy": "shadow"}
MEAN = PlannedMetric(
    name="column:x", role="goal", kind="mean", better="higher", margin=0.01, column="x"
)


@pytest.mark.parametrize(
    ("of", "settings", "message"),
    [
        (plan(), {"rates": {"old": 0.1}}, "rates are missing, or of arms"),
        (plan(), {"rates": {"old": 0.1, "new": 0.1, "x": 0.1}}, "rates are missing, or of arms"),
        (plan(), {"rates": "old=0.1,new=1.1"}, "a number from 0 to 1"),
        (plan(), {"rates": "old,new=0.1"}, "ARM=RATE"),
        (plan(**SHADOW), {}, "the plan cannot be simulated"),
        (plan(MEAN), {}, "only rates that decide can be simulated"),
        (plan(), {"requests": 10, "looks": 100}, "a scenario cannot be simulated"),
    ],
)
def test_what_cannot_be_simulated_is_refused(of: Plan, settings: Any, message: str) -> None:
    usual = {"rates": {"old": 0.1, "new": 0.1}, "runs": 1}

    with pytest.raises(SettingsError, match=message):
        driftkit.deployment.simulate(DeploymentPlan(plan=of), **(usual | settings))
