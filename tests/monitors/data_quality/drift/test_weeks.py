"""Weeks are blocks of time as days are; so are batches that come once a week."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.cli import main
from tests.monitors.data_quality.drift.test_verdicts import verdict
from tests.monitors.merging import capture, put

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.data_quality.monitor import Baseline, MonitoringResult

# A Monday; the week of 29 December is the first of 2026.
FIRST = pd.Timestamp("2025-03-03")
# So few that sketches of forty weeks are exact, however these are cut.
_ROWS = 50


def week_of(number: int, *, shift: float = 0.0, days: int = 7) -> pd.DataFrame:
    """The rows of a week, on so many of its days; the same number gives the same numbers."""
    rng = np.random.default_rng([3, number])
    values = rng.normal(rng.normal(0, 0.05) + shift, 1, _ROWS)
    times = rng.integers(0, 86_400 * days, _ROWS)
    kinds = rng.choice(["a", "b", "c"], _ROWS)
    monday = FIRST + pd.Timedelta(weeks=number)
    return pd.DataFrame(
        {"t": monday + pd.to_timedelta(times, "s"), "number": values, "kind": kinds}
    )


def weeks(numbers: range, **asked: Any) -> pd.DataFrame:
    return pd.concat([week_of(number, **asked) for number in numbers], ignore_index=True)


def baseline(rows: Any, unit: Any = "week") -> Baseline:
    return driftkit.data_quality.baseline(rows, time_column="t", time_unit=unit)


@pytest.fixture(scope="module")
def forty_weeks() -> Baseline:
    return baseline(weeks(range(40)))


def judged(result: MonitoringResult) -> dict[str, Any]:
    assert result.drift is not None
    tests = {each.feature: (each.verdict, each.unusual) for each in result.drift.features}
    return {"calibration": result.drift.calibration, "days": result.drift.days, **tests}


def test_a_week_beyond_what_weeks_differ_is_unusual(forty_weeks: Baseline) -> None:
    usual = driftkit.data_quality.monitor(week_of(40), forty_weeks)
    first = driftkit.data_quality.monitor(week_of(41, shift=1.5), forty_weeks, history=[usual])
    second = driftkit.data_quality.monitor(
        week_of(42, shift=1.5), forty_weeks, history=[usual, first]
    )

    assert usual.drift is not None
    assert (usual.drift.unit, usual.drift.explanation) == ("week", "40 weeks of 52 advised")
    assert usual.findings == ()
    assert second.findings[0].expected == "like the weeks of the reference"
    found = verdict(second)
    assert found.since == datetime(2025, 12, 15, tzinfo=UTC)
    assert found.message.startswith("unusual for 2 weeks: ")
    assert "the largest among 41 reference weeks was" in found.message
    assert found.unusual is not None
    assert found.unusual.course is not None
    assert found.unusual.course.blocks[-2:] == ("2025-12-15", "2025-12-22")


def test_a_week_that_has_begun_is_told_to_have_fewer_rows_than_any_other(
    forty_weeks: Baseline,
) -> None:
    whole = week_of(42)
    begun = whole[whole["t"] < whole["t"].min().normalize() + pd.Timedelta(days=5)]

    found, of_all = (driftkit.data_quality.monitor(each, forty_weeks) for each in (begun, whole))

    assert found.drift is not None
    assert found.drift.explanation == (
        f"40 weeks of 52 advised; the window's week has {len(begun)} rows, all of the reference {_ROWS} "
        "or more: if it has only begun, it is judged as if it were whole"
    )
    assert of_all.drift is not None
    assert of_all.drift.explanation == "40 weeks of 52 advised"


def test_a_week_that_two_years_have_is_one(forty_weeks: Baseline) -> None:
    window = week_of(43)

    result = driftkit.data_quality.monitor(window, forty_weeks)

    assert {each.year for each in window["t"]} == {2025, 2026}
    assert result.cells is not None
    (block,) = result.cells.blocks
    assert block.start == datetime(2025, 12, 29, tzinfo=UTC)
    assert sum(block.hours) == _ROWS


def test_states_of_any_days_are_those_of_their_weeks(forty_weeks: Baseline, tmp_path: Path) -> None:
    rows = weeks(range(40))
    middle = rows["t"] < FIRST + pd.Timedelta(days=100)
    first, second = (baseline(rows[each]) for each in (middle, ~middle))
    first.write(tmp_path, keep_states=True)

    whole = driftkit.data_quality.baseline([str(tmp_path / "states.arrow"), second.states])
    window = week_of(40, shift=1.5)
    assert judged(driftkit.data_quality.monitor(window, whole)) == judged(
        driftkit.data_quality.monitor(window, forty_weeks)
    )


@pytest.mark.parametrize("later", [0, 3])
def test_rows_of_mondays_are_judged_alike_by_weeks_and_by_days(later: int) -> None:
    """Of each a year is a season, and a week is from one to the next."""
    rows = weeks(range(60), days=1)
    window = week_of(60 + later, days=1, shift=0.4)

    found = [
        driftkit.data_quality.monitor(window, baseline(rows, unit)) for unit in ("week", "day")
    ]

    by_week, by_day = map(judged, found)
    assert (by_week["calibration"], by_week["days"]) == ("calibrated", 60)
    assert (by_day["calibration"], by_day["days"]) == ("calibrated", 60)
    for name in ("number", "kind"):
        (word, own), (other_word, other) = by_week[name], by_day[name]
        assert word == other_word
        assert own.p_value == pytest.approx(other.p_value, rel=1e-6)
        assert (own.kind, own.windows) == (other.kind, other.windows)


@pytest.mark.parametrize(("later", "said"), [(5, "calibrated on few days"), (21, "uncalibrated")])
def test_batches_of_mondays_are_a_reference_for_half_as_many_weeks(later: int, said: str) -> None:
    rows = weeks(range(40), days=1)

    result = driftkit.data_quality.monitor(week_of(40 + later, days=1), baseline(rows, "day"))

    assert result.drift is not None
    assert result.drift.calibration == said
    if said == "uncalibrated":
        assert "ended 154 days ago, which is more than half of its 280 days" in (
            result.drift.explanation
        )


def test_a_year_of_weeks_knows_its_season() -> None:
    wave = 2 * np.sin(2 * np.pi * np.arange(120) / 52.18)
    rows = pd.concat([week_of(number, shift=float(wave[number])) for number in range(80)])
    normal = baseline(rows)

    usual, of_spring = (
        driftkit.data_quality.monitor(week_of(80, shift=float(wave[80]) - away), normal)
        for away in (0.0, 2.0)
    )

    assert judged(usual)["days"] == 80
    assert verdict(usual).verdict != "unusual"
    assert verdict(of_spring).verdict == "unusual"


def test_half_a_year_is_needed() -> None:
    result = driftkit.data_quality.monitor(week_of(25), baseline(weeks(range(25))))

    assert result.drift is not None
    assert result.drift.explanation == "25 weeks of 26 needed"


def test_holidays_of_a_week_add_up(tmp_path: Path) -> None:
    holidays = {5: 1, 9: 2, 17: 1, 26: 2, 33: 1}
    rows = pd.concat([week_of(n, shift=0.8 * holidays.get(n, 0)) for n in range(40)])
    lines = [
        f"{FIRST + pd.Timedelta(weeks=number, days=3 + day):%Y-%m-%d},true\n"
        for number, count in {**holidays, 40: 2}.items()
        for day in range(count)
    ]
    (tmp_path / "known.csv").write_text(f"date,holiday\n{''.join(lines)}")

    both, one = (
        driftkit.data_quality.monitor(
            week_of(number, shift=1.6), baseline(rows), calendar=str(tmp_path / "known.csv")
        )
        for number in (40, 41)
    )

    assert verdict(both).verdict != "unusual"
    assert verdict(one).verdict == "unusual"


def test_weeks_are_accepted_and_replayed(
    forty_weeks: Baseline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forty_weeks.write(tmp_path / "base")
    week_of(40, shift=1.5).to_parquet(tmp_path / "now.parquet")
    base, report = str(tmp_path / "base"), str(tmp_path / "report")

    def said(verb: str, *asked: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["data-quality", verb, *asked, "-b", base])
        assert ended.value.code == 0
        return " ".join(" ".join(capsys.readouterr()).split())

    said("monitor", str(tmp_path / "now.parquet"), "-o", report)
    accepted = said("accept", report)
    plants = ("--plant", "shift=2", "--rule", "PSI=0.2", "--days", "2", "--onsets", "1")
    tried = said("replay", "-o", report, *plants)

    assert "Accepted 1 week (2025-12-08): the reference has 41 now" in accepted
    assert "100%, week 1" in tried
    assert "15 weeks of 2 features, after 26 weeks of reference" in tried


@pytest.mark.usefixtures("no_session")
def test_a_window_of_captures_is_the_week_that_was_asked_for(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    for number in range(28):
        time = FIRST + pd.Timedelta(weeks=number, days=3)
        answers = rng.normal(3.0 if number == 27 else 0.0, 1, 25)
        records = [
            capture(f"{number}-{i}", output=f"{answer:.3f}", time=f"{time:%FT%T}Z")
            for i, answer in enumerate(answers)
        ]
        put(tmp_path / "endpoint" / "A", f"{time:%Y/%m/%d/%H}", records)
    start, end = (FIRST + pd.Timedelta(weeks=number) for number in (27, 28))

    normal = driftkit.data_quality.baseline(
        tmp_path, time_column="inferenceTime", time_unit="week", end=start
    )
    result = driftkit.data_quality.monitor(tmp_path, normal, start=start, end=end)

    assert judged(result)["days"] == 27
    assert result.cells is not None
    assert [each.start for each in result.cells.blocks] == [start.tz_localize("UTC")]
    assert "unusual_check" in {each.check for each in result.findings}
