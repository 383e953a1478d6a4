"""Decisions: promote, hold and roll back, error rates, and that no later hour turns them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from driftkit import InputError
from driftkit.formats.deployment.plan import Bandit, ErrorRates, Horizon, PlannedMetric
from driftkit.monitors.deployment.decision import Decision, Rules, decide
from driftkit.monitors.deployment.verdicts import verdict_of
from driftkit.states.deployment.arms import added
from tests.monitors.deployment.sums import plan, rates

LOOKS, REQUESTS = 100, 200


def simulated(run: int, old: float, new: float) -> Decision:
    """A run of the published simulations: 100 looks of 200 requests an arm."""
    random = np.random.default_rng(run)
    events = random.binomial(REQUESTS, [[old, new]] * LOOKS)
    [found] = decide(plan(), rates(events, np.full((LOOKS, 2), REQUESTS)))
    return found


@pytest.mark.parametrize(
    ("new", "verdict"), [(0.13, "promote"), (0.06, "roll_back"), (0.09, "hold")]
)
def test_of_a_clear_case(new: float, verdict: str) -> None:
    found = simulated(1, 0.10, new)

    assert found.verdict == verdict
    assert found.final == (verdict != "hold")


def test_wrong_decisions_at_the_margin_are_rare() -> None:
    runs = 200

    found = [simulated(run, 0.10, 0.09).verdict for run in range(runs)]

    # Of 2,000 runs 2.5 % are promoted and 2.0 % rolled back.
    assert found.count("promote") <= 0.05 * runs + 3 * np.sqrt(0.05 * 0.95 * runs)
    assert found.count("roll_back") <= 0.05 * runs + 3 * np.sqrt(0.05 * 0.95 * runs)
    assert set(found) > {"hold"}


@given(some.integers(0, 500), some.sampled_from([0.07, 0.09, 0.1, 0.12]), some.integers(1, 99))
def test_later_hours_do_not_turn_a_verdict(run: int, new: float, hours: int) -> None:
    random = np.random.default_rng(run)
    events = random.binomial(REQUESTS, [[0.10, new]] * LOOKS)
    trials = np.full((LOOKS, 2), REQUESTS)

    [early] = decide(plan(), rates(events[:hours], trials[:hours]))
    [late] = decide(plan(), rates(events, trials))

    if early.final:
        assert (late.verdict, late.look, late.reason) == (early.verdict, early.look, early.reason)
    else:
        assert late.look is None or late.look >= hours


@given(some.integers(0, 50), some.lists(some.integers(0, 200), max_size=4))
def test_any_split_gives_the_same_decision(run: int, cuts: list[int]) -> None:
    random = np.random.default_rng(run)
    whole = rates(random.binomial(REQUESTS, [[0.10, 0.08]] * LOOKS), np.full((LOOKS, 2), REQUESTS))
    ends = [0, *sorted(cuts), len(whole.keys)]
    of = np.arange(len(whole.keys))
    parts = [whole.chosen((of >= i) & (of < j)) for i, j in pairwise(ends)]

    [one], [other] = decide(plan(), whole), decide(plan(), added(parts[::-1]))

    assert (one.verdict, one.look, one.reason) == (other.verdict, other.look, other.reason)


def test_a_control_without_errors_does_not_let_errors_pass() -> None:
    # spinnaker#5622, which Kayenta passes.
    errors = PlannedMetric(
        name="rate:errors",
        role="guardrail",
        kind="rate",
        better="lower",
        margin=0.001,
        column="errors",
    )

    [found] = decide(plan(errors), rates([[0, 46]], [[10_000, 10_000]]))

    assert found.verdict == "roll_back"
    assert "rate:errors is worse by at least 0.001453, where 0.001 is allowed" in found.reason
    assert found.judged[0].bounds.exact[-1]


def test_what_is_to_be_better_is_not_promoted_for_being_the_same() -> None:
    trials = np.full((LOOKS, 2), 1_000)
    events = np.full((LOOKS, 2), 500)
    goal = plan().metrics[0]

    [same] = decide(plan(), rates(events, trials))
    [superior] = decide(plan(replace(goal, superior=True, margin=0.01)), rates(events, trials))

    assert (same.verdict, superior.verdict) == ("promote", "hold")
    assert superior.reason == "rate:ok is still open"


def test_the_interval_of_a_difference_that_changes_is_that_of_the_last_look() -> None:
    trials = np.full((LOOKS, 2), 1_000)
    events = np.column_stack([np.full(LOOKS, 500), np.where(np.arange(LOOKS) < 20, 700, 400)])

    [found] = decide(plan(), rates(events, trials))

    bounds, shown = found.judged[0].bounds, verdict_of(plan(), [found]).metrics[0]
    assert bounds.low[-1] > bounds.high[-1]
    assert shown.low is not None
    assert shown.high is not None
    assert shown.difference is not None
    assert shown.low < shown.difference < shown.high


def test_any_harm_rolls_back_sooner() -> None:
    trials = np.full((LOOKS, 2), 2_000)
    events = np.broadcast_to([1_000, 985], (LOOKS, 2))

    [by_margin] = decide(plan(), rates(events, trials))
    [by_any] = decide(plan(), rates(events, trials), Rules(any_harm=True))

    assert (by_margin.verdict, by_any.verdict) == ("hold", "roll_back")
    assert (by_margin.judged[0].state, by_any.judged[0].state) == ("open", "harmed")
    assert by_any.reason.startswith("rate:ok is worse, by at least ")


def test_shares_that_are_not_as_planned_hold() -> None:
    trials = np.tile([950, 50], (LOOKS, 1))
    weighted = plan(weights={"old": 0.9, "new": 0.1})

    [found] = decide(weighted, rates(trials // 2, trials))

    assert (found.verdict, found.final) == ("hold", False)
    assert "sample_ratio" in found.reason
    assert "new: 5.00% of requests, 10.00% by its weight" in found.reason


def test_weights_of_a_bandit_are_the_plans_at_the_start_only() -> None:
    trials = np.tile([950, 50], (LOOKS, 1))
    of_bandit = plan(weights={"old": 0.5, "new": 0.5}, strategy="bandit", bandit=Bandit())

    [found] = decide(of_bandit, rates(trials // 2, trials))

    assert [each.name for each in found.trusts if each.name == "sample_ratio"] == []


RATE = PlannedMetric(
    name="rate:errors", role="guardrail", kind="rate", better="lower", margin=0.001, column="errors"
)


@pytest.mark.parametrize(
    ("metric", "verdict"),
    [
        (replace(RATE, operational=True), "roll_back"),
        (RATE, "hold"),
        (replace(RATE, operational=True, role="goal"), "hold"),
        (replace(RATE, name="latency_slo", kind="slo", limit=250.0), "roll_back"),
        (replace(RATE, name="latency_slo", kind="slo", limit=250.0, operational=False), "hold"),
        (replace(RATE, name="errors", column=None), "roll_back"),
        (replace(RATE, name="error_rate", column=None), "hold"),
    ],
)
def test_only_operational_guardrails_roll_back_whatever_the_shares(
    metric: PlannedMetric, verdict: str
) -> None:
    trials = np.tile([950, 50], (LOOKS, 1))

    [found] = decide(
        plan(metric, weights={"old": 0.9, "new": 0.1}), rates(np.tile([1, 20], (LOOKS, 1)), trials)
    )

    assert found.judged[0].harmed.any()
    assert found.verdict == verdict


@pytest.mark.parametrize(("events", "better"), [([0, 46], "lower"), ([500, 230], "higher")])
def test_the_exact_p_value_is_the_level_whose_bounds_exclude_no_difference(
    events: list[int], better: Literal["higher", "lower"]
) -> None:
    sums = rates([events], [[10_000, 10_000]])
    exact = plan(replace(RATE, better=better), method="exact")
    p = verdict_of(exact, decide(exact, sums)).metrics[0].p_value

    assert p is not None
    assert p < 0.1
    for level, excluded in ((p * 1.001, True), (p * 0.999, False)):
        asked = replace(exact, error_rates=ErrorRates(promote=level, roll_back=level))
        assert (decide(asked, sums)[0].judged[0].bounds.high[-1] < 0) == excluded


def test_the_horizon_ends_the_wait() -> None:
    short = plan(horizon=Horizon(units=2_000, tuning_units=1_000, minimum_days=0, maximum_days=9))
    trials = np.full((10, 2), 200)

    [found] = decide(short, rates(trials // 2, trials))

    assert (found.verdict, found.final, found.look) == ("hold", True, 4)
    assert found.reason.startswith("inconclusive: rate:ok may be worse by ")


def test_the_minimum_of_days_is_waited_for() -> None:
    trials = np.full((LOOKS, 2), 2_000)
    days = Horizon(units=10**9, tuning_units=5_000, minimum_days=2, maximum_days=60)

    [found] = decide(plan(horizon=days), rates(trials // 2, trials))

    assert (found.verdict, found.look) == ("promote", 47)


def test_few_data_decide_nothing() -> None:
    [found] = decide(plan(), rates([[20, 90]], [[99, 99]]))

    assert (found.verdict, found.reason) == ("hold", "too few data of rate:ok")


def test_several_challengers_share_the_error_of_promoting() -> None:
    three = plan(
        challengers=("new", "third"),
        arms={arm: plan().arms["old"] for arm in ("old", "new", "third")},
        error_rates=ErrorRates(promote=0.10),
    )
    trials = np.full((LOOKS, 3), 1_000)
    events = np.tile([500, 560, 430], (LOOKS, 1))

    found = decide(three, rates(events, trials, ("old", "new", "third")))

    assert [each.verdict for each in found] == ["promote", "roll_back"]


def test_an_arm_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match=r"new \(field:arm=new\)"):
        decide(plan(), rates([[1, 1]], [[5, 5]]).chosen(np.array([True, False])))


@pytest.mark.parametrize("method", ["exact", "fixed", "group_sequential"])
def test_other_methods_decide_too(method: str) -> None:
    horizon = Horizon(units=40_000, tuning_units=20_000, minimum_days=0, maximum_days=60, looks=5)
    trials = np.full((LOOKS, 2), REQUESTS)

    verdicts = [
        decide(plan(method=method, horizon=horizon), rates(events, trials))[0].verdict
        for events in (
            np.tile([20, 30], (LOOKS, 1)),
            np.tile([20, 10], (LOOKS, 1)),
        )
    ]

    assert verdicts == ["promote", "roll_back"]


@pytest.mark.parametrize(
    ("method", "looks"), [("fixed", [99]), ("group_sequential", [19, 39, 59, 79, 99])]
)
def test_planned_looks_are_the_only_ones(method: str, looks: list[int]) -> None:
    horizon = Horizon(units=40_000, tuning_units=20_000, minimum_days=0, maximum_days=60, looks=5)
    trials = np.full((LOOKS, 2), REQUESTS)

    [found] = decide(
        plan(method=method, horizon=horizon), rates(np.tile([20, 20], (LOOKS, 1)), trials)
    )

    assert np.flatnonzero(found.judged[0].bounds.ready).tolist() == looks
