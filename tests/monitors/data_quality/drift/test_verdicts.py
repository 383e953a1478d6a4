"""Which features of a window are ordinary, different or unusual."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.formats.constraints import Constraints
from driftkit.results.verdicts import told
from tests.monitors.data_quality.drift.days import rows_of, several

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Verdict
    from driftkit.monitors.data_quality.monitor import Baseline, MonitoringResult


@pytest.fixture(scope="module")
def sixty_days() -> Baseline:
    return driftkit.data_quality.baseline(several(range(60)), time_column="t")


def verdict(result: MonitoringResult, feature: str = "number") -> Verdict:
    assert result.drift is not None
    return next(each for each in result.drift.features if each.feature == feature)


def test_ordinary_days_raise_no_alarm(sixty_days: Baseline) -> None:
    found = [driftkit.data_quality.monitor(rows_of(day), sixty_days) for day in range(60, 70)]

    assert [each.findings for each in found] == [()] * 10
    assert {each.drift.calibration for each in found if each.drift} == {"calibrated"}


@pytest.mark.parametrize(
    ("fault", "feature", "kind"),
    [
        ({"shift": 0.6}, "number", "shift distribution"),
        ({"nulls": 0.05}, "number", "nulls"),
        ({"new": 0.03}, "kind", "new categories"),
    ],
)
def test_a_day_beyond_what_days_differ_is_unusual(
    fault: dict[str, float], feature: str, kind: str, sixty_days: Baseline
) -> None:
    result = driftkit.data_quality.monitor(rows_of(60, **fault), sixty_days)  # type: ignore[arg-type]

    found = verdict(result, feature)
    assert (found.verdict, found.alarm) == ("unusual", True)
    # By the test that is most sure.
    assert found.kind in kind
    assert found.since == datetime(2026, 3, 2, tzinfo=UTC)
    assert "the largest among 60 reference days was" in found.message
    first = result.findings[0]
    assert (first.check, first.feature) == ("unusual_check", feature)


def test_days_that_differ_more_are_no_alarm_but_different() -> None:
    rng = np.random.default_rng(5)
    moves = rng.normal(0, 0.5, 60)
    days = pd.concat([rows_of(day, shift=moves[day]) for day in range(60)])
    baseline = driftkit.data_quality.baseline(days, time_column="t")

    result = driftkit.data_quality.monitor(rows_of(60, shift=0.6), baseline)

    found = verdict(result)
    assert (found.verdict, found.alarm) == ("different", False)
    assert "unusual_check" not in [each.check for each in result.findings]
    assert result.drift is not None
    assert [(each.feature, each.kind) for each in told(result.drift)] == [("number", "shift")]


@pytest.mark.parametrize(
    ("days", "calibration"),
    [
        (29, "uncalibrated"),
        (30, "calibrated on few days"),
        (59, "calibrated on few days"),
        (60, "calibrated"),
    ],
)
def test_so_many_days_are_needed(days: int, calibration: str) -> None:
    baseline = driftkit.data_quality.baseline(several(range(days), rows=40), time_column="t")

    result = driftkit.data_quality.monitor(rows_of(days, shift=2.0), baseline)

    assert result.drift is not None
    assert result.drift.calibration == calibration
    expected = "different" if calibration == "uncalibrated" else "unusual"
    assert verdict(result).verdict == expected
    assert f"{days} days" in result.drift.explanation or calibration == "calibrated"


def test_a_reference_of_another_season_judges_nobody(sixty_days: Baseline) -> None:
    result = driftkit.data_quality.monitor(rows_of(100, shift=0.6), sixty_days)

    assert result.drift is not None
    assert result.drift.calibration == "uncalibrated"
    assert "ended 41 days ago" in result.drift.explanation
    assert verdict(result).verdict == "different"


def test_a_window_without_times_is_not_judged_as_a_day(sixty_days: Baseline) -> None:
    window = rows_of(60, shift=0.6).drop(columns="t")

    unknown = driftkit.data_quality.monitor(window, sixty_days, ignore="t")
    known = driftkit.data_quality.monitor(
        window, sixty_days, ignore="t", start="2026-03-02", end="2026-03-03"
    )
    hour = driftkit.data_quality.monitor(
        window, sixty_days, ignore="t", start="2026-03-02T01:00", end="2026-03-02T02:00"
    )

    assert [verdict(each).verdict for each in (unknown, known, hour)] == [
        "different",
        "unusual",
        "different",
    ]


def test_the_column_of_times_is_not_judged() -> None:
    days = several(range(40))
    days["t"] = days["t"].dt.strftime("%Y-%m-%d")
    baseline = driftkit.data_quality.baseline(days, time_column="t")
    window = rows_of(40).assign(t="2026-02-10")

    result = driftkit.data_quality.monitor(window, baseline)

    assert result.drift is not None
    assert [each.feature for each in result.drift.features] == ["number", "kind"]
    assert not any(each.alarm for each in result.drift.features)


def test_the_last_of_several_days_is_judged(sixty_days: Baseline) -> None:
    window = pd.concat([rows_of(60), rows_of(61), rows_of(62, shift=0.6)])

    found = verdict(driftkit.data_quality.monitor(window, sixty_days))

    assert (found.verdict, found.since) == ("unusual", datetime(2026, 3, 4, tzinfo=UTC))


def test_small_drift_is_found_in_several_windows() -> None:
    rng = np.random.default_rng(1)
    baseline = driftkit.data_quality.baseline(pd.DataFrame({"x": rng.normal(size=20_000)}))
    past: list[Any] = []
    for _ in range(6):
        window = pd.DataFrame({"x": rng.normal(0.07, 1, 1_000)})
        past.append(
            driftkit.data_quality.monitor(window, baseline, history=past, alarm_on="different")
        )

    found = [verdict(each, "x") for each in past]
    assert (found[0].verdict, found[-1].verdict) == ("ordinary", "different")
    assert found[-1].different is not None
    assert found[-1].different.windows > 1
    assert "different_check" in [each.check for each in past[-1].findings]


def test_a_window_is_not_added_up_with_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    baseline = driftkit.data_quality.baseline(several(range(31)), time_column="t")
    window = rows_of(31, shift=rng.normal(0, 0.1))
    for name in ("1", "2"):
        driftkit.data_quality.monitor(window, baseline, history=[tmp_path]).write(tmp_path / name)

    again = driftkit.data_quality.monitor(window, baseline, history=[tmp_path])

    assert again.drift is not None
    assert again.drift.earlier_windows == 0


def test_days_without_an_alarm_join_the_reference(sixty_days: Baseline) -> None:
    past: list[Any] = []
    for day in range(60, 66):
        shift = 1.5 if day == 62 else 0.0
        past.append(
            driftkit.data_quality.monitor(rows_of(day, shift=shift), sixty_days, history=past)
        )

    assert [verdict(each).alarm for each in past] == [False, False, True, False, False, False]
    assert [each.cells.blocks[-1].standing for each in past if each.cells][2] == "alarmed"
    # A reference of 60 days ends with the last one that raised no alarm.
    assert past[-1].drift is not None
    assert past[-1].drift.days == 60


def test_a_change_that_stays_is_found_though_no_day_shows_it_by_itself(
    sixty_days: Baseline,
) -> None:
    """What begins neither joins the reference at once, nor is left out for it differs."""
    past: list[Any] = []
    for day in range(60, 65):
        past.append(
            driftkit.data_quality.monitor(rows_of(day, shift=0.44), sixty_days, history=past)
        )

    found = [verdict(each) for each in past]
    assert [each.verdict for each in found] == ["different"] * 2 + ["unusual"] * 3
    assert found[2].unusual is not None
    assert found[2].unusual.windows == 4


def test_what_moved_slowly_is_told_whatever_sees_it_best() -> None:
    """Of a skewed law the tails are surer of a shift than its mean is."""

    def payments(day: int, more: float = 0.0) -> pd.DataFrame:
        rng = np.random.default_rng([5, day])
        hours = pd.to_timedelta(rng.integers(0, 24, 300), "h")
        level = max(5.0, 20 + rng.normal(0, 7))
        times = pd.Timestamp("2026-01-01") + pd.Timedelta(days=day) + hours
        return pd.DataFrame({"t": times, "number": rng.gamma(2, level, 300) + more})

    baseline = driftkit.data_quality.baseline(
        pd.concat([payments(day) for day in range(60)]), time_column="t"
    )
    past: list[Any] = []
    for day in range(60, 70):
        past.append(driftkit.data_quality.monitor(payments(day, 9.0), baseline, history=past))

    last = verdict(past[-1])
    assert (last.verdict, last.kind) == ("moved slowly", "tails of the distribution")


def test_the_last_days_do_not_join_the_reference_yet() -> None:
    baseline = driftkit.data_quality.baseline(several(range(40)), time_column="t")
    past: list[Any] = []
    for day in range(40, 50):
        past.append(driftkit.data_quality.monitor(rows_of(day), baseline, history=past))

    assert not any(verdict(each).alarm for each in past)
    assert [each.drift.days for each in past] == [40] * 8 + [41, 42]


def test_an_alarm_lasts_until_its_days_are_accepted(sixty_days: Baseline, tmp_path: Path) -> None:
    base, reports = tmp_path / "baseline", tmp_path / "reports"
    sixty_days.write(base)
    for day in range(60, 63):
        result = driftkit.data_quality.monitor(rows_of(day, shift=1.0), base, history=[reports])
        result.write(reports / str(day))
        assert verdict(result).windows == day - 59

    accepted = driftkit.data_quality.accept(base, reports)
    after = driftkit.data_quality.monitor(rows_of(63, shift=1.0), base, history=[reports])

    assert [each.start for each in accepted.blocks] == [
        datetime(2026, 3, day, tzinfo=UTC) for day in (2, 3, 4)
    ]
    assert verdict(after).verdict != "unusual"
    assert after.drift is not None
    assert after.drift.earlier_windows == 0
    assert driftkit.data_quality.accept(base, reports).counts.blocks == accepted.counts.blocks


def test_rows_that_are_few_are_not_judged(sixty_days: Baseline) -> None:
    result = driftkit.data_quality.monitor(rows_of(60, rows=19, shift=3), sixty_days)

    assert verdict(result).verdict == "too few rows"
    assert not verdict(result).alarm


@pytest.mark.parametrize(
    ("window", "check"),
    [
        ({"x": [*range(96), 300, 400, 500, 600]}, "range_check"),
        ({"x": [7] * 60 + [*range(40)]}, "one_value_check"),
    ],
)
def test_plain_faults_need_no_days(window: dict[str, list[int]], check: str) -> None:
    baseline = driftkit.data_quality.baseline(pd.DataFrame({"x": [*range(100)] * 40}))

    result = driftkit.data_quality.monitor(pd.DataFrame(window), baseline)

    assert check in [each.check for each in result.findings]
    assert result.drift is not None
    assert result.drift.calibration == "uncalibrated"


def test_a_feature_that_is_not_compared_raises_no_alarm() -> None:
    baseline = driftkit.data_quality.baseline(pd.DataFrame({"x": np.arange(400) / 4}))
    document = baseline.constraints.to_dict()
    document["features"][0]["monitoring_config_overrides"] = {
        "distribution_constraints": {"perform_comparison": "Disabled"}
    }
    off = replace(baseline, constraints=Constraints.read(document, "constraints.json"))
    result = driftkit.data_quality.monitor(pd.DataFrame({"x": [500.0] * 50}), off)

    assert verdict(result, "x").verdict == "not compared"
    assert result.findings == ()


def test_aws_judges_no_days(sixty_days: Baseline, tmp_path: Path) -> None:
    result = driftkit.data_quality.monitor(rows_of(60, shift=0.6), sixty_days, dialect="aws")
    written = {each.name for each in result.write(tmp_path)}

    assert result.drift is None
    assert not written & {"drift.json", "cells.arrow"}


def test_files_give_back_the_verdicts(sixty_days: Baseline, tmp_path: Path) -> None:
    result = driftkit.data_quality.monitor(rows_of(60, shift=0.6), sixty_days)
    result.write(tmp_path)

    read = driftkit.data_quality.MonitoringResult.read(tmp_path)

    assert read.drift is not None
    assert read.drift.to_dict() == result.files["drift.json"]
    assert [each.check for each in read.findings][:1] == ["unusual_check"]
    assert read.drift_table().equals(result.drift_table())


def test_statistics_alone_are_judged_against_the_baseline(sixty_days: Baseline) -> None:
    window = driftkit.data_quality.monitor(rows_of(60, shift=0.6), sixty_days)

    found = driftkit.data_quality.compare(window.statistics, sixty_days)

    assert verdict(found).different == verdict(window).different


def test_a_baseline_that_was_read_judges_as_the_one_that_was_made(
    sixty_days: Baseline, tmp_path: Path
) -> None:
    sixty_days.write(tmp_path)
    window = rows_of(60, shift=0.3)

    made = driftkit.data_quality.monitor(window, sixty_days).drift
    read = driftkit.data_quality.monitor(window, tmp_path).drift

    assert made == read
