"""Bounds of planned looks against spotify-confidence's and the multivariate normal distribution."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.deployment.group_sequential import (
    look_bounds,
    power_spending,
)
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


def obrien_fleming(fractions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spends 0.025 as O'Brien and Fleming's bounds do (Lan and DeMets 1983, Biometrika 70:659)."""
    return np.asarray(2 * stats.norm.sf(stats.norm.isf(0.025 / 2) / np.sqrt(fractions)))


def test_bounds_are_those_of_spotify(golden: Callable[[str], Path]) -> None:
    content = json.loads(golden("deployment/sequential/group_sequential.json").read_text())
    assert len(content["rows"]) == 24

    for row in content["rows"]:
        spending = power_spending(row["one_sided_alpha"], row["phi"])
        fractions = np.array(row["information"])
        assert spending(fractions) == pytest.approx(row["spent"], rel=1e-12)
        assert look_bounds(fractions, spending) == pytest.approx(row["z"], abs=1e-4)


@pytest.mark.parametrize("fractions", [(0.3, 0.9, 1.0), (0.05, 0.06, 0.5, 0.7), (0.8, 0.84, 1.0)])
@pytest.mark.parametrize(
    "spending", [obrien_fleming, power_spending(0.1, 0.7)], ids=["obf", "power"]
)
def test_looks_spend_what_they_should(
    fractions: tuple[float, ...], spending: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> None:
    """By the distribution of all z together."""
    times = np.array(fractions)

    bounds = look_bounds(times, spending)

    correlation = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    for count in range(2, len(times) + 1):
        together = correlation[:count, :count]
        kept = stats.multivariate_normal.cdf(
            bounds[:count], cov=together, abseps=1e-7, releps=1e-7, maxpts=500_000
        )
        assert 1 - kept == pytest.approx(spending(times)[count - 1], abs=2e-6)


def test_obrien_flemings_bounds_are_as_published() -> None:
    """Five looks at one-sided 0.025, from the literature on Lan and DeMets' approximation."""
    found = look_bounds(np.arange(1, 6) / 5, obrien_fleming)
    assert found == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=1e-3)


def test_one_look_is_a_fixed_horizon() -> None:
    assert look_bounds(1.0, power_spending(0.05, 3)) == pytest.approx(stats.norm.ppf(0.95))


def test_many_looks_end_above_few() -> None:
    spending = power_spending(0.05, 1)
    last = [look_bounds(np.arange(1, n + 1) / n, spending)[-1] for n in (1, 2, 5, 20)]
    assert np.diff(last).min() > 0


def test_no_new_information_repeats_the_bound() -> None:
    found = look_bounds([0.4, 0.4, 0.4, 0.8, 1.0, 1.0], obrien_fleming)

    once = look_bounds([0.4, 0.8, 1.0], obrien_fleming)
    assert found.tolist() == once[[0, 0, 0, 1, 2, 2]].tolist()


def test_too_little_new_information_cannot_decide() -> None:
    spending = power_spending(0.05, 1)

    found = look_bounds([0.0005, 0.4, 0.4005, 0.4005, 1.0], spending)

    once = look_bounds([0.4, 1.0], spending)
    assert found.tolist() == [np.inf, once[0], np.inf, np.inf, once[1]]


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ([0.2, 0.5, 0.4], "go backwards.*found: 0.4 after 0.5"),
        ([0.0, 0.5], "out of range.*found: 0"),
        ([0.5, 1.2], "out of range.*found: 1.2"),
        ([0.5, float("nan")], "out of range.*found: nan"),
    ],
)
def test_wrong_fractions_are_refused(fractions: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        look_bounds(fractions, power_spending(0.05, 1))
