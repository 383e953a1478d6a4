"""The drift check: numbers, categories, methods, thresholds and dialects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from driftkit.comparison.chi_square import chi_square
from driftkit.comparison.linfinity import categorical_distance, numerical_distance
from driftkit.dialects import AWS, TEXTBOOK
from driftkit.formats.constraints import (
    Constraints,
    DistributionConstraints,
    FeatureConstraints,
    MonitoringConfig,
    Overrides,
)
from driftkit.formats.jackson import double
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

CHECK = "baseline_drift_check"
LOW = [float(x) / 10 for x in range(1000)]
HIGH = [x + 33.3 for x in LOW]
RED = {"red": 900, "blue": 80, "green": 20}
BLUE = {"red": 300, "blue": 680, "green": 20}


def comparing(type_: str = "Fractional", **distribution: Any) -> Constraints:
    config = MonitoringConfig(distribution=DistributionConstraints(**distribution))
    feature = FeatureConstraints(name="feature", inferred_type=type_)
    return constrained(feature, config=config)


@pytest.mark.parametrize("method", ["Robust", "Simple"])
@pytest.mark.parametrize("dialect", [AWS, TEXTBOOK], ids=lambda dialect: dialect.name)
def test_the_distance_is_in_the_sentence(method: str, dialect: Any) -> None:
    outcome = judged(
        numbers(HIGH), comparing(comparison_method=method), dialect, baseline=numbers(LOW)
    )

    distance = numerical_distance(
        [HIGH], [LOW], robust=method == "Robust", distinct_ranks=dialect.distinct_ranks
    )
    expected = f"Baseline drift distance: {double(distance)} exceeds threshold: 0.1"
    assert sentences(outcome, CHECK) == [expected]
    assert the_finding(outcome, CHECK).severity == distance


def test_a_distance_equal_to_the_threshold_does_not_exceed_it() -> None:
    distance = numerical_distance([HIGH], [LOW], robust=True, distinct_ranks=False)

    outcome = judged(
        numbers(HIGH), comparing(comparison_threshold=distance), TEXTBOOK, baseline=numbers(LOW)
    )

    assert outcome.violations == ()


def test_repeated_values_count_once_in_aws() -> None:
    few, many = [1.0, 2.0, 3.0, 4.0], [1.0] * 700 + [2.0, 3.0, 4.0] * 100
    window, baseline = numbers(many), numbers(few * 250)

    in_aws, in_textbook = (
        judged(window, expecting(), dialect, baseline=baseline) for dialect in (AWS, TEXTBOOK)
    )

    assert sentences(in_aws, CHECK) == []
    assert len(sentences(in_textbook, CHECK)) == 1


@pytest.mark.parametrize(("dialect", "drifted"), [(AWS, 0), (TEXTBOOK, 1)])
def test_numbers_of_another_type_are_compared_in_textbook(dialect: Any, drifted: int) -> None:
    whole = numbers([float(x + 400) for x in range(1000)], type_="Integral")

    outcome = judged(whole, expecting("Fractional"), dialect, baseline=numbers(LOW))

    assert len(sentences(outcome, CHECK)) == drifted


@pytest.mark.parametrize("dialect", [AWS, TEXTBOOK], ids=lambda dialect: dialect.name)
def test_numbers_are_not_compared_with_strings(dialect: Any) -> None:
    outcome = judged(strings(RED), expecting(), dialect, baseline=numbers(LOW))

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


def test_a_window_without_values_has_no_distance() -> None:
    outcome = judged(nothing(), expecting(), TEXTBOOK, baseline=numbers(LOW))

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


def test_without_baseline_statistics_drift_is_not_made_at_all() -> None:
    outcome = judged(numbers(LOW), expecting(), AWS)

    (answer,) = skipped(outcome, CHECK)
    assert answer.feature is None
    assert "no statistics.json" in answer.reason


def test_a_feature_that_the_baseline_statistics_lack_is_not_made() -> None:
    outcome = judged(numbers(LOW), expecting(), AWS, baseline=numbers(LOW, name="other"))

    (answer,) = skipped(outcome, CHECK)
    assert answer.feature == "feature"
    assert "no feature 'feature'" in answer.reason


@pytest.mark.parametrize(("window", "baseline"), [(LOW, []), ([], LOW)])
def test_without_a_sketch_drift_is_not_made(window: list[float], baseline: list[float]) -> None:
    present = numbers(window, missing=5) if window else without_sketch()

    outcome = judged(present, expecting(), AWS, baseline=numbers(baseline))

    (answer,) = skipped(outcome, CHECK)
    assert answer.feature == "feature"
    assert "no sketch" in answer.reason


def without_sketch() -> Any:
    feature = numbers(LOW)
    assert feature.numerical is not None
    return replace(feature, numerical=replace(feature.numerical, kll=None))


@pytest.mark.parametrize("baseline", [numbers(LOW), None])
def test_comparison_can_be_switched_off(baseline: Any) -> None:
    outcome = judged(numbers(HIGH), comparing(perform_comparison=False), AWS, baseline=baseline)

    assert outcome.violations == ()
    assert skipped(outcome, CHECK) == []


def test_a_feature_may_have_its_own_threshold() -> None:
    own = Overrides(distribution={"comparison_threshold": 0.99})
    feature = FeatureConstraints(name="feature", inferred_type="Fractional", overrides=own)

    outcome = judged(numbers(HIGH), constrained(feature), AWS, baseline=numbers(LOW))

    assert outcome.violations == ()


@pytest.mark.parametrize("method", ["Robust", "Simple"])
def test_shares_of_categories_are_compared(method: str) -> None:
    constraints = comparing(
        "String", comparison_method=method, categorical_drift_method="LInfinity"
    )

    outcome = judged(strings(BLUE), constraints, AWS, baseline=strings(RED))

    distance = categorical_distance(BLUE, RED, robust=method == "Robust")
    expected = f"Baseline drift distance: {double(distance)} exceeds threshold: 0.1"
    assert sentences(outcome, CHECK) == [expected]


@pytest.mark.parametrize(
    ("dialect", "settings", "drifted"),
    [
        (AWS, {}, 0),
        (AWS, {"categorical_comparison_threshold": 0.1}, 1),
        (TEXTBOOK, {}, 1),
        (TEXTBOOK, {"categorical_comparison_threshold": 0.9}, 0),
        (TEXTBOOK, {"comparison_threshold": 0.9}, 0),
    ],
)
def test_when_categories_are_compared(dialect: Any, settings: dict[str, Any], drifted: int) -> None:
    outcome = judged(strings(BLUE), comparing("String", **settings), dialect, baseline=strings(RED))

    assert len(sentences(outcome, CHECK)) == drifted


@pytest.mark.parametrize("method", ["Robust", "Simple"])
def test_chi_square_prints_what_it_compares(method: str) -> None:
    constraints = comparing(
        "String", comparison_method=method, categorical_drift_method="ChiSquared"
    )

    outcome = judged(strings(BLUE), constraints, AWS, baseline=strings(RED))

    result = chi_square(BLUE, RED, robust=method == "Robust")
    expected = f"Baseline drift distance: {double(result)} exceeds threshold: 0.1"
    assert sentences(outcome, CHECK) == [expected]
    assert the_finding(outcome, CHECK).severity == pytest.approx(0.6)


def test_chi_square_of_the_same_shares_is_no_drift() -> None:
    constraints = comparing("String", categorical_drift_method="ChiSquared")

    outcome = judged(strings(RED), constraints, AWS, baseline=strings(RED))

    assert outcome.violations == ()


def test_chi_square_of_too_few_rows_is_not_made() -> None:
    constraints = comparing("String", categorical_drift_method="ChiSquared")

    outcome = judged(strings({"red": 5}), constraints, AWS, baseline=strings(RED))

    assert [each.feature for each in skipped(outcome, CHECK)] == ["feature"]


@pytest.mark.parametrize(("listed_before", "answers"), [(True, 1), (False, 0)])
def test_categories_that_are_too_many_are_not_compared(
    *, listed_before: bool, answers: int
) -> None:
    window, baseline = strings(BLUE, listed=False), strings(RED, listed=listed_before)

    outcome = judged(window, expecting("String"), TEXTBOOK, baseline=baseline)

    assert len(skipped(outcome, CHECK)) == answers


def test_the_cause_says_where_numbers_went() -> None:
    window = numbers([x * x for x in LOW])

    finding = the_finding(judged(window, expecting(), AWS, baseline=numbers(LOW)), CHECK)

    assert "of the values are at most 99.9, in the baseline 100.0%" in finding.cause
    assert "the median went from 49.9 to" in finding.cause


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (60.0, "multiplied by about 60, as from hours to minutes or from minutes to seconds"),
        (1 / 60, "divided by about 60"),
        (7.5, "multiplied by about 7.5;"),
    ],
)
def test_the_cause_recognises_other_units(factor: float, words: str) -> None:
    window = numbers([x * factor for x in LOW])

    finding = the_finding(judged(window, expecting(), AWS, baseline=numbers(LOW)), CHECK)

    assert f"Values look {words}" in finding.cause


def test_the_cause_says_which_shares_moved() -> None:
    outcome = judged(strings(BLUE), expecting("String"), TEXTBOOK, baseline=strings(RED))

    cause = the_finding(outcome, CHECK).cause
    assert cause == "Shares moved most: 'blue' from 8.0% to 68.0%, 'red' from 90.0% to 30.0%."
