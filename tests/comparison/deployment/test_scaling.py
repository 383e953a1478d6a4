"""Replays of auto scaling against recorded actions, AWS's sentences and laws."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.deployment.scaling import (
    IN,
    OUT,
    AutoScaling,
    Replay,
    ScheduledChange,
    replayed,
)
from driftkit.comparison.deployment.scaling_rules import (
    StepAdjustment,
    StepScaling,
    TargetTracking,
)
from tests.comparison.deployment.loads import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLICY = AutoScaling(minimum=1, maximum=20, tracking=TargetTracking(target=1500))
COUNTS = st.lists(st.sampled_from([0.0, 5.0, 90.0, 100.0, 300.0, 1000.0]), max_size=120)


def told(replay: Replay) -> list[tuple[int, str, int]]:
    return [(action.minute, action.kind, action.desired) for action in replay.actions]


def steps(*bounds: tuple[float | None, float | None, float], **changes: Any) -> StepScaling:
    """A step policy whose alarm stands at 100 requests or more a minute and instance."""
    adjustments = [StepAdjustment(lower=low, upper=up, amount=by) for low, up, by in bounds]
    usual = StepScaling(
        steps=tuple(adjustments),
        adjustment="ChangeInCapacity",
        threshold=100,
        comparison="GreaterThanOrEqualToThreshold",
        cooldown=600,
    )
    return replace(usual, **changes)


def test_the_recorded_replay(golden: Callable[[str], Path]) -> None:
    recorded = json.loads(golden("deployment/autoscaling.json").read_text())
    policy = recorded["policy"]
    scaling = AutoScaling(
        minimum=policy["MinCapacity"],
        maximum=policy["MaxCapacity"],
        arrive_minutes=policy["arrive_minutes"],
        tracking=TargetTracking(
            target=policy["TargetValue"],
            out_cooldown=policy["ScaleOutCooldown"],
            in_cooldown=policy["ScaleInCooldown"],
        ),
    )

    replay = replayed(np.array(recorded["arrivals"], float), scaling)

    expected = [
        (action["minute"], action["action"], action["want"], action["invocations"])
        for action in recorded["actions"]
    ]
    assert [(a.minute, a.kind, a.desired, a.arrivals) for a in replay.actions] == expected
    assert [a.per_instance for a in replay.actions] == [
        action["per_instance"] for action in recorded["actions"]
    ]
    assert replay.excess(policy["TargetValue"]).minutes == recorded["minutes_over_target"]
    assert replay.instance_minutes == recorded["instance_minutes"]
    assert replay.peak_instances == 3


def test_a_users_case_with_a_target_of_1500() -> None:
    replay = replayed(load((900, 30), (20_000, 60), (900, 60)), POLICY)

    (first, last) = told(replay)
    assert first == (32, OUT, 14)
    assert last == (90 + 14, IN, 1)


def test_nothing_is_removed_before_fifteen_quiet_minutes() -> None:
    quiet = load((20_000, 30), (900, 14), (20_000, 1), (900, 40))

    replay = replayed(quiet, POLICY)

    assert [minute for minute, kind, _ in told(replay) if kind == IN] == [45 + 14]


def test_minutes_just_at_the_two_limits_do_nothing() -> None:
    scaling = replace(POLICY, initial=3)

    assert replayed(load((4500, 60)), scaling).actions == ()
    assert replayed(load((4050, 60)), scaling).actions == ()
    assert told(replayed(load((3000, 60)), scaling)) == [(14, IN, 2)]


def test_an_increase_ends_the_cooldown_of_a_decrease_and_starts_its_own() -> None:
    tracking = TargetTracking(target=100, in_cooldown=3600, out_cooldown=1800)
    scaling = AutoScaling(minimum=1, maximum=9, initial=3, tracking=tracking)

    replay = replayed(load((10, 20), (300, 6), (10, 60)), scaling)

    # The second decrease waits for 30 minutes after the increase, not for an hour after the first.
    assert told(replay) == [(14, IN, 1), (22, OUT, 3), (52, IN, 1)]


def test_only_a_larger_number_counts_while_instances_are_on_the_way() -> None:
    scaling = AutoScaling(minimum=1, maximum=9, tracking=TargetTracking(target=100))

    replay = replayed(load((300, 4), (500, 3)), replace(scaling, arrive_minutes=30))

    assert told(replay) == [(2, OUT, 3), (4, OUT, 5)]


@pytest.mark.parametrize("left", [IN, OUT])
def test_suspended_scaling_in_one_direction(left: str) -> None:
    scaling = replace(POLICY, initial=3, may_scale_out=left == OUT, may_scale_in=left == IN)

    replay = replayed(load((9000, 30), (900, 60)), scaling)

    assert {kind for _, kind, _ in told(replay)} == {left}


def test_a_policy_that_never_scales_in() -> None:
    tracking = TargetTracking(target=1500, scales_in=False)

    replay = replayed(load((9000, 30), (0, 600)), replace(POLICY, tracking=tracking))

    assert [kind for _, kind, _ in told(replay)] == [OUT]


def test_a_steeper_step_within_the_cooldown_adds_the_difference() -> None:
    policy = steps((0, 100, 2), (100, None, 3))
    scaling = AutoScaling(minimum=1, maximum=9, steps=(policy,), arrive_minutes=60)

    replay = replayed(load((150, 2), (250, 1), (150, 10)), scaling)

    # 2 are added, then 1 more; the same step again only once the cooldown is over.
    assert told(replay) == [(0, OUT, 3), (2, OUT, 4), (12, OUT, 6)]


@pytest.mark.parametrize(
    ("adjustment", "amount", "desired"),
    [
        ("ChangeInCapacity", 2, 6),
        ("PercentChangeInCapacity", 60, 6),
        ("PercentChangeInCapacity", 1, 5),
        ("ExactCapacity", 7, 7),
        ("ChangeInCapacity", 90, 9),
    ],
)
def test_kinds_of_adjustments(adjustment: str, amount: float, desired: int) -> None:
    policy = steps((0, None, amount), adjustment=adjustment)
    scaling = AutoScaling(minimum=1, maximum=9, initial=4, steps=(policy,))

    assert told(replayed(load((4000, 1)), scaling)) == [(0, OUT, desired)]


@pytest.mark.parametrize(("metric", "desired"), [(100, 5), (109, 5), (110, 6), (99, 4)])
def test_lower_bounds_are_included_above_the_threshold(metric: float, desired: int) -> None:
    scaling = AutoScaling(
        minimum=1, maximum=9, initial=4, steps=(steps((0, 10, 1), (10, None, 2)),)
    )

    (*_, last) = [
        4,
        *(action.desired for action in replayed(load((4 * metric, 1)), scaling).actions),
    ]

    assert last == desired


@pytest.mark.parametrize(("metric", "desired"), [(50, 3), (41, 3), (40, 2), (51, 4)])
def test_upper_bounds_are_included_below_the_threshold(metric: float, desired: int) -> None:
    policy = steps(
        (-10, 0, -1), (None, -10, -2), threshold=50, comparison="LessThanOrEqualToThreshold"
    )
    scaling = AutoScaling(minimum=1, maximum=9, initial=4, steps=(policy,))

    (*_, last) = [
        4,
        *(action.desired for action in replayed(load((4 * metric, 1)), scaling).actions),
    ]

    assert last == desired


def test_an_alarm_of_some_of_the_last_minutes() -> None:
    policy = steps((0, None, 1), points=2, of_points=3, per_instance=False)
    scaling = AutoScaling(minimum=1, maximum=9, steps=(policy,))

    replay = replayed(load((100, 1), (0, 2), (100, 1), (0, 1), (100, 1)), scaling)

    assert told(replay) == [(5, OUT, 2)]


def test_the_largest_of_several_proposals_is_taken() -> None:
    scaling = AutoScaling(
        minimum=1, maximum=9, tracking=TargetTracking(target=100), steps=(steps((0, None, 5)),)
    )

    replay = replayed(load((0, 2), (300, 1)), scaling)

    assert [(a.desired, a.by) for a in replay.actions] == [(6, "step scaling")]


def test_scheduled_bounds_are_followed_at_once_and_by_no_cooldown() -> None:
    scheduled = (
        ScheduledChange(minute=5, minimum=4, maximum=6, name="morning"),
        ScheduledChange(minute=8, minimum=1, maximum=2, name="evening"),
        ScheduledChange(minute=20, minimum=3),
        ScheduledChange(minute=25, maximum=2),
    )

    replay = replayed(load((0, 30)), AutoScaling(minimum=1, maximum=9, scheduled=scheduled))

    assert told(replay) == [(5, OUT, 4), (8, IN, 2), (20, OUT, 3), (25, IN, 2)]
    assert replay.actions[0].by == "morning"
    assert replay.serving.tolist() == [1] * 9 + [2] * 15 + [3] + [2] * 5


def test_what_is_on_the_way_is_given_up_first() -> None:
    scheduled = (ScheduledChange(minute=3, minimum=0, maximum=1),)
    scaling = AutoScaling(
        minimum=1, maximum=9, tracking=TargetTracking(target=100), scheduled=scheduled
    )

    replay = replayed(load((900, 20)), scaling)

    assert told(replay) == [(2, OUT, 9), (3, IN, 1)]
    assert set(replay.instances.tolist()) == {1}


@given(COUNTS, st.integers(0, 2), st.integers(2, 6), st.sampled_from([10.0, 100.0, 250.0]))
def test_bounds_are_kept(counts: list[float], low: int, high: int, target: float) -> None:
    stepping = (
        steps((0, 100, 1), (100, None, 3), cooldown=120),
        steps((None, 0, -1), threshold=50, comparison="LessThanThreshold", points=3, of_points=4),
    )
    scaling = AutoScaling(
        minimum=low, maximum=high, tracking=TargetTracking(target=target), steps=stepping
    )

    replay = replayed(np.array(counts), scaling)

    assert len(replay.serving) == len(counts)
    assert all(low <= count <= high for count in (*replay.serving, *replay.instances))
    for before, after in pairwise(replay.actions):
        assert before.minute < after.minute
        assert after.before == before.desired != after.desired


@given(COUNTS, st.sampled_from([10.0, 100.0, 250.0]))
def test_decreases_wait_for_both_cooldowns(counts: list[float], target: float) -> None:
    scaling = AutoScaling(
        minimum=1,
        maximum=9,
        tracking=TargetTracking(target=target, in_cooldown=900, out_cooldown=1200),
    )

    actions = replayed(np.array(counts * 3), scaling).actions

    for before, after in pairwise(actions):
        if after.kind == IN:
            waited = {OUT: 20, IN: 15}[before.kind]
            assert after.minute - before.minute >= waited


@given(COUNTS, st.sampled_from([10.0, 100.0, 250.0]))
def test_requests_and_target_in_other_units_change_nothing(
    counts: list[float], target: float
) -> None:
    one = AutoScaling(minimum=1, maximum=9, tracking=TargetTracking(target=target))
    two = replace(one, tracking=TargetTracking(target=2 * target))

    assert told(replayed(np.array(counts), one)) == told(replayed(2 * np.array(counts), two))


@pytest.mark.parametrize("rate", [0, 90, 1000, 7777])
def test_a_larger_target_takes_no_more_instances_for_a_constant_load(rate: float) -> None:
    targets = (50, 100, 300, 999, 1000, 1001, 5000)

    minutes = [
        replayed(
            load((rate, 120)),
            AutoScaling(minimum=1, maximum=50, tracking=TargetTracking(target=target)),
        ).instance_minutes
        for target in targets
    ]

    assert minutes == sorted(minutes, reverse=True)


def test_a_larger_target_can_take_more_instances_for_a_load_that_changes() -> None:
    counts = load((250, 30), (210, 12), (0, 30))
    one = AutoScaling(minimum=1, maximum=3, tracking=TargetTracking(target=100))

    small, large = (
        replayed(counts, replace(one, tracking=TargetTracking(target=target))).instance_minutes
        for target in (100, 111)
    )

    # The larger target removes an instance early, and the others are not quiet without it.
    assert (small, large) == (144, 146)


def test_without_minutes_there_is_nothing() -> None:
    replay = replayed(np.zeros(0), POLICY)

    assert (replay.actions, replay.instance_minutes, replay.peak_instances) == ((), 0, 0)
    assert replay.excess(1).share is None


def test_without_instances_all_requests_are_beyond_capacity() -> None:
    replay = replayed(load((50, 2), (0, 2)), replace(POLICY, minimum=0))

    assert replay.excess(1000).minutes == 2
    assert replay.excess(1000).share == 1


def test_costs_are_of_instances_in_service() -> None:
    assert replayed(load((0, 90)), replace(POLICY, minimum=2)).cost(1.5) == pytest.approx(4.5)
