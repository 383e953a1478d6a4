"""Rows that come at other hours of the day than before are of another time zone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit.monitors.data_quality.drift.windows import window_counts
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Verdict

_FIRST = pd.Timestamp("2026-01-05")
_WORKING, _WEEKEND = (np.exp(-(((np.arange(24) - hour) / 4) ** 2)) for hour in (10, 14))


def _day(day: int, turned: float = 0, rows: int = 600) -> pd.DataFrame:
    """Rows of a day, those of weekends later; all of them some hours later than they were."""
    rng = np.random.default_rng([3, day])
    start = _FIRST + pd.Timedelta(days=day)
    law = _WEEKEND if start.day_of_week >= 5 else _WORKING
    hours = rng.choice(24, rows, p=law / law.sum()) + turned
    seconds = hours * 3600 + rng.integers(0, 3600, rows)
    return pd.DataFrame({"t": start + pd.to_timedelta(seconds, "s"), "x": rng.normal(0, 1, rows)})


def _baseline(days: int, **settings: Any) -> Baseline:
    rows = pd.concat([_day(day) for day in range(days)])
    return driftkit.data_quality.baseline(rows, time_column="t", **settings)


@pytest.fixture(scope="module")
def forty_days(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """A baseline that was kept, and read again."""
    folder = tmp_path_factory.mktemp("baseline")
    _baseline(40).write(folder, keep_states=True)
    return Baseline.read(folder)


def _of_times(result: MonitoringResult) -> Verdict | None:
    assert result.drift is not None
    return next((each for each in result.drift.features if each.feature == "t"), None)


@pytest.mark.parametrize(
    ("day", "hours"),
    [*((43, hours) for hours in (-7, -3.5, -2, 1, 5, 5.5, 12)), (47, -7), (47, 1), (47, 12)],
)
def test_a_day_that_is_turned_is_an_alarm(day: int, hours: float, forty_days: Baseline) -> None:
    result = driftkit.data_quality.monitor(_day(day, hours), forty_days)

    found = _of_times(result)
    assert found is not None
    assert (found.alarm, found.fault, found.effect) == (True, "time zone", hours)
    assert [(each.kind, each.size) for each in found.causes] == [("time zone", hours)]
    assert [each.check for each in result.findings] == ["time_zone_check"]
    assert f"about {abs(hours):g} hour" in found.message


@pytest.mark.parametrize("chosen", [{"columns": "x"}, {"ignore": "t"}], ids=str)
def test_a_day_is_judged_without_its_column_of_times(
    chosen: dict[str, Any], forty_days: Baseline
) -> None:
    result = driftkit.data_quality.monitor(
        _day(43, 5), forty_days, start="2026-02-17", end="2026-02-18", **chosen
    )

    assert _of_times(result) is None
    assert result.drift is not None
    assert [(each.feature, each.days) for each in result.drift.features] == [("x", 40)]


@pytest.mark.parametrize("day", range(40, 47))
def test_days_as_before_are_not_told(day: int, forty_days: Baseline) -> None:
    assert _of_times(driftkit.data_quality.monitor(_day(day), forty_days)) is None


@pytest.mark.parametrize(
    ("form", "settings"),
    [
        pytest.param(lambda t: t.astype(str), {}, id="texts"),
        pytest.param(lambda t: t.astype(str).astype("category"), {}, id="a dictionary"),
        pytest.param(lambda t: t.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"), {}, id="zones"),
        pytest.param(
            lambda t: t, {"start": "2026-02-17", "end": "2026-02-18"}, id="a window of one day"
        ),
    ],
)
def test_times_are_read_however_they_are_written(
    form: Any, settings: dict[str, Any], forty_days: Baseline
) -> None:
    rows = _day(43, 5)
    rows["t"] = form(rows["t"])

    found = _of_times(driftkit.data_quality.monitor(rows, forty_days, **settings))

    assert found is not None
    assert found.effect == 5


def test_few_days_are_told_without_an_alarm() -> None:
    rows = pd.concat([_day(day) for day in range(14) if day % 7 < 5])
    baseline = driftkit.data_quality.baseline(rows, time_column="t")

    found = _of_times(driftkit.data_quality.monitor(_day(15, 5), baseline))

    assert found is not None
    assert (found.alarm, found.fault, found.effect) == (False, None, 5)


@pytest.mark.parametrize(("unit", "alarm"), [("hour", True), ("week", False)])
def test_blocks_of_other_lengths_know_their_hours(unit: str, *, alarm: bool) -> None:
    """Of five weeks as of as many days, which are too few for an alarm."""
    baseline = _baseline(35, time_unit=unit)
    week = pd.concat([_day(day, 5) for day in range(35, 42)])

    found = _of_times(driftkit.data_quality.monitor(week, baseline))

    assert found is not None
    assert (found.alarm, found.effect) == (alarm, 5)


def test_days_that_are_turned_ordinarily_are_none() -> None:
    rng = np.random.default_rng(5)
    turns = rng.choice([0, 0, 0, 5], 60)
    days = pd.concat([_day(day, int(turn)) for day, turn in enumerate(turns)])
    baseline = driftkit.data_quality.baseline(days, time_column="t")

    assert _of_times(driftkit.data_quality.monitor(_day(61, 5), baseline)) is None


def test_a_turned_day_is_no_reference_for_those_after_it(
    forty_days: Baseline, tmp_path: Path
) -> None:
    for day in (41, 42, 43):
        result = driftkit.data_quality.monitor(_day(day, 2), forty_days, history=[tmp_path])
        result.write(tmp_path / str(day))

    found = _of_times(result)
    assert found is not None
    # Rows of each that came after midnight are no day of their own.
    assert (found.windows, found.since) == (3, (_FIRST + timedelta(days=41)).tz_localize("UTC"))


def test_hours_add_up_however_rows_are_split(forty_days: Baseline) -> None:
    rows = _day(43, 5)
    parts = np.array_split(np.arange(len(rows)), 3)
    at_once, one_by_one = (
        driftkit.data_quality.combine(
            *(driftkit.data_quality.baseline(part, time_column="t").states for part in some)
        )
        for some in ([rows], [rows.iloc[part] for part in parts])
    )

    assert forty_days.cells is not None
    found = [window_counts(each, forty_days.cells).blocks for each in (at_once, one_by_one)]
    assert [each.hours for each in found[0]] == [each.hours for each in found[1]]
    expected = np.bincount(rows.t.dt.hour[rows.t.dt.day == 17], minlength=24)
    assert list(found[0][0].hours) == expected.tolist()


def test_dates_have_no_hours() -> None:
    rows = pa.table({"t": pa.array([1, 2, 3], pa.int32()).view(pa.date32()), "x": [1.0, 2.0, 3.0]})
    baseline = driftkit.data_quality.baseline(rows, time_column="t")

    assert _of_times(driftkit.data_quality.monitor(rows, baseline)) is None
