"""Pairs of columns are monitored by the cells of both, so that a change of dependence is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.derived import Derivation, Joint, JointSide
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")

PAIR = "age:income"
ASKED: dict[str, Any] = {"joint_columns": PAIR, "runner": "local"}


def table(correlation: float = 0.0, seed: int = 0, rows: int = 2000) -> pd.DataFrame:
    """Two columns whose values are the same in all tables, and whose order is not."""
    random = np.random.default_rng(seed)
    normal = random.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], rows)
    order = np.argsort(np.argsort(normal, axis=0), axis=0) / rows
    age, income = 20 + 50 * order[:, 0], np.exp(8 + 3 * order[:, 1])
    carrier = np.where(order[:, 0] > 0.5, "AA", "UA")
    return pd.DataFrame({"age": age.round(1), "income": income.round(2), "carrier": carrier})


def found_in(result: Any) -> list[tuple[str, str]]:
    return [(each.feature_name, each.constraint_check_type) for each in result.violations]


def joint_of(result: Any, name: str = PAIR) -> dict[str, int]:
    (feature,) = [each for each in result.statistics.features if each.name == name]
    return {each.value: each.count for each in feature.string.categories}


@pytest.fixture(scope="module")
def normal() -> Baseline:
    return driftkit.data_quality.baseline(table(), **ASKED)


@pytest.mark.parametrize("dialect", ["textbook", "aws"])
def test_dependence_that_changes_under_the_same_shares_is_found(
    normal: Baseline, dialect: Any
) -> None:
    window = table(0.6, seed=1)
    plain = driftkit.data_quality.baseline(table(), runner="local")

    alone = driftkit.data_quality.monitor(window, plain, runner="local", dialect=dialect)
    found = driftkit.data_quality.monitor(window, normal, runner="local", dialect=dialect)

    assert found_in(alone) == []
    assert found_in(found) == [(PAIR, "baseline_drift_check")]
    (metric,) = [each for each in found.distances if each.feature == PAIR]
    assert metric.dimensions == {"method": "Dependence"}


def test_the_same_dependence_is_no_fault_however_the_columns_move(normal: Baseline) -> None:
    same = driftkit.data_quality.monitor(table(seed=1), normal, runner="local")
    older = table(seed=1).assign(age=lambda rows: rows["age"] + 10)

    found = driftkit.data_quality.monitor(older, normal, runner="local")

    assert found_in(same) == []
    assert found_in(found) == [("age", "baseline_drift_check")]


def test_cells_are_fifths_of_numbers_and_values_of_categories() -> None:
    asked: dict[str, Any] = {"joint_columns": [PAIR, "carrier:age"], "runner": "local"}

    found = driftkit.data_quality.baseline(table(), **asked)

    assert len(joint_of(found)) == 25
    assert {*joint_of(found).values()} <= set(range(40, 130))
    by_carrier = joint_of(found, "carrier:age")
    assert sum(n for cell, n in by_carrier.items() if cell.startswith("AA | ")) == 999
    assert found.derivation.joints[1].sides is not None
    assert found.derivation.joints[1].sides[0] == JointSide(column="carrier", values=("UA", "AA"))


@pytest.mark.parametrize("kind", ["csv", "parquet", "dictionary"])
def test_files_fall_into_the_same_cells(normal: Baseline, kind: str, tmp_path: Path) -> None:
    file = str(tmp_path / f"in.{kind}")
    if kind == "csv":
        table().to_csv(file, index=False)
    else:
        kinds = {"carrier": "category"} if kind == "dictionary" else {}
        table().astype(kinds).to_parquet(file)

    found = driftkit.data_quality.baseline(file, **ASKED)

    assert joint_of(found) == joint_of(normal)
    assert found.derivation == normal.derivation


def test_a_window_falls_into_its_baselines_cells(normal: Baseline, tmp_path: Path) -> None:
    normal.write(tmp_path / "baseline", keep_states=True)
    states = str(tmp_path / "baseline" / "states.arrow")

    found = driftkit.data_quality.monitor(table(0.6), tmp_path / "baseline", runner="local")
    again = driftkit.data_quality.monitor(found.states, tmp_path / "baseline")
    grown = driftkit.data_quality.baseline([states, *written(tmp_path)], **ASKED)

    assert Baseline.read(tmp_path / "baseline").derivation == normal.derivation
    assert {*joint_of(found)} <= {*joint_of(normal)}
    assert joint_of(again) == joint_of(found)
    assert found_in(again) == found_in(found)
    assert grown.derivation == normal.derivation


def written(folder: Path) -> list[str]:
    table(seed=5).to_parquet(folder / "more.parquet")
    return [str(folder / "more.parquet")]


def test_states_of_other_cells_are_refused(normal: Baseline) -> None:
    other = driftkit.data_quality.baseline(table(seed=1).assign(age=1.0), **ASKED)

    with pytest.raises(InputError, match="not made of others in the same way"):
        driftkit.data_quality.combine(normal.states, other.states)
    with pytest.raises(InputError, match="not made of others as they are to be"):
        driftkit.data_quality.monitor(other.states, normal)


def test_rows_without_one_of_the_values_are_in_no_cell(normal: Baseline) -> None:
    window = table()
    window.loc[:99, "age"] = None
    window.loc[50:149, "income"] = np.nan

    found = driftkit.data_quality.monitor(window, normal, runner="local")

    assert sum(joint_of(found).values()) == len(window) - 150
    assert (PAIR, "completeness_check") in found_in(found)


def test_columns_of_many_values_and_of_one_have_cells_too() -> None:
    rows = 1000
    data = {
        "id": [f"user {number}" for number in range(rows)],
        "one": [7] * rows,
        "flag": [number % 3 == 0 for number in range(rows)],
        "odd | name": ["a | b", "c"] * (rows // 2),
    }

    found = driftkit.data_quality.baseline(
        data, joint_columns="id:one,flag:odd | name", runner="local"
    )

    assert {*joint_of(found, "id:one")} == {f"#{number} | any" for number in range(8)}
    assert {*joint_of(found, "flag:odd | name")} == {
        f"{flag} | {name}" for flag in ("true", "false") for name in ("a / b", "c")
    }


def test_segments_are_compared_by_dependence_too() -> None:
    asked: dict[str, Any] = {**ASKED, "segment_by": "carrier"}
    before = driftkit.data_quality.baseline(table(rows=6000), **asked)
    window = table(rows=6000, seed=1)
    is_ua = window["carrier"] == "UA"
    window.loc[is_ua, "income"] = np.sort(window.loc[is_ua, "income"])
    window.loc[is_ua, "age"] = np.sort(window.loc[is_ua, "age"])

    found = driftkit.data_quality.monitor(window, before, runner="local")

    by_segment = {each.label: found_in(each) for each in found.segments}
    assert by_segment == {"carrier=UA": [(PAIR, "baseline_drift_check")], "carrier=AA": []}


@pytest.mark.parametrize("pair", ["age", "age:", "age:age", "a:b:c"])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(SettingsError, match="no pairs of columns"):
        driftkit.data_quality.baseline(table(), joint_columns=pair)


def test_a_baseline_needs_both_columns() -> None:
    with pytest.raises(InputError, match="no values in column 'wage'"):
        driftkit.data_quality.baseline(table(), joint_columns="age:wage", runner="local")


def test_a_window_without_one_of_them_lacks_the_column(normal: Baseline) -> None:
    found = driftkit.data_quality.monitor(table().drop(columns="age"), normal, runner="local")

    assert [each.name for each in found.statistics.features] == ["income", "carrier"]
    assert found_in(found)[0][1] == "missing_column_check"


def test_files_say_what_they_were_made_of() -> None:
    sides = (JointSide(column="a", edges=(1.0, 2.5)), JointSide(column="b", values=("x",)))
    hashed = (JointSide(column="a", edges=()), JointSide(column="c"))
    derivation = Derivation(
        text_columns=("t",),
        embedding_columns=("e",),
        joints=(Joint(name="a:b", sides=sides), Joint(name="a:c", sides=hashed)),
    )

    assert Derivation.read(derivation.to_dict(), "derived.json") == derivation
    broken = {"joint_columns": [{"name": "a:b", "sides": [{"column": "a"}]}]}
    with pytest.raises(FormatError, match="two of them"):
        Derivation.read(broken, "derived.json")
