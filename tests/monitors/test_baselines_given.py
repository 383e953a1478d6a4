"""What stands for a baseline: itself, a path, a file, an earlier result, or data to learn it from."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from driftkit import attribution, bias, data_quality, model_quality
from driftkit.errors import DriftkitError, FormatError, InputError, SettingsError
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.calls import BINARY, COLUMNS, flights, model, normal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def window() -> pd.DataFrame:
    """Flights after something has gone wrong."""
    return flights_table(300, seed=5, against=0.4).assign(distance=lambda all_: all_.distance * 3)


MONITORS: dict[str, Callable[[Any], Any]] = {
    "data_quality": lambda given: data_quality.monitor(window(), given),
    "model_quality": lambda given: model_quality.monitor(window(), given, **BINARY),
    "bias": lambda given: bias.monitor(window(), given, analysis_config=configuration()),
    "attribution": lambda given: attribution.monitor(
        rows(80, seed=2), given, model, analysis_config=CONFIG
    ),
}
DATA: dict[str, Callable[[], pd.DataFrame]] = {
    **dict.fromkeys(("data_quality", "model_quality", "bias"), flights),
    "attribution": partial(rows, 50),
}
FILES = {
    **dict.fromkeys(("data_quality", "model_quality"), ("statistics.json", "constraints.json")),
    **dict.fromkeys(("bias", "attribution"), ("analysis.json",)),
}


def told(result: Any) -> Any:
    """What a result says, without the time of its making."""
    return json.loads(
        json.dumps(result.files),
        object_hook=lambda each: {k: v for k, v in each.items() if k != "evaluation_time"},
    )


@pytest.mark.parametrize("monitor", MONITORS)
def test_a_path_in_any_form_is_the_baseline_that_it_names(monitor: str, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    normal(monitor).write(folder)
    expected = told(MONITORS[monitor](normal(monitor)))

    for given in (
        *(folder, str(folder), f"{folder}/", folder.as_uri()),
        *(folder / name for name in FILES[monitor]),
    ):
        assert told(MONITORS[monitor](given)) == expected, given


@pytest.mark.parametrize("monitor", ["data_quality", "model_quality"])
def test_a_file_of_another_name_goes_before_the_folders_own(monitor: str, tmp_path: Path) -> None:
    normal(monitor).write(tmp_path)
    edited = tmp_path / "edited.json"
    edited.write_bytes((tmp_path / "constraints.json").read_bytes())
    (tmp_path / "constraints.json").write_text("{}")

    assert told(MONITORS[monitor](edited)) == told(MONITORS[monitor](normal(monitor)))


@pytest.mark.parametrize("monitor", ["data_quality", "model_quality"])
def test_a_file_of_statistics_is_told_by_its_content(monitor: str, tmp_path: Path) -> None:
    normal(monitor).write(tmp_path)
    (tmp_path / "statistics.json").rename(tmp_path / "measured.json")

    found = MONITORS[monitor](tmp_path / "measured.json")

    assert told(found) == told(MONITORS[monitor](normal(monitor)))


@pytest.mark.parametrize("monitor", MONITORS)
def test_an_earlier_result_is_a_baseline(monitor: str) -> None:
    earlier = MONITORS[monitor](normal(monitor))

    assert not MONITORS[monitor](earlier).violations


@pytest.mark.parametrize("form", [pd.DataFrame, pa.Table.from_pandas, dict, "batch"])
@pytest.mark.parametrize("monitor", MONITORS)
def test_a_table_is_learnt_from_with_the_same_settings(monitor: str, form: Any) -> None:
    data = DATA[monitor]()
    given = pa.Table.from_pandas(data).to_batches()[0] if form == "batch" else form(data)

    assert told(MONITORS[monitor](given)) == told(MONITORS[monitor](normal(monitor)))


def test_states_are_learnt_from_too() -> None:
    states = normal("data_quality").states

    found = data_quality.monitor(window(), states)

    assert told(found) == told(MONITORS["data_quality"](normal("data_quality")))


def test_dialect_and_segments_hold_for_the_baseline_too() -> None:
    asked: dict[str, Any] = {"dialect": "aws", "segment_by": "carrier"}

    found = data_quality.monitor(window(), flights(), **asked)

    normal_too = data_quality.baseline(flights(), **asked)
    assert found.segments
    assert told(found) == told(data_quality.monitor(window(), normal_too, dialect="aws"))


def test_a_window_of_time_is_not_the_baselines() -> None:
    end = "2024-03-18T16:00:00Z"

    found = data_quality.monitor(window(), flights(), start="2024-03-18T15:00:00Z", end=end)

    assert found.baseline is not None
    assert found.baseline.states is not None
    assert found.states is not None
    assert [each.start for each in found.baseline.states.windows] == [None]
    assert [each.start is None for each in found.states.windows] == [False]


def test_the_former_model_explains_what_was_normal() -> None:
    def former(table: pd.DataFrame) -> Any:
        return table["a"] + 2 * table["b"] + 4 * table["c"]

    found = attribution.monitor(
        rows(80), rows(50), model, former_model=former, analysis_config=CONFIG
    )

    expected = attribution.baseline(rows(50), former, analysis_config=CONFIG)
    assert found.normal == expected.explanations


def test_model_quality_needs_the_problem_for_a_baseline_of_data() -> None:
    with pytest.raises(SettingsError, match=r"the baseline's data.*problem type"):
        model_quality.monitor(flights(), flights(), **COLUMNS)


def test_errors_of_the_baselines_data_are_told_from_the_windows() -> None:
    with pytest.raises(DriftkitError, match=r"the baseline's data.*make it first"):
        model_quality.monitor(flights(), flights().drop(columns="late"), **BINARY)
    with pytest.raises(DriftkitError) as caught:
        model_quality.monitor(flights().drop(columns="late"), flights(), **BINARY)
    assert "baseline" not in str(caught.value)


@pytest.mark.parametrize("monitor", ["data_quality", "model_quality"])
def test_data_in_a_file_are_no_baseline(monitor: str, tmp_path: Path) -> None:
    flights().to_csv(tmp_path / "training.csv", index=False)

    with pytest.raises(FormatError, match="make a baseline of them first"):
        MONITORS[monitor](tmp_path / "training.csv")


@pytest.mark.parametrize("monitor", MONITORS)
def test_another_monitors_baseline_is_refused(monitor: str, tmp_path: Path) -> None:
    for other in MONITORS:
        if other == monitor:
            continue
        normal(other).write(tmp_path / other)
        with pytest.raises(InputError, match="this is no baseline"):
            MONITORS[monitor](normal(other))
        with pytest.raises(FormatError):
            MONITORS[monitor](tmp_path / other)


@pytest.mark.parametrize("monitor", ["data_quality", "model_quality"])
def test_compare_takes_paths_too(monitor: str, tmp_path: Path) -> None:
    compare = {"data_quality": data_quality, "model_quality": model_quality}[monitor].compare
    normal(monitor).write(tmp_path / "baseline")
    MONITORS[monitor](normal(monitor)).write(tmp_path / "report")
    window_too = MONITORS[monitor](normal(monitor))
    expected = told(compare(window_too.statistics, normal(monitor)))

    for statistics in (
        *(tmp_path / "report", str(tmp_path / "report" / "statistics.json"), window_too),
    ):
        assert told(compare(statistics, str(tmp_path / "baseline"))) == expected
