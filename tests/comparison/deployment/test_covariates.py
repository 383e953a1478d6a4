"""Covariates against tea-tasting, and where they must change nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.deployment.covariates import (
    Adjusted,
    CovariateSums,
    bucketed_adjusted,
    bucketed_coefficient,
    covariate_adjusted,
    covariate_coefficient,
)
from driftkit.comparison.deployment.ratios import (
    Bucketed,
    Moments,
    bucketed_ratio,
    ratio,
    ratio_variance,
)
from tests.comparison.deployment.users import Arm, arms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

METRICS = {"loss_cuped": ("loss", "ones"), "ctr_cuped": ("clicks", "requests")}


def sums_of(arm: Arm, metric: str) -> tuple[Moments, CovariateSums]:
    values, counts = (arm[name] for name in METRICS[metric])
    covariate = arm["pre"]
    metric_sums = Moments(
        units=np.asarray(float(len(arm))),
        values=values.sum(),
        counts=counts.sum(),
        values_squared=(values**2).sum(),
        counts_squared=(counts**2).sum(),
        products=(values * counts).sum(),
    )
    covariate_sums = CovariateSums(
        covariate=covariate.sum(),
        squared=(covariate**2).sum(),
        with_values=(covariate * values).sum(),
        with_counts=(covariate * counts).sum(),
    )
    return metric_sums, covariate_sums


def adjusted_arms(old: Arm, new: Arm, metric: str) -> list[Adjusted]:
    both = [sums_of(arm, metric) for arm in (old, new)]
    moments, covariate = both[0][0] + both[1][0], both[0][1] + both[1][1]
    theta = covariate_coefficient(moments, covariate)
    centre = ratio(covariate.covariate, moments.units)
    return [covariate_adjusted(*of_arm, theta, centre) for of_arm in both]


def bucketed_difference(old: Arm, new: Arm, above: str, below: str) -> Bucketed:
    champion, challenger = (
        bucketed_ratio(arm.by_bucket(above), arm.by_bucket(below)) for arm in (old, new)
    )
    return challenger - champion


@pytest.mark.parametrize("metric", METRICS)
def test_adjusted_differences_are_tea_tastings(golden: Callable[[str], Path], metric: str) -> None:
    recorded = json.loads(golden("deployment/tests/tea_tasting.json").read_text())
    expected = recorded["results"][metric]
    old, new = arms(golden)

    one, two = adjusted_arms(old, new, metric)

    variance = float(one.variance + two.variance)
    z = (two.value - one.value) / np.sqrt(variance)
    parts = one.variance**2 / (len(old) - 1) + two.variance**2 / (len(new) - 1)
    p_value = 2 * stats.t.sf(abs(z), variance**2 / parts)
    keys = ("control", "treatment", "effect_size", "statistic", "pvalue")
    found = [one.value, two.value, two.value - one.value, z, p_value]
    assert found == pytest.approx([expected[key] for key in keys], rel=1e-9)


def test_a_mean_needs_three_sums_of_the_covariate(golden: Callable[[str], Path]) -> None:
    arm, _ = arms(golden)
    moments, covariate = sums_of(arm, "loss_cuped")

    short = CovariateSums.of_mean(covariate.covariate, covariate.squared, covariate.with_values)

    found, expected = (covariate_adjusted(moments, each, 0.6, 2.0) for each in (short, covariate))
    assert float(found.value) == pytest.approx(float(expected.value), rel=1e-14)
    assert float(found.variance) == pytest.approx(float(expected.variance), rel=1e-14)


def test_a_constant_covariate_changes_nothing(golden: Callable[[str], Path]) -> None:
    arm, _ = arms(golden)
    moments, _ = sums_of(arm, "ctr_cuped")
    n = float(len(arm))
    constant = CovariateSums(
        covariate=np.asarray(2 * n),
        squared=np.asarray(4 * n),
        with_values=2 * moments.values,
        with_counts=2 * moments.counts,
    )

    theta = covariate_coefficient(moments, constant)
    found = covariate_adjusted(moments, constant, theta, 2.0)

    assert theta == 0
    assert found.value == pytest.approx(moments.values / moments.counts, rel=1e-14)
    assert found.variance == pytest.approx(ratio_variance(moments), rel=1e-14)


@pytest.mark.parametrize("metric", METRICS)
def test_buckets_gain_what_users_gain(golden: Callable[[str], Path], metric: str) -> None:
    recorded = json.loads(golden("deployment/tests/tea_tasting.json").read_text())
    expected = recorded["results"][metric]
    old, new = arms(golden)
    raw = bucketed_difference(old, new, *METRICS[metric])

    found = bucketed_adjusted(raw, bucketed_difference(old, new, "pre", "ones"))

    assert found.variance < raw.variance
    deviation = expected["effect_size"] / expected["statistic"]
    assert np.sqrt(found.variance) == pytest.approx(deviation, rel=0.1)
    assert found.value == pytest.approx(expected["effect_size"], abs=deviation / 4)


def test_no_other_coefficient_makes_buckets_more_certain(golden: Callable[[str], Path]) -> None:
    old, new = arms(golden)
    raw = bucketed_difference(old, new, "loss", "ones")
    covariate = bucketed_difference(old, new, "pre", "ones")

    theta = bucketed_coefficient(raw, covariate)
    best = bucketed_adjusted(raw, covariate).variance

    for other in (theta - 0.01, theta + 0.01):
        residuals = raw.residuals - other * covariate.residuals
        assert Bucketed(value=raw.value, residuals=residuals).variance > best


@pytest.mark.parametrize("unknown", [0.0, np.nan])
def test_a_covariate_that_is_not_known_changes_nothing(unknown: float) -> None:
    metric = Bucketed(value=np.array([0.5]), residuals=np.array([[-1.0, 0.0, 1.0]]))
    covariate = Bucketed(value=np.array([unknown]), residuals=np.full((1, 3), unknown))

    found = bucketed_adjusted(metric, covariate)

    assert found.value.tolist() == [0.5]
    assert found.residuals.tolist() == metric.residuals.tolist()
