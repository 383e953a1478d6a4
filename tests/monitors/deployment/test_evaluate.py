"""Policies over arms, evaluated by the requests of another one."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit import FormatError, InputError, SettingsError
from driftkit.formats.deployment.plan import Plan, PlannedMetric
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.monitors.deployment.results import DeploymentPlan
from tests.capture.captures import record, write
from tests.monitors.deployment.bandit_rows import planned, requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.formats.deployment.policy_values import PolicyEstimate, PolicyValues

TABLE = requests()
PLAN = planned(TABLE, segment_by="carrier")
ALL_NEW = {"new": 1.0}


def evaluated(table: Any, policy: Any, plan: Any = PLAN, **settings: Any) -> PolicyValues:
    """What the policy would have earned."""
    asked = {"time_column": "at", "runner": "local"} | settings
    return driftkit.deployment.evaluate(table, policy, plan, **asked).estimated


def estimates(found: PolicyValues, number: int = 0) -> dict[str, PolicyEstimate]:
    """Those of a policy, by name."""
    return {each.estimator: each for each in found.policies[number].estimates}


@pytest.mark.parametrize("number", range(6))
def test_published_estimates_of_open_bandit_data(
    number: int, golden: Callable[[str], Path]
) -> None:
    recorded = json.loads(golden("deployment/ope/obp_estimates.json").read_text())["rows"][number]
    with golden(f"deployment/ope/obd_{recorded['log']}_men.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = {name: [row[name] for row in rows] for name in rows[0]}
    items = [str(item) for item in range(34)]
    clicks = PlannedMetric(
        name="rate:click", role="goal", kind="rate", better="higher", margin=0.01, column="click"
    )
    plan = Plan(
        name="ope",
        strategy="ab",
        champion="0",
        challengers=tuple(items[1:]),
        arms={item: parse_selector(f"field:item_id={item}") for item in items},
        metrics=(clicks,),
    )

    found = evaluated(
        table,
        dict(zip(items, recorded["policy_probabilities"], strict=True)),
        DeploymentPlan(plan=plan),
        propensity_attribute="propensity_score",
        time_column="timestamp",
    )

    by_name = estimates(found)
    for name, theirs in (("ips", "ipw"), ("clipped_ips", "ipw_clip10"), ("snips", "snipw")):
        assert by_name[name].value == pytest.approx(recorded[theirs], rel=1e-10)
    assert by_name["ips"].standard_error == pytest.approx(recorded["ipw_se"], rel=1e-10)
    assert found.policies[0].effective_sample == pytest.approx(recorded["ess"], rel=1e-10)
    assert found.logged.value == pytest.approx(recorded["mean_click"], rel=1e-10)


def test_the_policy_of_one_arm_earns_its_mean() -> None:
    found = evaluated(TABLE, ALL_NEW)

    mean = TABLE.loc[TABLE["version"] == "new", "ok"].mean()
    assert estimates(found)["snips"].value == pytest.approx(mean, rel=1e-12)
    assert found.propensities == {"logged": 0, "weights": len(TABLE)}
    assert found.requests == TABLE["version"].value_counts().to_dict()


def test_segments_have_policies_of_their_own() -> None:
    by_carrier = {"AA": {"new": 1.0}, "*": {"old": 1.0}}

    found = evaluated(TABLE, by_carrier)

    is_aa = TABLE["carrier"] == "AA"
    wanted = TABLE[is_aa == (TABLE["version"] == "new")]
    assert estimates(found)["snips"].value == pytest.approx(
        np.average(wanted["ok"], weights=np.where(wanted["carrier"] == "AA", 1 / 0.3, 1 / 0.7)),
        rel=1e-12,
    )


def test_several_policies_are_read_of_one_pass(tmp_path: Path) -> None:
    file = tmp_path / "new.json"
    file.write_text(json.dumps(ALL_NEW))

    found = evaluated(TABLE, [file, {"old": 0.5, "new": 0.5}])

    alone = evaluated(TABLE, ALL_NEW)
    assert [each.name for each in found.policies] == [str(file), "policy 2"]
    assert estimates(found)["ips"] == estimates(alone)["ips"]


def test_propensities_of_rows_come_before_those_of_weights() -> None:
    logged = np.where(TABLE["version"] == "new", 0.25, 0.75)
    some = TABLE.assign(p=np.where(np.arange(len(TABLE)) < 1_000, logged, np.nan))

    found = evaluated(some, ALL_NEW)

    assert found.propensities == {"logged": 1_000, "weights": len(TABLE) - 1_000}
    weights = np.where(some["p"].isna(), 0.3, 0.25)
    is_new = np.where(some["version"] == "new", 1.0, 0.0)
    ips = float(np.mean(some["ok"].to_numpy() * is_new / weights))
    assert estimates(found)["ips"].value == pytest.approx(ips, rel=1e-12)


def test_rewards_of_a_column_need_no_metric() -> None:
    table = TABLE.assign(earned=TABLE["ok"] * 3).drop(columns="ok")

    found = evaluated(table, ALL_NEW, reward_attribute="earned")

    assert estimates(found)["ips"].value == pytest.approx(
        3 * (estimates(evaluated(TABLE, ALL_NEW))["ips"].value or 0), rel=1e-12
    )


def test_requests_without_a_reward_are_named() -> None:
    table = TABLE.assign(ok=TABLE["ok"].where(np.arange(len(TABLE)) >= 10))

    found = evaluated(table, ALL_NEW)

    assert "10 requests without a reward are left out" in found.notes
    assert sum(found.requests.values()) == len(TABLE) - 10


def test_weights_of_a_bandit_may_have_changed() -> None:
    logged = TABLE.assign(p=np.where(TABLE["version"] == "new", 0.3, 0.7))

    notes, of_logged = (evaluated(each, ALL_NEW).notes for each in (TABLE, logged))

    assert any("as if a bandit had not changed them" in note for note in notes)
    assert not any("bandit" in note for note in of_logged)


def test_captures_say_their_propensity_in_an_attribute(tmp_path: Path) -> None:
    for name, propensity, rewards in (("old", 0.8, [1, 0, 0, 0]), ("new", 0.2, [1, 1, 0, 0])):
        records = []
        for number, reward in enumerate(rewards):
            each = record("1,2", f"{reward}", f"2026-11-02T10:{number:02}:00Z")
            each["eventMetadata"]["customAttributes"] = [f"p={propensity};reward={reward}"]
            records.append(each)
        write(tmp_path / f"in/churn/{name}/2026/11/02/10/0.jsonl", records)
    arms = {name: parse_selector(f"folder:churn/{name}") for name in ("old", "new")}
    plan = Plan(
        name="p", strategy="ab", champion="old", challengers=("new",), arms=arms, metrics=()
    )

    found = evaluated(
        str(tmp_path / "in"),
        {"old": 0.5, "new": 0.5},
        DeploymentPlan(plan=plan),
        reward_attribute="attribute:reward",
        time_column=None,
    )

    assert found.propensities == {"logged": 8, "weights": 0}
    assert estimates(found)["ips"].value == pytest.approx((0.5 / 0.8 + 2 * 0.5 / 0.2) / 8)


def test_files_are_read_again(tmp_path: Path) -> None:
    found = driftkit.deployment.evaluate(TABLE, ALL_NEW, PLAN, time_column="at", runner="local")

    found.write(tmp_path)

    assert type(found).read(tmp_path).files == found.files
    table = found.statistics_table()
    assert table["policy"].tolist() == ["as logged"] + ["policy"] * 9


@pytest.mark.parametrize(
    ("propensity", "message"),
    [
        (0.0, "propensities are 0 or less"),
        (1.5, "propensities are more than 1"),
        ("many", "propensities are missing"),
    ],
)
def test_wrong_propensities_are_refused_with_their_share(propensity: Any, message: str) -> None:
    values = [str(propensity)] * 48 + ["0.5"] * (len(TABLE) - 48)

    with pytest.raises(InputError, match=rf"{message}.*1\.00% of 4,800 requests"):
        evaluated(TABLE.assign(p=values), ALL_NEW)


def test_without_weights_propensities_are_missing() -> None:
    plan = planned(TABLE, weights=None)

    with pytest.raises(InputError, match=r"propensities are missing.*100\.00%"):
        evaluated(TABLE, ALL_NEW, plan)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"third": 1.0}, "there is no such arm"),
        ({"old": 0.5}, "do not sum to 1"),
        ({"AA": {"new": 1.0}}, "does not say what to do with a segment"),
        ([], "there is no policy"),
        ([5], "the probabilities of arms do not sum to 1"),
    ],
)
def test_policies_that_do_not_fit_are_refused(policy: Any, message: str) -> None:
    with pytest.raises((FormatError, SettingsError, InputError), match=message):
        evaluated(TABLE, policy)


def test_a_policy_by_segments_needs_a_column() -> None:
    plan = planned(TABLE)
    policy = {"AA": {"new": 1.0}, "*": {"old": 1.0}}

    with pytest.raises(SettingsError, match="nobody says of which column"):
        evaluated(TABLE, policy, plan)

    named = evaluated(TABLE, policy, plan, segment_by="carrier")
    assert estimates(named)["dr"] == estimates(evaluated(TABLE, policy))["dr"]


def test_a_weight_that_counts_too_often_is_doubted() -> None:
    table = TABLE.assign(p=np.where(TABLE["version"] == "new", 0.01, 0.99))

    found = evaluated(table, ALL_NEW)

    assert found.policies[0].doubt == "a request counts 100 times, more than 50"


def test_rows_of_no_arm_are_refused() -> None:
    table = pd.concat([TABLE[:50], TABLE[50:].assign(version="other")])

    with pytest.raises(InputError, match="more than half of the rows are of no arm"):
        evaluated(table, ALL_NEW)


def test_columns_of_inputs_need_not_be_there() -> None:
    plan = planned(TABLE.assign(amount=1), input_columns="amount")

    assert evaluated(TABLE, ALL_NEW, plan).to_dict()["policies"]


@pytest.mark.spark
def test_spark_says_the_same(tmp_path: Path) -> None:
    table = TABLE.assign(
        p=np.where(np.arange(len(TABLE)) % 3, np.nan, 0.4), user=np.arange(len(TABLE)) // 3
    )
    for number, part in enumerate(np.array_split(np.arange(len(table)), 4)):
        table.iloc[part].to_parquet(tmp_path / f"{number}.parquet")
    plan = planned(table, segment_by="carrier", unit="field:user")
    policy = {"AA": {"new": 1.0}, "*": {"old": 0.5, "new": 0.5}}

    local, spark = (
        evaluated(str(tmp_path), policy, plan, runner=runner) for runner in ("local", "spark")
    )

    assert spark.to_dict() == local.to_dict()
