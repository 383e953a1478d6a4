"""`driftkit run` with estimates of quality: windows without labels, and the truth once it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import driftkit
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.reports import read_report
from tests.configuration.conftest import CAPTURES, captured, violations
from tests.monitors.model_quality import test_regression_estimates as regression

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

ESTIMATED = CAPTURES.replace("  model_quality:\n", "  model_quality:\n    estimate: true\n")
WITHOUT_LABELS = CAPTURES.replace("  labels: {path: truth}\n", "").replace(
    "  model_quality:\n", "  model_quality:\n    estimate: only\n"
)
OF_A_TABLE = """\
version: 1
model: {name: churn}
inputs:
  data: {path: data.csv}
  training: {path: training.csv}
defaults: {baseline: base}
monitors:
  model_quality:
    time_column: at
"""
DAYS = ("2024-03-18", "2024-03-19")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def of(folder: Path) -> QualityEstimate:
    """The estimate that was written."""
    found = read_report(folder)
    assert isinstance(found, QualityEstimate)
    return found


@pytest.mark.parametrize("store", ["store: {path: kept}\n", ""], ids=["store", "folders"])
def test_a_window_is_estimated_and_judged(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended], store: str
) -> None:
    captured(here, 18, ["0.1", "0.9", "0.3", "0.7"] * 30)
    captured(here, 19, ["0.5", "0.6"] * 60)
    written(f"{ESTIMATED}{store}")

    assert driftkit_command("check", "--window", "2024-03-18/2024-03-20").code == 0
    for day in (18, 19):
        ended = driftkit_command("run", "--window", f"2024-03-{day}/2024-03-{day + 1}")
        assert ended.code == 0, ended.err

    first = of(here / "reports/estimated_quality/2024-03-18")
    own = driftkit.model_quality.estimate(
        "captured",
        "base/model_quality",
        labelled="reports/merged",
        start=DAYS[0],
        end=DAYS[1],
        variant="A",
    )
    assert first.estimate == own.estimate
    assert ("accuracy", "estimated_quality_check") in violations(
        here / "reports/estimated_quality/2024-03-19"
    )
    assert (first.estimate.window.rows, first.estimate.window.labelled) == (120, 120)
    assert ("label_agreement", "label_agreement_check") in violations(
        here / "reports/estimated_quality/2024-03-18"
    )
    judged = read_report(here / "reports/model_quality/2024-03-18")
    (truth,) = [each.value for each in judged.metrics() if each.name == "accuracy"]
    page = (here / "reports/estimated_quality/2024-03-19/report.html").read_text()
    assert f"by labels between {truth:g} and {truth:g}" in page
    if store:
        kept = driftkit.history("kept", model="churn")
        assert sorted(kept["monitor"]) == ["estimated_quality"] * 2 + ["model_quality"] * 2


def test_without_labels_quality_is_estimated_only(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    captured(here, 18, ["0.1", "0.9"] * 60)
    written(WITHOUT_LABELS)

    ended = driftkit_command("run", "--window", "2024-03-18/2024-03-19")

    assert ended.code == 0, ended.err
    assert [each.name for each in (here / "reports").iterdir()] == ["estimated_quality"]
    assert of(here / "reports/estimated_quality/2024-03-18").estimate.window.rows == 120


def test_rows_of_a_table_are_estimated_by_their_days(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    rows = [f"{at % 2},{0.8 if at % 3 else 0.3},2024-03-{18 + at % 2}" for at in range(200)]
    for name in ("data.csv", "training.csv"):
        (here / name).write_text("\n".join(["label,p,at", *rows]) + "\n")
    written(f"""{OF_A_TABLE}\
    estimate: true
    problem_type: BinaryClassification
    probability_attribute: p
""")

    ended = driftkit_command("run")

    assert ended.code == 0, ended.err
    found = of(here / "reports/estimated_quality/snapshot")
    assert [each.name for each in found.estimate.blocks] == list(DAYS)
    calibration = driftkit.model_quality.ModelBaseline.read("base/model_quality").calibration
    assert calibration is not None
    assert [each.block for each in calibration.blocks] == list(DAYS)


def test_errors_of_a_regression_are_estimated_by_its_inputs(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    regression.rows(1, 1_500, days=10).to_csv(here / "training.csv", index=False)
    window = regression.rows(2, 400, shift=2.0).drop(columns=["label", "z"])
    window.to_csv(here / "data.csv", index=False)
    written(f"""{OF_A_TABLE}\
    estimate: only
    problem_type: Regression
    inference_attribute: y
    training: {{ignore: z}}
""")

    ended = driftkit_command("run")

    assert ended.code == 0, ended.err
    assert ("mae", "estimated_quality_check") in violations(
        here / "reports/estimated_quality/snapshot"
    )
