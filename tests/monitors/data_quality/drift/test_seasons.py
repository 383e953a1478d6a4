"""What is known of days besides their rows: causes in a calendar, and the season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from tests.monitors.data_quality.drift.days import rows_of, several
from tests.monitors.data_quality.drift.test_verdicts import verdict

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_calendar_explains_is_no_alarm(tmp_path: Path) -> None:
    sales = {7, 20, 33, 47, 60}
    days = [rows_of(day, shift=1.0 if day in sales else 0.0) for day in range(60)]
    baseline = driftkit.data_quality.baseline(pd.concat(days), time_column="t")
    calendar = tmp_path / "known.csv"
    dates = [f"{pd.Timestamp('2026-01-01') + pd.Timedelta(days=day):%Y-%m-%d}" for day in sales]
    calendar.write_text("date,sale\n" + "".join(f"{each},true\n" for each in dates))

    sale = driftkit.data_quality.monitor(rows_of(60, shift=1.0), baseline, calendar=str(calendar))
    other = driftkit.data_quality.monitor(rows_of(61, shift=1.0), baseline, calendar=str(calendar))

    assert verdict(sale).verdict == "different"
    assert verdict(other).verdict == "unusual"


@pytest.mark.parametrize(
    "text", ["date\n2026-01-01\n", "date,sale\nsoon,1\n", "date,sale\n2026-01-01,yes\n"]
)
def test_what_is_no_calendar_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text(text)
    baseline = driftkit.data_quality.baseline(several(range(3), rows=30), time_column="t")

    with pytest.raises(InputError, match=r"no calendar"):
        driftkit.data_quality.monitor(rows_of(3), baseline, calendar=str(tmp_path / "known.csv"))


def test_a_year_of_days_knows_its_season() -> None:
    wave = 2 * np.sin(2 * np.pi * np.arange(430) / 365.25)
    days = [rows_of(day, rows=40, shift=float(wave[day])) for day in range(400)]
    baseline = driftkit.data_quality.baseline(pd.concat(days), time_column="t")

    seasonal = driftkit.data_quality.monitor(rows_of(400, shift=float(wave[400])), baseline)
    of_spring = driftkit.data_quality.monitor(rows_of(400, shift=float(wave[400]) - 2), baseline)

    assert seasonal.drift is not None
    assert seasonal.drift.days == 400
    assert verdict(seasonal).verdict != "unusual"
    assert verdict(of_spring).verdict == "unusual"


def hours_of(first: int, last: int, shift: float = 0.0) -> pd.DataFrame:
    """Hours whose numbers follow the time of the day, 25 rows each."""
    rng = np.random.default_rng([7, first])
    hour = np.repeat(np.arange(first, last), 25)
    times = pd.Timestamp("2026-01-05") + pd.to_timedelta(hour, "h")
    number = rng.normal(2 * np.sin(2 * np.pi * hour / 24) + shift, 1)
    return pd.DataFrame({"t": times, "number": number})


def test_hours_are_judged_by_the_time_of_the_day() -> None:
    last = 21 * 24
    baseline = driftkit.data_quality.baseline(hours_of(0, last), time_column="t", time_unit="hour")

    usual, noon_at_night = (
        driftkit.data_quality.monitor(hours_of(last, last + 1, shift), baseline)
        for shift in (0.0, 2.0)
    )

    assert usual.drift is not None
    assert (usual.drift.calibration, usual.drift.days) == ("calibrated on few days", last)
    assert verdict(usual).verdict != "unusual"
    assert verdict(noon_at_night).verdict == "unusual"
