"""Bias of two arms as a metric of the plan: values, verdicts, kept states, pairs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.formats.deployment.metrics import BIAS_RATES
from driftkit.monitors.deployment.decision import decide
from tests.monitors.bias.tables import configuration, flights_table, value_of
from tests.monitors.deployment.group_sums import GROUP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARMS = {"old": "field:arm=old", "new": "field:arm=new"}


def both_arms(old: pd.DataFrame, new: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The rows of two arms, one after the other, by the hour."""
    table = pd.concat([old.assign(arm="old"), new.assign(arm="new")])
    order = np.random.default_rng(5).permutation(len(table))
    table = table.iloc[order].rename(columns={"late": "label", "predicted": "prediction"})
    times = pd.date_range("2026-11-02", periods=len(table), freq="40s").astype(str)
    return table.assign(at=times, **columns).reset_index(drop=True)


def flights(rows: int = 4000, against: float = 0.3) -> pd.DataFrame:
    """Flights of two versions, of which the new one predicts carrier B late more often."""
    old, new = flights_table(rows, seed=1), flights_table(rows, seed=2, against=against)
    return both_arms(old, new)


def planned(*asked: str, data: pd.DataFrame | None = None, **settings: Any) -> Any:
    """A plan of two versions."""
    usual = {"arms": ARMS, "time_column": "at", "minimum_days": 0, "strategy": "canary"}
    return driftkit.deployment.baseline(
        flights() if data is None else data, guardrails=asked, **{**usual, **settings}
    )


def told(report: Any) -> dict[str, dict[str, Any]]:
    """Metric -> what verdict.json says of it."""
    return {each["name"]: each for each in report.verdict.to_dict()["metrics"]}


@pytest.mark.parametrize("group", [GROUP, "distance>1500"])
def test_values_are_those_of_the_bias_monitor(group: str) -> None:
    table = flights()
    table.loc[::13, "carrier"] = None
    names = [f"bias:{name}:{group}" for name in BIAS_RATES]

    report = driftkit.deployment.monitor(table, planned(*names), time_column="at")

    facet, value = ("carrier", ["B"]) if group == GROUP else ("distance", [1500])
    config = configuration(
        label="label",
        predicted_label="prediction",
        facet=[{"name_or_index": facet, "value_or_threshold": value}],
    )
    for arm, key in (("old", "champion"), ("new", "challenger")):
        rows = table[table.arm == arm].drop(columns=["arm", "at"])
        expected = driftkit.bias.baseline(rows, analysis_config=config).analysis
        for name in BIAS_RATES:
            found = told(report)[f"bias:{name}:{group}"]
            assert found[key] == pytest.approx(value_of(expected, name, facet), rel=1e-13)
            seen = abs(found["challenger"]) - abs(found["champion"])
            assert found["difference"] == pytest.approx(seen, rel=1e-9)


def test_values_are_those_of_clarify(golden: Callable[[str], Path]) -> None:
    read = json.loads(golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text())
    runs = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    analysis = runs["batch_json_2024"]["baseline_analysis_json"]
    metrics = analysis["post_training_bias_metrics"]["facets"]["Sex"][0]["metrics"]
    expected = {each["name"]: each["value"] for each in metrics}
    model, sex = read["model"], read["headers"].index("Sex")
    scores = [np.dot(row["features"], model["weights"]) for row in read["validation"]]
    rows = pd.DataFrame(
        {
            "late": [row["label"] for row in read["validation"]],
            "predicted": [
                int(1 / (1 + math.exp(-(score + model["bias"]))) > model["threshold"])
                for score in scores
            ],
            "Sex": [row["features"][sex] for row in read["validation"]],
        }
    )
    table = both_arms(rows, rows)
    names = [f"bias:{name}:Sex=0" for name in BIAS_RATES]

    report = driftkit.deployment.monitor(table, planned(*names, data=table), time_column="at")

    found = {name: told(report)[f"bias:{name}:Sex=0"]["champion"] for name in BIAS_RATES}
    assert found == pytest.approx({name: expected[name] for name in BIAS_RATES}, rel=1e-14)


@pytest.mark.parametrize(("against", "said"), [(0.6, "roll_back"), (0.0, "promote")])
def test_a_version_that_treats_a_group_worse_is_rolled_back(against: float, said: str) -> None:
    table = flights(8000, against=against)
    chosen = planned("bias:DPPL:carrier=B:0.08", "accuracy:0.2", horizon_units=20_000)

    report = driftkit.deployment.monitor(table, chosen, time_column="at")

    found = told(report)["bias:DPPL:carrier=B"]
    assert report.verdict.verdict == said
    assert found["low"] <= found["difference"] <= found["high"]
    assert (found["p_value"], found["e_value"]) == (None, None)
    if said == "roll_back":
        assert "bias:DPPL:carrier=B is worse by at least" in report.verdict.reason


def test_the_plan_allows_both_signs() -> None:
    chosen = planned("bias:DPPL:carrier=B:0.02")

    [metric] = chosen.metrics()

    value = abs(metric.value)
    assert metric.allowed == pytest.approx((-value - 0.02, value + 0.02))


@pytest.mark.parametrize("unit", ["request", "field:user"])
def test_a_plan_says_how_many_units_it_needs(unit: str) -> None:
    table = flights().assign(user=lambda rows: rows.index)
    chosen = planned("bias:DPPL:carrier=B:0.02", data=table, unit=unit)

    assert chosen.planning is not None
    [size] = chosen.planning.metrics
    units = size.promote_units
    assert units is not None
    # Of a rate of 0.4 with groups of 30 % and 70 %, in arms alike, at one look of 5 % / 2.
    least = (1.96 + 0.84) ** 2 * 2 * 0.24 * (1 / 0.3 + 1 / 0.7) * 2 / 2 / 0.02**2
    assert least < units < 5 * least


def test_states_of_parts_are_those_of_all_rows() -> None:
    table = flights()
    chosen = planned("bias:RD:carrier=B", "bias:DPPL:distance>1500", unit="field:origin")
    cut = table["at"].iloc[3_000][:13]
    early = table[table["at"].str[:13] < cut]
    late = table[table["at"].str[:13] >= cut]

    first = driftkit.deployment.monitor(early, chosen, time_column="at")
    both = driftkit.deployment.monitor(late, chosen, time_column="at").states
    together = driftkit.deployment.monitor(driftkit.deployment.combine(first.states, both), chosen)

    whole = driftkit.deployment.monitor(table, chosen, time_column="at")
    assert together.verdict.to_dict() == whole.verdict.to_dict()
    assert together.comparison.to_dict() == whole.comparison.to_dict()


def test_a_group_without_rows_is_not_measured() -> None:
    table = flights()
    table = table[(table.arm == "old") | (table.carrier != "B")]

    report = driftkit.deployment.monitor(
        table, planned("bias:DPPL:carrier=B", data=flights()), time_column="at"
    )

    found = told(report)["bias:DPPL:carrier=B"]
    assert found["state"] == "not_measured"
    assert found["reason"] == "no row of the challenger with carrier=B has a prediction"
    assert found["challenger"] is None
    assert found["champion"] is not None
    assert report.verdict.verdict == "hold"


def test_pairs_take_out_what_both_versions_have_in_common() -> None:
    flights_ = flights_table(6000, seed=1, against=0.6)
    random = np.random.default_rng(2)
    changed = random.random(len(flights_)) < 0.05
    other = flights_.assign(predicted=np.where(changed, 1 - flights_.predicted, flights_.predicted))
    ids = [f"id-{row}" for row in range(len(flights_))]
    old, new = flights_.assign(inferenceId=ids), other.assign(inferenceId=ids)
    table = both_arms(old, new)
    asked = ("bias:DPPL:carrier=B:0.05", "bias:DAR:carrier=B:0.2")

    alone = driftkit.deployment.monitor(table, planned(*asked, data=table), time_column="at")
    paired = driftkit.deployment.monitor(
        table, planned(*asked, data=table, strategy="shadow"), time_column="at"
    )

    for name in ("bias:DPPL:carrier=B", "bias:DAR:carrier=B"):
        one, two = told(alone)[name], told(paired)[name]
        assert two["champion"] == pytest.approx(one["champion"])
        assert two["challenger"] == pytest.approx(one["challenger"])
        assert two["difference"] == pytest.approx(one["difference"])
        assert two["high"] - two["low"] < 0.6 * (one["high"] - one["low"])
    assert told(_of_parts(table, planned(*asked, data=table, strategy="shadow"))) == told(paired)
    group = flights_.carrier.eq("B").to_numpy()
    d = (other.predicted - flights_.predicted).to_numpy()
    expected = sum(np.var(d[rows]) / rows.sum() for rows in (group, ~group))
    seen = _paired_bias(paired, "bias:DPPL:carrier=B")
    assert seen.difference_variance[-1] == pytest.approx(expected, rel=1e-3)


def _of_parts(table: pd.DataFrame, chosen: Any) -> Any:
    """The report of the states of two halves of all pairs."""
    is_odd = table["inferenceId"].str[-1].isin([*"13579"])
    parts = [
        driftkit.deployment.monitor(rows, chosen, time_column="at").states
        for rows in (table[is_odd], table[~is_odd])
    ]
    return driftkit.deployment.monitor(
        driftkit.deployment.combine(*parts, allow_overlap=True), chosen
    )


def _paired_bias(report: Any, name: str) -> Any:
    states = report.states
    [found] = decide(report.plan, states.state, pairs=states.pairs)
    [judged] = [each for each in found.judged if each.metric.name == name]
    return judged.evidence.bias
