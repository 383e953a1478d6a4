"""Weights by rewards: from reports and kept states, and from AWS's sample of bandits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit import InputError, SettingsError
from driftkit.comparison.deployment.bandits import Batches, Policy, wanted_shares
from driftkit.comparison.deployment.posteriors import Beta
from driftkit.comparison.deployment.weights import next_weights
from driftkit.formats.deployment import bandit as bandit_file
from driftkit.formats.deployment.plan import PlannedMetric
from driftkit.monitors.deployment.rewards import Orientation
from tests.formats.deployment.test_policies import STATS
from tests.monitors.deployment.bandit_rows import WEIGHTS, planned, reported, requests

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.bandit_results import DeploymentWeights

TABLE = requests()
PLAN = planned(TABLE, segment_by="carrier", endpoint="churn")
REPORT = reported(TABLE, PLAN)


def sums(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Requests and rewards of old and new."""
    found = table.groupby("version")["ok"].agg(["size", "sum"]).loc[["old", "new"]]
    return found["size"].to_numpy(float), found["sum"].to_numpy(float)


def wanted(found: DeploymentWeights) -> list[float]:
    """The shares that the policy alone gives, to all requests."""
    return [arm.wanted or 0.0 for arm in found.bandit.weights[0].arms]


def test_weights_follow_the_probability_of_being_best_within_the_limits() -> None:
    found = driftkit.deployment.weights(REPORT)

    pulls, rewards = sums(TABLE)
    chances = Beta(a=1 + rewards, b=1 + pulls - rewards).probability_best()
    expected = next_weights(chances, pulls, np.array([0.7, 0.3]))
    assert wanted(found) == pytest.approx(chances.tolist(), abs=1e-12)
    assert list(found.weights.values()) == expected.shares.tolist() == [0.5, 0.5]
    [arm, _] = found.bandit.weights[0].arms
    assert (arm.units, arm.rewards, arm.before) == (pulls[0], rewards[0], 0.7)


def test_files_are_those_of_sagemaker_and_of_the_bandit(tmp_path: Path) -> None:
    found = driftkit.deployment.weights(REPORT)

    found.write(tmp_path)

    assert (tmp_path / "desired_weights.json").read_text() == (
        '{"EndpointName": "churn", "DesiredWeightsAndCapacities": [\n'
        '  {"VariantName": "old", "DesiredWeight": 0.5}, '
        '{"VariantName": "new", "DesiredWeight": 0.5}]}\n'
    )
    assert bandit_file.read_file(tmp_path / "bandit.json") == found.bandit
    assert type(found).read(tmp_path).weights == found.weights


def test_without_an_endpoint_an_earlier_request_does_not_stay(tmp_path: Path) -> None:
    plan = planned(TABLE)
    driftkit.deployment.weights(REPORT).write(tmp_path)

    found = driftkit.deployment.weights(reported(TABLE, plan), plan)
    found.write(tmp_path)

    assert [file.name for file in tmp_path.glob("*.json")] == ["bandit.json"]
    assert any("--endpoint" in note for note in found.notes())


def test_kept_states_of_hours_give_the_same_weights(tmp_path: Path) -> None:
    half = len(TABLE) // 2
    PLAN.write(tmp_path / "plan")
    for name, part in (("one", TABLE[:half]), ("two", TABLE[half:])):
        reported(part, PLAN).write(tmp_path / name)

    found = driftkit.deployment.weights(
        [tmp_path / "one", tmp_path / "two"], str(tmp_path / "plan")
    )

    assert found.bandit == driftkit.deployment.weights(REPORT).bandit


def test_segments_have_weights_of_their_own() -> None:
    found = driftkit.deployment.weights(REPORT, segment_by="carrier")

    named = {each.segment: each for each in found.bandit.weights}
    assert list(named) == [None, "AA", "UA"]
    for carrier in ("AA", "UA"):
        pulls, rewards = sums(TABLE[TABLE["carrier"] == carrier])
        assert [arm.units for arm in named[carrier].arms] == pulls.tolist()
        assert [arm.rewards for arm in named[carrier].arms] == rewards.tolist()


@pytest.mark.parametrize("hours", [6, 24])
def test_requests_whose_rewards_may_still_come_do_not_count(hours: int) -> None:
    found = driftkit.deployment.weights(REPORT, attribution_window=hours)

    until = TABLE["at"].dt.floor("h").max() + pd.Timedelta(hours=1 - hours)
    pulls, _ = sums(TABLE[TABLE["at"] < until])
    assert [arm.units for arm in found.bandit.weights[0].arms] == pulls.tolist()
    assert found.bandit.matured_before == until.tz_localize("UTC")
    assert found.bandit.window.end == found.bandit.matured_before


def test_of_the_latest_hours_only_and_with_discount() -> None:
    latest = driftkit.deployment.weights(REPORT, window=10)
    fading = driftkit.deployment.weights(REPORT, discount=0.5)

    hour = (TABLE["at"] - TABLE["at"].min()) // pd.Timedelta(hours=1)
    pulls, _ = sums(TABLE[hour >= hour.max() - 9])
    old = 0.5 ** (hour.max() - hour[TABLE["version"] == "old"])
    assert latest.bandit.weights[0].arms[0].units == pulls[0]
    assert fading.bandit.weights[0].arms[0].units == pytest.approx(old.sum())
    assert fading.bandit.parameters["discount"] == 0.5


@pytest.mark.parametrize(
    ("policy", "own"),
    [
        ("epsilon-greedy", {"epsilon": 0.2}),
        ("ucb1", {"alpha": 0.5}),
        ("softmax", {"temperature": 0.05}),
        ("exp3", {"gamma": 0.3}),
        ("thompson-gaussian", {}),
    ],
)
def test_other_policies(policy: Any, own: dict[str, float]) -> None:
    found = driftkit.deployment.weights(REPORT, policy=policy, **own)  # type: ignore[arg-type]

    batches = batches_of(TABLE)
    expected = wanted_shares(batches, Policy(name=policy, **own))  # type: ignore[arg-type]
    assert wanted(found) == pytest.approx(expected.tolist(), abs=1e-9)
    assert own.items() <= found.bandit.parameters.items()


def batches_of(table: pd.DataFrame) -> Batches:
    """Rewards by hour."""
    hours = table.assign(hour=table["at"].dt.floor("h"))
    pulls, rewards = (
        hours.pivot_table(index="hour", columns="version", values="ok", aggfunc=of, fill_value=0)[
            ["old", "new"]
        ].to_numpy(float)
        for of in ("size", "sum")
    )
    shares = np.tile([0.7, 0.3], (len(pulls), 1))
    return Batches(pulls=pulls, rewards=rewards, squares=rewards, shares=shares)


def test_it_stops_when_one_arm_is_the_best() -> None:
    clear = requests(0.6)

    found = driftkit.deployment.weights(reported(clear, PLAN)).bandit.weights[0]

    assert (found.stop, found.winner) == (True, "new")


def test_nothing_changes_while_an_arm_has_few_units() -> None:
    few = TABLE.groupby("version").head(99)

    found = driftkit.deployment.weights(reported(few, PLAN)).bandit.weights[0]

    assert [arm.weight for arm in found.arms] == [0.7, 0.3]
    assert (found.changed, found.stop) == (False, False)
    assert found.reason == "fewer than 100 units with a matured reward: old, new"


@pytest.mark.parametrize(
    ("metric", "value", "reward"),
    [
        ("rate:ok:0.01:lower", 0.0, 1.0),
        ("column:ok:0.01:lower", 1.0, -1.0),
    ],
)
def test_of_metrics_that_are_better_when_lower_less_is_more(
    metric: str, value: float, reward: float
) -> None:
    table = TABLE.assign(ok=np.where(TABLE["version"] == "new", value, TABLE["ok"]))
    plan = planned(table, goals=metric)

    found = driftkit.deployment.weights(reported(table, plan), policy="epsilon-greedy")

    arm = found.bandit.weights[0].arms[1]
    assert arm.mean == reward
    assert found.notes()[0].startswith("the reward is ")


def test_means_with_a_range_are_turned_within_it() -> None:
    brier = PlannedMetric(name="brier", role="goal", kind="mean", better="lower", margin=0.01)
    turned = Orientation.of(brier)

    rewards, squares = turned.sums(np.array(3.0), np.array(0.5), np.array(0.2))

    values = np.array([0.0, 0.1, 0.4])
    assert (values.sum(), np.round(values @ values, 12)) == (0.5, 0.17)
    assert float(rewards) == pytest.approx(float((1 - values).sum()))
    assert float(squares) == pytest.approx(3 - 2 * 0.5 + 0.2)


def test_the_sample_of_aws_is_read_as_arms(tmp_path: Path) -> None:
    arms = [
        {"variant_name": name, "invocation_count": n, "conversion_count": s, "reward_sum": float(s)}
        for name, n, s in (("Champion", 5000, 500), ("One", 500, 55), ("Two", 500, 60))
    ]
    file = tmp_path / "stats.json"
    file.write_text(json.dumps({**STATS, "variant_metrics": arms}))

    found = driftkit.deployment.weights(str(file))

    # By quadrature elsewhere.
    assert wanted(found) == pytest.approx([0.02080621, 0.30234239, 0.67685140], abs=1e-8)
    assert found.desired is not None
    assert found.desired["EndpointName"] == "ab"
    assert found.bandit.plan is None


def test_strategy_epsilon_and_warm_up_of_the_sample_count() -> None:
    arms = [
        {"variant_name": name, "invocation_count": 150, "conversion_count": 9, "reward_sum": 9.0}
        for name in ("Champion", "One")
    ]
    stats = {**STATS, "strategy": "EpsilonGreedy", "epsilon": 0.3, "variant_metrics": arms}

    early = driftkit.deployment.weights({**stats, "warmup": 200}).bandit
    found = driftkit.deployment.weights(stats).bandit

    assert (found.policy, found.parameters["epsilon"]) == ("epsilon-greedy", 0.3)
    assert (early.weights[0].changed, found.weights[0].changed) == (False, True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"floor": 0.5}, "with this floor 2 arms leave nothing to share out"),
        ({"reward": "accuracy"}, "the plan has no such reward"),
        ({"segment_by": "day"}, "the states have no such segments"),
        ({"attribution_window": 100}, "no rewards have matured yet"),
        ({"policy": "greedy"}, "policy is not one of its choices"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: Any, message: str) -> None:
    with pytest.raises((SettingsError, InputError), match=message):
        driftkit.deployment.weights(REPORT, **settings)


def test_rewards_above_1_do_not_fit_thompson_beta() -> None:
    table = TABLE.assign(ok=TABLE["ok"] * 3)
    plan = planned(table, goals="column:ok:0.01:higher")
    report = reported(table, plan)

    with pytest.raises(InputError, match="a reward is not between 0 and 1"):
        driftkit.deployment.weights(report)
    found = driftkit.deployment.weights(report, policy="thompson-gaussian")

    assert wanted(found)[1] > 0.9


def test_states_need_their_plan() -> None:
    with pytest.raises(InputError, match="weights of states need the plan"):
        driftkit.deployment.weights(REPORT.states)
    with pytest.raises(InputError, match="made by another plan"):
        driftkit.deployment.weights(REPORT, planned(TABLE))


def test_a_shadow_has_no_weights() -> None:
    table = TABLE.assign(id=[str(i // 2) for i in range(len(TABLE))])
    plan = planned(table, strategy="shadow", weights=None, pair_by="field:id")

    with pytest.raises(SettingsError, match="a shadow has no weights"):
        driftkit.deployment.weights(reported(table, plan), plan)


def test_weights_sum_to_one() -> None:
    assert sum(driftkit.deployment.weights(REPORT).weights.values()) == 1.0
    assert sum(WEIGHTS.values()) == 1.0
