"""A small configuration that is right, for tests that change one thing in it."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import driftkit_command
from tests.monitors.merging import capture, label, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CAPTURES", "RIGHT", "captured", "driftkit_command", "violations", "written"]

RIGHT = """\
version: 1
model: {name: churn}
inputs:
  data: {path: data.csv}
  training: {path: training.csv}
monitors:
  data_quality: {baseline: baseline}
"""


CAPTURES = """\
version: 1
model: {name: churn, variant: A}
inputs:
  captures: {path: captured, window: 1d, delay: 2h}
  labels: {path: truth}
  training: {path: labelled.csv}
defaults: {baseline: base}
monitors:
  model_quality:
    problem_type: BinaryClassification
    probability_attribute: "0"
    training: {probability_attribute: probability, ground_truth_attribute: label}
report: {path: reports}
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """`written(text, "driftkit.yml")` writes a file and gives its path."""

    def write(text: str = RIGHT, name: str = "driftkit.yml") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


def captured(folder: Path, day: int, outputs: list[str]) -> None:
    """Writes a day of captures and their labels."""
    time = f"2024-03-{day}T15:10:00Z"
    records = [capture(f"{day}-{i}", output=each, time=time) for i, each in enumerate(outputs)]
    put(folder / "captured" / "endpoint" / "A", f"2024/03/{day}/15", records)
    labels = [label(f"{day}-{i}", str(i % 2)) for i in range(len(outputs))]
    put(folder / "truth", f"2024/03/{day}/16", labels)
    rows = ["1,0.9"] * 90 + ["1,0.3"] * 10 + ["0,0.1"] * 90 + ["0,0.7"] * 10
    (folder / "labelled.csv").write_text("\n".join(["label,probability", *rows]) + "\n")


def violations(folder: Path) -> list[tuple[str, str]]:
    """Features or metrics with the checks that they failed."""
    found = json.loads((folder / "constraint_violations.json").read_text())["violations"]
    name = "feature_name" if found and "feature_name" in found[0] else "metric_name"
    return [(each[name], each["constraint_check_type"]) for each in found]
