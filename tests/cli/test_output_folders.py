"""A run takes the place of an earlier one in its output folder, with all of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

TRAINING = "age,city\n" + "".join(f"{20 + n % 40},{('Bonn', 'Ulm')[n % 2]}\n" for n in range(200))


@pytest.fixture
def baseline(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> Path:
    (tmp_path / "training.csv").write_text(TRAINING)
    driftkit_command(
        "data-quality", "baseline", tmp_path / "training.csv", "-o", tmp_path / "plain"
    )
    return tmp_path / "plain"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_baseline_replaces_an_earlier_one_with_all_its_files(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "training.csv").write_text(TRAINING)
    window = TRAINING.replace("Ulm", "Rome")
    (tmp_path / "window.csv").write_text(window)
    folder = tmp_path / "b"
    learn = ("data-quality", "baseline", "-o", folder)
    driftkit_command(*learn, tmp_path / "training.csv", "--segment-by", "city")
    (folder / "notes.txt").write_text("mine")
    (folder / "deequ_suggestions.json").write_text("{}")
    driftkit_command(*learn, tmp_path / "window.csv")

    ended = driftkit_command(
        *("data-quality", "monitor", tmp_path / "window.csv", "-b", folder),
        *("-o", tmp_path / "r", "--fail-on-violations"),
    )

    assert ended.code == 0, ended.err + ended.out
    assert names(folder) == {"statistics.json", "constraints.json", "notes.txt"}


def test_a_report_replaces_an_earlier_one_with_all_its_files(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    monitor = ("data-quality", "monitor", tmp_path / "training.csv", "-o", tmp_path / "r", "-b")
    driftkit_command(
        *("data-quality", "baseline", tmp_path / "training.csv", "-o", tmp_path / "s"),
        *("--segment-by", "city"),
    )
    driftkit_command(*monitor, tmp_path / "s")
    assert {"states.arrow", "segment_violations.json"} < names(tmp_path / "r")

    driftkit_command(*monitor, baseline, "--no-keep-states")

    assert names(tmp_path / "r") == {
        *("statistics.json", "constraints.json", "constraint_violations.json", "report.html"),
        *("drift.json", "cells.arrow"),
    }


def test_comparing_leaves_the_states_of_the_rows(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    report = tmp_path / "r"
    driftkit_command(
        "data-quality", "monitor", tmp_path / "training.csv", "-b", baseline, "-o", report
    )

    ended = driftkit_command(
        *("data-quality", "compare", "--statistics", report / "statistics.json"),
        *("-b", baseline, "-o", report),
    )

    assert ended.code == 0, ended.err
    assert "states.arrow" in names(report)


def test_segments_of_another_baseline_are_not_believed(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "training.csv").write_text(TRAINING)
    (tmp_path / "window.csv").write_text(TRAINING.replace("Ulm", "Rome"))
    learn = ("data-quality", "baseline", "--segment-by", "city")
    driftkit_command(*learn, tmp_path / "training.csv", "-o", tmp_path / "b")
    driftkit_command(*learn, tmp_path / "window.csv", "-o", tmp_path / "other")
    monitor = ("data-quality", "monitor", tmp_path / "window.csv", "-o", tmp_path / "r", "-b")

    # As if files of two runs had been copied together.
    segments = "segment_constraints.json"
    (tmp_path / "b" / segments).write_bytes((tmp_path / "other" / segments).read_bytes())
    strange = driftkit_command(*monitor, tmp_path / "b")
    (tmp_path / "more.csv").write_text(TRAINING + "1,Bonn\n")
    driftkit_command("data-quality", "baseline", tmp_path / "more.csv", "-o", tmp_path / "more")
    for name in ("statistics.json", "constraints.json"):
        (tmp_path / "other" / name).write_bytes((tmp_path / "more" / name).read_bytes())
    mixed = driftkit_command(*monitor, tmp_path / "other")

    assert (strange.code, mixed.code) == (1, 1)
    assert "city=Rome" in strange.err
    assert "not of the same baseline" in mixed.err
