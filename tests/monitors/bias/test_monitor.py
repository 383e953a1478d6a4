"""The bias monitor from data to files, on tables small enough to count by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.monitors.bias import monitor as bias
from driftkit.monitors.bias.results import BiasBaseline
from tests.monitors.bias.tables import configuration, flights_table, value_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_baseline_measures_what_pandas_counts() -> None:
    table = flights_table()
    facet, rest = table[table.carrier == "B"], table[table.carrier != "B"]

    result = bias.baseline(table, analysis_config=configuration(), runner="local")

    assert value_of(result.analysis, "DPL") == pytest.approx(rest.late.mean() - facet.late.mean())
    impact = facet.predicted.mean() / rest.predicted.mean()
    assert value_of(result.analysis, "DI") == pytest.approx(impact)
    assert result.analysis.pre_training is not None
    assert result.analysis.pre_training.label_value_or_threshold == "1"


def test_files_are_written_and_read_again(tmp_path: Path) -> None:
    config = tmp_path / "analysis_config.json"
    config.write_text(json.dumps(configuration()))
    flights_table().to_csv(tmp_path / "rows.csv", index=False)
    normal = bias.baseline(tmp_path / "rows.csv", analysis_config=config, runner="local")

    normal.write(tmp_path / "baseline")
    result = bias.monitor(
        tmp_path / "rows.csv", tmp_path / "baseline", analysis_config=config, runner="local"
    )
    written = result.write(tmp_path / "window")

    assert BiasBaseline.read(tmp_path / "baseline").analysis == normal.analysis
    assert [path.name for path in written] == [
        "analysis.json",
        "intervals.json",
        "constraint_violations.json",
    ]
    assert result.violations == ()
    assert result.files["analysis.json"] == normal.files["analysis.json"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "pandas", "arrow", "mapping", "jsonl"])
def test_every_kind_of_input_gives_the_same(tmp_path: Path, kind: str) -> None:
    table = flights_table(300)
    expected = bias.baseline(table, analysis_config=configuration(), runner="local")
    config = configuration()
    data: Any = table
    if kind == "csv":
        data = tmp_path / "rows.csv"
        table.to_csv(data, index=False)
    elif kind == "parquet":
        data = str(tmp_path / "rows.parquet")
        table.to_parquet(data)
    elif kind == "mapping":
        data = {name: table[name].tolist() for name in table}
    elif kind == "jsonl":
        data = tmp_path / "rows.jsonl"
        features = ["carrier", "origin", "distance"]
        lines = [
            {"features": list(row[:3]), "label": row[3], "predicted": row[4]}
            for row in table.itertuples(index=False, name=None)
        ]
        data.write_text("\n".join(json.dumps(line) for line in lines))
        config |= {"headers": [*features, "late"], "features": "features", "label": "label"}

    actual = bias.baseline(data, analysis_config=config, runner="local")

    assert actual.analysis == expected.analysis


def test_headers_name_the_columns_of_csv_without_a_header(tmp_path: Path) -> None:
    table = flights_table(300)
    table.to_csv(tmp_path / "rows.csv", index=False, header=False)
    config = configuration(headers=list(table.columns), label=3, facet=[{"name_or_index": 0}])

    result = bias.baseline(tmp_path / "rows.csv", analysis_config=config, runner="local")

    stage = result.analysis.post_training
    assert stage is not None
    assert [each.value_or_threshold for each in stage.facets["carrier"]] == list(
        table.carrier.unique()
    )


def test_facets_and_predictions_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    table = flights_table(300)
    for name, columns in (("rows", ["origin", "distance", "late"]), ("f", ["carrier"])):
        table[columns].to_csv(tmp_path / f"{name}.csv", index=False)
    table[["predicted"]].to_csv(tmp_path / "p.csv", index=False, header=False)
    config = configuration(
        facet_dataset_uri=str(tmp_path / "f.csv"),
        predicted_label_dataset_uri=str(tmp_path / "p.csv"),
        predicted_label_headers=["guess"],
        predicted_label=0,
    )

    result = bias.baseline(tmp_path / "rows.csv", analysis_config=config, runner="local")

    expected = bias.baseline(table, analysis_config=configuration(), runner="local")
    assert value_of(result.analysis, "DI") == value_of(expected.analysis, "DI")
    assert value_of(result.analysis, "DPL") == value_of(expected.analysis, "DPL")


def test_scores_above_the_threshold_are_positive() -> None:
    table = flights_table()
    scores = table.assign(predicted=np.where(table.predicted == 1, 0.7, 0.6999))
    config = configuration(probability_threshold=0.6999)

    result = bias.baseline(scores, analysis_config=config, runner="local")

    expected = bias.baseline(table, analysis_config=configuration(), runner="local")
    assert result.analysis == expected.analysis


def test_same_bias_is_no_violation_in_the_textbook_dialect() -> None:
    normal = bias.baseline(
        flights_table(5000, seed=1), analysis_config=configuration(), runner="local"
    )

    results = [
        bias.monitor(
            flights_table(5000, seed=seed), normal, analysis_config=configuration(), runner="local"
        )
        for seed in range(10, 20)
    ]

    assert [result.violations for result in results] == [()] * 10


def test_more_bias_is_a_violation_with_an_interval() -> None:
    normal = bias.baseline(
        flights_table(5000, seed=1), analysis_config=configuration(), runner="local"
    )
    window = flights_table(5000, seed=2, against=0.3)

    result = bias.monitor(window, normal, analysis_config=configuration(), runner="local")

    found = {each.metric_name for each in result.violations}
    assert {"AD", "DPPL", "DI"} <= found
    for row in result.violation_rows():
        low, high = row["allowed"]
        assert row["interval"][0] > high or row["interval"][1] < low


def test_allowed_ranges_take_the_place_of_the_baseline() -> None:
    normal = bias.baseline(
        flights_table(5000, seed=1), analysis_config=configuration(), runner="local"
    )
    window = flights_table(5000, seed=2, against=0.3)

    result = bias.monitor(
        window,
        normal,
        analysis_config=configuration(),
        runner="local",
        allowed={"AD": (-1, 1), "CI": (0.9, 1)},
    )

    found = {each.metric_name for each in result.violations}
    assert "AD" not in found
    assert "CI" in found


def test_intersections_are_facets_of_their_own() -> None:
    table = flights_table(400)
    facets = [{"name_or_index": "carrier"}, {"name_or_index": "origin"}]

    result = bias.baseline(
        table,
        analysis_config=configuration(facet=facets, group_variable=None),
        runner="local",
        intersections=[("carrier", "origin")],
        small_group=50,
    )

    stage = result.analysis.pre_training
    assert stage is not None
    values = [each.value_or_threshold for each in stage.facets["carrier x origin"]]
    assert sorted(values) == sorted(f"{c} x {o}" for c in "ABC" for o in ("EWR", "JFK"))
    place = values.index("A x JFK")
    chosen = (table.carrier == "A") & (table.origin == "JFK")
    difference = table.late[~chosen].mean() - table.late[chosen].mean()
    assert value_of(result.analysis, "DPL", "carrier x origin", place) == pytest.approx(difference)
    assert any("small groups" in remark for remark in result.remarks)


def test_intervals_and_detectable_differences_stand_beside_each_metric() -> None:
    result = bias.baseline(flights_table(), analysis_config=configuration(), runner="local")

    rows = result.metrics_table().set_index("metric").to_dict("index")
    assert rows["DPL"]["lower"] < rows["DPL"]["current"] < rows["DPL"]["upper"]
    assert rows["DI"]["detectable"] > 1
    assert "intervals.json" in result.files


def test_statistics_and_performance_where_asked() -> None:
    result = bias.baseline(
        flights_table(),
        analysis_config=configuration(),
        runner="local",
        basic_statistics=True,
        performance_report=True,
    )

    performance = result.files["analysis.json"]["model_performance_report"]
    assert performance["model_performance_metrics"][0]["name"] == "Accuracy"
    assert set(performance["confusion_matrix"]) == {"0", "1"}
    statistics = result.files["analysis.json"]["bias_basic_stats"]["facets"]["carrier"]
    assert statistics[0]["metrics"][0]["name"] == "proportion"


def test_the_flip_test_has_a_limit_and_a_sample() -> None:
    table = flights_table(500).drop(columns="origin")
    config = configuration(group_variable=None)

    refused = bias.baseline(table, analysis_config=config, runner="local", flip_test_rows=100)
    sampled = bias.baseline(
        table, analysis_config=config, runner="local", flip_test_rows=100, flip_test_sample=True
    )

    assert value_of(refused.analysis, "FT") is None
    assert "flip_test_sample" in json.dumps(refused.files["analysis.json"])
    assert value_of(sampled.analysis, "FT") is not None


def test_clarifys_own_pre_training_report(golden: Callable[[str], Path]) -> None:
    folder = "sdk/tests/data/pipeline/clarify_check_step"
    config = {
        "headers": ["Label", "F1", "F2", "F3", "F4"],
        "label": "Label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "F1", "value_or_threshold": [0.5]}],
        "group_variable": "F2",
        "methods": {"pre_training_bias": {"methods": "all"}},
    }

    result = bias.baseline(
        golden(f"{folder}/dataset.csv"), analysis_config=config, dialect="aws", runner="local"
    )

    expected = json.loads(golden(f"{folder}/data_bias/good_cases/analysis.json").read_text())
    assert result.files["analysis.json"] == expected
