"""States of bias are kept, combined, and looked at as the rows of all windows at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.monitors.bias.results import BiasResult
from driftkit.states.groups import columns as group_columns
from driftkit.states.groups import fold as group_fold
from driftkit.states.groups.storage import loads
from tests.monitors.bias.tables import TWO_FACETS, configuration, flights_table, odd_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# The flip test needs the rows themselves.
WITHOUT_ROWS: dict[str, Any] = {
    "pre_training_bias": {"methods": "all"},
    "post_training_bias": {"methods": ["DPPL", "DI", "DCA", "DCR", "RD", "AD", "TE", "CDDPL"]},
}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[..., pd.DataFrame]]] = {
    "one facet": (configuration(), {}, flights_table),
    "two facets": (TWO_FACETS, {"intersections": [("carrier", "distance")]}, flights_table),
    "missing values": (TWO_FACETS, {}, odd_table),
    "scores": (
        configuration(predicted_label=None),
        {"probability_attribute": "score", "probability_threshold": 0.4},
        lambda rows, seed: flights_table(rows, seed=seed).assign(
            score=lambda table: (table.predicted * 0.5 + table.distance / 6000).round(3)
        ),
    ),
    "statistics": (configuration(), {"basic_statistics": True}, flights_table),
}


@pytest.fixture(params=[10_000, 40], ids=["values kept", "values collapsed"])
def values_kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    for module in (group_columns, group_fold):
        monkeypatch.setattr(module, "VALUES_KEPT", request.param)
    kept: int = request.param
    return kept


@pytest.mark.usefixtures("values_kept")
@pytest.mark.parametrize("dialect", ["aws", "textbook"])
@pytest.mark.parametrize("case", CASES)
def test_windows_together_are_the_rows_at_once(case: str, dialect: Any, tmp_path: Path) -> None:
    config, more, rows_of = CASES[case]
    asked: dict[str, Any] = {
        "analysis_config": {**config, "methods": WITHOUT_ROWS},
        "dialect": dialect,
        **more,
    }
    if dialect == "aws" and case == "missing values":
        asked["analysis_config"] = {**asked["analysis_config"], "group_variable": None}
    tables = [rows_of(rows, seed=seed) for seed, rows in enumerate((400, 3, 700))]
    for number, table in enumerate(tables):
        driftkit.bias.save_states(driftkit.bias.states(table, **asked), tmp_path / f"{number}")
    normal = driftkit.bias.baseline(rows_of(900, seed=9), **asked)
    at_once = driftkit.bias.monitor(pd.concat(tables, ignore_index=True), normal, **asked)

    month = driftkit.bias.combine(tmp_path / "*" / "states.arrow")

    for data in (month, [str(tmp_path / f"{number}") for number in range(3)]):
        result = driftkit.bias.monitor(data, normal, **asked)
        assert result.files == at_once.files
        assert result.remarks == at_once.remarks
        assert result.run is not None
        assert result.run.engine == "kept states"
    assert [each.rows for each in month.windows] == [400, 3, 700]
    learnt = driftkit.bias.baseline(month, **asked)
    assert learnt.files["analysis.json"] == at_once.files["analysis.json"]


@pytest.mark.usefixtures("values_kept")
@pytest.mark.parametrize("case", CASES)
def test_states_are_read_back(case: str) -> None:
    config, more, rows_of = CASES[case]
    states = driftkit.bias.states(rows_of(300, seed=1), analysis_config=config, **more)

    back = loads(states.dumps(), "here")

    assert back == states
    assert back.dumps() == states.dumps()


@pytest.mark.parametrize(
    "table",
    [
        flights_table(200).astype({"carrier": "category"}),
        flights_table(200).astype({"late": bool, "predicted": bool}),
        flights_table(200).astype(str),
        flights_table(200).assign(carrier=lambda table: table.distance % 3 / 2),
        flights_table(200).assign(carrier=pd.Timestamp("2024-03-18")),
    ],
    ids=["categories", "truths", "texts", "fractions", "times"],
)
def test_states_of_every_type_are_read_back(table: pd.DataFrame) -> None:
    config = configuration(facet=[{"name_or_index": "carrier"}])
    states = driftkit.bias.states(table, analysis_config=config)

    assert loads(states.dumps(), "here") == states


def test_a_run_keeps_its_states_and_reports_the_same(tmp_path: Path) -> None:
    config: dict[str, Any] = {"analysis_config": configuration()}
    table = flights_table(600)
    normal = driftkit.bias.baseline(table, keep_states=True, **config)
    plain = driftkit.bias.monitor(table, normal, **config)

    kept = driftkit.bias.monitor(table, normal, keep_states=True, **config)

    assert plain.states is None
    assert kept.files == plain.files
    names = [path.name for path in kept.write(tmp_path / "kept")]
    assert names == [*(path.name for path in plain.write(tmp_path / "plain")), "states.arrow"]
    assert [path.name for path in normal.write(tmp_path / "b")][-1] == "states.arrow"
    assert driftkit.bias.combine(tmp_path / "kept") == kept.states
    assert driftkit.bias.combine(kept) == kept.states
    assert kept.as_baseline().states == kept.states


def test_the_flip_test_is_skipped_where_only_states_are_there() -> None:
    table = flights_table(300).drop(columns="origin")
    config: dict[str, Any] = {"analysis_config": configuration(group_variable=None)}
    normal = driftkit.bias.baseline(table, **config)

    result = driftkit.bias.monitor(driftkit.bias.states(table, **config), normal, **config)

    [skipped] = [each for each in result.skipped if each.check == "carrier 'B' FT"]
    assert skipped.reason == (
        "no value in the window: Flip Test compares rows, and kept states have none"
    )
    assert "FT" not in {each.metric for each in result.compared}


def test_remarks_stay_with_what_becomes_a_baseline() -> None:
    table = odd_table(300, 1)
    config: dict[str, Any] = {"analysis_config": configuration()}
    result = driftkit.bias.monitor(table, driftkit.bias.baseline(table, **config), **config)

    assert result.remarks
    assert result.as_baseline().notes() == result.notes()
    assert isinstance(result, BiasResult)


def test_columns_in_another_order_are_combined() -> None:
    table, other = flights_table(200, seed=1), flights_table(300, seed=2)
    config: dict[str, Any] = {"analysis_config": configuration()}

    together = driftkit.bias.combine(
        driftkit.bias.states(table, **config),
        driftkit.bias.states(other[other.columns[::-1]], **config),
    )

    at_once = driftkit.bias.states(pd.concat([table, other], ignore_index=True), **config)
    assert together.state == at_once.state


def test_the_same_rows_are_not_added_twice() -> None:
    states = driftkit.bias.states(flights_table(200), analysis_config=configuration())

    with pytest.raises(InputError, match="overlap"):
        driftkit.bias.combine(states, states)
    assert driftkit.bias.combine(states, states, allow_overlap=True).state.rows == 400


OTHERS: list[tuple[dict[str, Any], str]] = [
    (configuration(facet=[{"name_or_index": "origin"}]), "facets"),
    (configuration(label="predicted"), "label"),
    (configuration(predicted_label=None), "predicted label"),
    (configuration(group_variable=None), "group variable"),
    (configuration(label_values_or_threshold=[0]), "column late"),
    (configuration(facet=[{"name_or_index": "carrier"}]), "column carrier"),
]


@pytest.mark.parametrize(("config", "what"), OTHERS)
def test_rows_that_were_counted_otherwise_are_refused(config: dict[str, Any], what: str) -> None:
    states = driftkit.bias.states(flights_table(200, seed=1), analysis_config=configuration())
    other = driftkit.bias.states(flights_table(300), analysis_config=config)

    with pytest.raises(InputError, match=rf"counted otherwise.*expected: [^)]*{what} "):
        driftkit.bias.combine(states, other)
    with pytest.raises(InputError, match=rf"counted otherwise.*expected: [^)]*{what} "):
        driftkit.bias.baseline(states, analysis_config=config)


def test_scores_that_were_decided_otherwise_are_refused(tmp_path: Path) -> None:
    config = configuration(
        headers=["carrier", "distance", "late"],
        predicted_label=None,
        group_variable=None,
        features="f",
        label="l",
        methods=WITHOUT_ROWS,
    )
    for name, first in (("one", 0), ("two", 50)):
        lines = (
            {"f": ["AB"[n % 2], n], "l": n % 3 % 2, "p": n % 10 / 10}
            for n in range(first, first + 50)
        )
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    asked: dict[str, Any] = {"analysis_config": config, "probability_attribute": "p"}
    one = driftkit.bias.states(tmp_path / "one.jsonl", **asked)
    two = driftkit.bias.states(tmp_path / "two.jsonl", probability_threshold=0.3, **asked)

    with pytest.raises(InputError, match=r"threshold 0\.5.*threshold 0\.3"):
        driftkit.bias.combine(one, two)
    with pytest.raises(InputError, match=r"threshold 0\.5.*threshold 0\.3"):
        driftkit.bias.baseline(two, **asked)
    again = driftkit.bias.baseline(loads(one.dumps(), "one"), **asked)
    assert again.analysis == driftkit.bias.baseline(tmp_path / "one.jsonl", **asked).analysis


def test_states_of_separate_files_know_their_columns(tmp_path: Path) -> None:
    table = flights_table(300)
    table[["origin", "distance", "late"]].to_csv(tmp_path / "rows.csv", index=False)
    table[["carrier"]].to_csv(tmp_path / "f.csv", index=False)
    table[["predicted"]].to_csv(tmp_path / "p.csv", index=False, header=False)
    config = configuration(
        facet=[{"name_or_index": 0, "value_or_threshold": ["B"]}],
        facet_dataset_uri=str(tmp_path / "f.csv"),
        predicted_label_dataset_uri=str(tmp_path / "p.csv"),
        predicted_label_headers=["guess"],
        predicted_label=0,
        methods=WITHOUT_ROWS,
    )
    states = driftkit.bias.states(tmp_path / "rows.csv", analysis_config=config)

    found = driftkit.bias.baseline(loads(states.dumps(), "here"), analysis_config=config)

    at_once = driftkit.bias.baseline(tmp_path / "rows.csv", analysis_config=config)
    assert found.files == at_once.files
    with pytest.raises(InputError, match="counted otherwise"):
        driftkit.bias.baseline(states, analysis_config={**config, "predicted_label": 1})


def test_states_of_another_monitor_are_refused(tmp_path: Path) -> None:
    states = driftkit.bias.states(flights_table(200), analysis_config=configuration())
    driftkit.bias.save_states(states, tmp_path / "bias")
    data = driftkit.data_quality.baseline({"a": [1, 2, 3]})
    data.write(tmp_path / "data", keep_states=True)

    with pytest.raises(FormatError, match=r"of another monitor.*states of bias"):
        driftkit.data_quality.combine(tmp_path / "bias")
    with pytest.raises(FormatError, match=r"of another monitor.*states of data_quality"):
        driftkit.bias.combine(tmp_path / "data")
    with pytest.raises(InputError, match="no states of bias"):
        driftkit.bias.combine(data)


def test_states_and_data_are_not_handed_in_together(tmp_path: Path) -> None:
    config = configuration()
    flights_table(200).to_csv(tmp_path / "rows.csv", index=False)
    states = driftkit.bias.states(tmp_path / "rows.csv", analysis_config=config)
    driftkit.bias.save_states(states, tmp_path / "kept")

    with pytest.raises(InputError, match="handed in together"):
        driftkit.bias.baseline([tmp_path / "kept", tmp_path / "rows.csv"], analysis_config=config)


def test_settings_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    config, missing = configuration(), tmp_path / "missing"
    table = flights_table(100)

    with pytest.raises(SettingsError, match="confidence"):
        driftkit.bias.monitor(table, missing, analysis_config=config, confidence=7)
    strange = {**config, "methods": {"pre_training_bias": {"methods": ["DPLX"]}}}
    with pytest.raises(SettingsError, match="no metric 'DPLX'"):
        driftkit.bias.monitor(missing, missing, analysis_config=strange)
    with pytest.raises(SettingsError, match="ranges are allowed"):
        driftkit.bias.monitor(missing, missing, analysis_config=config, allowed={"X": (0, 1)})
    with pytest.raises(FormatError, match="label_values_or_threshold"):
        driftkit.bias.monitor(
            missing, missing, analysis_config=configuration(label_values_or_threshold=[])
        )


def test_states_of_other_rows_have_other_digests() -> None:
    first = driftkit.bias.states(flights_table(200, seed=1), analysis_config=configuration())
    other = driftkit.bias.states(flights_table(200, seed=2), analysis_config=configuration())

    assert first.windows[0].digest != other.windows[0].digest
    assert replace(first, windows=()) == replace(first, windows=(), name="other")
