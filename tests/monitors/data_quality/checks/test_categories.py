"""The check of categorical values, with counts and from files alone."""

from __future__ import annotations

import pytest

from driftkit.dialects import AWS, TEXTBOOK
from driftkit.formats.constraints import FeatureConstraints, MonitoringConfig, Overrides
from tests.monitors.data_quality.checks.windows import (
    constrained,
    expecting,
    judged,
    nothing,
    numbers,
    sentences,
    skipped,
    strings,
    the_finding,
)

CHECK = "categorical_values_check"
KNOWN = ("JFK", "LGA")


def test_values_that_are_not_known_violate() -> None:
    window = strings({"JFK": 1, "EWR": 1})

    outcome = judged(window, expecting("String", domains=KNOWN), AWS)

    (sentence,) = sentences(outcome, CHECK)
    assert sentence == (
        "Categorical value match requirement is not met. Expected match: 100.0%. "
        "Observed: 50.0% of the values match the known values."
    )
    assert the_finding(outcome, CHECK).cause == "New value: 'EWR' (50.0%)."
    assert the_finding(outcome, CHECK).severity == 0.5


@pytest.mark.parametrize("domains", [KNOWN, (), None])
def test_known_values_are_normal(domains: tuple[str, ...] | None) -> None:
    window = strings({"JFK": 10}, missing=5)

    outcome = judged(window, expecting("String", domains=domains), TEXTBOOK)

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


def test_values_counted_in_the_data_are_enough() -> None:
    window = strings({"JFK": 700, "x": 300}, listed=False)

    outcome = judged(window, expecting("String", domains=KNOWN), AWS, values={"JFK": 700})

    assert "Observed: 70.0% of the values" in sentences(outcome, CHECK)[0]
    cause = the_finding(outcome, CHECK).cause
    assert cause == "300 of 1,000 values are none of the 2 known values."


@pytest.mark.parametrize(
    "window", [strings({"JFK": 10}, listed=False), numbers([1.0], type_="Integral")]
)
def test_files_that_list_no_values_do_not_answer(window: object) -> None:
    outcome = judged(window, expecting("String", domains=KNOWN), AWS)  # type: ignore[arg-type]

    assert sentences(outcome, CHECK) == []
    assert "does not list the values" in skipped(outcome, CHECK)[0].reason


def test_a_window_without_values_has_no_unknown_ones() -> None:
    outcome = judged(nothing(), expecting("String", domains=KNOWN), AWS)

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


@pytest.mark.parametrize(("threshold", "violated"), [(0.75, False), (0.8, True)])
def test_a_feature_may_have_its_own_threshold(threshold: float, *, violated: bool) -> None:
    own = Overrides(values={"domain_content_threshold": threshold})
    feature = FeatureConstraints(
        name="feature", inferred_type="String", domains=KNOWN, overrides=own
    )
    lenient = MonitoringConfig(domain_content_threshold=0.0)

    outcome = judged(strings({"JFK": 3, "EWR": 1}), constrained(feature, config=lenient), TEXTBOOK)

    assert bool(sentences(outcome, CHECK)) is violated


def test_the_cause_lists_new_values_and_other_spellings() -> None:
    window = strings({"jfk ": 1, "EWR": 5, "JFK": 94})

    outcome = judged(window, expecting("String", domains=KNOWN), AWS)

    assert the_finding(outcome, CHECK).cause == (
        "New values: 'EWR' (5.0%), 'jfk ' (1.0%). Written differently: 'jfk ' for 'JFK'."
    )
