"""Verdicts of drift on the command line: history, accepting, and the configuration file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.monitors.data_quality.drift.days import rows_of, several

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sixty days of training data, and days after them, the last of which are moved."""
    monkeypatch.chdir(tmp_path)
    several(range(60), rows=100).to_parquet("training.parquet")
    for day in range(60, 64):
        rows_of(day, rows=100, shift=0.0 if day == 60 else 1.5).to_parquet(f"{day}.parquet")
    return tmp_path


def verdicts(folder: Path) -> dict[str, dict[str, Any]]:
    features = json.loads((folder / "drift.json").read_text())["features"]
    return {each["feature"]: each for each in features}


def test_windows_are_judged_one_after_the_other_until_they_are_accepted(
    days: Path, driftkit_command: Callable[..., Any]
) -> None:
    learnt = driftkit_command(
        "data-quality", "baseline", "training.parquet", "-o", "base", "--time-column", "t"
    )
    assert learnt.code == 0

    def look(day: int) -> Any:
        return driftkit_command(
            *("data-quality", "monitor", f"{day}.parquet", "-b", "base", "-o", f"reports/{day}"),
            *("--history", "reports", "--fail-on-violations"),
        )

    first, moved = look(60), [look(61), look(62)]

    assert first.code == 0
    assert "drift calibrated: 60 reference days" in first.err
    assert [each.code for each in moved] == [3, 3]
    assert "Drift: 1 unusual, 1 ordinary" in moved[0].out
    assert "unusual_check" not in moved[0].out
    assert "2 in a row" in moved[1].out
    assert verdicts(days / "reports/62")["number"]["windows"] == 2
    accepted = driftkit_command("data-quality", "accept", "reports/61", "reports/62", "-b", "base")
    assert "Accepted 2 days (2026-03-03, 2026-03-04): the reference has 62 now" in accepted.out
    assert verdicts(days / "reports/63" if look(63) else days)["number"]["verdict"] != "unusual"


@pytest.mark.usefixtures("days")
def test_accepted_days_that_a_grown_baseline_does_not_have_are_named(
    driftkit_command: Callable[..., Any],
) -> None:
    learn = ("data-quality", "baseline", "-o", "base", "--time-column", "t")
    driftkit_command(*learn, "training.parquet", "--keep-states")
    for day in (61, 62):
        driftkit_command(
            *("data-quality", "monitor", f"{day}.parquet", "-b", "base", "-o", f"reports/{day}"),
        )
    driftkit_command("data-quality", "accept", "reports/61", "reports/62", "-b", "base")

    grown = driftkit_command(*learn, "62.parquet", "--add-to", "base")

    assert grown.code == 0, grown.err
    assert (
        "accepted before, but no rows of this baseline, so accept them again: 2026-03-03\n"
    ) in grown.out + grown.err
    again = driftkit_command(*learn, "60.parquet", "--add-to", "base")
    assert "accept" not in again.out + again.err


@pytest.mark.usefixtures("days")
def test_a_program_gets_the_features_that_are_not_ordinary(
    driftkit_command: Callable[..., Any],
) -> None:
    driftkit_command("data-quality", "baseline", "training.parquet", "-o", "base")

    ended = driftkit_command(
        *("data-quality", "monitor", "61.parquet", "-b", "base", "-o", "out", "--json"),
    )

    (found,) = json.loads(ended.out)["results"]
    assert found["drift"]["calibration"] == "uncalibrated"
    assert [each["feature"] for each in found["drift"]["features"]] == ["number"]
    assert found["drift"]["features"][0]["effect"] == pytest.approx(1.5, abs=0.2)


@pytest.mark.usefixtures("days")
def test_the_past_has_p_values_as_people_read_them(
    driftkit_command: Callable[..., Any],
) -> None:
    driftkit_command("data-quality", "baseline", "training.parquet", "-o", "base")
    driftkit_command(
        *("data-quality", "monitor", "61.parquet", "-b", "base", "-o", "out"),
        *("--store", "store", "--model-name", "churn"),
    )

    ended = driftkit_command("history", "store", "--table", "metrics")

    assert "p <" in ended.out


def test_what_is_no_report_cannot_be_accepted(
    days: Path, driftkit_command: Callable[..., Any]
) -> None:
    driftkit_command("data-quality", "baseline", "training.parquet", "-o", "base")
    pd.DataFrame({"number": [1.0]}).to_parquet("other.parquet")
    before = sorted(each.name for each in (days / "base").iterdir())

    ended = driftkit_command("data-quality", "accept", "other.parquet", "-b", "base")

    assert ended.code == 1
    assert "a report cannot be accepted" in ended.err
    assert sorted(each.name for each in (days / "base").iterdir()) == before
