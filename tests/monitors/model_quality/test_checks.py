"""Sentences, operators and noise of metrics that got worse."""

from __future__ import annotations

import math

import pytest

from driftkit.comparison.quality_intervals import Interval
from driftkit.errors import SettingsError
from driftkit.formats.model_quality.constraints import MetricConstraint, ModelConstraints
from driftkit.formats.model_quality.problems import GREATER, LESS, OPERATORS, Problem
from driftkit.formats.model_quality.statistics import Metric, ModelStatistics
from driftkit.monitors.model_quality.checks import Noise, check


def _window(problem: Problem, **metrics: Metric) -> ModelStatistics:
    return ModelStatistics(problem=problem, item_count=100, metrics=metrics)


def _bounds(problem: Problem, **thresholds: float) -> ModelConstraints:
    metrics = {
        name: MetricConstraint(threshold=value, comparison_operator=OPERATORS[problem][name])
        for name, value in thresholds.items()
    }
    return ModelConstraints(problem=problem, metrics=metrics)


@pytest.mark.parametrize(
    ("deviation", "sentence"),
    [
        (math.nan, "Metric mae with 2.5 was GreaterThanThreshold '2.0'"),
        (None, "Metric mae with 2.5 was GreaterThanThreshold '2.0'"),
        (1e-4, "Metric mae with 2.5 +/- 1.0E-4 was GreaterThanThreshold '2.0'"),
    ],
)
def test_the_sentence_has_a_deviation_where_there_is_one(
    deviation: float | None, sentence: str
) -> None:
    window = _window(Problem.REGRESSION, mae=Metric(value=2.5, standard_deviation=deviation))

    outcome = check(window, _bounds(Problem.REGRESSION, mae=2.0), dialect="aws")

    assert [violation.description for violation in outcome.violations] == [sentence]


@pytest.mark.parametrize("problem", Problem)
def test_every_metric_is_violated_in_its_own_direction(problem: Problem) -> None:
    operators = OPERATORS[problem]
    worse = {n: 0.4 if operator == LESS else 0.6 for n, operator in operators.items()}
    window = _window(problem, **{name: Metric(value=value) for name, value in worse.items()})
    bounds = _bounds(problem, **dict.fromkeys(operators, 0.5))

    violations = check(window, bounds, dialect="textbook").violations

    assert [each.constraint_check_type for each in violations] == list(operators.values())
    assert {GREATER, LESS} >= {each.constraint_check_type for each in violations}


@pytest.mark.parametrize("value", [0.5, 0.5 - 1e-15, 0.7, math.nan])
def test_what_equals_the_threshold_within_rounding_is_no_violation(value: float) -> None:
    window = _window(Problem.BINARY, auc=Metric(value=value))

    outcome = check(window, _bounds(Problem.BINARY, auc=0.5), dialect="aws")

    assert outcome.violations == ()


@pytest.mark.parametrize(("high", "beyond"), [(0.55, False), (0.48, True)])
def test_a_fall_within_noise_is_left_out_when_asked(high: float, *, beyond: bool) -> None:
    window = _window(Problem.BINARY, auc=Metric(value=0.45))
    noise = Noise(
        window={"auc": Interval(value=0.45, low=0.4, high=high)}, baseline={}, beyond_only={"auc"}
    )

    outcome = check(window, _bounds(Problem.BINARY, auc=0.5), dialect="textbook", noise=noise)

    assert bool(outcome.violations) is beyond
    assert outcome.judgements[0].beyond_noise is beyond


def test_without_an_interval_a_fall_is_reported_all_the_same() -> None:
    window = _window(Problem.BINARY, auc=Metric(value=0.45))
    noise = Noise(window={}, baseline={}, beyond_only={"auc"})

    outcome = check(window, _bounds(Problem.BINARY, auc=0.5), dialect="textbook", noise=noise)

    assert len(outcome.violations) == 1
    assert outcome.judgements[0].beyond_noise is None


def test_metrics_that_cannot_be_compared_are_named() -> None:
    window = _window(Problem.BINARY, recall=Metric(value=math.nan))
    bounds = _bounds(Problem.BINARY, recall=0.5, auc=0.5)

    outcome = check(window, bounds, dialect="aws")

    assert {each.check: each.reason for each in outcome.skipped} == {
        "recall": "it is not defined on the window's rows",
        "auc": "the window has no probabilities",
    }


def test_another_problem_is_refused() -> None:
    with pytest.raises(SettingsError, match="different problems"):
        check(_window(Problem.BINARY), _bounds(Problem.REGRESSION, mae=1.0), dialect="aws")
