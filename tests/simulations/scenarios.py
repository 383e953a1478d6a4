"""Truths under which deployments are decided many times over: how often would that go wrong?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from driftkit.formats.deployment.plan import (
    BurnIn,
    ErrorRates,
    Horizon,
    Plan,
    PlannedMetric,
    Unit,
)
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.monitors.deployment.decision import Rules, decide
from driftkit.monitors.deployment.simulated_runs import SimulatedPlan
from driftkit.monitors.deployment.simulating import Outcome
from driftkit.monitors.deployment.simulation_settings import SimulationSettings
from driftkit.monitors.deployment.trust import SAMPLE_RATIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.monitors.deployment.decision import Decision

MARGIN = 0.01
ALLOWED = 0.05
HARMS = Rules(any_harm=True)
RATE = PlannedMetric(
    name="rate:ok", role="goal", kind="rate", better="higher", margin=MARGIN, column="ok"
)


class Row(NamedTuple):
    """What became of the runs of one truth.

    Attributes:
        of: what is decided.
        truth: what is true.
        promote: share of the runs.
        hold: share of the runs.
        roll_back: share of the runs.
        requests: median of all arms until promoted or rolled back, as text.
        wrong: what may happen rarely only, and how rarely: what -> (share of the runs, limit).
    """

    of: str
    truth: str
    promote: float
    hold: float
    roll_back: float
    requests: str
    wrong: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A truth, and how often it may go wrong.

    Attributes:
        of: what is decided.
        truth: in words.
        wrong: of promote, roll_back and either, those that are mistakes.
        limit: how often they may happen.
    """

    of: str
    truth: str
    wrong: tuple[str, ...] = ()
    limit: float = ALLOWED

    def row(self, ended: list[list[Outcome]]) -> Row:
        """What became of the runs, of which each has an end for every challenger.

        A promotion is one of any challenger; of several, the roll-backs are those of the first.
        """
        promoted = np.array([any(e.verdict == "promote" for e in run) for run in ended])
        rolled = np.array([run[0].verdict == "roll_back" for run in ended])
        happened = {
            "promote": float(promoted.mean()),
            "roll_back": float(rolled.mean()),
            "either": float((promoted | rolled).mean()),
        }
        times = [e.requests for run in ended for e in run if e.verdict != "hold"]
        return Row(
            of=self.of,
            truth=self.truth,
            promote=happened["promote"],
            hold=1 - happened["either"],
            roll_back=happened["roll_back"],
            requests=f"{np.median(times):,.0f}" if len(times) > len(ended) / 10 else "-",
            wrong={each: (happened[each], self.limit) for each in self.wrong},
        )


def plan(metric: PlannedMetric = RATE, *, challengers: int = 1, **others: Any) -> Plan:
    """A plan whose intervals are the tightest at 5,000 requests, as in published simulations."""
    names = ["champion", *(f"challenger-{n + 1}" for n in range(challengers))]
    usual: dict[str, Any] = {
        "name": "simulated",
        "strategy": "ab",
        "champion": names[0],
        "challengers": tuple(names[1:]),
        "arms": {arm: parse_selector(f"field:arm={arm}") for arm in names},
        "weights": dict.fromkeys(names, 1.0),
        "metrics": (metric,),
        "horizon": Horizon(units=10**9, tuning_units=5_000, minimum_days=0, maximum_days=60),
        "burn_in": BurnIn(units=100, events=10),
    }
    return Plan(**(usual | others))


def ended_of(decisions: tuple[Decision, ...]) -> list[Outcome]:
    """How a run ended for each challenger."""
    return list(map(Outcome.of, decisions))


def decided(
    of: Plan, runs: int, rules: Rules | None = None, **settings: Any
) -> list[list[Outcome]]:
    """The ends of all runs of a plan with known rates, in the order of its arms."""
    values = settings.pop("rates")
    rates = dict(zip(of.arms, values, strict=True))
    chosen = SimulationSettings.from_keywords(rates=rates, **settings)
    drawn = SimulatedPlan.of(of, chosen).runs(range(runs))
    return [ended_of(decide(run.plan, run.sums, rules)) for run in drawn]


def rates(runs: int) -> Iterator[Row]:
    """A rate, 100 looks of 400 requests."""
    for new, truth, wrong in (
        (0.11, "0.10 and 0.11", ("roll_back",)),
        (0.10, "0.10 and 0.10", ("roll_back",)),
        (0.09, "0.10 and 0.09, at the margin", ("promote", "roll_back")),
        (0.08, "0.10 and 0.08", ("promote",)),
        (0.07, "0.10 and 0.07", ("promote",)),
    ):
        of = Truth(of="a rate, margin 0.01", truth=truth, wrong=wrong)
        yield of.row(decided(plan(), runs, rates=[0.10, new], requests=40_000, looks=100))


def any_harm(runs: int) -> Iterator[Row]:
    """The same, rolled back by any harm."""
    for new, truth, wrong in (
        (0.11, "0.10 and 0.11", ("roll_back",)),
        (0.10, "0.10 and 0.10", ("roll_back",)),
        (0.09, "0.10 and 0.09", ("promote",)),
        (0.08, "0.10 and 0.08", ("promote",)),
    ):
        of = Truth(of="a rate, rolled back by any harm", truth=truth, wrong=wrong)
        yield of.row(decided(plan(), runs, HARMS, rates=[0.10, new], requests=40_000, looks=100))


def users(runs: int) -> Iterator[Row]:
    """1,000 users that come back, sticky, rates Beta(1, 4), 50 looks of 400 requests."""
    both = ErrorRates(promote=ALLOWED / 2, roll_back=ALLOWED / 2)
    alarms = replace(RATE, superior=True)
    by_user: dict[str, Any] = {"routing": "sticky", "unit": Unit(source="attribute:user")}
    drawn: dict[str, Any] = {"requests": 20_000, "looks": 50, "users": 1_000}
    same = "0.20 and 0.20: any difference is a false alarm"
    bucketed = plan(alarms, error_rates=both, **by_user)
    single = plan(alarms, error_rates=both, routing="sticky", weights=None)
    yield Truth(of="returning users, 512 buckets", truth=same, wrong=("either",)).row(
        decided(bucketed, runs, HARMS, rates=[0.20, 0.20], **drawn)
    )
    yield Truth(of="returning users, taken for independent", truth=same).row(
        decided(single, runs, HARMS, rates=[0.20, 0.20], **drawn)
    )
    yield Truth(
        of="returning users, 512 buckets, margin 0.01",
        truth="0.20 and 0.19, at the margin",
        wrong=("promote", "roll_back"),
    ).row(decided(plan(**by_user), runs, rates=[0.20, 0.19], **drawn))


def three_arms(runs: int) -> Iterator[Row]:
    """Two challengers, 100 looks of 600 requests."""
    of = Truth(
        of="a rate, two challengers",
        truth="0.10, 0.09 and 0.09, both at the margin",
        wrong=("promote", "roll_back"),
    )
    three = plan(challengers=2)
    yield of.row(decided(three, runs, rates=[0.10, 0.09, 0.09], requests=60_000, looks=100))


def sample_ratio(_: int) -> Iterator[Row]:
    """1,000 fair runs, 200 looks of 100 requests: how often are shares doubted?"""
    runs, level = 1_000, 0.001
    fair = plan(weights={"champion": 0.9, "challenger-1": 0.1})
    chosen = SimulationSettings.from_keywords(
        rates=dict.fromkeys(fair.arms, 0.10), requests=20_000, looks=200
    )
    doubted = 0
    for run in SimulatedPlan.of(fair, chosen).runs(range(runs)):
        [decision] = decide(run.plan, run.sums)
        doubted += any(
            not each.passed.all() for each in decision.trusts if each.name == SAMPLE_RATIO
        )
    limit = level + 3 * float(np.sqrt(level * (1 - level) / runs))
    share = doubted / runs
    yield Row(
        of="sample ratio, weights 90 to 10, 1,000 runs",
        truth="shares are as planned",
        promote=float("nan"),
        hold=share,
        roll_back=float("nan"),
        requests="-",
        wrong={"hold": (share, limit)},
    )
