"""Plain faults are alarms where no day and no sample of so many rows would ordinarily have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit

if TYPE_CHECKING:
    from driftkit.formats.drift import Verdict
    from driftkit.monitors.data_quality.monitor import MonitoringResult


def alarms(result: MonitoringResult) -> list[Verdict]:
    assert result.drift is not None
    return [each for each in result.drift.features if each.alarm]


def faulty(result: MonitoringResult) -> list[Verdict]:
    assert result.drift is not None
    return [each for each in result.drift.features if each.fault]


def many(rows: int, seed: int) -> pd.DataFrame:
    """Rows of one population: numbers with far values, nulls and categories of which most are rare."""
    rng = np.random.default_rng(seed)
    numbers = {f"x{i}": rng.normal(size=rows) for i in range(40)}
    kinds = {f"c{i}": np.minimum(rng.zipf(1.8, rows), 400).astype(str) for i in range(20)}
    frame = pd.DataFrame({**numbers, **kinds})
    for i in range(10):
        frame.loc[rng.random(rows) < 0.0002, f"x{i}"] = np.nan
    return frame


def test_small_samples_of_one_population_have_none() -> None:
    """One of a hundred rows is 1 % of them, and of sixty features one has such a row."""
    baseline = driftkit.data_quality.baseline(many(4_000, 0))

    found = [driftkit.data_quality.monitor(many(100, seed), baseline) for seed in range(1, 13)]

    assert [alarms(each) for each in found] == [[]] * 12
    # What makes the case: values beyond all of the baseline's are there.
    smallest, largest = many(4_000, 0)["x1"].agg(["min", "max"])
    assert any(not many(100, seed)["x1"].between(smallest, largest).all() for seed in range(1, 90))


def wandering(days: range) -> pd.DataFrame:
    """Days whose mean wanders as a temperature does, of 48 rows each."""
    rng = np.random.default_rng(23)
    level, parts = 0.0, []
    for day in range(days.stop):
        level = 0.8 * level + rng.normal()
        values = level + rng.normal(0, 0.3, 48)
        if day in days:
            start = pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)
            parts.append(pd.DataFrame({"t": pd.date_range(start, periods=48, freq="30min")}))
            parts[-1]["x"] = values
    return pd.concat(parts)


def test_what_ordinary_days_have_is_told_and_no_alarm() -> None:
    baseline = driftkit.data_quality.baseline(wandering(range(60)), time_column="t")

    history: list[MonitoringResult] = []
    for day in range(60, 100):
        history += [
            driftkit.data_quality.monitor(wandering(range(day, day + 1)), baseline, history=history)
        ]

    assert [alarms(each) for each in history] == [[]] * 40
    beyond = [each for result in history for each in faulty(result)]
    assert {each.fault for each in beyond} == {"range"}
    assert {each.verdict for each in beyond} <= {"different", "moved slowly"}


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_values_in_another_unit_are_unusual_among_days(share: float) -> None:
    days = wandering(range(61))
    baseline = driftkit.data_quality.baseline(
        pd.concat([days[days["t"] < "2026-03-02"]] * 10), time_column="t"
    )
    window = pd.concat([days[days["t"] >= "2026-03-02"]] * 10)
    window["x"] = np.where(np.arange(len(window)) < share * len(window), 1_000.0, window["x"])

    (found,) = alarms(driftkit.data_quality.monitor(window, baseline))

    assert (found.verdict, found.feature) == ("unusual", "x")


def weather(days: range, *, factor: float = 1.0) -> pd.DataFrame:
    """Days of a few rows whose temperatures are as far apart as those of two months."""
    parts = []
    for day in days:
        rng = np.random.default_rng([20260201, day])
        level = 60 + 15 * np.sin(day / 60 * 2 * np.pi) + rng.normal(0, 8)
        values = np.round(level + rng.normal(0, 5, 72), 1) * factor
        date = (pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)).date().isoformat()
        parts.append(pd.DataFrame({"date": date, "temperature": values}))
    return pd.concat(parts)


def test_values_in_another_unit_are_an_alarm_however_much_days_differ() -> None:
    """Once all values are beyond the range, a factor of ten and one of a thousand look the same."""
    baseline = driftkit.data_quality.baseline(weather(range(60)), time_column="date")

    (found,) = alarms(driftkit.data_quality.monitor(weather(range(60, 61), factor=0.001), baseline))
    ordinary = [
        driftkit.data_quality.monitor(weather(range(day, day + 1)), baseline)
        for day in range(60, 90)
    ]

    assert (found.verdict, found.fault) == ("different", "units")
    assert found.message.endswith("the values are in another unit")
    assert found.causes[0].message.startswith("values look divided by about 1000")
    assert not any("units" in {each.fault for each in faulty(result)} for result in ordinary)


def test_values_in_another_unit_are_a_finding_and_days_of_them_join_no_reference() -> None:
    baseline = driftkit.data_quality.baseline(weather(range(60)), time_column="date")

    result = driftkit.data_quality.monitor(weather(range(60, 61), factor=0.001), baseline)

    first = result.findings[0]
    assert (first.check, first.feature) == ("units_check", "temperature")
    assert first.expected == "values in the unit of the baseline"
    assert result.cells is not None
    assert result.cells.blocks[-1].standing == "alarmed"


def test_each_day_has_a_date_that_the_baseline_had_not() -> None:
    baseline = driftkit.data_quality.baseline(weather(range(60)), time_column="date")

    result = driftkit.data_quality.monitor(weather(range(60, 61)), baseline)

    assert "date" not in {each.feature for each in result.findings}
    assert "date" not in {each.feature_name for each in result.violations}
    missing = weather(range(60, 61))
    missing.loc[:9, "date"] = None
    told = driftkit.data_quality.monitor(missing, baseline).findings
    assert ("completeness_check", "date") in {(each.check, each.feature) for each in told}
    as_aws = driftkit.data_quality.baseline(
        weather(range(60)), time_column="date", dialect="aws"
    ).constraints.to_dict()
    assert "monitoring_config_overrides" not in as_aws["features"][0]
