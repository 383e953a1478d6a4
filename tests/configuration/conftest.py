"""A small configuration that is right, for tests that change one thing in it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import driftkit_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["CAPTURES", "RIGHT", "driftkit_command", "written"]

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
