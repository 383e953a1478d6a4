"""Tail probabilities, beside SciPy's."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from driftkit.comparison import probabilities


@given(st.lists(st.floats(1e-300, 1 - 1e-15), min_size=1))
def test_normal_quantiles_are_scipys(shares: list[float]) -> None:
    found = probabilities.normal_quantile(shares)

    np.testing.assert_allclose(found, special.ndtri(shares), rtol=1e-9, atol=1e-15)


@given(st.lists(st.floats(-37, 37), min_size=1))
def test_two_sided_normal_tails_are_scipys(z: list[float]) -> None:
    found = probabilities.normal_two_sided(z)

    np.testing.assert_allclose(found, 2 * special.ndtr(-np.abs(z)), rtol=1e-11, atol=1e-290)


@given(st.floats(0, 1_400), st.integers(1, 10_000))
def test_chi_square_tails_are_scipys(x: float, degrees: int) -> None:
    found = probabilities.chi_square_tail(x, degrees)

    np.testing.assert_allclose(found, special.chdtrc(degrees, x), rtol=1e-11, atol=1e-290)


@given(st.floats(-1e4, 1e4), st.floats(1, 1e3))
def test_two_sided_student_tails_are_scipys(t: float, degrees: float) -> None:
    found = probabilities.student_two_sided(t, degrees)

    np.testing.assert_allclose(found, 2 * stats.t.sf(abs(t), degrees), rtol=1e-11, atol=1e-290)


@given(st.floats(0, 18))
def test_kolmogorov_tails_are_scipys(x: float) -> None:
    found = probabilities.kolmogorov_tail(x)

    np.testing.assert_allclose(found, special.kolmogorov(x), rtol=1e-11, atol=1e-290)


@st.composite
def _draws(draw: st.DrawFn) -> tuple[int, int, int, int]:
    population = draw(st.integers(2, 10 ** draw(st.integers(1, 7))))
    drawn = draw(st.integers(1, population - 1))
    hits = draw(st.integers(0, population))
    mean = drawn * hits / population
    near = draw(st.integers(-40, 40))
    return max(0, round(mean) + near), drawn, hits, population


@settings(max_examples=400)
@given(_draws())
def test_hypergeometric_tails_are_sums_of_exact_fractions(draw: tuple[int, int, int, int]) -> None:
    at_least, drawn, hits, population = draw

    found = float(probabilities.hypergeometric_tail(at_least, drawn, hits, population))

    expected = stats.hypergeom.sf(at_least - 1, population, hits, drawn)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_hypergeometric_tails_are_exact_where_they_can_be_counted() -> None:
    k, n, m = (axis.ravel() for axis in np.mgrid[0:12, 1:12, 0:30])

    found = probabilities.hypergeometric_tail(k, n, m, 30)

    exact = [
        sum(comb(b, j) * comb(30 - b, a - j) for j in range(c, a + 1)) / comb(30, a)
        for c, a, b in zip(k.tolist(), n.tolist(), m.tolist(), strict=True)
    ]
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("x", [0.3, 1.0, 2.4924, 6.0, 15.0])
def test_anderson_and_darlings_tail_is_that_of_its_sum_of_squares(x: float) -> None:
    """The characteristic function of the sum, turned into a tail (Imhof 1961)."""
    poles = np.arange(1, 400) * np.arange(2, 401)
    # The others' squares are as good as their mean, and the mean of all is 1.
    left = x - 1 / 400

    def height(u: float) -> float:
        ratio = u / poles
        angle = 0.5 * np.arctan(ratio).sum() - 0.5 * u * left
        return float(np.sin(angle) / u * np.exp(-0.25 * np.log1p(ratio**2).sum()))

    tail = 0.5 + integrate.quad(height, 0, 800, limit=2_000)[0] / np.pi

    assert float(probabilities.anderson_tail(x)) == pytest.approx(tail, abs=1e-5)
