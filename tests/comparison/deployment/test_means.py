"""Means and normal estimates against scipy's and statsmodels' figures."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from driftkit.comparison.deployment.estimates import Estimate
from driftkit.comparison.deployment.means import Sample, welch
from tests.comparison.deployment.recorded import fixed_horizon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


VALUES = arrays.arrays(np.float64, st.integers(2, 30), elements=st.integers(-50, 50).map(float))


def sample_of(values: Any) -> Sample:
    return Sample(n=len(values), mean=np.mean(values), variance=np.var(values, ddof=1))


def test_welch_is_scipys(golden: Callable[[str], Path]) -> None:
    known = fixed_horizon(golden, "means")

    found = welch(sample_of(known["control"]), sample_of(known["treatment"]))

    expected = known["welch"]
    test = found.against()
    assert float(test.statistic) == pytest.approx(expected["t"], rel=1e-9)
    assert float(found.degrees) == pytest.approx(expected["df"], rel=1e-9)  # type: ignore[arg-type]
    assert float(test.p_different) == pytest.approx(expected["p"], rel=1e-9)
    assert [float(end) for end in found.interval(0.05)] == pytest.approx(expected["ci"], rel=1e-9)
    margin = -known["noninferiority_margin"]
    p = float(found.against(margin).p_not_worse)
    assert p == pytest.approx(known["p_noninferior"], rel=1e-9)


def test_values_cut_at_a_limit_are_tested_like_others(golden: Callable[[str], Path]) -> None:
    known = fixed_horizon(golden, "means")
    limit = known["winsor_99"]["limit"]

    found = welch(*(sample_of(np.minimum(known[arm], limit)) for arm in ("control", "treatment")))

    assert float(found.against().statistic) == pytest.approx(known["winsor_99"]["t"], rel=1e-9)
    assert float(found.against().p_different) == pytest.approx(known["winsor_99"]["p"], rel=1e-9)


@pytest.mark.parametrize("margin", [0.0, 0.01, 0.02])
def test_normal_estimates_are_statsmodels_wald_tests(
    golden: Callable[[str], Path], margin: float
) -> None:
    for case in fixed_horizon(golden, "proportions"):
        (k0, n0), (k1, n1) = case["control"], case["treatment"]
        p0, p1 = k0 / n0, k1 / n1

        found = Estimate(
            difference=np.array(p1 - p0),
            variance=np.array(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1),
        )

        expected = case["p"][f"wald H0: d<={-margin if margin else 0}"]
        assert float(found.against(margin).statistic) == pytest.approx(expected["z"], rel=1e-9)
        assert float(found.against(margin).p_not_worse) == pytest.approx(expected["p"], rel=1e-9)
        ends = [float(end) for end in found.interval(0.1)]
        assert ends == pytest.approx(case["ci"]["wald@0.1"], rel=1e-9)


@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(difference=np.array(0.0), variance=np.array(0.0)),
        Estimate(difference=np.array(5.0), variance=np.array(0.0), degrees=9.0),
        welch(Sample(n=9, mean=1.0, variance=0.0), Sample(n=9, mean=1.0, variance=0.0)),
        welch(Sample(n=1, mean=1.0, variance=np.nan), Sample(n=9, mean=1.0, variance=1.0)),
    ],
)
def test_what_never_varies_claims_nothing(estimate: Estimate) -> None:
    test = estimate.against(0.1)

    claims = (test.p_not_worse, test.p_harmed, test.p_different, *estimate.interval(0.05))
    assert all(isnan(each) for each in claims)


def test_many_degrees_of_freedom_are_normal() -> None:
    exact, many = (
        Estimate(difference=np.array(0.1), variance=np.array(0.01), degrees=degrees)
        for degrees in (inf, 1e9)
    )

    assert float(exact.interval(0.05)[0]) == pytest.approx(float(many.interval(0.05)[0]), rel=1e-6)
    p = [float(each.against().p_not_worse) for each in (exact, many)]
    assert p[0] == pytest.approx(p[1], rel=1e-6)


def test_arrays_of_looks_give_what_each_look_gives() -> None:
    n, mean, variance = np.array([3, 30]), np.array([1.0, 2.0]), np.array([4.0, 5.0])
    arm = Sample(n=n, mean=mean, variance=variance)

    found = welch(arm, Sample(n=n, mean=mean + 1, variance=variance)).against(0.5)

    for i in range(2):
        one = Sample(n=n[i], mean=mean[i], variance=variance[i])
        other = Sample(n=n[i], mean=mean[i] + 1, variance=variance[i])
        assert found.p_not_worse[i] == welch(one, other).against(0.5).p_not_worse
