"""`driftkit report`, and the page that `monitor` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.report.pages import parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


@pytest.fixture
def runs(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> list[Path]:
    random = np.random.default_rng(0)
    pd.DataFrame({"age": random.normal(40, 5, 500)}).to_csv(tmp_path / "t.csv", index=False)
    driftkit_command("data-quality", "baseline", tmp_path / "t.csv", "-o", tmp_path / "base")
    for day, shift in enumerate((0, 9)):
        window = pd.DataFrame({"age": random.normal(40 + shift, 5, 300)})
        window.to_csv(tmp_path / f"{day}.csv", index=False)
        driftkit_command(
            *("data-quality", "monitor", tmp_path / f"{day}.csv"),
            *("-b", tmp_path / "base", "-o", tmp_path / f"day-{day}"),
        )
    return [tmp_path / "day-0", tmp_path / "day-1"]


def test_a_page_of_folders_has_their_history(
    tmp_path: Path, runs: list[Path], driftkit_command: Callable[..., Ended]
) -> None:
    ended = driftkit_command(
        "report", *runs, "-b", tmp_path / "base", "-o", tmp_path / "page.html", "--title", "churn"
    )

    assert ended.code == 0
    page = parsed((tmp_path / "page.html").read_text())
    assert "churn" in page.text
    assert "New in this window: the one before was OK." in page.text
    assert "1 of the last 2 windows have violations" in page.text


def test_how_serious_violations_are_may_be_said_of_files_too(
    tmp_path: Path, runs: list[Path], driftkit_command: Callable[..., Ended]
) -> None:
    said = ((), ("--severity", "baseline_drift*=critical"), ("--severity", "a=b"))

    ends = [
        driftkit_command("report", runs[1], "-o", tmp_path / f"{at}.html", *each)
        for at, each in enumerate(said)
    ]

    plain, graded = (parsed((tmp_path / f"{at}.html").read_text()).text for at in (0, 1))
    # The distance stands beside the verdict of drift.
    assert "different (critical)" in graded
    assert graded.replace(" (critical)", "") == plain
    assert [each.code for each in ends] == [0, 0, 1]
    assert "critical" in ends[-1].err


def test_a_page_is_written_beside_the_files_unless_it_is_not_wanted(
    tmp_path: Path, runs: list[Path], driftkit_command: Callable[..., Ended]
) -> None:
    assert (runs[1] / "report.html").exists()

    driftkit_command(
        *("data-quality", "monitor", tmp_path / "0.csv", "-b", tmp_path / "base"),
        *("-o", runs[1], "--no-report"),
    )

    assert not (runs[1] / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no report"),
        (("day-1", "-o", "page.pdf"), "ends in .html"),
    ],
)
def test_what_is_no_report_is_an_error(
    tmp_path: Path,
    runs: list[Path],
    driftkit_command: Callable[..., Ended],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    ended = driftkit_command("report", tmp_path / arguments[0], *arguments[1:])

    assert len(runs) == 2
    assert ended.code == 1
    assert said in ended.err
