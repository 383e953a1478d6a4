"""`driftkit model-quality estimate`: the files, what is said, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    assert "Quality as far as scores tell" in page
    drawn = driftkit_command("report", tmp_path / "out", "-o", tmp_path / "page.html")
    assert drawn.code == 0
