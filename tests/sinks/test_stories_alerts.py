"""Columns that changed alike are one alert, which stays the same while they do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.report.terminal import show_report
from driftkit.results.facts import Subject, facts_of, fingerprint
from driftkit.results.verdicts import UNUSUAL
from driftkit.sinks.alerts import Silence
from driftkit.sinks.github import annotated
from driftkit.sinks.junit import junit
from driftkit.sinks.messages import line
from driftkit.sinks.reacting import active
from tests.sinks.windows import AT_ONCE, finding, play, states, window

if TYPE_CHECKING:
    from driftkit.results.contract import Finding


def story(*features: str) -> list[Finding]:
    return [finding(each, UNUSUAL, together=features) for each in features]


def test_columns_that_changed_alike_are_one_alert_whichever_of_them_comes_first() -> None:
    stories = [("a", "b", "c"), ("c", "a", "b"), ("b", "c"), ("c", "b", "d"), ()]

    events = play([window(i, *story(*each)) for i, each in enumerate(stories)], AT_ONCE)

    assert states(events) == ["firing", "ongoing", "ongoing", "ongoing", "resolved"]
    assert {(each.fingerprint, each.feature_name) for each in events} == {
        (fingerprint(window(0), finding("a", UNUSUAL)), "a")
    }
    assert events[0].observed == "a, b, c together: 0.4"
    assert events[3].observed == "c, b, d together: 0.4"
    assert line(events[0]).startswith("a and others unusual_check: firing.")


def test_what_fires_already_goes_on_and_nothing_more_is_told() -> None:
    alone = [finding("b", UNUSUAL), finding("c", UNUSUAL)]

    events = play([window(0, *alone), window(1, *story("a", "b", "c"))], AT_ONCE)

    assert [(each.feature_name, each.state) for each in events] == [
        (each.feature_name, state) for state in ("firing", "ongoing") for each in events[:2]
    ]


def test_the_part_that_an_alert_does_not_tell_of_is_another_one() -> None:
    first = story("a", "b", "c", "d")
    parts = [*story("b", "a", "c"), *story("d", "e")]

    events = play([window(0, *first), window(1, *parts)], AT_ONCE)

    told = {each.feature_name: each.state for each in events[1:]}
    assert told == {"a": "ongoing", "d": "firing"}


def test_one_column_that_is_left_is_an_alert_of_its_own() -> None:
    events = play([window(0, *story("a", "b")), window(1, finding("b", UNUSUAL))], AT_ONCE)

    assert {each.feature_name: each.state for each in events[1:]} == {
        "a": "resolved",
        "b": "firing",
    }


def test_a_silence_of_one_column_hides_no_other() -> None:
    quiet = replace(AT_ONCE, silences=(Silence(feature="a"),))
    runs = [window(0, finding("a", UNUSUAL)), window(1, *story("a", "b"))]

    events = play(runs, quiet)

    assert [(each.feature_name, each.state) for each in events] == [
        ("a", "silenced"),
        ("b", "firing"),
    ]


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    """Forty-one days of sixty columns."""
    rng = np.random.default_rng(3)
    names = [f"column{number:02}" for number in range(60)]
    rows = pd.DataFrame(rng.gamma(3, 1, (41 * 300, 60)), columns=names)
    rows["t"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(rows)) * 288, "s")
    return rows


@pytest.fixture(scope="module")
def normal(days: pd.DataFrame) -> driftkit.data_quality.Baseline:
    return driftkit.data_quality.baseline(days[:12_000], time_column="t")


def test_forty_columns_that_moved_together_are_told_once(
    days: pd.DataFrame, normal: driftkit.data_quality.Baseline, capsys: pytest.CaptureFixture[str]
) -> None:
    today = days[12_000:].copy()
    today.iloc[::2, :40] = None
    result = driftkit.data_quality.monitor(today, normal)
    facts = facts_of(result, Subject(model="churn"))

    (event,) = active(play([facts], AT_ONCE))

    assert event.observed.count("column") == 5
    assert "and 35 more together: unusual: nulls +50.0 points" in event.observed
    assert event.cause == "50.0% of the rows have no value, in the baseline 0.0%."
    assert len(event.together) == 40
    (suite,) = ET.fromstring(junit([facts]))  # noqa: S314  (it is our own)
    assert suite.get("failures") == "1"
    assert len(annotated([facts])) == 1
    show_report(result, ())
    shown = capsys.readouterr().out
    assert "and 39 more" in shown
    assert "No violations" not in shown
    # Each column keeps its own violation where SageMaker's users look.
    checks = [each.constraint_check_type for each in result.violations]
    assert checks == ["completeness_check"] * 40


def test_a_distance_stands_beside_the_verdict_of_its_column(
    days: pd.DataFrame, normal: driftkit.data_quality.Baseline
) -> None:
    today = days[12_000:].assign(column07=days.column07 + 5)

    (found,) = driftkit.data_quality.monitor(today, normal).findings

    assert found.check == UNUSUAL
    assert [each.check for each in found.also] == ["baseline_drift_check"]
    assert "; Model Monitor: expected distance at most 0.1, found distance " in found.observed
    assert (found.severity or 0) >= (found.also[0].severity or 1)


def test_a_severity_of_either_check_is_that_of_both(
    days: pd.DataFrame, normal: driftkit.data_quality.Baseline
) -> None:
    today = days[12_000:].assign(column07=days.column07 + 5)

    (found,) = driftkit.data_quality.monitor(
        today, normal, severity={"baseline_drift_check": "critical", "unusual_check": "warning"}
    ).findings

    assert found.level == "critical"


def test_a_column_that_leaves_the_others_is_told_of_already() -> None:
    stories = [story("a", "b", "c"), [*story("a", "b"), finding("c", UNUSUAL)], story("b", "c")]

    events = play([window(i, *each) for i, each in enumerate(stories)], AT_ONCE)

    assert [(each.feature_name, each.state) for each in events] == [
        ("a", state) for state in ("firing", "ongoing", "ongoing")
    ]


def test_columns_that_come_together_before_they_fired_are_one() -> None:
    alone = [finding(each, UNUSUAL) for each in ("a", "b", "c")]

    events = play([window(0, *alone), window(1, *story("b", "c", "a"))])

    told = [each for each in events if each.state == "firing"]
    assert len(told) == 1
    assert told[0].together == ("b", "c", "a")
