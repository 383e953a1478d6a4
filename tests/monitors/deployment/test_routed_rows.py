"""Which rows of a deployment are compared: those that chance routed, by weights that are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.formats.deployment.plan import Horizon, PlannedMetric, WeightsChange
from driftkit.monitors.deployment.decision import decide
from driftkit.monitors.deployment.verdicts import verdict_of
from driftkit.states.deployment.arms import UNKNOWN, added
from tests.monitors.deployment.sums import BEGIN, HOUR, plan, rates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from driftkit.monitors.deployment.decision import Decision
    from driftkit.states.deployment.arms import ArmSums

NEVER_OVER = Horizon(units=10**9, tuning_units=5_000, minimum_days=1, maximum_days=14)
ACCURACY = PlannedMetric(name="accuracy", role="goal", kind="rate", better="higher", margin=0.01)


def changes(*weights: Mapping[str, float], begin: int = BEGIN) -> tuple[WeightsChange, ...]:
    """Weights that change every hour."""
    starts = [datetime.fromtimestamp(begin + HOUR * hour, UTC) for hour in range(len(weights))]
    return tuple(
        WeightsChange(start=start, end=end, weights=each)
        for start, end, each in zip(starts, [*starts[1:], None], weights, strict=True)
    )


def timeless(sums: ArmSums) -> ArmSums:
    """The sums of rows without a time, all in one block."""
    return replace(sums, keys=np.column_stack([np.full(len(sums.keys), UNKNOWN), sums.keys[:, 1]]))


def labelled(trials: ArrayLike, labels: ArrayLike, counted: ArrayLike | None = None) -> ArmSums:
    """Requests of which some have a label; half of those counted are right."""
    rows = np.asarray(labels if counted is None else counted)
    sums = rates(rows // 2, rows)
    return replace(sums, requests=np.asarray(trials).ravel(), labelled=np.asarray(labels).ravel())


def check(found: Decision, name: str) -> bool:
    """Whether a check passes at the last look."""
    [trust] = [each for each in found.trusts if each.name == name]
    return bool(trust.passed[-1])


def test_time_and_shares_count_from_when_the_challenger_gets_requests() -> None:
    alone, hours = 24 * 15, 30
    trials = [[1_000, 0]] * alone + [[900, 100]] * hours
    events = [[200, 0]] * alone + [[90, 15]] * hours
    weighted = plan(weights={"old": 0.9, "new": 0.1}, horizon=NEVER_OVER)

    [found] = decide(weighted, rates(events, trials))

    assert (found.verdict, found.look) == ("promote", alone + 23)
    assert found.judged[0].evidence.difference[-1] == pytest.approx(0.05)
    assert check(found, "sample_ratio")
    [note] = verdict_of(weighted, [found]).notes
    assert note.startswith("360,000 rows from before 2026-11-17T08:00:00Z are not compared")


def test_the_part_of_an_hour_in_which_an_arm_came_is_not_held_against_its_weight() -> None:
    trials = [[1_000, 0], [950, 50], *[[500, 500]] * 5]
    weighted = plan(weights={"old": 0.5, "new": 0.5})

    [found] = decide(weighted, rates(np.array(trials) // 2, trials))

    assert check(found, "sample_ratio")


def test_an_arm_that_gets_too_few_from_then_on_is_not_trusted() -> None:
    trials = [[1_000, 0], [950, 50], *[[700, 300]] * 5]
    weighted = plan(weights={"old": 0.5, "new": 0.5})

    [found] = decide(weighted, rates(np.array(trials) // 2, trials))

    assert "new: 30.00% of requests, 50.00% by its weight" in found.reason


def test_hours_before_the_history_of_weights_are_not_compared() -> None:
    trials = np.array([[5_000, 5_000], [9_000, 1_000], [5_000, 5_000]])
    history = changes({"old": 0.9, "new": 0.1}, {"old": 0.5, "new": 0.5}, begin=BEGIN + HOUR)
    events = np.array([[0, 5_000], [4_500, 500], [2_500, 2_500]])
    told = plan(weights={"old": 0.9, "new": 0.1}, weights_history=history)

    [found] = decide(told, rates(events, trials))

    assert check(found, "sample_ratio")
    assert found.judged[0].evidence.difference[-1] == pytest.approx(0.0)
    verdict = verdict_of(told, [found])
    assert "10,000 rows from before 2026-11-02T09:00:00Z are not compared" in verdict.notes[0]
    assert verdict.epochs[0].weights == {}


def test_rows_that_came_without_a_weight_are_not_compared() -> None:
    trials, events = [[1_000, 40], [500, 500]], [[500, 40], [250, 250]]
    told = plan(
        weights={"old": 0.5, "new": 0.5},
        weights_history=changes({"old": 1.0}, {"old": 0.5, "new": 0.5}),
    )

    [found] = decide(told, rates(events, trials))

    assert found.judged[0].evidence.difference[-1] == pytest.approx(0.0)
    assert check(found, "sample_ratio")


def test_rows_of_an_arm_whose_weight_is_taken_away_are_not_compared() -> None:
    trials, events = [[500, 500], [1_000, 40]], [[250, 250], [500, 0]]
    told = plan(
        weights={"old": 0.5, "new": 0.5},
        weights_history=changes({"old": 0.5, "new": 0.5}, {"old": 1.0}),
    )

    [found] = decide(told, rates(events, trials))

    assert found.judged[0].evidence.difference[-1] == pytest.approx(0.0)
    assert (
        "40 rows of new are not compared: its weight was 0 at their time"
        in verdict_of(told, [found]).notes
    )


def test_rows_without_a_time_are_not_compared_where_weights_change() -> None:
    told = plan(
        weights={"old": 0.9, "new": 0.1},
        weights_history=changes({"old": 0.9, "new": 0.1}, {"old": 0.5, "new": 0.5}),
    )
    timed = rates([[450, 50], [250, 250]], [[900, 100], [500, 500]])
    state = added([timed, timeless(rates([[0, 300]], [[300, 300]]))])

    [found] = decide(told, state)

    assert found.judged[0].evidence.difference[-1] == pytest.approx(0.0)
    assert check(found, "sample_ratio")
    assert verdict_of(told, [found]).notes[0].startswith("600 rows have no time and are not")


def test_rows_without_a_time_are_no_day_of_their_own() -> None:
    trials = np.full((72, 2), 1_000)
    timed = rates(trials // 2, trials)
    state = added([timed, timeless(rates([[400, 600]], [[1_000, 1_000]]))])

    [found] = decide(plan(), state)

    assert check(found, "effect_is_constant")
    assert verdict_of(plan(), [found]).notes == (
        "2,000 rows have no time and count before all others",
    )


@pytest.mark.parametrize(("days", "verdict"), [(1.0, "hold"), (0.0, "promote")])
def test_where_no_row_has_a_time_no_minimum_of_days_is_over(days: float, verdict: str) -> None:
    state = timeless(rates([[5_000, 5_500]], [[10_000, 10_000]]))

    [found] = decide(plan(horizon=replace(NEVER_OVER, minimum_days=days)), state)

    assert found.verdict == verdict
    assert ("--minimum-days 0" in found.reason) == (verdict == "hold")


def test_labels_that_come_later_in_both_arms_are_no_reason_for_distrust() -> None:
    told = plan(
        ACCURACY,
        weights={"old": 0.9, "new": 0.1},
        weights_history=changes({"old": 0.9, "new": 0.1}, {"old": 0.5, "new": 0.5}),
    )
    trials = [[900, 100], [500, 500]]

    [found] = decide(told, labelled(trials, [[900, 100], [200, 200]]))

    assert check(found, "label_share")


@pytest.mark.parametrize("lacking", ["label_share", "value_share"])
def test_labels_or_values_that_one_arm_lacks_hold(lacking: str) -> None:
    trials = np.full((30, 2), 1_000)
    less = np.tile([1_000, 800], (30, 1))
    state = labelled(trials, *((less, less) if lacking == "label_share" else (trials, less)))

    [found] = decide(plan(ACCURACY), state)

    assert found.verdict == "hold"
    assert found.reason.startswith(f"the data cannot be trusted: {lacking}: ")
    assert "80.0% of the challenger's" in found.reason


def test_hours_whose_labels_are_still_to_come_are_told() -> None:
    trials = np.full((10, 2), 1_000)
    labels = np.where(np.arange(10)[:, None] < 7, 900, 100) * np.ones((1, 2), int)

    [found] = decide(plan(ACCURACY), labelled(trials, labels))

    [note] = verdict_of(plan(ACCURACY), [found]).notes
    assert note.startswith(
        "labels of the last 3 hours are still to come: 10.0% of their rows have one, 90.0% is usual"
    )


def test_what_holds_at_the_end_of_the_horizon_is_not_told_by_later_hours() -> None:
    trials = np.tile([950, 50], (100, 1))
    over = replace(NEVER_OVER, minimum_days=0, maximum_days=1)
    weighted = plan(weights={"old": 0.9, "new": 0.1}, horizon=over)
    events = trials // 2

    [early] = decide(weighted, rates(events[:24], trials[:24]))
    [late] = decide(weighted, rates(events, trials))

    assert early.final
    assert (late.look, late.reason) == (early.look, early.reason)
    assert early.reason == "inconclusive: the data cannot be trusted: sample_ratio"
