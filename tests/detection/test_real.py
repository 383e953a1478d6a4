"""The figures of ordinary days, of a small drawn table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.detection import monitored, real, speed
from tests.detection.drawn import BASELINE
from tests.detection.sketched import misread, sketched
from tests.detection.tables import Table, by_weeks, pedestrians, since, table_of

if TYPE_CHECKING:
    from pathlib import Path


def _table(count: int = 120, rows: int = 50) -> Table:
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(count), rows)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=len(days)) + rng.normal(0, 0.3, count)[days],
            "category": rng.choice(["a", "b", "c"], len(days)),
        }
    )
    moments = pd.Timestamp("2026-01-01") + pd.Series(pd.to_timedelta(days, unit="D"))
    return table_of("drawn", frame, moments, "number", "category")


def test_a_table_is_told_in_five_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(real, "there", lambda name: _table() if name == "flights" else None)

    broken = real.main(["--starts", "1", "--processes", "2"])

    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in printed[:3]] == [
        "drawn, trailing 60",
        "drawn, fixed 60",
        "drawn, random 60",
    ]
    assert "NannyML" in printed[1]
    assert "found" in printed[3]
    assert "while days join the reference" in printed[4]
    # One starting day is too few to be ahead of anyone.
    assert broken == any(line.endswith("NOT KEPT") for line in printed)


def test_a_table_is_told_by_weeks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(real, "there", lambda _: _table(370, 5))

    real.main(["--starts", "1", "--processes", "1", "--unit", "week", "--table", "bikes"])

    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in printed] == [
        "drawn, 26 weeks and those since",
        "drawn, +0.5 deviations in 8 weeks after 26 at the same rate of alarms",
    ]
    assert "of 24 windows" in printed[0]


def test_weeks_of_a_table_have_the_rows_of_their_days() -> None:
    days = since(_table(30, 5), "2026-01-03")

    weeks = by_weeks(days)

    # From Saturday the third on; the last Monday's week lacks days.
    assert weeks.dates.tolist() == [(day + 3) // 7 for day in days.dates[2::7]][:3]
    assert weeks.starts.tolist() == [20, 55, 90, 125]


def test_the_monitor_is_told_of_samples_and_of_days(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(monitored, "there", lambda name: _table() if name == "flights" else None)
    monkeypatch.setattr(monitored, "_BASELINE", 2_000)
    small = ["--starts", "1", "--windows", "3", "--features", "10"]

    assert monitored.main(small) == 0

    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in printed] == [
        "100 rows of 10 features",
        "1,000 rows of 10 features",
        "drawn, trailing 60",
        "drawn, fixed 60",
        *(f"drawn, times {factor}" for factor in ("10", "60", "1000", "0.001")),
    ]
    assert "of 30 windows" in printed[2]


def test_tables_that_are_not_there_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.detection.tables.FOLDER", tmp_path)

    assert real.main(["--table", "bikes"]) == 0
    assert not capsys.readouterr().out


def test_pedestrians_are_read_by_street_and_day(tmp_path: Path) -> None:
    path = tmp_path / "hourly_counts.csv"
    path.write_text(
        "date,hour,year,1 Lane,A Street\n"
        "2022-12-31,6:00-6:59,2022,1,2\n"
        "2023-01-01,6:00-6:59,2023,3,\n"
        "2023-01-01,7:00-7:59,2023,5,6\n"
        "2023-01-02,6:00-6:59,2023,7,8\n"
    )

    table = pedestrians(path)

    assert np.datetime64(int(table.dates[0]), "D") == np.datetime64("2023-01-01")
    assert table.starts.tolist() == [0, 2, 3]
    np.testing.assert_array_equal(table.numbers["sensor1"], [np.nan, 6.0, 8.0])
    assert table.categories["hour"].tolist() == [0, 1, 0]


def test_sketches_tell_true_ranks_nearly() -> None:
    rng = np.random.default_rng(2)
    one = misread(20_000, rng)
    ranks = np.arange(0, 20_001, 100)

    assert np.abs(one.of(ranks) - ranks).max() <= 20_000 * 0.001
    assert (one.of(ranks) != ranks).any()
    assert misread(1_000, rng).of(np.array([0, 17, 1_000])).tolist() == [0, 17, 1_000]


def test_sketched_features_have_all_rows() -> None:
    rng = np.random.default_rng(3)
    pool = [misread(BASELINE, rng)]

    features = sketched(6, pool, [misread(5_000, rng)], rng, atoms=2)

    assert (features.reference.cells.present == BASELINE).all()
    assert (features.windows(5_000, 3, rng).rows == 5_000).all()
    assert features.reference.atoms.sum(axis=1).tolist() == [1, 1, 0, 0, 0, 0]
    assert features.reference.counts[0].max() == pytest.approx(0.3 * BASELINE, rel=0.02)


def test_speed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["40"]) == 0

    assert capsys.readouterr().out.startswith("40 features x 60 days: ")
