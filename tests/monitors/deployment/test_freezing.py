"""Limits that a plan takes from the champion's rows: its quantiles, as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

import driftkit
from driftkit import InputError, SettingsError
from driftkit.comparison.deployment.distances import decile_edges, quantile

ARMS = {"old": "field:version=old", "new": "field:version=new"}
RANDOM = np.random.default_rng(2)
ROWS = 4_000
TABLE = pd.DataFrame(
    {
        "version": np.where(np.arange(ROWS) % 4, "old", "new"),
        "latency": np.where(np.arange(ROWS) % 4, 1, 9) * RANDOM.exponential(100, ROWS),
        "revenue": np.where(RANDOM.random(ROWS) < 0.01, np.inf, RANDOM.lognormal(0, 3, ROWS)),
        "visits": RANDOM.integers(1, 9, ROWS),
        "label": RANDOM.normal(5, 1, ROWS),
        "prediction": RANDOM.normal(5, 1, ROWS),
    }
)
OLD = TABLE[TABLE["version"] == "old"]


def planned(data: pd.DataFrame = TABLE, **settings: Any) -> Any:
    """A plan of some rows."""
    usual: dict[str, Any] = {"arms": ARMS, "runner": "local"}
    return driftkit.deployment.baseline(data, **(usual | settings))


def of_old(values: pd.Series[Any], percent: float) -> float:
    """A quantile of values without infinite ones."""
    finite = values[np.isfinite(values)]
    return float(np.percentile(finite, percent, method="inverted_cdf"))


def test_a_limit_is_the_champions_quantile() -> None:
    [metric] = (
        found := planned(guardrails="latency_slo", limits={"latency_slo": "p95"})
    ).plan.metrics

    assert metric.limit == of_old(OLD["latency"], 95)
    ends: Any = stats.quantile_test(OLD["latency"], p=0.95).confidence_interval(0.95)
    assert (
        f"latency_slo counts rows above {metric.limit:.6g}, p95 of 3,000 rows of old, "
        f"with 95 % confidence from {ends.low:.6g} to {ends.high:.6g}"
    ) in found.notes()
    assert (OLD["latency"] > metric.limit).mean() == 0.05


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("column:revenue", OLD["revenue"]),
        ("mse", (OLD["label"] - OLD["prediction"]) ** 2),
        ("ratio:latency/visits", OLD["latency"]),
    ],
)
def test_metrics_are_cut_at_the_champions_quantile(name: str, values: pd.Series[Any]) -> None:
    metric = f"{name}:0.5:lower"

    found = planned(goals=metric, winsors=[f"{name}=p99.9"])

    limit = of_old(values, 99.9)
    assert found.plan.metrics[0].winsor == limit
    # The same as of the number, so that margins and sums are those of values that are cut.
    assert found.champion == planned(goals=metric, winsors={name: limit}).champion
    assert found.champion != planned(goals=metric).champion
    assert found.plan.sha256 == planned(goals=metric, winsors={name: limit}).plan.sha256


def test_margins_are_of_values_that_are_cut() -> None:
    found = planned(goals="column:revenue:higher", winsors={"column:revenue": "p90"})

    cut = np.minimum(OLD["revenue"], of_old(OLD["revenue"], 90))
    assert found.plan.metrics[0].margin == pytest.approx(0.02 * cut.mean(), rel=1e-12)


def test_few_rows_do_not_bound_a_quantile() -> None:
    found = planned(OLD[:50], guardrails="latency_slo", limits={"latency_slo": "p95"})

    limit = found.plan.metrics[0].limit
    assert f"latency_slo counts rows above {limit:.6g}, p95 of 50 rows of old" in found.notes()


@pytest.mark.parametrize("arm", ["old", "new"])
def test_rows_of_one_arm_are_all_the_champions(arm: str) -> None:
    alone = TABLE[TABLE["version"] == arm]

    found = planned(alone, guardrails="latency_slo", limits="latency_slo=p50")

    assert found.plan.metrics[0].limit == of_old(alone["latency"], 50)


def test_of_challengers_only_nothing_is_taken() -> None:
    third = TABLE.assign(version=np.where(TABLE["version"] == "old", "third", "new"))

    with pytest.raises(InputError, match="the champion has no rows") as caught:
        planned(
            third,
            arms={**ARMS, "third": "field:version=third"},
            guardrails="latency_slo",
            limits="latency_slo=p50",
        )

    assert caught.value.found == "1,000 rows of new, 3,000 rows of third"


@pytest.mark.parametrize("values", [np.inf, np.nan, None, "fast"])
def test_without_finite_values_there_is_no_quantile(values: Any) -> None:
    with pytest.raises(InputError, match="latency_slo has no finite value") as caught:
        planned(
            TABLE.assign(latency=values), guardrails="latency_slo", limits={"latency_slo": "p95"}
        )

    assert caught.value.where == "limits"


@pytest.mark.parametrize("wrong", ["p0", "p100", "p", "pp5", "p-1", "pnan", "p1e9", "q95", "95%"])
def test_what_is_no_quantile_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="a quantile above p0 and below p100"):
        planned(guardrails="latency_slo", limits={"latency_slo": wrong})


FLOATS = some.lists(some.floats(-1e9, 1e9) | some.sampled_from([0.0, 1.0]), min_size=1)


@given(FLOATS, some.floats(0.001, 0.999))
def test_a_quantile_is_the_smallest_value_that_enough_values_are_at_most(
    values: list[float], share: float
) -> None:
    found = quantile(values, share)

    below = [each for each in values if each < found]
    assert found in values
    assert len([each for each in values if each <= found]) >= share * len(values) - 1e-9
    assert len(below) < share * len(values) + 1e-9


@given(FLOATS)
def test_every_cell_of_deciles_has_values(values: list[float]) -> None:
    edges = decile_edges(values)

    cells = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    assert list(edges) == sorted(set(edges))
    assert cells[: len(edges)].all()
    assert cells[-1] or len(set(values)) == 1
    atoms = max(map(values.count, values))
    assert cells.max() <= -(-len(values) // 10) + atoms
