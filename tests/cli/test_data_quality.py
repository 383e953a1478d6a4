"""`driftkit data-quality` from files to files, exit codes included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

TRAINING = "age,city,score\n31,Bonn,0.5\n45,Ulm,0.25\n28,Bonn,0.75\n60,Ulm,1.5\n"
WINDOW = "age,city,score\n31,Bonn,0.5\nold,Rome,0.25\n,Bonn,0.75\n60,Ulm,1.5\n"


@pytest.fixture
def baseline(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> Path:
    (tmp_path / "training.csv").write_text(TRAINING)
    folder = tmp_path / "baseline"
    ended = driftkit_command(
        "data-quality", "baseline", tmp_path / "training.csv", "--output", folder
    )
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def window(tmp_path: Path) -> Path:
    path = tmp_path / "window.csv"
    path.write_text(WINDOW)
    return path


def test_baseline_writes_statistics_and_constraints(baseline: Path) -> None:
    statistics = json.loads((baseline / "statistics.json").read_text())
    constraints = json.loads((baseline / "constraints.json").read_text())

    assert statistics["dataset"]["item_count"] == 4
    assert [each["inferred_type"] for each in constraints["features"]] == [
        "Integral",
        "String",
        "Fractional",
    ]
    assert not (baseline / "constraint_violations.json").exists()


def test_monitor_names_what_changed(
    baseline: Path, window: Path, tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    report = tmp_path / "report"

    ended = driftkit_command(
        "data-quality", "monitor", window, "--baseline", baseline, "--output", report
    )

    written = json.loads((report / "constraint_violations.json").read_text())["violations"]
    assert ended.code == 0
    assert {(each["feature_name"], each["constraint_check_type"]) for each in written} == {
        ("age", "data_type_check"),
        ("age", "completeness_check"),
        ("city", "categorical_values_check"),
    }
    assert "city" in ended.out
    assert str(report / "constraint_violations.json") in ended.out


@pytest.mark.parametrize(("asked", "code"), [((), 0), (("--fail-on-violations",), 3)])
def test_violations_set_the_exit_code_when_asked(
    baseline: Path,
    window: Path,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
    asked: tuple[str, ...],
    code: int,
) -> None:
    ended = driftkit_command(
        "data-quality", "monitor", window, "-b", baseline, "-o", tmp_path / "r", *asked
    )

    assert ended.code == code


def test_compare_lists_what_files_cannot_answer(
    baseline: Path, window: Path, tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    report = tmp_path / "report"
    driftkit_command("data-quality", "monitor", window, "-b", baseline, "-o", report)

    ended = driftkit_command(
        "data-quality",
        "compare",
        "--statistics",
        report / "statistics.json",
        "-b",
        baseline,
        "-o",
        tmp_path / "trial",
    )

    written = json.loads((tmp_path / "trial/constraint_violations.json").read_text())["violations"]
    assert ended.code == 0
    assert ("age", "completeness_check") in {
        (each["feature_name"], each["constraint_check_type"]) for each in written
    }
    assert "Not checked" in ended.err


def test_an_edited_threshold_is_tried_out(
    baseline: Path, window: Path, tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    constraints = json.loads((baseline / "constraints.json").read_text())
    constraints["monitoring_config"]["domain_content_threshold"] = 0.5
    (baseline / "constraints.json").write_text(json.dumps(constraints))

    driftkit_command("data-quality", "monitor", window, "-b", baseline, "-o", tmp_path / "r")

    written = json.loads((tmp_path / "r/constraint_violations.json").read_text())["violations"]
    assert "categorical_values_check" not in {each["constraint_check_type"] for each in written}


@pytest.mark.parametrize(
    "arguments",
    [
        ("data-quality", "baseline"),
        ("data-quality", "baseline", "x.csv", "--output", "o", "--engine", "flink"),
        ("data-quality", "monitor", "x.csv"),
    ],
)
def test_wrong_usage_is_code_2(
    driftkit_command: Callable[..., Ended], arguments: tuple[str, ...]
) -> None:
    assert driftkit_command(*arguments).code == 2
