"""Of features that are not ordinary it is kept how far they were day by day, beside ordinary days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import driftkit
from tests.monitors.data_quality.drift.days import rows_of, several

if TYPE_CHECKING:
    from driftkit.formats.drift import Verdict
    from driftkit.monitors.data_quality.results import MonitoringResult


@pytest.fixture(scope="module")
def third_day() -> MonitoringResult:
    """The third day on which numbers are higher by a standard deviation."""
    baseline = driftkit.data_quality.baseline(several(range(60)), time_column="t")
    before: list[MonitoringResult] = []
    for day in (60, 61, 62):
        rows = rows_of(day, shift=1.0)
        before.append(driftkit.data_quality.monitor(rows, baseline, history=list(before)))
    return before[-1]


def verdict(result: MonitoringResult, feature: str) -> Verdict:
    assert result.drift is not None
    return next(each for each in result.drift.features if each.feature == feature)


def test_days_that_were_told_are_among_them(third_day: MonitoringResult) -> None:
    test = verdict(third_day, "number").unusual

    assert test is not None
    assert test.course is not None
    course = test.course
    assert len(course.blocks) == len(course.effects) == 60
    assert course.blocks[-3:] == ("2026-03-02", "2026-03-03", "2026-03-04")
    assert min(course.effects[-3:]) > course.upper
    # All others are the reference's.
    assert max(course.effects[:-3]) <= course.upper
    assert min(course.effects[:-3]) >= course.lower
    assert test.largest == pytest.approx(max(course.upper, -course.lower))


def test_what_is_ordinary_has_none(third_day: MonitoringResult) -> None:
    test = verdict(third_day, "kind").unusual

    assert test is not None
    assert not test.significant
    assert test.course is None


def test_the_page_draws_them(third_day: MonitoringResult) -> None:
    page = third_day.report().html

    assert page.count("the band is how far the reference") == 1
    assert "2026-03-04" in page


def test_the_surest_are_drawn_where_there_are_many() -> None:
    wide = [several(range(40), rows=100), rows_of(40, rows=100, shift=3.0)]
    for rows in wide:
        for number in range(30):
            rows[f"n{number}"] = rows.number
    baseline = driftkit.data_quality.baseline(wide[0], time_column="t")

    found = driftkit.data_quality.monitor(wide[1], baseline)

    assert found.drift is not None
    tests = [each.unusual for each in found.drift.features if each.verdict == "unusual"]
    assert len(tests) == 31
    assert sum(each is not None and each.course is not None for each in tests) == 25
