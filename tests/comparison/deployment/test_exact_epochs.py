"""Exact bounds of a difference of rates over epochs."""

from __future__ import annotations

import numpy as np

from driftkit.comparison.deployment.epochs import epoch_weights
from driftkit.comparison.deployment.exact_epochs import difference_bounds_over_epochs
from driftkit.comparison.deployment.exact_rates import difference_bounds


def test_of_one_epoch_they_are_those_of_its_sums() -> None:
    events = np.array([[1.0, 3], [0, 5], [2, 1]])
    trials = np.array([[100.0, 50], [100, 60], [90, 40]])

    low, high = difference_bounds_over_epochs(events, trials, np.zeros(3, np.int64), alpha=0.05)

    k, n = events.cumsum(axis=0), trials.cumsum(axis=0)
    expected = difference_bounds(k[:, 1], n[:, 1], k[:, 0], n[:, 0], alpha=0.05)
    np.testing.assert_array_equal([low, high], expected)


def test_they_are_around_the_weighted_difference_of_epochs() -> None:
    random = np.random.default_rng(3)
    epochs = np.repeat([0, 1, 2], 4)
    trials = random.integers(50, 400, (12, 2)).astype(float)
    events = random.binomial(trials.astype(int), 0.02).astype(float)

    low, high = difference_bounds_over_epochs(events, trials, epochs, alpha=0.05)

    k, n = (each.reshape(3, 4, 2).sum(axis=1) for each in (events, trials))
    weights = epoch_weights(n[:, 0], n[:, 1])
    difference = np.average(k[:, 1] / n[:, 1] - k[:, 0] / n[:, 0], weights=weights)
    assert low[-1] < difference < high[-1]


def test_an_epoch_without_an_arm_changes_nothing() -> None:
    events = np.array([[0.0, 9], [4, 0], [1, 7]])
    trials = np.array([[100.0, 90], [500, 0], [100, 90]])
    epochs = np.array([0, 1, 2])

    low, high = difference_bounds_over_epochs(events, trials, epochs, alpha=0.05)

    assert high[1] - low[1] >= high[0] - low[0]
    assert np.isfinite(low).all()
    assert low[2] > -1


def test_they_rarely_ever_miss_the_difference() -> None:
    runs, looks = 150, 8
    random = np.random.default_rng(11)
    epochs = np.repeat([0, 1], looks // 2)
    trials = np.array([[180.0, 20], [100, 100]])[epochs]
    # Levels rise with the challenger's share; the difference is 0.02 in both.
    rate = np.array([[0.01, 0.03], [0.05, 0.07]])[epochs]
    missed = 0
    for _ in range(runs):
        events = random.binomial(trials.astype(int), rate).astype(float)
        low, high = difference_bounds_over_epochs(events, trials, epochs, alpha=0.1)
        missed += bool(((low > 0.02) | (high < 0.02)).any())

    assert missed <= 0.1 * runs
