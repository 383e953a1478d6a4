"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).resolve().parents[2] / "shared" / "golden"
ABSENT = "no recorded file "

# Consoles keep the width that they find at first; a test that needs one sets it.
os.environ.pop("COLUMNS", None)

# The same examples in each run, however slow the machine; `explore` looks for others.
SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example)
examples.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=SLOW)
examples.register_profile("explore", deadline=None, max_examples=1_000, suppress_health_check=SLOW)
examples.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keeps the tests that start Spark in two processes, where several share the tests."""
    if _starts_spark(item):
        of_rooms = "spark" if "tests/spark/" in item.nodeid else "spark elsewhere"
        item.add_marker(pytest.mark.xdist_group(of_rooms))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that start Spark last: where a session runs, others would use it too."""
    items.sort(key=_starts_spark)


def _starts_spark(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("spark", "deequ", "cluster"))


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where other tests left a session, Deequ would compute the baselines, and suggest more."""
    monkeypatch.setattr("driftkit.compute.choice.spark_is_there", lambda: False)


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Path]:
    """Gives the path of a file that the real containers wrote.

    Where there is none the test is skipped, or fails if CI=true: there a parity test that did not
    run must not look like one that passed.
    """

    def path(relative: str) -> Path:
        file = GOLDEN / relative
        if not file.exists():
            absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            absent(f"{ABSENT}{relative}")
        return file

    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says in one line how many tests against recorded files were skipped, and why."""
    skipped = [
        report
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and ABSENT in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} parity tests were skipped: they compare with files that the AWS "
            f"containers wrote, which are not in {'/'.join(GOLDEN.parts[-2:])} beside this folder"
        )
