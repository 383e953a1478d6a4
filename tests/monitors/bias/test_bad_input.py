"""What the bias monitor says to input that it cannot use."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import DriftkitError, FormatError, InputError, SettingsError
from driftkit.formats.analysis import Analysis
from driftkit.monitors.bias import monitor as bias
from tests.monitors.bias.tables import configuration, flights_table, value_of

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.settings import DialectName

NO_FACET = [{"name_or_index": "captain"}]
BAD_INPUT = [
    (configuration(facet=NO_FACET), SettingsError, "Facet column captain is not present"),
    (configuration(label="captain"), SettingsError, "captain is not present"),
    (configuration(group_variable="captain"), SettingsError, "captain is not present"),
    (configuration(facet=[{"name_or_index": 9}]), SettingsError, "9 is not present"),
    (configuration(label_values_or_threshold=[]), FormatError, "label_values_or_threshold"),
    (configuration(facet=[]), FormatError, "facet"),
    (configuration(facet=[{"value_or_threshold": [1]}]), FormatError, "facet[0].name_or_index"),
    (configuration(headers=["a"]), SettingsError, "as many headers as columns"),
    (
        configuration(facet=[{"name_or_index": "distance"}]),
        SettingsError,
        "Threshold values must be",
    ),
    (
        configuration(facet=[{"name_or_index": "distance", "value_or_threshold": ["far"]}]),
        SettingsError,
        "single numeric threshold",
    ),
    (configuration(predicted_label="carrier"), InputError, "No Label values are present"),
    (configuration(predicted_label="distance"), InputError, "not the same as Label"),
    (
        configuration(methods={"pre_training_bias": {"methods": ["DPLX"]}}),
        SettingsError,
        "no metric 'DPLX'",
    ),
    (configuration(methods={}), SettingsError, "no bias metrics"),
    (configuration(probability_threshold=7), FormatError, "probability_threshold"),
    (
        configuration(predicted_label=None, methods={"post_training_bias": {"methods": "all"}}),
        SettingsError,
        "predicted_label_column has to be provided",
    ),
]


@pytest.mark.parametrize(("config", "kind", "message"), BAD_INPUT)
def test_bad_input_is_named(
    config: dict[str, Any], kind: type[DriftkitError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        bias.baseline(flights_table(400), analysis_config=config, runner="local")

    assert message in str(caught.value)


def test_a_facet_with_one_value_has_errors_in_place_of_numbers() -> None:
    table = flights_table(100).assign(carrier="B")

    result = bias.baseline(table, analysis_config=configuration(), runner="local")

    text = json.dumps(result.files["analysis.json"])
    assert "Negative facet set is empty" in text
    assert value_of(result.analysis, "CI") == -1
    assert result.intervals is not None


@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_a_threshold_beyond_the_data_has_errors_in_place_of_numbers(dialect: DialectName) -> None:
    table = flights_table(400)
    config = configuration(facet=[{"name_or_index": "distance", "value_or_threshold": [5000]}])

    result = bias.baseline(table, analysis_config=config, dialect=dialect, runner="local")

    stage = result.analysis.pre_training
    assert stage is not None
    (facet,) = stage.facets["distance"]
    assert facet.value_or_threshold == f"({table.distance.max()}, 5000]"
    errors = {metric.name: metric.error for metric in facet.metrics if metric.value is None}
    if dialect == "aws":
        assert errors["CI"] == "CI: facet set is empty. Check that x[facet] has non-zero length."
    else:
        assert value_of(result.analysis, "CI", "distance") == 1
    assert errors["DPL"] == "Facet set is empty."


def test_metrics_without_a_value_are_not_compared() -> None:
    one = flights_table(100).assign(carrier="B")
    normal = bias.baseline(one, analysis_config=configuration(), runner="local")

    result = bias.monitor(flights_table(), normal, analysis_config=configuration(), runner="local")

    # DPL of a facet without others is an error in the baseline.
    assert "DPL" not in {each.metric for each in result.compared}
    assert result.files["constraint_violations.json"]["violations"] == [
        {key: value for key, value in asdict(each).items() if key != "extra"}
        for each in result.violations
    ]


def test_missing_labels_are_set_aside_and_missing_facets_counted_among_the_rest() -> None:
    table = flights_table(400)
    table.loc[:9, "late"] = None
    table.loc[20:24, "carrier"] = None

    result = bias.baseline(table, analysis_config=configuration(), runner="local")

    assert any("10 rows without label" in remark for remark in result.remarks)
    assert any("5 rows have no value of facet carrier" in remark for remark in result.remarks)
    expected = bias.baseline(
        table.iloc[10:].astype({"late": int}), analysis_config=configuration(), runner="local"
    )
    assert result.analysis == expected.analysis


def test_an_empty_window_is_an_error() -> None:
    normal = bias.baseline(flights_table(), analysis_config=configuration(), runner="local")

    with pytest.raises(InputError):
        bias.monitor(
            flights_table(400).iloc[:0], normal, analysis_config=configuration(), runner="local"
        )


def test_a_baseline_of_other_facets_is_named() -> None:
    normal = bias.baseline(flights_table(), analysis_config=configuration(), runner="local")
    other = configuration(facet=[{"name_or_index": "origin"}], group_variable=None)

    with pytest.raises(FormatError) as caught:
        bias.monitor(flights_table(), normal, analysis_config=other, runner="local")

    assert "missing 'origin'" in str(caught.value)
    assert "'carrier'" in str(caught.value)


B_AND_X = [{"name_or_index": "carrier", "value_or_threshold": ["B", "X"]}]
MISSPELT = [
    (configuration(facet=[{"name_or_index": "carrier", "value_or_threshold": ["b"]}]), "'b'"),
    (configuration(facet=B_AND_X), "'X'"),
    (configuration(label_values_or_threshold=[2]), "2"),
    (configuration(label_values_or_threshold=["yes"]), "'yes'"),
    (
        configuration(label="origin", label_values_or_threshold=["JKF"], predicted_label=None),
        "'JKF'",
    ),
]
SEEN = {"'b'": "'A', 'B', 'C'", "'X'": "'A', 'B', 'C'", "'JKF'": "'EWR', 'JFK'"}


@pytest.mark.parametrize(("config", "named"), MISSPELT)
def test_values_that_no_row_has_are_an_error_that_lists_those_seen(
    config: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsError, match="no row of column") as caught:
        bias.baseline(flights_table(), analysis_config=config, runner="local")

    assert caught.value.found == named
    assert SEEN.get(named, "0, 1") in (caught.value.expected or "")


@pytest.mark.parametrize(
    "config",
    [
        configuration(facet=B_AND_X),
        configuration(facet=[B_AND_X[0] | {"value_or_threshold": ["b"]}]),
    ],
)
def test_aws_lets_values_pass_that_no_row_has(config: dict[str, Any]) -> None:
    result = bias.baseline(flights_table(), analysis_config=config, dialect="aws", runner="local")

    assert result.analysis.pre_training is not None
    assert not any("no row" in remark for remark in result.remarks)


def test_of_many_values_only_some_are_listed() -> None:
    table = flights_table()
    table["carrier"] = [f"carrier {number % 300}" for number in range(len(table))]

    with pytest.raises(SettingsError, match="no row of column 'carrier'") as caught:
        bias.baseline(table, analysis_config=configuration(), runner="local")

    assert "and 290 more" in (caught.value.expected or "")


def test_a_window_may_lack_a_value_that_the_baseline_had() -> None:
    table, config = flights_table(), configuration()
    normal = bias.baseline(table, analysis_config=config, runner="local")
    of_others = table[table.carrier != "B"]

    result = bias.monitor(of_others, normal, analysis_config=config, runner="local")

    assert "no row of column carrier has the value 'B' that the baseline had" in result.remarks
    changed = configuration(label_values_or_threshold=[2])
    with pytest.raises(SettingsError, match="no row of column 'late' has the value 2"):
        bias.monitor(table, normal, analysis_config=changed, runner="local")


def test_numbers_are_found_written_as_texts() -> None:
    table = flights_table().astype({"late": str, "predicted": str})

    result = bias.baseline(table, analysis_config=configuration(), runner="local")

    assert result.analysis.pre_training is not None
    assert not any("no row" in remark for remark in result.remarks)


def test_metrics_that_are_no_number_are_listed() -> None:
    normal = bias.baseline(flights_table(), analysis_config=configuration(), runner="local")
    document = json.loads(json.dumps(normal.analysis.to_dict()))
    metrics = document["pre_training_bias_metrics"]["facets"]["carrier"][0]["metrics"]
    next(each for each in metrics if each["name"] == "DPL")["value"] = "NaN"
    damaged = bias.BiasBaseline(analysis=Analysis.read(document))

    result = bias.monitor(flights_table(), damaged, analysis_config=configuration(), runner="local")

    assert list(map(str, result.skipped)) == ["carrier 'B': DPL is no number"]


@pytest.mark.parametrize("digits", [309, 401, 5001])
@pytest.mark.parametrize("facet", [{"value_or_threshold": [2]}, {}], ids=["threshold", "values"])
@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_whole_numbers_beyond_every_double_are_infinite(
    tmp_path: Path, digits: int, facet: dict[str, Any], dialect: DialectName
) -> None:
    facet = {"name_or_index": "distance", **facet}
    config = {"label": "late", "label_values_or_threshold": [1], "facet": [facet]}
    found = []
    for number in ("9" * digits, "1e400"):
        rows = (f"1,{number}", "0,2", f"0,{number}", "1,3", "0,1")
        (tmp_path / "flights.csv").write_text("late,distance\n" + "\n".join(rows) + "\n")
        try:
            report = bias.baseline(
                tmp_path, analysis_config=config, dialect=dialect, runner="local"
            )
        except DriftkitError as error:
            found.append(str(error).replace(number, "1e400"))
        else:
            found.append(json.dumps(report.files["analysis.json"]).replace(number, "1e400"))

    assert found[0] == found[1]
