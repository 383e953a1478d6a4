"""The trend of a difference over days, against NumPy's weighted line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.deployment.epochs import Within
from driftkit.comparison.deployment.novelty import trend

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DAYS = np.repeat(np.arange(20_000, 20_005), 3)
CELLS = np.repeat(np.arange(5), 3)


def within(differences: ArrayLike, variances: ArrayLike, units: ArrayLike) -> Within:
    return Within(
        difference=np.asarray(differences, dtype=np.float64),
        variance=np.asarray(variances, dtype=np.float64),
        champion_units=np.asarray(units, dtype=np.float64),
        challenger_units=np.full(len(np.asarray(units)), 1000.0),
    )


def test_the_line_is_numpys_at_every_look() -> None:
    rng = np.random.default_rng(1)
    variances = rng.uniform(1e-4, 4e-4, 15)
    differences = 0.01 * (DAYS - DAYS[0]) + rng.normal(0, np.sqrt(variances))

    found = trend(within(differences, variances, np.full(15, 100)), DAYS, CELLS)

    assert np.isnan(found.slope[:3]).all()
    assert not found.changing[:3].any()
    for look in range(3, 15):
        # The last look of each day before, and this one.
        seen = [*range(2, look - look % 3, 3), look]
        line, covariance = np.polyfit(
            DAYS[seen] - DAYS[0], differences[seen], 1, w=variances[seen] ** -0.5, cov="unscaled"
        )
        assert found.slope[look] == pytest.approx(line[0], rel=1e-9)
        assert found.z[look] == pytest.approx(line[0] / np.sqrt(covariance[0, 0]), rel=1e-9)


@pytest.mark.parametrize(("slope", "changing"), [(0.0, False), (-0.01, True), (0.01, True)])
def test_an_effect_that_wears_off_or_grows_is_changing(slope: float, *, changing: bool) -> None:
    differences = 0.05 + slope * (DAYS - DAYS[0])

    found = trend(within(differences, np.full(15, 1e-5), np.full(15, 100)), DAYS, CELLS)

    assert found.slope[-1] == pytest.approx(slope, abs=1e-12)
    assert found.changing[-1] == changing


def test_days_with_few_units_or_without_variance_say_nothing() -> None:
    differences, variances = np.full(15, 0.02), np.full(15, 1e-4)
    plain = trend(within(differences, variances, np.full(15, 100)), DAYS, CELLS)
    units = np.full(15, 100)
    units[3:6], differences[3:6], variances[3:6] = 49, 9.0, 1e-9
    differences[9:12], variances[9:12] = np.nan, 0.0

    found = trend(within(differences, variances, units), DAYS, CELLS)

    assert plain.z[-1] == pytest.approx(0, abs=1e-9)
    assert found.z[-1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("units", [[100, 100, 100], [3, 100, 100]])
def test_epochs_of_one_day_are_no_trend(units: list[int]) -> None:
    given = within([0.1, 0.3, 0.2], [1e-6, 3e-6, 7e-6], units)
    days = [20_007 - (units[0] == 3), 20_007, 20_007]

    found = trend(given, days, np.arange(3))

    assert np.isnan(found.slope).all()
    assert not found.changing.any()


def test_no_trend_is_rarely_a_change() -> None:
    rng = np.random.default_rng(2)
    days = np.arange(14)
    looks = [
        trend(within(rng.normal(0, 0.01, 14), np.full(14, 1e-4), np.full(14, 100)), days, days)
        for _ in range(500)
    ]

    # |z| > 3 in 0.27 % of experiments without a trend.
    assert np.mean([each.changing[-1] for each in looks]) < 0.01
    assert np.std([each.z[-1] for each in looks]) == pytest.approx(1, abs=0.1)
