"""The completeness check."""

from __future__ import annotations

import pytest

from driftkit.dialects import AWS
from tests.monitors.data_quality.checks.windows import (
    expecting,
    judged,
    nothing,
    numbers,
    sentences,
    strings,
    the_finding,
)

CHECK = "completeness_check"


def test_fewer_values_than_in_the_baseline_violate() -> None:
    window = numbers([1.5] * 91, missing=2)

    outcome = judged(window, expecting(completeness=1.0), AWS, baseline=numbers([1.5] * 300))

    (sentence,) = sentences(outcome, CHECK)
    assert sentence == (
        "Data completeness requirement is not met. Expected: 100.0%. "
        "Observed: Only 97.84946236559139%."
    )
    finding = the_finding(outcome, CHECK)
    assert finding.cause == "2 of 93 rows have no value; in the baseline 0 of 300."
    assert finding.severity == pytest.approx(2 / 93)


@pytest.mark.parametrize("expected", [91 / 93, 0.5, 0.0, None])
def test_as_many_values_or_more_are_normal(expected: float | None) -> None:
    window = strings({"a": 91}, missing=2)

    assert sentences(judged(window, expecting("String", completeness=expected), AWS), CHECK) == []


def test_the_expectation_is_printed_as_java_does() -> None:
    outcome = judged(nothing(), expecting(completeness=4.5e-6), AWS)

    assert sentences(outcome, CHECK) == [
        "Data completeness requirement is not met. Expected: 4.5E-4%. Observed: Only 0.0%."
    ]


def test_an_empty_column_is_said_to_be_empty() -> None:
    outcome = judged(nothing(), expecting(completeness=1.0), AWS)

    assert the_finding(outcome, CHECK).cause == "None of the 100 rows has a value."
