"""A monitor that is none of driftkit's own: by its command line, on files, captures and states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from driftkit import FormatError
from driftkit.cli import commands_of, main
from tests.capture.captures import record, write
from tests.monitors.volume import monitor as volume

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VIOLATIONS_FOUND = 3
DAY = "2024-03-18"


def table(rows: Sequence[int], day: str = DAY) -> pd.DataFrame:
    """So many rows in each hour of a day."""
    times = [f"{day} {hour:02}:{n:02}:00" for hour, of in enumerate(rows) for n in range(of)]
    return pd.DataFrame({"n": range(len(times)), "at": times})


def run(*arguments: object) -> object:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)), commands_of([volume.COMMANDS]))
    return ended.value.code


def found(folder: Path) -> list[tuple[str, str, str]]:
    """Check, metric and time of each violation in a folder's file."""
    listed = json.loads((folder / "constraint_violations.json").read_text())["violations"]
    return [(each["constraint_check_type"], each["metric_name"], each["time"]) for each in listed]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_by_the_command_line(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rows in {"training": [20, 24, 0, 22], "window": [21, 9, 0, 0, 20, 40]}.items():
        path, written = tmp_path / f"{name}.{ending}", table(rows)
        written.to_csv(path, index=False) if ending == "csv" else written.to_parquet(path)
    common = ("--time-column", "at", "--runner", "local")

    learned = run(
        *("volume", "baseline", tmp_path / f"training.{ending}", "-o", tmp_path / "normal"), *common
    )
    ended = run(
        *("volume", "monitor", tmp_path / f"window.{ending}", "-b", tmp_path / "normal"),
        *("-o", tmp_path / "report", "--until", f"{DAY}T09:30:00Z", "--fail-on-violations"),
        *common,
    )

    assert learned == 0
    normal = json.loads((tmp_path / "normal" / "volume.json").read_text())
    assert normal == {
        "unit": "hour",
        "rows": {f"{DAY}T00": 20, f"{DAY}T01": 24, f"{DAY}T03": 22},
    }
    assert ended == VIOLATIONS_FOUND
    assert found(tmp_path / "report") == [
        ("row_volume_check", "rows", f"{DAY}T01"),
        ("row_volume_check", "rows", f"{DAY}T05"),
        ("gap_check", "gap", f"{DAY}T04"),
        ("gap_check", "gap", f"{DAY}T09"),
    ]
    assert "90 rows in" in capsys.readouterr().err


def test_wrong_settings_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table([3]).to_csv(tmp_path / "rows.csv", index=False)
    command = ("volume", "baseline", tmp_path / "rows.csv", "-o", tmp_path / "normal")

    codes = [run(*command), run(*command, "--time-column", "at", "--slack", "2")]

    assert codes == [1, 1]
    said = capsys.readouterr().err
    assert "no such column" in said
    assert "a number from 0 to 1" in said


def test_captured_requests_have_a_time_of_their_own(tmp_path: Path) -> None:
    times = [f"{DAY}T{hour:02}:30:00Z" for hour in (10, 10, 11, 13)]
    captured = write(tmp_path / "captured.jsonl", [record("1,2", "0.5", time) for time in times])

    counted = volume.baseline(captured)

    assert counted.states.known == {f"{DAY}T10": 2, f"{DAY}T11": 1, f"{DAY}T13": 1}


def test_a_report_that_is_read_is_the_one_that_was_written(tmp_path: Path) -> None:
    report = volume.monitor(table([10, 30]), table([10, 10]), time_column="at")

    written = report.write(tmp_path)
    again = type(report).read(tmp_path)

    assert [path.name for path in written] == [*report.files, "states.arrow"]
    assert again.files == report.files
    assert [each.message for each in again.findings] == [each.message for each in report.findings]
    assert [*report.violations_table()["value"]] == [30]
    assert [*report.statistics_table()["violated"]] == [False, True, False]
    assert volume.monitor(table([30]), again, time_column="at").findings == ()


def test_kept_states_are_taken_as_the_rows_that_they_are_of(tmp_path: Path) -> None:
    days = [table([3, 0, 4]), table([0, 5], "2024-03-19")]
    for number, day in enumerate(days):
        volume.baseline(day, time_column="at").write(tmp_path / str(number))

    added = volume.baseline([str(tmp_path / str(number) / "states.arrow") for number in (0, 1)])

    assert added.files == volume.baseline(pd.concat(days), time_column="at").files


def test_hours_do_not_add_up_with_days(tmp_path: Path) -> None:
    volume.baseline(table([3]), time_column="at").write(tmp_path)

    with pytest.raises(FormatError, match="states of another monitor"):
        volume.baseline(str(tmp_path / "states.arrow"), time_unit="day")
