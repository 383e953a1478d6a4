"""`driftkit model-quality estimate`: the files, what is said, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.monitors.model_quality import test_regression_estimates as regression
from tests.monitors.model_quality.test_estimates import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VIOLATIONS_FOUND = 3


def test_the_command_keeps_a_calibration_and_estimates_by_it(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    rows(17, 3_000).to_csv(tmp_path / "labelled.csv", index=False)
    bad = rows(18, 2_000, turned=3.0)
    bad.to_csv(tmp_path / "window.csv", index=False)
    judging = ("--probability-attribute", "score")

    learned = driftkit_command(
        *("model-quality", "baseline", tmp_path / "labelled.csv", "-o", tmp_path / "normal"),
        *("--problem-type", "binary", *judging),
    )
    ended = driftkit_command(
        *("model-quality", "estimate", tmp_path / "window.csv", "-b", tmp_path / "normal"),
        *("-o", tmp_path / "out", "--fail-on-violations", *judging),
    )

    assert learned.code == 0
    assert "calibration.json" in learned.out
    assert ended.code == VIOLATIONS_FOUND
    assert "label_agreement_check" in (tmp_path / "out/constraint_violations.json").read_text()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("estimate.json", "constraint_violations.json", "report.html")
    }
    assert "2,000 labels disagree with their scores" in ended.err
    page = (tmp_path / "out/report.html").read_text()
    assert "Quality without labels" in page
    drawn = driftkit_command("report", tmp_path / "out", "-o", tmp_path / "page.html")
    assert drawn.code == 0


def test_the_command_estimates_the_errors_of_a_regression(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    regression.rows(1, 3_000, days=10).to_csv(tmp_path / "labelled.csv", index=False)
    window = regression.rows(2, 2_000, shift=2.0, days=3).drop(columns=["label", "z"])
    window.to_csv(tmp_path / "window.csv", index=False)
    judging = ("--inference-attribute", "y", "--time-column", "at")

    learned = driftkit_command(
        *("model-quality", "baseline", tmp_path / "labelled.csv", "-o", tmp_path / "normal"),
        *("--problem-type", "regression", "--segment-by", "carrier", *judging),
        *("--ignore", "z"),
    )
    ended = driftkit_command(
        *("model-quality", "estimate", tmp_path / "window.csv", "-b", tmp_path / "normal"),
        *("-o", tmp_path / "out", "--fail-on-violations", "--keep-states", *judging),
    )
    again = driftkit_command(
        *("model-quality", "estimate", tmp_path / "out", "-b", tmp_path / "normal"),
        *("-o", tmp_path / "again"),
    )

    assert "calibration.json" in learned.out
    assert ended.code == VIOLATIONS_FOUND
    assert again.code == 0
    first, second = (
        (tmp_path / folder / "constraint_violations.json").read_text()
        for folder in ("out", "again")
    )
    assert "Estimated mae" in first
    assert first == second
    assert "errors are expected by the prediction, " in ended.err
    assert "estimated mae" in (tmp_path / "out/report.html").read_text()
