"""How large pages are, and what of many columns and violations they show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.results.windows import window_of
from tests.report.browser import CHROMIUM, looked_at
from tests.report.pages import parsed
from tests.report.test_browser import FIRST_SCREEN
from tests.report.test_page import frame

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.data_quality.monitor import MonitoringResult


def test_a_page_of_fifty_columns_and_thirty_windows_before_is_small() -> None:
    normal = driftkit.data_quality.baseline(frame(1000, 50, 0))
    random = np.random.default_rng(0)
    reports = []
    for at in range(31):
        window = frame(500, 50, at)
        window[[f"feature_{each}" for each in range(50)]] += random.normal(0, 0.1, 50)
        reports.append(driftkit.data_quality.monitor(window, normal))
    past = [window_of(each, f"2026-11-{at + 1:02d}") for at, each in enumerate(reports[:-1])]

    page = reports[-1].report(past)

    assert page.html.count("<use") == 152
    assert len(page.html.encode()) < 150_000


def test_a_page_of_two_thousand_columns_draws_the_worst_and_keeps_the_others_as_data() -> None:
    window = frame(60, 2000, 1)
    window["feature_1999"] += 9.0

    page = driftkit.data_quality.monitor(window, frame(60, 2000, 0)).report()

    assert len(page.html) < 600_000
    found = parsed(page.html)
    assert "feature_1999" in found.text.split("About")[0]
    rows = json.loads(found.scripts[0])
    lines = page.contents["features.csv"].splitlines()
    assert len(lines) == 2002
    assert f"{len(rows):,} more columns are drawn by a script" in found.text
    assert len(rows) + found.tags.count("details") >= 2001


def test_formulas_in_names_are_quoted_in_the_file_for_spreadsheets() -> None:
    columns = {f"=c{at}": np.arange(20.0) for at in range(301)}

    page = driftkit.data_quality.monitor(pd.DataFrame(columns), pd.DataFrame(columns)).report()

    assert page.contents["features.csv"].splitlines()[1].startswith("'=c")


def many_violations() -> MonitoringResult:
    """Five of each of two thousand columns."""
    report: MonitoringResult = driftkit.data_quality.monitor(
        frame(60, 2000, 1).assign(feature_0=9.0), frame(60, 2000, 0)
    )
    one = next(each for each in report.found if each.feature == "feature_0")
    found = [
        replace(one, feature=f"feature_{at}", message=str(check), severity=0.5 + at / 5000)
        for at in range(2000)
        for check in range(5)
    ]
    return replace(report, found=tuple(found), drift=None)


def test_ten_thousand_violations_are_counted_not_listed() -> None:
    page = many_violations().report()

    found = parsed(page.html)
    assert len(page.html) < 500_000
    assert "\u25b2 VIOLATED 10,000 violations of 2,000 features" in found.text
    assert "more in constraint_violations.json" in found.text
    later = json.loads(found.scripts[0])
    assert sum(row[6:] == [1] for row in later) == len(later) - 1


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_ten_thousand_violations_leave_the_first_screen_as_it_is(tmp_path: Path) -> None:
    seen = looked_at(many_violations().report().html, FIRST_SCREEN, tmp_path)

    assert seen["errors"] == []
    assert all(bottom <= 720 for _, bottom in seen["first"])
    said = " ".join(text for text, _ in seen["first"])
    assert said.count("feature_1999") == 2  # in the header, and in its line
    assert said.count(": expected distance at most") >= 3
