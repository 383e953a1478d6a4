"""Distances of distribution functions against SciPy, and their laws."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import _morestats

from driftkit.comparison.cell_counts import CellDistance, Measured
from driftkit.comparison.distance import measured
from driftkit.comparison.distances import NUMERICAL
from driftkit.comparison.distributions import Distribution, distribution

NUMBER = st.one_of(st.integers(-4, 4).map(float), st.floats(-1e6, 1e6))
VALUES = st.lists(NUMBER, min_size=2, max_size=40)
RANKS_ONLY = ("KolmogorovSmirnov", "AndersonDarling", "CramerVonMises")
OF_VALUES = (*RANKS_ONLY, "Wasserstein", "Energy")


def sample(values: list[float]) -> Distribution:
    return distribution([values], distinct_ranks=False)


def of(name: str, current: list[float], baseline: list[float]) -> Measured:
    measure = NUMERICAL[name].numbers
    assert measure
    return measured(measure, sample(current), sample(baseline))


@settings(max_examples=50)
@given(current=VALUES, baseline=VALUES)
def test_gaps_and_areas_are_those_of_scipy(current: list[float], baseline: list[float]) -> None:
    unit = np.std(baseline)
    if 0 < unit < 1e-6 * max(map(abs, baseline)):
        return  # SciPy and this lose the digits of such deviations in other ways

    gap = stats.ks_2samp(current, baseline, method="asymp").statistic
    assert of("KolmogorovSmirnov", current, baseline).value == pytest.approx(gap, abs=1e-12)
    if unit > 0:
        area = stats.wasserstein_distance(current, baseline) / unit
        energy = stats.energy_distance(current, baseline) / np.sqrt(unit)
        assert of("Wasserstein", current, baseline).value == pytest.approx(area, 1e-9, 1e-12)
        assert of("Energy", current, baseline).value == pytest.approx(energy, 1e-9, 1e-9)


@given(current=VALUES, baseline=VALUES)
def test_anderson_darling_is_scipys_statistic_with_ties(
    current: list[float], baseline: list[float]
) -> None:
    pooled = np.sort([*current, *baseline])
    if pooled[0] == pooled[-1]:
        assert of("AndersonDarling", current, baseline).value == 0.0
        return
    # The public function standardises it.
    samples = [np.array(current), np.array(baseline)]
    sizes = np.array([len(each) for each in samples])

    expected = vars(_morestats)["_anderson_ksamp_midrank"](
        samples, pooled, np.unique(pooled), 2, sizes, len(pooled)
    )

    assert of("AndersonDarling", current, baseline).value == pytest.approx(expected, 1e-12)


@given(values=st.lists(NUMBER, min_size=6, max_size=60, unique=True), share=st.floats(0.1, 0.9))
def test_cramer_von_mises_is_scipys_without_ties(values: list[float], share: float) -> None:
    cut = max(2, min(len(values) - 2, round(share * len(values))))
    current, baseline = values[:cut], values[cut:]

    expected = stats.cramervonmises_2samp(current, baseline, method="asymptotic")
    found = of("CramerVonMises", current, baseline)

    assert found.value == pytest.approx(expected.statistic, rel=1e-10, abs=1e-10)
    assert found.p_value == pytest.approx(expected.pvalue, abs=2e-7)


@pytest.mark.parametrize("name", RANKS_ONLY)
def test_equal_laws_have_p_values_that_are_uniform(name: str) -> None:
    random = np.random.default_rng(11)

    measure = NUMERICAL[name].numbers
    assert isinstance(measure, CellDistance)
    assert measure.tail
    samples = (map(sample, random.normal(size=(2, 300)).tolist()) for _ in range(200))

    found = [float(measure.tail(measure.cells(*both))) for both in samples]

    assert stats.kstest(found, "uniform").pvalue > 0.01


@given(values=VALUES, name=st.sampled_from(OF_VALUES))
def test_equal_samples_are_not_apart(values: list[float], name: str) -> None:
    assert of(name, values, values * 3).value == pytest.approx(0.0, abs=1e-6)


@given(current=VALUES, baseline=VALUES, name=st.sampled_from(RANKS_ONLY))
def test_ranks_do_not_see_how_values_are_stretched(
    current: list[float], baseline: list[float], name: str
) -> None:
    stretched = [[x**3 for x in each] for each in (current, baseline)]
    if len({*stretched[0], *stretched[1]}) < len({*current, *baseline}):
        return  # some became equal by rounding

    expected = of(name, current, baseline).value
    assert of(name, *stretched).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["Wasserstein", "Energy"])
def test_areas_are_in_deviations_whatever_the_unit(name: str) -> None:
    random = np.random.default_rng(5)
    current, baseline = random.gamma(2.0, size=300) + 0.2, random.gamma(2.0, size=400)

    metres = of(name, current.tolist(), baseline.tolist()).value
    others = of(name, (1000 * current + 7).tolist(), (1000 * baseline + 7).tolist()).value

    assert others == pytest.approx(metres, rel=1e-9)


@pytest.mark.parametrize("name", ["Wasserstein", "Energy"])
def test_a_constant_that_became_another_is_far_away(name: str) -> None:
    assert of(name, [5.0] * 50, [4.0] * 50).value > 1.0
    assert of(name, [4.0] * 50, [4.0] * 90).value == 0.0


@pytest.mark.parametrize("values", [[1e308, -1e308], [np.inf, 0.0]])
def test_numbers_too_large_have_no_interval(values: list[float]) -> None:
    found = of("Wasserstein", values, [1.0, 2.0])

    assert not np.isfinite(found.value)
    assert found.interval is None


@cache
def compacted(rows: int) -> tuple[Distribution, list[float]]:
    """A sketch in which each value of the second level stands for two, and the values themselves."""
    values = np.sort(np.random.default_rng(3).normal(size=rows)).tolist()
    return distribution([[], values[::2]], distinct_ranks=False), values


def test_what_a_sketch_may_be_off_by_widens_intervals_and_weakens_tests() -> None:
    sketch, values = compacted(20_000)
    moved = sample([x + 0.03 for x in values])

    for name in OF_VALUES:
        measure = NUMERICAL[name].numbers
        assert measure
        exact, sketched = (measured(measure, moved, of) for of in (sample(values), sketch))
        assert exact.interval
        assert sketched.interval
        if exact.p_value is not None:
            assert sketched.p_value is not None
            assert sketched.p_value > exact.p_value
        else:
            assert sketched.interval[1] - sketched.interval[0] > (
                exact.interval[1] - exact.interval[0]
            )


@pytest.mark.parametrize("name", ["PSI", "JensenShannon", "Wasserstein", "KolmogorovSmirnov"])
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3])
def test_intervals_hold_the_distance_of_the_laws(name: str, shift: float) -> None:
    law = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    truth = of(name, (law + shift).tolist(), law.tolist()).value
    random = np.random.default_rng(17)

    held = 0
    for _ in range(40):
        current, baseline = random.normal(shift, size=800), random.normal(size=4_000)
        low, high = of(name, current.tolist(), baseline.tolist()).interval or (1.0, 0.0)
        held += low - 1e-3 <= truth <= high

    assert held >= 35
