"""Exact sequences of rates against recorded numbers, and their error rates computed exactly."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import integrate, stats

from driftkit.comparison.deployment.exact_rates import (
    difference_bounds,
    difference_p_value,
    log_e_value,
    rate_bounds,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_bounds_are_the_recorded_roots(golden: Callable[[str], Path]) -> None:
    content = json.loads(golden("deployment/sequential/checks.json").read_text())
    rows = {name: row for name, row in content.items() if name.startswith("beta_binomial_cs")}
    assert len(rows) == 6

    for name, expected in rows.items():
        events, trials, alpha = map(float, re.findall(r"[0-9.]+", name))
        low, high = rate_bounds(events, trials, alpha=alpha)
        assert (float(low), float(high)) == pytest.approx(expected, rel=1e-9, abs=2e-12)


def test_discordance_is_the_recorded_evidence(golden: Callable[[str], Path]) -> None:
    content = json.loads(golden("deployment/sequential/checks.json").read_text())
    prefix = "discordance log e-value "
    rows = {name[len(prefix) :]: row for name, row in content.items() if name.startswith(prefix)}
    assert len(rows) == 5

    for name, expected in rows.items():
        lost, won = map(int, name.split(","))
        found = float(log_e_value(lost, lost + won, 0.5, prior=1))
        assert found == pytest.approx(expected, abs=1e-9)
        p = content[f"discordance p {name}"]
        assert min(1.0, np.exp(-found)) == pytest.approx(p, rel=1e-9)


def test_evidence_is_the_mixture_of_likelihoods() -> None:
    def density(rate: float) -> float:
        ratio = stats.binom.pmf(7, 40, rate) / stats.binom.pmf(7, 40, 0.1)
        return float(stats.beta.pdf(rate, 0.5, 0.5) * ratio)

    mixed = integrate.quad(density, 0, 1, limit=200)[0]
    assert float(log_e_value(7, 40, 0.1)) == pytest.approx(np.log(mixed), rel=1e-7)


@pytest.mark.parametrize(
    ("events", "trials"),
    [(1, 1), (1, 40), (39, 40), (7, 40), (500_000, 1_000_000), (3, 10**15), (10**9 - 2, 10**9)],
)
@pytest.mark.parametrize("alpha", [0.5, 0.05, 1e-6])
def test_both_ends_have_evidence_of_one_over_alpha(events: int, trials: int, alpha: float) -> None:
    low, high = (float(end) for end in rate_bounds(events, trials, alpha=alpha))

    assert 0 < low < high <= 1
    assert float(log_e_value(events, trials, low)) == pytest.approx(-np.log(alpha), abs=1e-5)
    if events < trials:
        opposite = [float(end) for end in rate_bounds(trials - events, trials, alpha=alpha)]
        assert (1 - high, 1 - low) == pytest.approx(opposite, abs=1e-15)


def test_rare_and_sure_events_have_bounds() -> None:
    low, high = rate_bounds(np.array([0.0, 50, 0]), np.array([50.0, 50, 0]), alpha=0.05)

    assert low[0] == 0
    assert 0 < high[0] < 0.2
    assert 0.8 < low[1] < 1
    assert high[1] == 1
    assert (low[2], high[2]) == (0, 1)
    assert high[0] == pytest.approx(1 - low[1], rel=1e-12)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_true_rate_ever_leaves_with_at_most_alpha(alpha: float) -> None:
    """Exact, by the chances of each number of events after each trial that never left."""
    last = 250
    trials = np.arange(1, last + 1, dtype=np.float64)[:, None]
    events = np.minimum(np.arange(last + 1, dtype=np.float64), trials)
    low, high = rate_bounds(events, trials, alpha=alpha)

    for rate in (0.01, 0.1, 0.5, 0.93):
        chances = np.zeros(last + 1)
        chances[0] = 1.0
        for kept in (low <= rate) & (rate <= high):
            chances[1:] = chances[1:] * (1 - rate) + chances[:-1] * rate
            chances[0] *= 1 - rate
            chances = chances * kept

        assert 0 < 1 - chances.sum() <= alpha


def test_bounds_nest_in_alpha_and_shrink_with_trials() -> None:
    trials = np.array([10.0, 100, 1_000, 10_000])
    ends = [rate_bounds(0.3 * trials, trials, alpha=alpha) for alpha in (0.2, 0.05, 0.001)]

    for inner, outer in pairwise(ends):
        assert (outer[0] < inner[0]).all()
        assert (inner[1] < outer[1]).all()
    assert (np.diff(ends[1][1] - ends[1][0]) < 0).all()


def test_looks_at_once_are_looks_one_by_one() -> None:
    draws = np.random.default_rng(3)
    trials = draws.integers(1, 5_000, (30, 4)).astype(np.float64)
    events = draws.binomial(trials.astype(int), [0.001, 0.2, 0.5, 0.99]).astype(np.float64)

    low, high = rate_bounds(events, trials, alpha=0.05)

    for place in np.ndindex(trials.shape):
        alone = [float(end) for end in rate_bounds(events[place], trials[place], alpha=0.05)]
        assert (low[place], high[place]) == pytest.approx(alone, rel=1e-13)


def test_errors_are_worse_though_the_old_version_had_none() -> None:
    """0 of 10,000 against 46 of 10,000: more by at least 0.00145."""
    low, high = difference_bounds(46, 10_000, 0, 10_000, alpha=0.05)
    mirrored = difference_bounds(0, 10_000, 46, 10_000, alpha=0.05)

    assert float(low) == pytest.approx(0.00233964 - 0.00088625, abs=1e-8)
    assert (float(mirrored[0]), float(mirrored[1])) == (-float(high), -float(low))


def test_a_difference_is_ever_missed_by_at_most_alpha() -> None:
    draws = np.random.default_rng(5)
    trials = np.arange(1, 41) * 50.0
    new, old = (draws.binomial(50, rate, (1_000, 40)).cumsum(axis=1) for rate in (0.02, 0.03))

    low, high = difference_bounds(new, trials, old, trials, alpha=0.2)

    assert ((low > -0.01) | (high < -0.01)).any(axis=1).mean() <= 0.2


@pytest.mark.parametrize("threshold", [-0.01, 0.0, 0.001])
def test_a_p_value_is_the_level_whose_bound_meets_the_threshold(threshold: float) -> None:
    counts = np.array([46.0, 300, 5]), 10_000.0, np.array([0.0, 220, 5]), 10_000.0

    p = difference_p_value(*counts, threshold)

    for index, level in enumerate(p):
        row = counts[0][index], counts[1], counts[2][index], counts[3]
        low = float(difference_bounds(*row, alpha=level)[0])
        assert low == pytest.approx(threshold, abs=1e-12) if level < 1 else low <= threshold


def test_p_values_are_ones_and_tiny_where_nothing_and_all_is_said() -> None:
    counts = np.array([3.0, 0, 10_000]), 10_000, np.array([3.0, 0, 0]), 10_000
    p = difference_p_value(*counts, 0.0)
    assert p[:2].tolist() == [1.0, 1.0]
    assert 0 < p[2] < 1e-300
