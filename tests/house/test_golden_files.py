"""A test against a recorded file that is not there fails in CI, and is counted elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARITY = """
def test_numbers(golden):
    assert golden("nowhere/statistics.json").exists()

def test_words(golden):
    assert golden("nowhere/constraints.json").exists()

def test_something_else():
    assert True
"""


def run(folder: Path, **environment: str) -> str:
    """What pytest prints of a project that has our fixtures and no recorded files."""
    tests = folder / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "conftest.py", tests)
    (tests / "test_parity.py").write_text(PARITY)
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=tests.parent,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("environment", [{}, {"CI": "false"}])
def test_a_missing_file_is_a_skip_and_one_line_counts_them(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    printed = run(tmp_path, **environment)

    assert "1 passed, 2 skipped" in printed
    assert "2 parity tests were skipped: they compare with files" in printed


def test_a_missing_file_is_a_failure_in_ci(tmp_path: Path) -> None:
    printed = run(tmp_path, CI="true")

    assert "2 failed, 1 passed" in printed
