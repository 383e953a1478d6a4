"""The energy of projections is that of its definition, and chance alone hardly exceeds its noise."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.distributions import Distribution, distribution
from driftkit.comparison.sliced_energy import sliced_energy


def of(values: np.ndarray) -> Distribution:
    return distribution([np.sort(values).tolist()], distinct_ranks=False)


def test_the_value_is_that_of_all_pairs() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=40), random.normal(0.5, size=60)
    between = np.abs(np.subtract.outer(x, y)).mean()
    within = [np.abs(np.subtract.outer(each, each)).mean() for each in (x, y)]
    pooled = np.concatenate([x, y])
    alike = np.abs(np.subtract.outer(pooled, pooled)).mean() / 2
    expected = 2 * between - sum(within) - 2 * (1 / 40 + 1 / 60) * alike

    found = sliced_energy([(of(x), of(y))])

    assert found.value == pytest.approx(expected / (2 * between), rel=1e-12)


def test_points_that_are_apart_are_at_the_greatest_distance() -> None:
    found = sliced_energy([(of(np.zeros(10_000)), of(np.ones(10_000)))])

    assert found.value == pytest.approx(1.0, abs=1e-3)


def test_nothing_that_varies_is_no_distance() -> None:
    found = sliced_energy([(of(np.ones(5)), of(np.ones(9)))])

    assert (found.value, found.noise) == (0.0, 0.0)


@pytest.mark.parametrize(("projections", "windows", "at_most"), [(1, 300, 0.02), (8, 60, 0.0)])
def test_chance_hardly_exceeds_the_noise(projections: int, windows: int, at_most: float) -> None:
    random = np.random.default_rng(1)
    found = [
        sliced_energy(
            [
                (of(random.exponential(size=200)), of(random.exponential(size=500)))
                for _ in range(projections)
            ]
        )
        for _ in range(windows)
    ]
    values = np.array([each.value for each in found])

    assert np.mean([each.value > each.noise for each in found]) <= at_most
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(len(values))


def test_a_tenth_of_the_vectors_elsewhere_is_beyond_the_noise() -> None:
    random = np.random.default_rng(2)
    now = np.concatenate([random.normal(size=1800), random.normal(3, 1, 200)])

    found = sliced_energy([(of(now), of(random.normal(size=5000)))] * 8)

    assert found.value > 2 * found.noise
