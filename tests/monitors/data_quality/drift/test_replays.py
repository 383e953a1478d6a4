"""Rules of alarm, tried on days that are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.cli import main
from driftkit.errors import InputError, SettingsError
from driftkit.formats import replay as replay_file
from tests.monitors.data_quality.drift.days import rows_of, several

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.replay import Rule
    from driftkit.monitors.data_quality.monitor import ReplayResult


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A baseline of 44 days, the last but one of which is moved."""
    folder = tmp_path_factory.mktemp("base")
    days = [several(range(42)), rows_of(42, shift=2.0), rows_of(43)]
    driftkit.data_quality.baseline(pd.concat(days), time_column="t").write(folder)
    return folder


def rule(result: ReplayResult, name: str, threshold: float | None = None) -> Rule:
    return next(x for x in result.replay.rules if (x.rule, x.threshold) == (name, threshold))


def test_the_day_that_was_moved_would_have_raised_an_alarm(base: Path) -> None:
    result = driftkit.data_quality.replay(base, plant={}, rules={"Simple": (0.3, 0.9)})

    assert (result.replay.reference, result.replay.windows) == (30, 14)
    alarms = result.alarms_table()
    moved = alarms[alarms["feature"] == "number"]
    days = moved["start"].dt.date.astype(str)
    assert set(moved["rule"][days == "2026-02-12"]) == {"unusual", "different", "Simple"}
    # The means of days differ, which is different beyond sampling and not unusual.
    assert set(moved["rule"][days != "2026-02-12"]) <= {"different"}
    assert rule(result, "Simple", 0.3).windows == 1
    assert rule(result, "Simple", 0.9).windows == 0
    assert rule(result, "Simple", 0.9).interval is not None


def test_a_larger_fault_is_found_by_more_and_sooner(base: Path) -> None:
    def found(shift: float) -> dict[str, float]:
        result = driftkit.data_quality.replay(
            base, plant={"shift": shift}, rules={"Simple": 0.15}, days=4, onsets=1
        )
        return {each.rule: each.found[0].share or 0.0 for each in result.replay.rules}

    none, small, large = found(0.0), found(0.25), found(1.0)

    assert none["unusual"] == none["Simple"] == 0
    assert small["Simple"] < large["Simple"] == 1
    assert small["different"] == large["different"] == large["unusual"] == 1


def wandering(days: range, *, factor: float = 1.0) -> pd.DataFrame:
    """Days of few rows whose means are as far apart as those of two months of weather."""
    parts = []
    for day in days:
        rng = np.random.default_rng([7, day])
        level = 60 + 15 * np.sin(day / 60 * 2 * np.pi) + rng.normal(0, 8)
        values = np.round(level + rng.normal(0, 5, 72)) * factor
        date = (pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)).date().isoformat()
        parts.append(pd.DataFrame({"date": date, "temperature": values}))
    return pd.concat(parts)


def test_values_in_another_unit_are_found_where_days_do_not_tell(tmp_path: Path) -> None:
    """Of a day beyond all cells the test of days sees no more than of a cold one."""
    driftkit.data_quality.baseline(wandering(range(40)), time_column="date").write(tmp_path)

    for factor, expected in ((0.001, 1.0), (1000.0, 1.0), (1.3, 0.0)):
        result = driftkit.data_quality.replay(
            tmp_path, plant={"factor": factor}, rules={"PSI": 0.2}, days=1, onsets=2
        )
        units = rule(result, "units")
        assert (units.windows, units.found[0].share) == (0, expected)
        assert units.found[0].first_day == expected


def test_a_day_in_another_unit_would_have_raised_an_alarm(tmp_path: Path) -> None:
    days = [wandering(range(32)), wandering(range(32, 33), factor=0.001), wandering(range(33, 35))]
    driftkit.data_quality.baseline(pd.concat(days), time_column="date").write(tmp_path)

    result = driftkit.data_quality.replay(tmp_path, plant={}, rules={})

    (alarm,) = (each for each in result.replay.alarms if each.rule == "units")
    assert alarm.start.date().isoformat() == "2026-02-02"
    assert "the values are in another unit" in alarm.message


def test_a_history_with_a_day_of_another_time_zone_is_replayed(tmp_path: Path) -> None:
    """Its column of times is told of, and has no cells."""
    rng = np.random.default_rng(3)
    law = np.exp(-(((np.arange(24) - 10) / 4) ** 2))
    parts = []
    for day in range(33):
        hours = rng.choice(24, 300, p=law / law.sum()) + (5 if day == 31 else 0)
        start = pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)
        times = start + pd.to_timedelta(hours, "h")
        parts.append(pd.DataFrame({"t": times, "x": rng.normal(size=300)}))
    driftkit.data_quality.baseline(pd.concat(parts), time_column="t").write(tmp_path)

    result = driftkit.data_quality.replay(tmp_path, plant={}, rules={"PSI": 0.2})

    assert (result.replay.features, result.replay.windows) == (1, 3)


def test_windows_since_are_replayed_too(base: Path, tmp_path: Path) -> None:
    driftkit.data_quality.monitor(rows_of(44), base).write(tmp_path / "44")

    result = driftkit.data_quality.replay(base, [tmp_path], plant={}, rules={})

    assert result.replay.windows == 15


def test_the_same_seed_gives_the_same_file(base: Path, tmp_path: Path) -> None:
    said: dict[str, Any] = {"plant": {"nulls": 0.02}, "rules": {"PSI": 0.2}, "days": 2, "onsets": 1}
    seen: list[tuple[int, int]] = []

    first = driftkit.data_quality.replay(
        base, progress=lambda done, every, _: seen.append((done, every)), **said
    )
    again = driftkit.data_quality.replay(base, **said)
    first.write(tmp_path)

    assert first.files == again.files
    assert replay_file.read_file(tmp_path / "replay.json") == first.replay
    assert seen[-1][0] == seen[-1][1]


def test_a_few_days_cannot_be_replayed(tmp_path: Path) -> None:
    driftkit.data_quality.baseline(several(range(30), rows=30), time_column="t").write(tmp_path)

    with pytest.raises(InputError, match=r"too few days.*30 days"):
        driftkit.data_quality.replay(tmp_path)


@pytest.mark.parametrize("said", [{"plant": {"shfit": 1}}, {"rules": {"Psi": 0.1}}])
def test_what_is_not_known_is_refused(said: Any, base: Path) -> None:
    with pytest.raises(SettingsError, match=r"not known"):
        driftkit.data_quality.replay(base, **said)


def test_the_command_shows_each_rule_and_writes_the_file(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(
            [
                *("data-quality", "replay", "-b", str(base), "-o", str(tmp_path)),
                *("--plant", "nulls=0.05", "--rule", "PSI=0.1,0.2", "--days", "1", "--onsets", "1"),
            ]
        )

    assert ended.value.code == 0
    shown = capsys.readouterr()
    for named in ("unusual", "different", "PSI > 0.1", "PSI > 0.2", "nulls 0.05"):
        assert named in shown.out
    assert json.loads((tmp_path / "replay.json").read_text())["windows"] == 14
