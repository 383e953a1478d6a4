"""Calibrated scores, the metrics expected of them, and how sure these are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from driftkit.comparison.estimation.calibrator import TENTHS, Calibrator
from driftkit.comparison.estimation.days import OddsOff, odds_of
from driftkit.comparison.estimation.outcomes import (
    AUC,
    THRESHOLD_METRICS,
    Outcomes,
    Slopes,
    macro,
)
from driftkit.comparison.estimation.uncertainty import sampling_variances
from driftkit.comparison.probabilities import digamma

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats

_COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30)


def calibrator_of(counts: list[tuple[int, int]]) -> Calibrator:
    """One of positives and negatives of evenly spaced scores."""
    known = np.array([each for each in counts if sum(each)] or [(1, 1)], dtype=float)
    scores = np.linspace(0.1, 0.9, len(known))
    return Calibrator(scores=scores, positives=known[:, 0], rows=known.sum(axis=1))


def drawn(rng: np.random.Generator, cells: int = 12) -> Outcomes:
    """Some rows in each cell."""
    tp, fp, fn, tn = rng.integers(1, 40, (4, cells)).astype(float)
    return Outcomes(true_positives=tp, false_positives=fp, false_negatives=fn, true_negatives=tn)


def test_digamma_is_scipys() -> None:
    values = np.concatenate([np.geomspace(1e-3, 1e8, 200), [1.0, 7.99, 8.0]])

    assert digamma(values) == pytest.approx(special.digamma(values), rel=1e-12, abs=1e-12)


@given(_COUNTS)
def test_calibrator_is_scikit_learns_isotonic_regression(counts: list[tuple[int, int]]) -> None:
    known = calibrator_of(counts)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(
        known.scores, known.positives / known.rows, sample_weight=known.rows
    )
    asked = np.linspace(0, 1, 41)

    assert known.at(asked) == pytest.approx(theirs.predict(asked), abs=1e-12)


@given(_COUNTS)
def test_a_compact_calibrator_is_the_same(counts: list[tuple[int, int]]) -> None:
    known = calibrator_of(counts)
    asked = np.linspace(0, 1, 41)

    compact = known.compact()

    assert compact.at(asked) == pytest.approx(known.at(asked), abs=1e-12)
    assert compact.block_variances == pytest.approx(known.block_variances, abs=1e-12)
    assert compact.block_of(asked).tolist() == known.block_of(asked).tolist()
    assert len(compact.scores) <= 2 * len(known.block_variances)


def test_metrics_of_labelled_rows_are_scikit_learns() -> None:
    outcomes = drawn(np.random.default_rng(1))
    scores = np.arange(12)
    label = np.repeat([1, 0], [int(outcomes.positives.sum()), int(outcomes.negatives.sum())])
    of_rows = np.concatenate(
        [
            np.repeat(scores, outcomes.positives.astype(int)),
            np.repeat(scores, outcomes.negatives.astype(int)),
        ]
    )

    found = outcomes.metrics()

    assert found[AUC] == pytest.approx(roc_auc_score(label, of_rows), abs=1e-12)
    expected = average_precision_score(label, of_rows)
    assert found["average_precision"] == pytest.approx(expected, abs=1e-12)


def test_expected_average_precision_is_the_mean_over_orders_of_ties() -> None:
    chances, rows = np.array([0.2, 0.9]), np.array([6.0, 4.0])
    one_by_one = np.repeat(chances[::-1], rows[::-1].astype(int))
    hits = np.cumsum(one_by_one)
    expected = (one_by_one * hits / np.arange(1, 11)).sum() / one_by_one.sum()

    found = Outcomes.expected_of(chances, rows, rows * 0).metrics()

    assert found["average_precision"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", [*THRESHOLD_METRICS, AUC])
def test_calibrators_error_follows_the_slope_of_the_metric(name: str) -> None:
    rng = np.random.default_rng(3)
    known = calibrator_of([(0, 9), (2, 8), (5, 5), (9, 2)])
    predicted, others = rng.integers(1, 50, (2, 4)).astype(float)
    chances = known.chances
    small = 1e-6

    def value(moved: int, by: float) -> float:
        at = chances + by * (np.arange(4) == moved)
        return Outcomes.expected_of(at, predicted, others).metrics()[name]

    slopes = np.array([(value(k, small) - value(k, -small)) / (2 * small) for k in range(4)])
    outcomes = Outcomes.expected_of(chances, predicted, others)
    of_blocks = Slopes.of(outcomes, known, known.scores)
    found = of_blocks.calibration_variances()[name]
    of_odds = of_blocks.odds_variances(OddsOff(of_all=0.5, of_tenths=0.25))[name]

    assert found == pytest.approx(float(slopes**2 @ known.block_variances), rel=1e-5)
    tenths = known.tenth_of(known.scores)
    moved = np.bincount(tenths, slopes * known.block_spreads).astype(float)
    assert of_odds == pytest.approx(0.5 * moved.sum() ** 2 + 0.25 * (moved**2).sum(), rel=1e-5)


def test_how_far_log_odds_of_days_are_off_is_found_again() -> None:
    rng = np.random.default_rng(12)
    days, kept = 3_000, 0.6
    told = rng.uniform(0.2, 3.0, (days, TENTHS))

    def moving(variance: float, size: int) -> Floats:
        """Normal numbers of days, each of which has this correlation with the next."""
        new = rng.normal(0, math.sqrt(variance), (days, size))
        for day in range(1, days):
            new[day] = kept * new[day - 1] + math.sqrt(1 - kept**2) * new[day]
        return new

    moves = moving(0.8, 1) + moving(0.3, TENTHS)
    off = told * moves + rng.normal(0, np.sqrt(told))

    (alike, first), (apart, second) = odds_of(off, told, np.arange(days, dtype=float))
    never, _ = odds_of(rng.normal(0, np.sqrt(told)), told, np.arange(days, dtype=float))

    assert alike == pytest.approx(0.8, rel=0.1)
    assert apart == pytest.approx(0.3, rel=0.1)
    # They are raised by 0.05, and lowered by what is not sure of the variance.
    assert [first, second] == pytest.approx([kept, kept], abs=0.08)
    assert never[0] < 0.02


@pytest.mark.parametrize("name", ["accuracy", "precision", "f1", AUC])
def test_sampling_error_is_that_of_windows_that_are_drawn(name: str) -> None:
    rng = np.random.default_rng(4)
    outcomes = drawn(rng)
    cells = np.stack(
        [
            outcomes.true_positives,
            outcomes.false_positives,
            outcomes.false_negatives,
            outcomes.true_negatives,
        ]
    )
    windows = rng.multinomial(2_000, (cells / cells.sum()).ravel(), size=400)
    values = [
        Outcomes(
            true_positives=each[0],
            false_positives=each[1],
            false_negatives=each[2],
            true_negatives=each[3],
        ).metrics()[name]
        for each in windows.reshape(400, *cells.shape).astype(float)
    ]

    expected = math.sqrt(sampling_variances(outcomes)[name] * cells.sum() / 2_000)

    # A deviation of 400 windows is within 11 % of the true one, three times in a row of a thousand.
    assert np.std(values) == pytest.approx(expected, rel=0.11)


def test_what_has_no_rows_is_not_measured() -> None:
    nothing = np.zeros(3)
    none = Outcomes.expected_of(np.array([0.1, 0.2, 0.3]), nothing, nothing)
    never = replace(none, true_negatives=np.array([4.0, 0.0, 0.0]))

    assert all(math.isnan(each) for each in none.metrics().values())
    assert never.metrics()["accuracy"] == 1.0
    assert math.isnan(never.metrics()["precision"])
    assert set(sampling_variances(never)) == {"accuracy", "true_negative_rate"}


def test_classes_in_which_a_metric_is_not_measured_leave_the_mean_alone() -> None:
    named = dict.fromkeys((*THRESHOLD_METRICS, AUC, "average_precision"), 0.5)

    found = macro([named, {**named, "recall": math.nan}, {**named, "recall": 0.7, AUC: 0.8}])

    assert "accuracy" not in found
    assert found["recall"] == pytest.approx(0.6)
    assert found[AUC] == pytest.approx(0.6)
