"""Changes of units are recognised, and nothing else is taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.distributions import Distribution, distribution
from driftkit.comparison.rescaling import rescaling

RNG = np.random.default_rng(7)
POSITIVE = RNG.gamma(2.0, 12.0, size=3000)


def of(values: np.typing.NDArray[np.float64]) -> Distribution:
    return distribution([values.tolist()], distinct_ranks=False)


@pytest.mark.parametrize("factor", [60.0, 1 / 60, 1.609344, 1 / 1000, 3.7])
@pytest.mark.parametrize("rounded", [True, False])
def test_a_factor_is_found_in_another_sample(factor: float, *, rounded: bool) -> None:
    before = POSITIVE.round() if rounded else POSITIVE
    after = RNG.gamma(2.0, 12.0, size=500) * factor

    change = rescaling(of(before), of(after))

    assert change is not None
    assert change.factor == pytest.approx(factor, rel=0.1)
    assert change.shift == 0.0


@pytest.mark.parametrize(
    ("factor", "units"),
    [(60.0, "hours to minutes"), (1 / 60, "minutes to hours"), (1.609344, "miles to kilometres")],
)
def test_known_factors_name_their_units(factor: float, units: str) -> None:
    change = rescaling(of(POSITIVE), of(POSITIVE * factor * 1.01))

    assert change is not None
    assert change.factor == factor
    assert units in change.units


def test_a_shift_is_found() -> None:
    change = rescaling(of(RNG.normal(20, 5, size=3000)), of(RNG.normal(293.15, 5, size=500)))

    assert change is not None
    assert change.factor == 1.0
    assert change.shift == pytest.approx(273.15, abs=1.0)


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (POSITIVE, POSITIVE * 1.8 + 32, "Celsius to Fahrenheit"),
        (POSITIVE, (POSITIVE - 32) / 1.8, "Fahrenheit to Celsius"),
    ],
)
def test_temperatures_are_known(
    before: np.typing.NDArray[np.float64], after: np.typing.NDArray[np.float64], units: str
) -> None:
    change = rescaling(of(before), of(after))

    assert change is not None
    assert units in change.units


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(POSITIVE, id="the same"),
        pytest.param(RNG.permutation(POSITIVE)[:2000] ** 2, id="another shape"),
        pytest.param(np.where(RNG.random(3000) < 0.4, 0.0, POSITIVE), id="many zeros"),
        pytest.param(np.full(100, 3.0), id="constant"),
        pytest.param(RNG.normal(size=100) * 1e300, id="too large to be squared"),
        pytest.param(np.array([np.nan, np.inf, 1.0, 2.0, 3.0, 4.0, 5.0]), id="not finite"),
        pytest.param(np.array([0.0, 1.0, 1.0]), id="a flag"),
    ],
)
def test_other_changes_are_none_of_units(after: np.typing.NDArray[np.float64]) -> None:
    assert rescaling(of(POSITIVE), of(after)) is None
