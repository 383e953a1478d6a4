"""Intervals and tests of rates against statsmodels' figures, Newcombe's table and likelihoods."""

from __future__ import annotations

from math import isnan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, norm

from driftkit.comparison.deployment.rates import (
    Rate,
    fisher_test,
    score_interval,
    score_test,
)
from tests.comparison.deployment.recorded import fixed_horizon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


MARGINS = (0.0, 0.01, 0.02)
COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def arms(case: dict[str, Any]) -> tuple[Rate, Rate]:
    (k0, n0), (k1, n1) = case["control"], case["treatment"]
    return Rate(part=k0, whole=n0), Rate(part=k1, whole=n1)


def recorded_score(case: dict[str, Any], margin: float) -> dict[str, float | None]:
    key = f"score H0: d<={-margin if margin else 0}"
    found: dict[str, float | None] = case["p"][key]
    return found


def test_the_score_test_without_a_margin_is_statsmodels(golden: Callable[[str], Path]) -> None:
    for case in fixed_horizon(golden, "proportions"):
        found = score_test(*arms(case))

        expected = recorded_score(case, 0.0)
        assert float(found.statistic) == pytest.approx(expected["z"], rel=1e-9)
        assert float(found.p_not_worse) == pytest.approx(expected["p"], rel=1e-9)


def of_likelihood(k0: int, n0: int, k1: int, n1: int, gap: float) -> float:
    """z with the likeliest rates that are `gap` apart, found by halving: no cubic."""
    low, high = max(0.0, -gap), min(1.0, 1 - gap)
    for _ in range(200):
        p = (low + high) / 2
        q = p + gap
        slope = p * (1 - p) * (k1 - n1 * q) + q * (1 - q) * (k0 - n0 * p)
        low, high = (p, high) if slope > 0 else (low, p)
    variance = (low * (1 - low) / n0 + (low + gap) * (1 - low - gap) / n1) * (n0 + n1)
    return (k1 / n1 - k0 / n0 - gap) / sqrt(variance / (n0 + n1 - 1))


@given(control=COUNTS, treatment=COUNTS, margin=st.sampled_from([-0.3, -0.02, 0.01, 0.02, 0.1]))
def test_the_score_test_has_the_likeliest_rates(
    control: tuple[int, int], treatment: tuple[int, int], margin: float
) -> None:
    (k0, n0), (k1, n1) = control, treatment

    found = score_test(Rate(part=k0, whole=n0), Rate(part=k1, whole=n1), margin)

    expected = of_likelihood(k0, n0, k1, n1, -margin)
    assert float(found.statistic) == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert float(found.p_not_worse + found.p_harmed) == pytest.approx(1.0, abs=1e-15)


def slipped(k0: int, n0: int, k1: int, n1: int, gap: float) -> float:
    """The z of statsmodels 0.15.0: in one coefficient events of the control stand for its units."""
    n, k = n0 + n1, k0 + k1
    a2 = ((n1 + 2 * n0) * gap - n - k) / n
    a1 = ((k0 * gap - n - 2 * k0) * gap + k) / n
    roots = np.roots([1.0, a2, a1, k0 * gap * (1 - gap) / n])
    p = float(np.sort(roots.real)[1])
    variance = (p * (1 - p) / n0 + (p + gap) * (1 - p - gap) / n1) * n / (n - 1)
    return (k1 / n1 - k0 / n0 - gap) / sqrt(variance)


@pytest.mark.parametrize("margin", MARGINS[1:])
def test_with_a_margin_statsmodels_has_a_slip_that_we_do_not_have(
    golden: Callable[[str], Path], margin: float
) -> None:
    for case in fixed_horizon(golden, "proportions"):
        (k0, n0), (k1, n1) = case["control"], case["treatment"]

        found = float(score_test(*arms(case), margin).statistic)

        theirs = recorded_score(case, margin)["z"]
        assert found == pytest.approx(of_likelihood(k0, n0, k1, n1, -margin), rel=1e-9)
        if theirs is not None:
            assert slipped(k0, n0, k1, n1, -margin) == pytest.approx(theirs, rel=1e-6)
            assert found == pytest.approx(theirs, rel=0.02)


@pytest.mark.parametrize(
    ("treatment", "control", "expected"),
    [
        ((56, 70), (48, 80), (0.0528, 0.3382)),
        ((9, 10), (3, 10), (0.1700, 0.8406)),
        ((5, 56), (0, 29), (-0.0326, 0.1933)),
        ((0, 10), (0, 20), (-0.1658, 0.2844)),
    ],
)
def test_the_score_interval_is_that_of_newcombes_table(
    treatment: tuple[int, int], control: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Newcombe 1998, Table II, method 6 (Miettinen and Nurminen), cases (a), (b), (d) and (e)."""
    (k1, n1), (k0, n0) = treatment, control

    low, high = score_interval(Rate(part=k0, whole=n0), Rate(part=k1, whole=n1), 0.05)

    assert (float(low), float(high)) == pytest.approx(expected, abs=5e-5)


@given(control=COUNTS, treatment=COUNTS, alpha=st.sampled_from([0.01, 0.05, 0.5]))
def test_the_score_interval_has_what_the_test_does_not_refuse(
    control: tuple[int, int], treatment: tuple[int, int], alpha: float
) -> None:
    arms = Rate(part=control[0], whole=control[1]), Rate(part=treatment[0], whole=treatment[1])

    low, high = (float(end) for end in score_interval(*arms, alpha))

    z = float(norm.isf(alpha / 2))
    for end, level in ((low, z), (high, -z)):
        if abs(end) < 1.0:
            assert float(score_test(*arms, -end).statistic) == pytest.approx(level, abs=1e-5)
    assert -1.0 <= low <= high <= 1.0


@given(control=COUNTS, treatment=COUNTS)
def test_intervals_turn_around_with_the_arms_and_with_the_event(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    (k0, n0), (k1, n1) = control, treatment
    champion, challenger = Rate(part=k0, whole=n0), Rate(part=k1, whole=n1)

    low, high = score_interval(champion, challenger, 0.05)

    swapped = score_interval(challenger, champion, 0.05)
    turned = score_interval(Rate(part=n0 - k0, whole=n0), Rate(part=n1 - k1, whole=n1), 0.05)
    for other in (swapped, turned):
        assert (-float(other[1]), -float(other[0])) == pytest.approx((low, high), abs=1e-9)


def test_arrays_of_looks_give_what_each_look_gives() -> None:
    k0, k1, n = np.array([0, 3, 40]), np.array([2, 3, 10]), np.array([50, 90, 400])
    champion, challenger = Rate(part=k0, whole=n), Rate(part=k1, whole=n)

    low, high = score_interval(champion, challenger, 0.05)
    z = score_test(champion, challenger, 0.01).statistic

    for i in range(3):
        one = Rate(part=k0[i], whole=n[i]), Rate(part=k1[i], whole=n[i])
        assert (low[i], high[i]) == score_interval(*one, 0.05)
        assert z[i] == score_test(*one, 0.01).statistic


def test_an_arm_without_units_has_no_interval() -> None:
    low, high = score_interval(Rate(part=0, whole=0), Rate(part=1, whole=2), 0.05)

    assert isnan(low)
    assert isnan(high)
    assert isnan(score_test(Rate(part=1, whole=2), Rate(part=0, whole=0)).p_harmed)


def test_arms_without_events_are_not_told_apart() -> None:
    arms = Rate(part=0, whole=50), Rate(part=0, whole=80)

    low, high = score_interval(*arms, 0.05)

    assert float(low) < 0.0 < float(high)
    assert float(score_test(*arms).statistic) == 0.0


@given(COUNTS, COUNTS)
def test_fishers_test_is_scipys(champion: tuple[int, int], challenger: tuple[int, int]) -> None:
    (k0, n0), (k1, n1) = champion, challenger

    found = fisher_test(Rate(part=k0, whole=n0), Rate(part=k1, whole=n1))

    table = np.array([[k1, n1 - k1], [k0, n0 - k0]])
    assert float(found) == pytest.approx(fisher_exact(table, alternative="greater").pvalue)
