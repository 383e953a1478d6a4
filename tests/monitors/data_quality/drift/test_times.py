"""Days are judged by the times of their rows, whatever some of the clocks say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.errors import FormatError
from tests.capture.captures import record, write
from tests.monitors.data_quality.drift.days import rows_of, several

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.monitors.data_quality.monitor import Baseline, MonitoringResult

ASIDE = "rows in no day, which verdicts of drift leave out"


@pytest.fixture(scope="module")
def hundred_days() -> Baseline:
    return driftkit.data_quality.baseline(several(range(100)), time_column="t")


def judged(result: MonitoringResult) -> dict[str, object]:
    assert result.drift is not None
    features = {each.feature: (each.verdict, each.unusual) for each in result.drift.features}
    return {"days": result.drift.days, "calibration": result.drift.calibration, **features}


def said(result: MonitoringResult | Baseline) -> str:
    assert result.run is not None
    return "\n".join(result.run.lines())


def as_text(rows: pd.DataFrame, *times: str | None) -> pd.DataFrame:
    """The rows with text as times, and a copy of the first for each of some other times."""
    texts = rows.assign(t=rows["t"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return pd.concat([texts, *(texts.head(1).assign(t=time) for time in times)])


@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_rows_whose_clock_is_wrong_do_not_stand_for_the_window(
    shift: float, hundred_days: Baseline
) -> None:
    window = rows_of(100, shift=shift)
    odd = as_text(window, "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon", None)

    result = driftkit.data_quality.monitor(odd, hundred_days)

    assert judged(result) == judged(driftkit.data_quality.monitor(window, hundred_days))
    assert (
        f"{ASIDE}: 2 have no time in t that can be read; "
        "2 are apart from all others (1970-01-01, 2099-01-01)"
    ) in said(result)


@pytest.mark.parametrize("time", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_clock_that_was_never_set_is_no_day_of_the_window(
    time: str, hundred_days: Baseline
) -> None:
    texts = as_text(rows_of(100, shift=0.6))
    wrong = len(texts) * 2 // 5

    result = driftkit.data_quality.monitor(
        pd.concat([texts.head(wrong).assign(t=time), texts.tail(-wrong)]), hundred_days
    )

    alone = driftkit.data_quality.monitor(texts.tail(-wrong), hundred_days)
    assert judged(result) == judged(alone)
    assert result.findings[0].check == "unusual_check"
    assert f"{ASIDE}: {wrong} are apart from all others ({time[:10]})" in said(result)


def test_a_day_is_judged_however_long_before_it_there_was_another(hundred_days: Baseline) -> None:
    """Most rows of a window are never set aside."""
    texts = as_text(rows_of(100))
    late = texts.tail(len(texts) * 2 // 5).assign(t="2026-04-11T12:00:00Z")
    old = texts.head(-len(late)).assign(t="1970-01-01T00:00:00Z")

    result = driftkit.data_quality.monitor(pd.concat([old, late]), hundred_days)

    assert f"{len(late)} are apart from all others (2026-04-11)" in said(result)
    assert judged(result)["calibration"] == "uncalibrated"


def test_rows_that_came_late_are_no_day_to_judge(hundred_days: Baseline) -> None:
    window = pd.concat([rows_of(100), rows_of(101, rows=5)])

    result = driftkit.data_quality.monitor(window, hundred_days)

    assert judged(result) == judged(driftkit.data_quality.monitor(rows_of(100), hundred_days))
    assert f"{ASIDE}: 5 are apart from all others (2026-04-12)" in said(result)


def test_small_days_are_days_where_all_are_small() -> None:
    baseline = driftkit.data_quality.baseline(several(range(40), rows=12), time_column="t")

    result = driftkit.data_quality.monitor(several(range(40, 43), rows=12), baseline)

    assert ASIDE not in said(result)
    assert result.cells is not None
    assert result.cells.present.tolist() == [[12] * 3] * 2


def test_a_clock_that_was_wrong_in_the_baseline_makes_it_no_longer() -> None:
    odd = as_text(several(range(100)), "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
    baseline = driftkit.data_quality.baseline(odd, time_column="t")

    result = driftkit.data_quality.monitor(rows_of(100), baseline)

    # A reference that seems to span a year would have all hundred.
    assert judged(result)["days"] == 60
    assert judged(result)["calibration"] == "calibrated"
    assert f"{ASIDE}: 2 are apart" in said(baseline)


def test_times_that_cannot_be_read_at_all_are_told(hundred_days: Baseline) -> None:
    result = driftkit.data_quality.monitor(rows_of(100).assign(t="soon"), hundred_days)

    assert "no row has a time in t that can be read" in said(result)
    assert judged(result)["calibration"] == "uncalibrated"


def test_days_without_rows_are_no_days() -> None:
    kept = [day for day in range(100) if not 60 <= day < 75]
    baseline = driftkit.data_quality.baseline(
        pd.concat([rows_of(day) for day in kept]), time_column="t"
    )

    result = driftkit.data_quality.monitor(rows_of(100, shift=0.6), baseline)

    # Of the last sixty days that have rows.
    assert judged(result)["days"] == 60
    assert result.findings[0].check == "unusual_check"


def test_times_of_other_zones_are_the_same_moments(hundred_days: Baseline) -> None:
    window = rows_of(100)
    there = window["t"] + pd.Timedelta(hours=5, minutes=30)
    moved = window.assign(t=there.dt.strftime("%Y-%m-%dT%H:%M:%S+05:30"))

    result = driftkit.data_quality.monitor(moved, hundred_days)

    assert judged(result) == judged(driftkit.data_quality.monitor(window, hundred_days))


def as_numbers(rows: pd.DataFrame, in_a_second: int = 1) -> pd.DataFrame:
    """The rows with whole numbers since 1970 as times."""
    seconds = (rows["t"] - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    return rows.assign(t=seconds * in_a_second)


def as_csv(rows: pd.DataFrame, folder: Path) -> str:
    rows.to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


def as_parquet(rows: pd.DataFrame, folder: Path) -> str:
    rows.to_parquet(folder / "rows.parquet")
    return str(folder / "rows.parquet")


def as_captures(rows: pd.DataFrame, folder: Path) -> str:
    records = (record(f"{row.t},{row.number},{row.kind}", "0.5") for row in rows.itertuples())
    return str(write(folder / "captures.jsonl", records))


@pytest.mark.parametrize("in_a_second", [1, 1000])
@pytest.mark.parametrize("written", [as_csv, as_parquet, as_captures])
def test_numbers_since_1970_are_the_same_moments(
    written: Callable[[pd.DataFrame, Path], str], in_a_second: int, tmp_path: Path
) -> None:
    days, window = several(range(31), rows=25), rows_of(31, rows=25)
    if written is as_captures:
        days, window = days.iloc[:60], window.iloc[:20]
    time = "_c1" if written is as_captures else "t"

    def found(change: Callable[[pd.DataFrame], pd.DataFrame]) -> tuple[Any, ...]:
        baseline = driftkit.data_quality.baseline(
            written(change(days), tmp_path), time_column=time, runner="local"
        )
        result = driftkit.data_quality.monitor(
            written(change(window), tmp_path), baseline, runner="local"
        )
        assert baseline.cells is not None
        assert result.cells is not None
        assert baseline.states is not None
        split = baseline.states.blocks()
        assert split is not None
        others = [
            (key, [each for each in part.columns if each.name != time])
            for key, part in split.parts.items()
        ]
        told = [(each.check, each.feature) for each in result.findings]
        return baseline.cells.dumps(), result.cells.dumps(), others, judged(result), told

    assert found(lambda rows: as_numbers(rows, in_a_second)) == found(as_text)


def test_windows_that_overlap_are_each_day_once(hundred_days: Baseline) -> None:
    first = driftkit.data_quality.monitor(several(range(100, 103)), hundred_days)
    second = driftkit.data_quality.monitor(several(range(102, 104)), hundred_days, history=[first])
    window = rows_of(104)

    both = driftkit.data_quality.monitor(window, hundred_days, history=[first, second])
    once = driftkit.data_quality.monitor(
        window,
        hundred_days,
        history=[driftkit.data_quality.monitor(several(range(100, 104)), hundred_days)],
    )

    for each in ("days", "calibration", "number", "kind"):
        assert judged(both)[each] == judged(once)[each]


def test_a_window_inside_the_baseline_is_judged_by_the_days_before_it(
    hundred_days: Baseline,
) -> None:
    result = driftkit.data_quality.monitor(rows_of(80, shift=0.6), hundred_days)

    assert result.drift is not None
    assert result.drift.days == 60
    found = result.findings[0]
    assert (found.check, found.feature) == ("unusual_check", "number")
    assert result.drift.features[0].since == datetime(2026, 3, 22, tzinfo=UTC)


def test_a_window_of_one_row_has_too_few(hundred_days: Baseline) -> None:
    result = driftkit.data_quality.monitor(rows_of(100, rows=1), hundred_days)

    assert result.findings == ()
    assert judged(result)["number"] == ("too few rows", None)


def test_cells_that_are_damaged_or_of_another_version_are_one_clear_error(
    hundred_days: Baseline, tmp_path: Path
) -> None:
    hundred_days.write(tmp_path)
    file = tmp_path / "cells.arrow"
    whole = file.read_bytes()

    file.write_bytes(whole[:200])
    with pytest.raises(FormatError, match="cut off or damaged"):
        driftkit.data_quality.monitor(rows_of(100), tmp_path)

    file.write_bytes(b"nothing of the kind")
    with pytest.raises(FormatError, match=str(file)):
        driftkit.data_quality.monitor(rows_of(100), tmp_path)

    file.unlink()
    result = driftkit.data_quality.monitor(rows_of(100), tmp_path)
    assert result.drift is not None
    assert result.drift.explanation.startswith("The baseline has no blocks of time")
