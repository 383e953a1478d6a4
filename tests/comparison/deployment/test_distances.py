"""Distances of the arms' distributions, against scipy, chance and laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy, ks_2samp

from driftkit.comparison.deployment.distances import (
    counts_within_epochs,
    in_deciles,
    index_by_chance,
    largest_gap,
    stability_index,
)

ONE_EPOCH = np.zeros(3, np.int64)


def test_the_stability_index_is_the_sum_of_both_divergences() -> None:
    p, q = np.array([3e8, 5e8, 2e8]), np.array([4e8, 4e8, 2e8])

    found = float(stability_index(p, q))

    assert found == pytest.approx(entropy(p, q) + entropy(q, p), rel=1e-6)
    assert found == pytest.approx(float(stability_index(q, p)))


def test_cells_without_counts_say_nothing() -> None:
    looks = np.array([[30, 50, 0], [30, 50, 20]]), np.array([[40, 40, 0], [40, 40, 0]])

    found = stability_index(*looks)

    assert found[0] == float(stability_index([30, 50], [40, 40]))
    assert np.isfinite(found[1])
    assert found[1] > found[0]


def test_by_chance_the_index_is_what_is_said() -> None:
    random = np.random.default_rng(1)
    shares = random.dirichlet(np.full(50, 5.0))
    old, new = random.multinomial(2_000, shares, 400), random.multinomial(1_000, shares, 400)

    found = stability_index(old, new) - index_by_chance(old, new)

    assert abs(float(found.mean())) < 0.005
    assert float(found.max()) < 0.2


def test_the_largest_gap_is_scipys() -> None:
    random = np.random.default_rng(2)
    old, new = random.integers(0, 30, 500), random.integers(0, 25, 300)

    found = largest_gap(np.bincount(old, minlength=30), np.bincount(new, minlength=30))

    assert found == pytest.approx(ks_2samp(old, new).statistic)


def test_within_one_epoch_counts_are_their_sums() -> None:
    counts = np.random.default_rng(3).integers(0, 9, (3, 2, 4))

    assert counts_within_epochs(counts, ONE_EPOCH) == pytest.approx(counts.sum(axis=0))


def test_what_changes_with_time_is_no_difference_of_arms() -> None:
    morning, evening = np.array([0.8, 0.2]), np.array([0.3, 0.7])
    counts = np.array([[9_000 * morning, 1_000 * morning], [5_000 * evening, 5_000 * evening]])

    within = counts_within_epochs(counts, np.array([0, 1]))

    assert float(stability_index(*within)) < 1e-6
    assert float(stability_index(*counts.sum(axis=0))) > 0.1


def test_arms_that_never_meet_are_not_compared() -> None:
    counts = np.array([[[5, 5], [0, 0]], [[0, 0], [5, 5]]])

    assert not counts_within_epochs(counts, np.array([0, 1])).any()


def test_deciles_have_about_as_many_rows_each() -> None:
    counts = np.random.default_rng(4).integers(0, 9, (2, 1_024))

    found = in_deciles(counts)

    assert found.shape == (2, 10)
    assert found.sum(axis=1) == pytest.approx(counts.sum(axis=1))
    assert found[0] == pytest.approx(np.full(10, found[0].mean()), abs=9)
