"""Effects by simulation, waits by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.deployment.asymptotic_sequence import one_sided_half_width
from driftkit.comparison.deployment.exact_rates import rate_bounds
from driftkit.comparison.deployment.planning import (
    Traffic,
    always_valid_effect,
    days_needed,
    fixed_horizon_effect,
    least_units,
    units_needed,
)


def test_one_look_finds_the_effect_with_its_power() -> None:
    effect = float(fixed_horizon_effect(0.02, alpha=0.025, power=0.9))

    found = stats.norm.sf(stats.norm.isf(0.025) - effect / 0.02)
    assert found == pytest.approx(0.9, rel=1e-9)


def test_always_valid_costs_some_effect_and_has_the_power() -> None:
    units, variance, known = 20_000, 4e-6, {"alpha": 0.05, "tuning": 10_000}
    effect = float(always_valid_effect(units, variance, power=0.8, **known))
    fixed = float(fixed_horizon_effect(np.sqrt(variance), alpha=0.05, power=0.8))

    width = float(one_sided_half_width(units, variance, **known))
    found = stats.norm.sf((width - effect) / np.sqrt(variance))
    assert found == pytest.approx(0.8, rel=1e-9)
    assert fixed < effect < 2 * fixed


def test_units_are_enough_and_not_too_many() -> None:
    seen, variance = 4_000.0, 8e-5

    def width(units: float) -> float:
        return float(
            one_sided_half_width(units, variance * seen / units, alpha=0.05, tuning=20_000)
        )

    needed = units_needed(width, 0.011, units=seen)

    assert needed is not None
    assert needed > seen
    assert width(needed * 1.0001) < 0.011 < width(needed * 0.9999)


def test_units_of_an_exact_rate_are_found_too() -> None:
    def width(units: float) -> float:
        return float(rate_bounds(0.002 * units, units, alpha=0.05)[1]) - 0.002

    needed = units_needed(width, 0.001, units=500)

    assert needed is not None
    assert width(needed) == pytest.approx(0.001, rel=1e-6)


def test_what_is_there_may_be_enough() -> None:
    assert units_needed(lambda n: n**-0.5, 0.2, units=400) == 400


@pytest.mark.parametrize("distance", [0.0, -0.1, float("nan"), 1e-12])
def test_no_number_of_units_turns_an_estimate(distance: float) -> None:
    assert units_needed(lambda n: n**-0.5, distance, units=400) is None


@pytest.mark.parametrize(("distance", "expected"), [(0.03, 1_112), (0.2, 400), (0.0, None)])
def test_the_least_units_find_it_and_one_less_does_not(
    distance: float, expected: int | None
) -> None:
    assert least_units(lambda n: n**-0.5, distance, first=400) == expected


def test_days_count_units_of_the_arms_and_wait_for_the_last_labels() -> None:
    traffic = Traffic(per_day=4_000, share=0.1, label_delay_days=1.5)
    assert days_needed(1_000, traffic) == pytest.approx(1_000 / 400 + 1.5)


@pytest.mark.parametrize("stopped", [Traffic(per_day=0), Traffic(per_day=10, share=0)])
def test_without_traffic_nothing_ever_comes(stopped: Traffic) -> None:
    assert days_needed(1, stopped) is None
