"""How many units a plan needs: by formulas, by decisions about simulated arms, and as files say it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

import driftkit
from driftkit.formats.deployment.plan import Horizon, Pairing, PlannedMetric
from driftkit.monitors.deployment.decision import Rules, decide
from driftkit.monitors.deployment.sample_sizes import planning_of, sentences
from tests.monitors.deployment.sums import plan, rates

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.planning import SampleSize

RIGHT, ROWS, HOURS = 0.9, 1_000, 24
HORIZON = Horizon(units=20_000, tuning_units=10_000, minimum_days=0, maximum_days=60)


def size(of: Plan, right: float = RIGHT) -> SampleSize:
    """What the plan's rate needs, if the champion answered a day of requests alone."""
    hours = np.full(HOURS, ROWS)
    before = rates(np.column_stack([hours * right, 0 * hours]), np.column_stack([hours, 0 * hours]))
    return planning_of(of, before, None).metrics[0]


def test_one_look_needs_what_the_formula_says() -> None:
    """(z_(1 - a) + z_power)^2 p q (1/w0 + 1/w1) / M^2."""
    found = size(plan(method="fixed", weights={"old": 9.0, "new": 1.0}, horizon=HORIZON))

    spread = (stats.norm.isf(0.05) + stats.norm.isf(0.2)) ** 2 * RIGHT * (1 - RIGHT) / 0.9 / 0.1
    assert found.promote_units == pytest.approx(spread / 0.01**2, rel=1e-4)
    assert found.roll_back_units == found.promote_units
    assert found.detectable == pytest.approx(np.sqrt(spread / HORIZON.units), rel=1e-4)
    assert found.promote_days == pytest.approx((found.promote_units or 0) / ROWS / HOURS, rel=1e-12)


@pytest.mark.parametrize(
    "method", [{"method": "always_valid"}, {"method": "fixed"}, {"method": "group_sequential"}]
)
def test_so_many_units_promote_an_equal_challenger_with_the_power(method: dict[str, Any]) -> None:
    asked = plan(**method, horizon=replace(HORIZON, looks=1))
    units = size(asked).promote_units or 0
    random = np.random.default_rng(3)
    trials = np.full((1, 2), (units + 1) // 2)
    kept = replace(asked, horizon=replace(asked.horizon, units=units))

    verdicts = [
        decide(kept, rates(random.binomial(trials, RIGHT), trials), Rules())[0].verdict
        for _ in range(300)
    ]

    assert verdicts.count("promote") / 300 == pytest.approx(0.8, abs=0.07)


def test_looks_cost_units_and_exact_bounds_more() -> None:
    methods = ["fixed", "group_sequential", "always_valid", "exact"]
    horizon = replace(HORIZON, looks=5)
    needed = [size(plan(method=each, horizon=horizon)).promote_units or 0 for each in methods]

    assert needed == sorted(set(needed))


def test_pairs_need_half_of_two_arms_and_come_as_they_are_sampled() -> None:
    arms = size(plan(method="fixed"))
    pairing = Pairing(by="inferenceId", sampling_percentage=40.0)
    pairs = size(plan(method="fixed", strategy="shadow", pairing=pairing))

    assert pairs.promote_units == pytest.approx((arms.promote_units or 0) / 2, abs=1)
    assert pairs.promote_days == pytest.approx((pairs.promote_units or 0) / (0.4 * ROWS * HOURS))


@pytest.mark.parametrize(("margin", "enough"), [(0.2, True), (0.01, False)])
def test_a_wait_is_enough_for_large_harms(margin: float, *, enough: bool) -> None:
    rate = PlannedMetric(
        name="rate:ok", role="goal", kind="rate", better="higher", margin=margin, column="ok"
    )
    hours = np.column_stack([np.full(HOURS, ROWS), np.zeros(HOURS)])

    found = planning_of(plan(rate), rates(hours * RIGHT, hours), 3_600)

    assert found.wait_is_enough is enough
    assert any("waits 3,600 s" in each for each in sentences(found)) is not enough


def test_what_must_be_better_tells_what_is_found() -> None:
    rate = PlannedMetric(
        name="rate:ok", role="goal", kind="rate", better="higher", superior=True, column="ok"
    )
    found = size(plan(rate))

    assert (found.promote_units, found.roll_back_units) == (None, None)
    assert found.detectable is not None


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_what_never_varies_needs_nothing_that_is_known(right: float) -> None:
    found = size(plan(), right)

    assert found.reason == "the champion's rows do not vary in it"
    assert found.promote_units is None


def requests(rows: int = 4_000) -> pd.DataFrame:
    """Ten hours of a champion's, each of 400 users ten times, who are right always or never."""
    user = np.arange(rows) % 400
    label = np.arange(rows) // 400 % 2
    return pd.DataFrame(
        {
            "version": "old",
            "time": pd.date_range("2026-11-02", periods=rows, freq="9s"),
            "user": user,
            "label": label,
            "prediction": np.where(user % 4 == 0, 1 - label, label),
            "probability": np.abs(label - user / 500),
        }
    )


def needed(data: pd.DataFrame, **settings: Any) -> driftkit.deployment.DeploymentPlan:
    """The plan of an endpoint."""
    arms = {"old": "field:version=old", "new": "field:version=new"}
    asked: dict[str, Any] = {"arms": arms, "endpoint": "churn", "goals": ["accuracy:0.05"]}
    return driftkit.deployment.baseline(data, **{**asked, "runner": "local", **settings})


def test_users_who_come_back_need_more_requests() -> None:
    found = [
        needed(requests(), **each).planning
        for each in ({}, {"unit": "field:user", "buckets": 4_096})
    ]

    alone, users = (each.metrics[0].promote_units or 0 for each in found if each is not None)
    assert users > 5 * alone


def test_every_kind_of_metric_is_planned() -> None:
    found = needed(requests(), goals=["f1:0.05", "auc:0.05", "brier:0.01"]).planning

    assert found is not None
    assert [each.reason for each in found.metrics] == [None] * 3
    assert all(each.promote_units and each.detectable for each in found.metrics)


def test_the_champions_area_under_the_curve_is_told() -> None:
    rows = requests()

    plan = needed(rows, goals=["accuracy:0.05", "auc:0.05"])

    own = rows[rows["version"] == "old"]
    area = roc_auc_score(own["label"], own["probability"])
    assert plan.champion["auc"] == pytest.approx(area, abs=1e-3)
    [told] = [each for each in plan.metrics() if each.name == "auc"]
    assert told.value == pytest.approx(area, abs=1e-3)
    assert told.allowed is not None
    assert told.allowed == pytest.approx((area - 0.05, math.inf), abs=1e-3)


def test_a_baseline_says_and_writes_what_the_plan_needs(tmp_path: Path) -> None:
    baseline = needed(requests())

    baseline.write(tmp_path)

    planning = json.loads((tmp_path / "planning.json").read_text())
    (metric,) = planning["metrics"]
    assert planning["plan"]["sha256"] == baseline.plan.sha256
    assert (planning["wait_seconds"], planning["wait_is_enough"]) == (3_600, False)
    assert baseline.statistics_table()["detectable"].tolist() == [metric["detectable"]]
    said = "\n".join(baseline.notes())
    assert f"accuracy: {metric['promote_units']:,} units" in said
    assert f"{metric['promote_days']:,.1f} days" in said


def test_rows_without_times_tell_units_only() -> None:
    found = needed(requests().drop(columns="time"), strategy="batch").planning

    assert found is not None
    assert found.metrics[0].promote_units
    assert found.metrics[0].promote_days is None
    assert found.wait_is_enough is None
