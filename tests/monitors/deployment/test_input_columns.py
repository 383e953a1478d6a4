"""What arms are asked, by columns: frozen cells, counts that add up, and arms that are not alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

import driftkit
from driftkit import InputError
from driftkit.comparison.deployment.distances import stability_index
from driftkit.formats.deployment import plan_file
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.monitors.deployment.input_tables import input_drift
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.states.deployment.dense_sums import DenseSums
from tests.monitors.deployment.sums import BEGIN, HOUR, plan

if TYPE_CHECKING:
    from pathlib import Path

ARMS = {"old": "field:version=old", "new": "field:version=new"}
COLUMNS = ("amount", "carrier", "same")
USUAL: dict[str, Any] = {
    "arms": ARMS,
    "goals": "rate:ok:0.05:higher",
    "input_columns": COLUMNS,
    "time_column": "at",
    "minimum_days": 0,
    "runner": "local",
}


def table(rows: int = 6_000, *, seed: int = 3) -> pd.DataFrame:
    """Requests of two versions alike, 600 an hour."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "version": random.choice(["old", "new"], rows),
            "at": pd.date_range("2026-11-02", periods=rows, freq="6s").astype(str),
            "amount": np.where(random.random(rows) < 0.02, np.nan, random.exponential(10, rows)),
            "carrier": random.choice(
                np.array(["AA", "UA", "DL", None]), rows, p=[0.5, 0.3, 0.19, 0.01]
            ),
            "same": 1,
            "ok": random.integers(0, 2, rows),
        }
    )


TABLE = table()


def planned(data: Any = TABLE, **settings: Any) -> Any:
    """A plan of some rows."""
    return driftkit.deployment.baseline(data, **(USUAL | settings))


PLAN = planned()


def monitored(data: Any, by: Any = PLAN, **settings: Any) -> Any:
    """The report on some rows."""
    usual = {"time_column": "at", "runner": "local"}
    return driftkit.deployment.monitor(data, by, **(usual | settings))


def inputs_check(report: Any) -> Any:
    """The check of inputs."""
    [found] = [each for each in report.verdict.checks if each.name == "inputs"]
    return found


def only_new(data: pd.DataFrame, column: str, values: Any) -> pd.DataFrame:
    """The rows with other values of the new version's."""
    return data.assign(**{column: data[column].where(data["version"] == "old", values)})


def test_cells_are_deciles_and_most_frequent_values_of_the_champion() -> None:
    champion = TABLE[TABLE["version"] == "old"]

    amount, carrier, same = list(PLAN.plan.inputs)

    deciles = np.quantile(champion["amount"].dropna(), np.arange(1, 10) / 10, method="inverted_cdf")
    assert amount == PlannedInput(column="amount", edges=tuple(deciles))
    assert carrier.values == tuple(champion["carrier"].value_counts().index)  # noqa: PD011
    assert same.edges == (1.0,)
    assert any("amount in 11 cells, carrier in 5 cells" in note for note in PLAN.notes())


def test_numbers_that_are_written_as_texts_are_numbers() -> None:
    written = TABLE.assign(amount=TABLE["amount"].map(repr).where(TABLE["ok"] == 1, None))
    written.loc[::50, "amount"] = "n/a"

    [amount] = planned(written, input_columns="amount").plan.inputs

    kept = written[written["version"] == "old"]["amount"]
    numbers = pd.to_numeric(kept, errors="coerce").dropna()
    deciles = np.quantile(numbers, np.arange(1, 10) / 10, method="inverted_cdf")
    assert amount.edges == tuple(deciles)


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([True, False, False], {"values": ("false", "true")}),
        (["7", "x", "y"], {"values": ("7", "x", "y")}),
        ([0, 0, 1], {"edges": (0.0,)}),
        ([f"id-{i % 30}" for i in range(3)], {"values": ("id-0", "id-1", "id-2")}),
        (["2026-01-01"] * 3, {"values": ("2026-01-01",)}),
    ],
)
def test_columns_of_every_kind_have_cells(values: Any, cells: dict[str, Any]) -> None:
    rows = pd.DataFrame({"version": ["old", "old", "new"] * 3, "ok": 1})
    rows["x"] = np.repeat(np.asarray(values), 3)
    rows = pd.concat([rows.assign(version="old"), rows.assign(version="new")])

    [found] = planned(rows, input_columns="x", time_column=None).plan.inputs

    assert found == PlannedInput(column="x", **cells)


COUNTS = some.lists(
    some.lists(some.lists(some.integers(0, 50), min_size=3, max_size=3), min_size=2, max_size=2),
    min_size=1,
    max_size=3,
)


@given(COUNTS)
def test_the_index_is_that_of_the_counts(counts: list[list[list[int]]]) -> None:
    cells = np.array(counts, np.int64)
    requests = cells.sum(axis=2).astype(float)
    trials = np.maximum(requests, 1.0)
    blocks = BEGIN + HOUR * np.arange(len(cells))
    sums = DenseSums.of_rate(blocks, trials, trials).as_states("rate:ok", ("old", "new"))
    layout = replace(sums.layout, cells=(3,))
    by_plan = plan(
        inputs=(PlannedInput(column="x", edges=(1.0,)),), strategy="shadow", weights=None
    )

    found = input_drift(
        by_plan,
        Timeline(plan=by_plan, sums=replace(sums, layout=layout, inputs=cells.reshape(-1, 3))),
    )

    old, new = cells.sum(axis=0)
    assert found is not None
    [row] = found
    assert row.units == {"old": old.sum(), "new": new.sum()}
    if old.any() and new.any():
        assert row.stability_index == pytest.approx(stability_index(old, new), abs=1e-12)
        assert [each.challenger for each in row.cells] == pytest.approx((new / new.sum()).tolist())
    else:
        assert row.stability_index is None


def test_arms_that_are_asked_the_same_are_believed() -> None:
    report = monitored(TABLE)

    by_pandas = pd.crosstab(TABLE["version"], TABLE["carrier"].fillna("?"))
    old, new = (by_pandas.loc[arm].to_numpy() for arm in ARMS)
    found = {each.column: each for each in report.comparison.inputs}
    assert tuple(found) == COLUMNS
    assert found["carrier"].stability_index == pytest.approx(stability_index(old, new), abs=1e-12)
    assert [each.cell for each in found["carrier"].cells] == [
        *("AA", "UA", "DL", "(others)", "(missing)")
    ]
    assert inputs_check(report).passed


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount", 12.5),
        ("amount", np.nan),
        ("amount", -1e300),
        ("carrier", "AA"),
        ("carrier", "WN"),
        ("carrier", None),
        ("same", 2),
        ("carrier", ""),
    ],
)
def test_arms_that_are_asked_for_other_things_are_held(column: str, values: Any) -> None:
    report = monitored(only_new(TABLE, column, values))

    assert report.verdict.verdict == "hold"
    assert not inputs_check(report).passed
    assert inputs_check(report).detail.endswith(f", of {column}")


@pytest.mark.parametrize(
    "written", [np.array([False, True]), ["False", "True"], ["false", " TRUE"]]
)
def test_a_value_is_in_its_cell_however_it_is_written(written: Any) -> None:
    truths = TABLE.assign(same=TABLE["ok"] == 1)
    rows = TABLE.assign(same=np.asarray(written)[TABLE["ok"]])

    [found] = monitored(rows, planned(truths, input_columns="same")).comparison.inputs

    assert [each.cell for each in found.cells] == ["true", "false", "(others)", "(missing)"]
    shares = TABLE[TABLE["version"] == "new"]["ok"].mean()
    assert [each.challenger for each in found.cells] == pytest.approx([shares, 1 - shares, 0, 0])


def test_each_challenger_is_compared_by_itself() -> None:
    third = TABLE.assign(version=TABLE["version"].where(TABLE.index % 3 > 0, "third"))
    arms = {**ARMS, "third": "field:version=third"}
    apart = third.assign(carrier=third["carrier"].where(third["version"] != "third", "AA"))

    report = monitored(apart, planned(third, arms=arms))

    passed = {
        each.challenger: {check.name: check.passed for check in each.checks}["inputs"]
        for each in report.verdicts
    }
    assert passed == {"new": True, "third": False}
    assert [each.arm for each in report.comparison.inputs] == ["new"] * 3 + ["third"] * 3


def test_few_requests_do_not_tell_arms_apart() -> None:
    assert inputs_check(monitored(only_new(TABLE[:1_500], "carrier", "AA"))).passed


def test_who_was_asked_for_other_things_is_not_believed_again() -> None:
    later = table(60_000, seed=4).assign(
        at=pd.date_range("2026-11-03", periods=60_000, freq="6s").astype(str)
    )

    report = monitored(pd.concat([only_new(TABLE, "carrier", "AA"), later]))

    assert not inputs_check(report).passed
    assert inputs_check(report).detail.endswith(", of carrier")


def test_what_is_asked_for_may_change_with_the_weights() -> None:
    morning = TABLE[(TABLE["version"] == "old") | (TABLE.index % 5 == 0)]
    random = np.random.default_rng(8)
    evening = table(12_000, seed=5).assign(
        at=pd.date_range("2026-11-03", periods=12_000, freq="3s").astype(str),
        amount=100.0,
        version=random.choice(["old", "new"], 12_000, p=[0.1, 0.9]),
    )

    report = monitored(pd.concat([morning, evening]))

    assert len(report.verdict.epochs) == 2
    assert inputs_check(report).passed
    assert report.comparison.inputs[0].stability_index < 0.05


def test_a_column_of_texts_tells_what_a_segment_of_it_does() -> None:
    apart = only_new(TABLE[:1_500], "carrier", "AA")

    by_input, by_segment = (
        inputs_check(monitored(apart, planned(**asked))).detail
        for asked in (
            {"input_columns": "carrier"},
            {"input_columns": (), "segment_by": "carrier"},
        )
    )

    index = by_segment.removeprefix("carrier has a population stability index of ")
    assert float(index) > 1.0
    assert by_input == f"the largest population stability index is {index}, of carrier"


def test_kept_hours_are_the_same_as_all_at_once(tmp_path: Path) -> None:
    apart, cut = only_new(TABLE, "amount", 12.5), 3_000
    first = monitored(apart[:cut])
    first.write(tmp_path)

    both = monitored([str(tmp_path / "states.arrow"), _csv(apart[cut:], tmp_path)])

    whole = monitored(apart)
    assert both.verdict.to_dict() == whole.verdict.to_dict()
    assert both.comparison.to_dict() == whole.comparison.to_dict()


def _csv(rows: pd.DataFrame, folder: Path) -> str:
    rows.to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


def test_a_plan_without_inputs_writes_what_it_wrote() -> None:
    without = planned(input_columns=())

    report = monitored(TABLE, without)

    assert "inputs" not in without.plan.to_dict()
    assert "inputs" not in report.comparison.to_dict()
    assert "inputs" not in {each.name for each in report.verdict.checks}
    assert report.states is not None
    assert b'"cells"' not in report.states.dumps()


def test_users_are_shown_and_not_judged() -> None:
    report = monitored(
        only_new(TABLE, "carrier", "AA").assign(user=TABLE.index % 50),
        planned(TABLE.assign(user=1), unit="field:user"),
    )

    assert "inputs" not in {each.name for each in report.verdict.checks}
    assert report.comparison.inputs[1].stability_index > 0.2


def test_a_column_that_is_not_there_is_told_by_its_place_in_the_plan() -> None:
    document = PLAN.plan.to_dict()
    document["inputs"][1]["column"] = "airline"
    other = replace(PLAN, plan=plan_file.read(document))

    with pytest.raises(InputError, match="no column 'airline'") as caught:
        monitored(TABLE, other)

    assert caught.value.where == "deployment_plan.json: inputs[1].column"


@pytest.mark.parametrize("values", [None, [[1.0], [2.0]] * 3_000])
def test_what_has_no_values_is_no_input(values: Any) -> None:
    with pytest.raises(InputError, match="amount"):
        planned(TABLE.assign(amount=values))


@pytest.mark.spark
def test_spark_freezes_and_counts_the_same(tmp_path: Path) -> None:
    apart = only_new(TABLE, "amount", 12.5)
    for number, part in enumerate(np.array_split(np.arange(len(apart)), 4)):
        apart.iloc[part].to_parquet(tmp_path / f"{number}.parquet")
    asked = {"guardrails": "amount_slo", "limits": {"amount_slo": "p95"}}

    local, spark = (planned(str(tmp_path), runner=runner, **asked) for runner in ("local", "spark"))
    reports = [monitored(str(tmp_path), local, runner=runner) for runner in ("local", "spark")]

    assert spark.plan == local.plan
    assert reports[0].states.dumps() == reports[1].states.dumps()
    assert reports[0].comparison == reports[1].comparison
