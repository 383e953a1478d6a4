"""Ratios and their variances against tea-tasting, and the laws that buckets must obey."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.deployment.ratios import (
    Moments,
    bucketed_ratio,
    ratio,
    ratio_variance,
)
from tests.comparison.deployment.users import Arm, arms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.comparison.arrays import Floats

METRICS = {
    "ctr": ("clicks", "requests"),
    "loss": ("loss", "ones"),
    "requests": ("requests", "ones"),
}


def moments(values: Floats, counts: Floats) -> Moments:
    """Gives the sums over the last axis, a unit an element."""
    return Moments(
        units=np.asarray(float(values.shape[-1])),
        values=values.sum(-1),
        counts=counts.sum(-1),
        values_squared=(values**2).sum(-1),
        counts_squared=(counts**2).sum(-1),
        products=(values * counts).sum(-1),
    )


def of_users(arm: Arm, metric: str) -> Moments:
    above, below = METRICS[metric]
    return moments(arm[above], arm[below])


@pytest.mark.parametrize("metric", METRICS)
def test_differences_of_users_are_tea_tastings(golden: Callable[[str], Path], metric: str) -> None:
    recorded = json.loads(golden("deployment/tests/tea_tasting.json").read_text())
    expected = recorded["results"][metric]
    old, new = (of_users(arm, metric) for arm in arms(golden))

    means = [ratio(each.values, each.counts) for each in (old, new)]
    variances = [float(ratio_variance(each)) for each in (old, new)]
    units = [float(each.units) for each in (old, new)]

    z = (means[1] - means[0]) / np.sqrt(sum(variances))
    # Welch's degrees of freedom.
    freedom = sum(variances) ** 2 / sum(
        variance**2 / (n - 1) for variance, n in zip(variances, units, strict=True)
    )
    found = [*means, means[1] - means[0], z, 2 * stats.t.sf(abs(z), freedom)]
    keys = ("control", "treatment", "effect_size", "statistic", "pvalue")
    assert found == pytest.approx([expected[key] for key in keys], rel=1e-9)


def test_a_mean_needs_three_sums(golden: Callable[[str], Path]) -> None:
    arm, _ = arms(golden)
    loss = arm["loss"]

    found = ratio_variance(Moments.of_mean(len(arm), loss.sum(), (loss**2).sum()))

    assert found == pytest.approx(loss.var(ddof=1) / len(arm), rel=1e-12)
    assert found == pytest.approx(ratio_variance(of_users(arm, "loss")), rel=1e-12)


def test_moments_of_parts_add_up(golden: Callable[[str], Path]) -> None:
    arm, _ = arms(golden)
    clicks, requests = arm["clicks"], arm["requests"]

    parts = moments(clicks[:300], requests[:300]) + moments(clicks[300:], requests[300:])

    whole = moments(clicks, requests)
    assert parts.units == whole.units
    assert ratio_variance(parts) == pytest.approx(ratio_variance(whole), rel=1e-12)


def test_buckets_of_users_are_the_recorded_ones(golden: Callable[[str], Path]) -> None:
    expected = json.loads(golden("deployment/tests/bucketed_ratio.json").read_text())

    old, new = (
        bucketed_ratio(arm.by_bucket("clicks"), arm.by_bucket("requests")) for arm in arms(golden)
    )

    found = [old.value, new.value, old.variance, new.variance]
    assert found == pytest.approx([*expected["ratio"], *expected["variance"]], rel=1e-9)
    # Arms whose users are put into the same buckets by chance, but are not the same users.
    assert np.sqrt((new - old).variance) == pytest.approx(expected["se"], rel=0.1)


def test_buckets_are_as_certain_as_users_but_for_chance(golden: Callable[[str], Path]) -> None:
    recorded = json.loads(golden("deployment/tests/tea_tasting.json").read_text())["results"]
    expected = recorded["ctr"]["effect_size"] / recorded["ctr"]["statistic"]

    old, new = (
        bucketed_ratio(arm.by_bucket("clicks"), arm.by_bucket("requests")) for arm in arms(golden)
    )

    assert np.sqrt((new - old).variance) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("metric", METRICS)
def test_a_bucket_for_each_unit_is_the_formula_of_units(
    golden: Callable[[str], Path], metric: str
) -> None:
    arm, _ = arms(golden)
    above, below = METRICS[metric]

    found = bucketed_ratio(arm[above], arm[below])

    assert found.variance == pytest.approx(ratio_variance(of_users(arm, metric)), rel=1e-9)


def test_looks_are_those_that_one_has_alone() -> None:
    rng = np.random.default_rng(5)
    counts = np.cumsum(rng.poisson(3, (2, 20, 64)), axis=1).astype(float)
    values = counts * rng.uniform(0.1, 0.3, (2, 20, 64))

    old, new = (bucketed_ratio(values[arm], counts[arm]) for arm in (0, 1))
    together = (new - old).variance, ratio_variance(moments(values[0], counts[0]))

    for look in range(20):
        one, two = (bucketed_ratio(values[arm, look], counts[arm, look]) for arm in (0, 1))
        alone = moments(values[0, look], counts[0, look])
        assert together[0][look] == pytest.approx((two - one).variance, rel=1e-12)
        assert together[1][look] == pytest.approx(ratio_variance(alone), rel=1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variances:
    """The variance of a difference over repeated experiments, and what was estimated for it."""

    truth: float
    buckets: float
    arms_apart: float
    requests: float


def repeated_experiments(*, sticky: bool) -> Variances:
    rng = np.random.default_rng(8)
    found = []
    for _ in range(300):
        sums = _experiment(rng, sticky=sticky)
        old, new = (bucketed_ratio(*sums[arm]) for arm in (0, 1))
        requests = sum(
            each.value * (1 - each.value) / arm[1].sum()
            for each, arm in zip((old, new), sums, strict=True)
        )
        difference = new - old
        found.append((difference.value, difference.variance, old.variance + new.variance, requests))
    values, *estimated = np.array(found, dtype=np.float64).T
    buckets, arms_apart, of_requests = (float(each.mean()) for each in estimated)
    return Variances(
        truth=float(values.var(ddof=1)),
        buckets=buckets,
        arms_apart=arms_apart,
        requests=of_requests,
    )


# The sample variance of 300 normal numbers is off by 8 % in the mean: three times that.
CHANCE = 0.25


def test_the_variance_of_users_that_keep_to_an_arm_is_that_of_repeated_experiments() -> None:
    variances = repeated_experiments(sticky=True)

    assert variances.buckets == pytest.approx(variances.truth, rel=CHANCE)
    assert variances.requests < 0.5 * variances.truth


def test_the_variance_of_users_that_see_both_arms_is_that_of_repeated_experiments() -> None:
    variances = repeated_experiments(sticky=False)

    assert variances.buckets == pytest.approx(variances.truth, rel=CHANCE)
    assert variances.arms_apart > 2 * variances.truth


def _experiment(rng: np.random.Generator, *, sticky: bool) -> tuple[tuple[Floats, Floats], ...]:
    """Gives S_g and N_g of both arms: 400 users with about 20 requests each."""
    users, requests = 400, 8_000
    rates, bucket = rng.beta(0.3, 0.3, users), rng.integers(0, 128, users)
    user = rng.integers(0, users, requests)
    arm = rng.integers(0, 2, users)[user] if sticky else rng.integers(0, 2, requests)
    right = rng.random(requests) < rates[user]
    return tuple(
        (
            np.bincount(bucket[user[arm == one]], right[arm == one], 128).astype(np.float64),
            np.bincount(bucket[user[arm == one]], minlength=128).astype(np.float64),
        )
        for one in (0, 1)
    )


def test_the_jackknife_of_a_ratio_is_near_its_linearised_variance(
    golden: Callable[[str], Path],
) -> None:
    old, new = arms(golden)
    names = [(arm, name) for arm in (old, new) for name in ("clicks", "requests")]
    sums = np.stack([arm.by_bucket(name) for arm, name in names], axis=-1)

    clicks_old, requests_old, clicks_new, requests_new = (sums.sum(axis=0) - sums).T
    without = clicks_new / requests_new - clicks_old / requests_old
    buckets = len(without)

    difference = bucketed_ratio(sums[:, 2], sums[:, 3]) - bucketed_ratio(sums[:, 0], sums[:, 1])
    found = without.var() * (buckets - 1)
    assert found == pytest.approx(difference.variance, rel=0.01)


def test_what_cannot_be_measured_is_not_a_number() -> None:
    none = Moments.of_mean([0, 1, 2], [0, 1, 1], [0, 1, 1])

    variance = ratio_variance(none)

    assert np.isnan(variance).tolist() == [True, True, False]
    assert np.isnan(bucketed_ratio(np.zeros(4), np.zeros(4)).value)


def test_a_constant_metric_has_no_variance() -> None:
    constant = Moments.of_mean(1e6, 0.1 * 1e6, 0.01 * 1e6)

    assert 0 <= ratio_variance(constant) < 1e-20
