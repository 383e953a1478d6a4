"""The one look of a fixed horizon, through verdicts: against scipy, and where nothing else decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import driftkit
from driftkit.comparison.deployment.paired import tango
from driftkit.comparison.deployment.rates import Rate, score_test

if TYPE_CHECKING:
    from driftkit.formats.deployment.verdict import MetricVerdict

ROWS = 300
ARMS = {"old": "field:version=old", "new": "field:version=new"}


def rows(new: float = 0.0, right: float = 0.8) -> pd.DataFrame:
    """A day of two arms; a tenth of the rows is the challenger's."""
    random = np.random.default_rng(4)
    version = np.where(np.arange(10 * ROWS) % 10 == 9, "new", "old")
    scale = np.where(version == "new", 3.0, 1.0)
    return pd.DataFrame(
        {
            "version": version,
            "time": pd.date_range("2026-11-02", periods=10 * ROWS, freq="20s"),
            "value": random.normal(new * (version == "new"), scale),
            "ok": random.random(10 * ROWS) < right,
            "user": np.arange(10 * ROWS) // 10 % 40,
        }
    )


def decided(data: pd.DataFrame, metric: str, **settings: Any) -> MetricVerdict:
    """The metric at the end of a horizon with all rows."""
    asked: dict[str, Any] = {
        "arms": ARMS,
        "goals": metric,
        "method": "fixed",
        "horizon_units": len(data),
        "runner": "local",
        **settings,
    }
    plan = driftkit.deployment.baseline(data, **asked)
    return driftkit.deployment.monitor(data, plan, runner="local").verdict.metrics[0]


def of_arms(data: pd.DataFrame, column: str) -> list[Any]:
    return [data.loc[data["version"] == arm, column].to_numpy(float) for arm in ("old", "new")]


def test_means_are_welchs() -> None:
    data = rows(new=0.2)
    old, new = of_arms(data, "value")

    found = decided(data, "column:value:0.5:higher")

    test: Any = stats.ttest_ind(new, old, equal_var=False)
    ends = test.confidence_interval(0.9)
    assert found.method == "fixed horizon, Student's t"
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-9)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_rates_end_where_the_score_test_does(direction: str) -> None:
    data = rows()
    old, new = (Rate(part=each.sum(), whole=len(each)) for each in of_arms(data, "ok"))

    found = decided(data, f"rate:ok:0.05:{direction}")

    assert found.method == "fixed horizon, score interval"
    assert found.p_value == pytest.approx(float(score_test(old, new).p_different), rel=1e-12)
    for end in (found.low, found.high):
        assert end is not None
        test = score_test(old, new, margin=-end)
        assert min(float(test.p_not_worse), float(test.p_harmed)) == pytest.approx(0.05)


def test_errors_that_neither_arm_has_are_shown_to_be_no_worse() -> None:
    found = decided(rows(right=0.0), "rate:ok:0.02:lower")

    assert found.state == "passes"
    assert found.p_value == 1
    assert 0 < (found.high or 0) < 0.02


def shadow(count: int = 400) -> pd.DataFrame:
    """Requests that both versions answered."""
    random = np.random.default_rng(9)
    label = random.integers(0, 2, count)
    answers = [np.where(random.random(count) < right, label, 1 - label) for right in (0.8, 0.85)]
    time = pd.date_range("2026-11-02", periods=count, freq="20s")
    return pd.concat(
        pd.DataFrame(
            {
                "version": version,
                "time": time,
                "inferenceId": np.arange(count).astype(str),
                "label": label,
                "prediction": answer,
            }
        )
        for version, answer in zip(ARMS, answers, strict=True)
    )


def test_pairs_are_tangos_and_mcnemars() -> None:
    data = shadow()
    old, new = (
        each["prediction"].to_numpy() == each["label"].to_numpy()
        for _, each in data.groupby("version", sort=False)
    )
    lost, won = int((old & ~new).sum()), int((new & ~old).sum())

    found = decided(
        data, "accuracy:0.05", strategy="shadow", pair_by="field:inferenceId", horizon_units=400
    )

    low, high = tango(lost, won, 400, 0.1)
    assert found.method == "fixed horizon, Tango's score interval"
    assert found.p_value == pytest.approx(stats.binomtest(won, lost + won).pvalue, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)), rel=1e-9)


def test_paired_means_are_students() -> None:
    data = shadow(60)
    data["prediction"] *= 0.8
    old, new = (
        ((each["label"] - each["prediction"]) ** 2).to_numpy()
        for _, each in data.groupby("version", sort=False)
    )

    found = decided(
        data,
        "mse:0.05",
        strategy="shadow",
        pair_by="field:inferenceId",
        horizon_units=60,
        burn_in_units=10,
    )

    test: Any = stats.ttest_rel(new, old)
    ends = test.confidence_interval(0.9)
    assert found.method == "fixed horizon, Student's t"
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-9)


def test_users_have_the_degrees_of_freedom_of_their_buckets() -> None:
    data = rows()

    found = decided(
        data, "column:value:0.5:higher", unit="field:user", buckets=65_536, burn_in_units=10
    )

    difference, low, high = found.difference, found.low, found.high
    assert difference is not None
    assert low is not None
    assert high is not None
    # 40 users, none of which share one of so many buckets.
    t = stats.t.isf(0.05, 39)
    p = 2 * stats.t.sf(abs(difference) / ((high - low) / 2 / t), 39)
    assert found.p_value == pytest.approx(p, rel=1e-6)
