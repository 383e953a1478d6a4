"""A small configuration that is right, for tests that change one thing in it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RIGHT = """\
version: 1
model: {name: churn}
inputs:
  data: {path: data.csv}
  training: {path: training.csv}
monitors:
  data_quality: {baseline: baseline}
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """`written(text, "driftkit.yml")` writes a file and gives its path."""

    def write(text: str = RIGHT, name: str = "driftkit.yml") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write
