"""The data-quality monitor from Python: data in, files, tables and notebook views out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit import FormatError, InputError
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult

if TYPE_CHECKING:
    from pathlib import Path

TRAINING = {
    "age": [31, 45, 28, 60],
    "city": ["Bonn", "Ulm", "Bonn", "Ulm"],
    "score": [0.5, 0.25, None, 1.5],
}


@pytest.fixture
def baseline() -> Baseline:
    return driftkit.data_quality.baseline(TRAINING)


@pytest.mark.parametrize(
    "data",
    [TRAINING, pd.DataFrame(TRAINING), pa.table(TRAINING)],
    ids=["mapping", "pandas", "arrow"],
)
def test_every_kind_of_table_gives_the_same_baseline(data: object, baseline: Baseline) -> None:
    assert driftkit.data_quality.baseline(data).files == baseline.files


def test_paths_give_the_same_statistics_as_what_was_written_there(
    tmp_path: Path, baseline: Baseline
) -> None:
    pd.DataFrame(TRAINING).to_parquet(tmp_path / "training.parquet")

    read = driftkit.data_quality.baseline(tmp_path / "training.parquet")

    assert read.files == baseline.files


def test_a_baseline_is_written_and_read_back(tmp_path: Path, baseline: Baseline) -> None:
    paths = baseline.write(tmp_path / "b")

    assert [path.name for path in paths] == ["statistics.json", "constraints.json"]
    assert Baseline.read(tmp_path / "b").files == baseline.files


def test_a_window_like_the_baseline_has_no_violations(baseline: Baseline) -> None:
    result = driftkit.data_quality.monitor(TRAINING, baseline)

    assert result.files["constraint_violations.json"] == {"violations": []}
    assert result.violations_table().empty


def test_what_changed_is_ranked_and_explained(tmp_path: Path, baseline: Baseline) -> None:
    window = {**TRAINING, "city": ["Rome", "Rome", "Bonn", "Ulm"], "score": [None, None, 1, 2]}

    result = driftkit.data_quality.monitor(window, baseline)
    result.write(tmp_path)

    table = result.violations_table()
    assert list(table["feature_name"]) == ["city", "score"]
    assert table["severity"].is_monotonic_decreasing
    assert "Rome" in table["cause"][0]
    written = json.loads((tmp_path / "constraint_violations.json").read_text())
    assert written == result.files["constraint_violations.json"]
    assert MonitoringResult.read(tmp_path).files == result.files


def test_results_show_themselves_in_a_notebook(baseline: Baseline) -> None:
    result = driftkit.data_quality.monitor({**TRAINING, "city": ["<i>"] * 4}, baseline)

    assert "age" in baseline._repr_html_()
    shown = result._repr_html_()
    assert "categorical_values_check" in shown
    assert "<i>" not in shown
    assert "<svg" in shown
    assert "<script" not in shown
    assert len(shown) < 20_000


def test_results_print_in_one_line(baseline: Baseline) -> None:
    result = driftkit.data_quality.monitor(TRAINING, baseline)

    assert repr(baseline) == "<Baseline of 3 features>"
    assert repr(result) == "<MonitoringResult of 3 features, 0 violations>"


def test_constraints_alone_can_be_monitored_but_not_for_drift(
    tmp_path: Path, baseline: Baseline
) -> None:
    baseline.write(tmp_path)
    (tmp_path / "statistics.json").unlink()

    result = driftkit.data_quality.monitor(TRAINING, Baseline.read(tmp_path))

    assert [each.check for each in result.skipped] == ["baseline_drift_check"]


def test_compare_needs_no_data(baseline: Baseline) -> None:
    result = driftkit.data_quality.monitor({**TRAINING, "city": ["Rome"] * 4}, baseline)

    compared = driftkit.data_quality.compare(result.statistics, baseline)

    assert {each.constraint_check_type for each in compared.violations} >= {
        "categorical_values_check"
    }


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"a": [1, 2], "b": [1]}, "a: 2, b: 1"),
        ({"a": [1, "x"]}, "a"),
        ({"a": [b"x"]}, "binary"),
        ({"a": []}, "row"),
        (42, "int"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a'"),
    ],
)
def test_what_is_no_table_is_refused(data: object, named: str) -> None:
    with pytest.raises(InputError, match=named):
        driftkit.data_quality.baseline(data)


def test_columns_that_cannot_be_monitored_are_named(baseline: Baseline) -> None:
    nested = {**TRAINING, "tags": [["x"], [], ["y"], None]}

    result = driftkit.data_quality.baseline(nested)

    assert result.run is not None
    assert "nested" in result.run.set_aside["tags"]
    assert result.files == baseline.files


def test_a_baseline_needs_constraints() -> None:
    with pytest.raises(FormatError, match="constraints"):
        Baseline.read()
