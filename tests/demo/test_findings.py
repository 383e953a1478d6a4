"""The demo's summary says what the files say, and its verdict is strict."""

from __future__ import annotations

import pytest

from baselines.flights.damage import DAMAGES
from baselines.flights.findings import Month, mistakes, phrase
from driftkit.formats.violations import Violation

_PLANTED = {(fault.feature, fault.check): "" for fault in DAMAGES}
_SEASON = {("temperature", "baseline_drift_check"): ""}


def _month(named: dict[tuple[str, str], str]) -> Month:
    return Month(label="October", requests=1, named=named)


@pytest.mark.parametrize(
    ("check", "description", "expected"),
    [
        (
            "baseline_drift_check",
            "Baseline drift distance: 0.2654387312522783 exceeds threshold: 0.1",
            "x: drift 0.27",
        ),
        (
            "completeness_check",
            (
                "Data completeness requirement is not met. Expected: 100.0%. "
                "Observed: Only 97.84946236559139%."
            ),
            "x: 97.8% present",
        ),
        (
            "categorical_values_check",
            (
                "Categorical value match requirement is not met. Expected match: 100.0%. "
                "Observed: 50.0% of the values match the known values."
            ),
            "x: 50.00% known values",
        ),
        (
            "data_type_check",
            (
                "Data type match requirement is not met. Expected data type: Integral, "
                "Expected match: 100.0%. Observed: Only 99.7% of data is Integral."
            ),
            "x: 99.7% of its type",
        ),
        ("missing_column_check", "There are missing columns.", "x: There are missing columns."),
    ],
)
def test_a_violation_in_a_few_words(check: str, description: str, expected: str) -> None:
    violation = Violation(feature_name="x", constraint_check_type=check, description=description)

    assert phrase(violation) == expected


def test_exactly_the_damage_beside_the_season_is_no_mistake() -> None:
    assert mistakes(flown=_month(_SEASON), damaged=_month(_SEASON | _PLANTED)) == ()


@pytest.mark.parametrize("left_out", sorted(_PLANTED))
def test_a_missed_damage_is_a_mistake(left_out: tuple[str, str]) -> None:
    named = {finding: "" for finding in _PLANTED if finding != left_out}

    (sentence,) = mistakes(flown=_month(_SEASON), damaged=_month(_SEASON | named))

    assert left_out[0] in sentence


def test_naming_what_is_not_damaged_is_a_mistake() -> None:
    named = _PLANTED | {("weekday", "baseline_drift_check"): ""}

    (sentence,) = mistakes(flown=_month({}), damaged=_month(named))

    assert "weekday" in sentence


def test_a_damage_that_undamaged_data_show_too_proves_nothing() -> None:
    planted = DAMAGES[0]
    flown = _month({(planted.feature, planted.check): ""})

    (sentence,) = mistakes(flown=flown, damaged=_month(_PLANTED))

    assert planted.feature in sentence
