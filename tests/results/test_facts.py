"""The identity of a run: the same for the same rows, baseline, settings and window, else another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import driftkit
from driftkit.results.facts import (
    Subject,
    about,
    facts_of,
    fingerprint,
    granularity_of,
    subject_of,
)

SUBJECT = Subject(
    model="churn",
    start=datetime(2026, 11, 1, tzinfo=UTC),
    end=datetime(2026, 11, 2, tzinfo=UTC),
    granularity="1 day",
)
UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
ROWS = pd.DataFrame({"age": [30.0, 40.0, 50.0] * 40, "city": ["Bonn", "Ulm", "Ulm"] * 40})


def report(rows: pd.DataFrame = ROWS, normal: pd.DataFrame = ROWS) -> Any:
    return driftkit.data_quality.monitor(rows, normal)


def test_the_same_run_made_again_has_the_same_id() -> None:
    first = facts_of(report(), SUBJECT, settings={"a": 1, "b": 2})
    again = facts_of(report(), SUBJECT, settings={"b": 2, "a": 1})

    assert first.run_id == again.run_id
    assert len(first.run_id) == 32


def test_facts_of_another_subject_are_those_that_are_made_of_it() -> None:
    found, now = report(), datetime(2026, 11, 3, tzinfo=UTC)
    first = facts_of(found, Subject(model=""), settings={"a": 1})

    again = about(first, SUBJECT, evaluated_at=now, uris=("folder", None))

    uris = ("folder", None)
    assert again == facts_of(found, SUBJECT, settings={"a": 1}, evaluated_at=now, uris=uris)


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": replace(SUBJECT, variant="b")},
        {"subject": replace(SUBJECT, end=datetime(2026, 11, 3, tzinfo=UTC))},
        {"settings": {"dialect": "aws"}},
        {"report": report(ROWS.assign(age=ROWS["age"] + 1))},
        {"report": report(normal=ROWS.assign(age=ROWS["age"] + 1))},
    ],
)
def test_another_run_has_another_id(changed: dict[str, Any]) -> None:
    given = {"report": report(), "subject": SUBJECT, **changed}

    other = facts_of(given["report"], given["subject"], settings=given.get("settings"))

    assert other.run_id != facts_of(report(), SUBJECT).run_id


def test_when_quality_was_evaluated_is_no_part_of_the_id() -> None:
    labelled = pd.DataFrame({"label": [1, 0] * 60, "prediction": [1, 0, 0] * 40})
    settings: dict[str, Any] = {
        "problem_type": "BinaryClassification",
        "ground_truth_attribute": "label",
        "inference_attribute": "prediction",
    }
    normal = driftkit.model_quality.baseline(labelled, **settings)
    first = driftkit.model_quality.monitor(labelled, normal, **settings)
    later = replace(
        first, statistics=replace(first.statistics, evaluation_time="2030-01-01T00:00:00Z")
    )

    assert facts_of(first, SUBJECT).run_id == facts_of(later, SUBJECT).run_id


def test_facts_say_what_was_found() -> None:
    found = facts_of(report(ROWS.assign(age=ROWS["age"] + 100)), SUBJECT)

    assert (found.monitor, found.status, found.rows) == ("data_quality", "violated", 120)
    assert {each.feature for each in found.findings} == {"age"}
    assert facts_of(report(), SUBJECT).status == "ok"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=7), "7 days"),
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(seconds=0.5), "0.5 seconds"),
    ],
)
def test_lengths_of_windows_are_in_words(length: timedelta, said: str) -> None:
    assert granularity_of(length) == said


@given(st.timedeltas(timedelta(microseconds=1), timedelta(days=3650)))
def test_the_words_for_a_length_are_the_length(length: timedelta) -> None:
    count, unit = granularity_of(length).split(" ")

    of = UNITS[unit.removesuffix("s")]
    assert round(float(count) * (of // timedelta(microseconds=1))) == length // timedelta(
        microseconds=1
    )
    assert (unit[-1] == "s") == (count != "1")
    assert [each for each in UNITS.values() if each > of and not length % each] == []


def test_a_window_is_the_one_that_was_asked_for_or_that_kept_states_know() -> None:
    asked = {"start": SUBJECT.start, "end": SUBJECT.end}
    found = report()
    in_window = replace(found, run=replace(found.run, **asked))
    of_states = replace(found, states=SimpleNamespace(windows=[SimpleNamespace(**asked)]))

    assert subject_of(in_window, "churn") == SUBJECT
    assert subject_of(of_states, "churn") == SUBJECT
    assert subject_of(found, "churn").granularity == "snapshot"


def test_a_violation_has_one_fingerprint_in_all_windows() -> None:
    first, later = (facts_of(report(ROWS.assign(age=ROWS["age"] + by)), SUBJECT) for by in (90, 99))

    prints = [fingerprint(each, each.findings[0]) for each in (first, later)]

    assert prints[0] == prints[1]
    other = replace(first, subject=replace(SUBJECT, variant="b"))
    assert fingerprint(other, first.findings[0]) != prints[0]
