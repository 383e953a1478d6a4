"""Columns that are left out are in no file and no check, and the run says which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.errors import SettingsError
from driftkit.settings.patterns import IGNORED, NOT_NAMED, matching, refuse_unmatched

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def table(shift: float = 0.0, rows: int = 200) -> pd.DataFrame:
    numbers = np.linspace(0, 1, rows) + shift
    return pd.DataFrame(
        {"age": numbers, "tmp_a": numbers, "code": ["x", "y"] * (rows // 2), "tmp_b": numbers}
    )


def names(result: Any) -> list[str]:
    return [feature.name for feature in result.statistics.features]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"columns": "age,code"}, ["age", "code"]),
        ({"columns": ["code", "age"]}, ["age", "code"]),
        ({"columns": "tmp_*"}, ["tmp_a", "tmp_b"]),
        ({"ignore": "tmp_?"}, ["age", "code"]),
        ({"columns": "tmp_*,age", "ignore": "tmp_b"}, ["age", "tmp_a"]),
    ],
)
@pytest.mark.parametrize("kind", ["frame", "csv", "parquet", "states"])
def test_only_what_is_asked_for_is_monitored(
    given: dict[str, Any], left: list[str], kind: str, tmp_path: Path
) -> None:
    data: Any = table()
    if kind == "csv":
        data.to_csv(tmp_path / "in.csv", index=False)
        data = str(tmp_path / "in.csv")
    elif kind == "parquet":
        data.to_parquet(tmp_path / "in.parquet")
        data = str(tmp_path / "in.parquet")
    elif kind == "states":
        data = driftkit.data_quality.baseline(data).states

    baseline = driftkit.data_quality.baseline(data, **given)

    assert names(baseline) == left
    whole = driftkit.data_quality.baseline(data)
    assert whole.statistics is not None
    assert baseline.statistics is not None
    kept = tuple(each for each in whole.statistics.features if each.name in left)
    assert baseline.statistics.features == kept


def test_the_run_says_what_was_left_out() -> None:
    run = driftkit.data_quality.baseline(table(), columns="age,tmp_*", ignore="tmp_*").run

    assert run is not None
    assert run.set_aside == {"tmp_a": IGNORED, "code": NOT_NAMED, "tmp_b": IGNORED}
    assert f"columns tmp_a, tmp_b not monitored: {IGNORED}" in run.lines()


def test_what_a_window_leaves_out_counts_neither_as_missing_nor_as_drifted() -> None:
    baseline = driftkit.data_quality.baseline(table())

    whole = driftkit.data_quality.monitor(table(shift=0.5), baseline)
    some = driftkit.data_quality.monitor(table(shift=0.5), baseline, ignore="tmp_*")

    assert [each.feature_name for each in whole.violations] == ["age", "tmp_a", "tmp_b"]
    assert {each.feature for each in some.findings} == {"age"}
    assert baseline == driftkit.data_quality.baseline(table())


def test_a_column_that_only_the_baseline_has_may_be_left_out() -> None:
    baseline = driftkit.data_quality.baseline(table())
    window = table().drop(columns=["tmp_a"])

    result = driftkit.data_quality.monitor(window, baseline, ignore="tmp_a")

    assert result.violations == ()


def test_segments_leave_columns_out_too() -> None:
    baseline = driftkit.data_quality.baseline(table(), segment_by="code")

    result = driftkit.data_quality.monitor(table(shift=0.5), baseline, ignore="tmp_*")

    assert {each.feature for each in result.findings} == {"age"}
    assert len(result.segments) == 2


def test_unread_columns_of_parquet_are_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table().to_parquet(tmp_path / "in.parquet")
    read: list[str] = []
    original = pq.ParquetFile.read_row_group

    def noted(self: Any, number: int, columns: list[str], **options: Any) -> Any:
        read.extend(columns)
        return original(self, number, columns=columns, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    driftkit.data_quality.baseline(str(tmp_path / "in.parquet"), columns="age")

    assert read == ["age"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"columns": "agee"}, "expected: age; found: 'agee'"),
        ({"ignore": "temp_*"}, "found: 'temp_*'"),
        ({"columns": "age", "ignore": "a*"}, "no column is left"),
        ({"ignore": "code", "segment_by": "code"}, "code among the columns"),
        ({"columns": "age", "time_column": "code"}, "tells rows apart is left out"),
    ],
)
def test_what_cannot_be_left_out_is_one_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        driftkit.data_quality.baseline(table(), **given)

    assert said in str(refused.value)


@pytest.mark.parametrize("verb", ["baseline", "monitor"])
@pytest.mark.parametrize(
    "given",
    [
        {"ignore": "age", "thresholds": {"age": 0.2}},
        {"columns": "code", "thresholds": {"ag*": 0.2}},
        {"ignore": "tmp_*", "methods": {"tmp_a": "Simple"}},
    ],
)
def test_what_is_said_of_a_column_that_is_left_out_is_told_so(
    verb: str, given: dict[str, Any]
) -> None:
    normal = [driftkit.data_quality.baseline(table())] if verb == "monitor" else []

    with pytest.raises(SettingsError, match="these columns are left out of the run"):
        getattr(driftkit.data_quality, verb)(table(), *normal, **given)


def test_a_name_with_signs_of_patterns_is_itself_first() -> None:
    assert matching("a[1]", ["a[1]", "a1"]) == ["a[1]"]
    assert matching("*", ["b", "*"]) == ["*"]
    refuse_unmatched("columns", ["a[1]"], ["a[1]"])
