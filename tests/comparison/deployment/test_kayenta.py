"""Kayenta's judge against the expectations of its own unit tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from driftkit.comparison.deployment.kayenta import (
    IDENTICAL,
    MetricResult,
    Rule,
    Thresholds,
    classify,
    effect_size,
    shift_interval,
)
from driftkit.comparison.deployment.kayenta_scores import WITHOUT_DATA, Scored, summarise
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RAMP = np.arange(10.0, 40.0)
# Arrays that users reported: errors a minute of a control without any, and of its canary.
REPORTED = (
    ([0] * 10, [0, 0.048, 0, 0.18, 0.089, 0, 0.098, 0.035, 0, 0]),
    ([0] * 25, [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
)


@pytest.fixture
def recorded(golden: Callable[[str], Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(golden("deployment/kayenta/judge.json").read_text())
    return found


def rule_of(said: dict[str, Any]) -> Rule:
    def thresholds(key: str) -> Thresholds:
        return Thresholds(decrease=said[key][0], increase=said[key][1])

    return Rule(
        direction=said["direction"].lower(),
        replaces_nan=said["nan"] == "Replace",
        critical=said["critical"],
        must_have_data=said["required"],
        measure=said["measure"],
        allowed=thresholds("effect_thresholds"),
        critical_effect=thresholds("critical_thresholds"),
        tolerance=said["tolerance"],
        confidence=said["conf"],
    )


@pytest.mark.parametrize("number", range(33))
def test_metrics_are_classified_as_kayenta_does(recorded: dict[str, Any], number: int) -> None:
    row = recorded["classifier"][number]
    control, experiment = (np.array(row[key], dtype=float) for key in ("control", "experiment"))

    found = classify(row["name"], control, experiment, rule_of(row["params"]))

    assert found.classification == row["expected"]["classification"]
    if row["expected"]["critical"] is not None:
        assert found.critical == row["expected"]["critical"]


@pytest.mark.parametrize("number", range(4))
def test_intervals_are_kayentas_to_where_its_root_finder_stops(
    recorded: dict[str, Any], number: int
) -> None:
    row = recorded["mann_whitney"][number]

    found = shift_interval(np.array(row["x"]), np.array(row["y"]), row["confidence"])

    expected = [row["expected"][key] for key in ("rCiLow", "rCiHigh", "rEst")]
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("number", range(2))
def test_a_control_without_errors_passes_and_is_told(number: int) -> None:
    control, experiment = (np.array(each, dtype=np.float64) for each in REPORTED[number])

    found = classify("errors", control, experiment, Rule(direction="increase", replaces_nan=True))

    assert found.classification == "Pass"
    assert found.blind


@pytest.mark.parametrize("seed", range(12))
def test_the_lower_end_is_where_a_one_sided_test_turns(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    x, y = drawn.normal(1, 2, 12 + seed).round(2), drawn.exponential(1, 25 - seed).round(2)

    low, high, _ = shift_interval(x, y, 0.95)

    # Swapped sides turn the interval round, so that one end stands for both.
    assert shift_interval(y, x, 0.95)[:2] == pytest.approx((-high, -low), abs=1e-9)
    for shift, significant in ((low - 1e-6, True), (low + 1e-6, False)):
        found = mannwhitneyu(x - shift, y, alternative="greater", method="asymptotic")
        assert bool(found.pvalue < 0.025) is significant


@given(st.lists(st.integers(0, 5), min_size=2, max_size=20), st.integers(0, 1_000))
def test_the_common_language_effect_is_the_share_of_wins(values: list[int], seed: int) -> None:
    after = np.array(values, dtype=np.float64)
    before = np.random.default_rng(seed).integers(0, 6, size=7).astype(np.float64)

    found = effect_size(before, after, "cles")

    wins = (after[:, None] > before).mean() + 0.5 * (after[:, None] == before).mean()
    assert found == pytest.approx(wins, abs=1e-12)


def test_sides_swapped_are_the_other_way_round() -> None:
    rule = Rule()

    assert classify("m", RAMP, RAMP + 20, rule).classification == "High"
    assert classify("m", RAMP + 20, RAMP, rule).classification == "Low"


@pytest.mark.parametrize(
    ("experiment", "rule", "reason"),
    [
        (RAMP + 20, Rule(), "m was classified as High"),
        (RAMP + 20, Rule(critical=True), "The metric m was classified as High (Critical)"),
        (RAMP - 20, Rule(), "m was classified as Low"),
        (RAMP, Rule(), IDENTICAL),
        (RAMP[::-1], Rule(), IDENTICAL),
        (np.array([]), Rule(), "Missing data for m"),
        (np.full(3, np.nan), Rule(critical=True), "Missing data for m"),
    ],
)
def test_reasons_are_kayentas_sentences(experiment: np.ndarray, rule: Rule, reason: str) -> None:
    assert classify("m", RAMP, experiment, rule).reason == reason


def test_a_metric_is_critical_by_its_effect_only() -> None:
    rule = Rule(critical=True, critical_effect=Thresholds(increase=3.0, decrease=0.2))

    found = classify("m", RAMP, RAMP + 20, rule)

    assert (found.classification, found.critical) == ("High", False)
    assert found.effect == pytest.approx((RAMP + 20).mean() / RAMP.mean())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(), ("Nodata", False)),
        (Rule(critical=True), ("Nodata", True)),
        (Rule(must_have_data=True), ("NodataFailMetric", False)),
        (Rule(must_have_data=True, critical=True), ("Nodata", True)),
        (Rule(replaces_nan=True), ("Pass", False)),
    ],
)
def test_missing_data_is_what_the_rule_says(rule: Rule, expected: tuple[str, bool]) -> None:
    found = classify("m", RAMP, np.array([]), rule)

    assert (found.classification, found.critical) == expected


def test_nan_is_removed_or_replaced() -> None:
    holed = np.concatenate([RAMP, np.full(60, np.nan)])

    assert classify("m", RAMP, holed, Rule()).reason == IDENTICAL
    assert classify("m", RAMP, holed, Rule(replaces_nan=True)).classification == "Low"


def test_outliers_are_removed_where_asked_for() -> None:
    wild = np.concatenate([np.tile(RAMP, 10), [1e6]])

    kept = classify("m", RAMP, wild, Rule())
    removed = classify("m", RAMP, wild, Rule(removes_outliers=True))

    assert kept.effect > 100
    assert removed.effect == pytest.approx(1.0)


def test_different_constants_are_told_apart_and_the_same_are_not() -> None:
    five = np.full(20, 5.0)

    assert classify("m", five, np.full(20, 7.0), Rule()).classification == "High"
    assert classify("m", five, np.full(13, 5.0), Rule()).classification == "Pass"


@pytest.mark.parametrize(
    ("control", "experiment", "message"),
    [
        ([1.0], [2.0], "cannot be classified by ranks"),
        ([0.0, 0.0, 0.0], [2.0], "cannot be classified by ranks"),
        ([1.0, 2.0, np.inf], [2.0, 3.0], "infinite"),
    ],
)
def test_what_cannot_be_ranked_is_an_error(
    control: list[float], experiment: list[float], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        classify("latency", np.array(control), np.array(experiment), Rule())

    assert caught.value.where == "metric latency"


def metrics(*said: tuple[str, str]) -> list[Scored]:
    return [
        Scored(
            name=f"m{number}",
            groups=group.split(),
            result=MetricResult(classification=word),  # type: ignore[arg-type]  # a word of a table
        )
        for number, (group, word) in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said", "weights", "score", "groups"),
    [
        ([("a", "Pass"), ("a", "High"), ("a", "Low")], {}, 33.33, {"a": 100 / 3}),
        ([("a", "Pass"), ("a", "Pass"), ("b", "Nodata")], {}, 100.0, {"a": 100.0, "b": 0.0}),
        ([("a", "Pass"), ("a", "NodataFailMetric")], {}, 50.0, {"a": 50.0}),
        ([("a", "Pass"), ("b", "High")], {"a": 80}, 80.0, {"a": 100.0, "b": 0.0}),
        ([("a", "Pass"), ("b", "High"), ("c", "Pass")], {"a": 40}, 70.0, None),
        ([("a b", "Pass"), ("b", "High")], {"a": 60, "b": 40}, 80.0, {"a": 100.0, "b": 50.0}),
    ],
)
def test_scores_are_weighted_sums_of_groups(
    said: list[tuple[str, str]],
    weights: dict[str, float],
    score: float,
    groups: dict[str, float] | None,
) -> None:
    found = summarise(metrics(*said), weights)

    assert found.score == score
    if groups is not None:
        assert found.groups == pytest.approx(groups)


@pytest.mark.parametrize(
    ("passed", "classification"), [(19, "Pass"), (16, "Marginal"), (15, "Marginal"), (14, "Fail")]
)
def test_scores_are_classified_by_thresholds(passed: int, classification: str) -> None:
    said = [("a", "Pass")] * passed + [("a", "High")] * (20 - passed)

    assert summarise(metrics(*said), {}).classification == classification


def test_a_critical_metric_fails_the_canary() -> None:
    result = classify("errors", RAMP, RAMP + 20, Rule(critical=True))
    failed = Scored(name="errors", groups=["a"], result=result)

    found = summarise([*metrics(*[("a", "Pass")] * 99), failed], {}, marginal_score=0)

    assert (found.score, found.classification) == (0.0, "Fail")
    assert found.reason == "Canary Failed: The metric errors was classified as High (Critical)"


def test_half_of_the_metrics_without_data_fail_the_canary() -> None:
    found = summarise(metrics(("a", "Pass"), ("a", "Nodata")), {})

    assert (found.score, found.reason) == (0.0, WITHOUT_DATA)
