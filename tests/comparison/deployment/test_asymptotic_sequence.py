"""Asymptotic sequences against gbstats' numbers, quadrature and simulated looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import integrate, stats

from driftkit.comparison.deployment.asymptotic_sequence import (
    one_sided_half_width,
    two_sided_log_e_value,
    two_sided_p_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def rows(golden: Callable[[str], Path]) -> dict[str, NDArray[np.float64]]:
    """All recorded comparisons, a value of each a row."""
    content = json.loads(golden("deployment/sequential/asymptotic_cs.json").read_text())
    table = [_flat(row) for row in content["rows"]]
    return {name: np.array([row[name] for row in table]) for name in table[0]}


def _flat(row: dict[str, Any]) -> dict[str, float]:
    arms = [row["control"], row["treatment"]]
    return {
        "units": sum(arm["n"] for arm in arms),
        "variance": sum(arm["variance"] / arm["n"] for arm in arms),
        "difference": row["difference"],
        "alpha": row["alpha"],
        "tuning": row["N"],
        "one_sided": row["half_width_one_sided"],
        "p": row["gbstats_080"]["p"],
    }


def test_sequences_are_those_of_gbstats(rows: dict[str, NDArray[np.float64]]) -> None:
    args = rows["units"], rows["variance"]
    assert len(rows["units"]) == 18
    for index, (alpha, tuning) in enumerate(zip(rows["alpha"], rows["tuning"], strict=True)):
        one = one_sided_half_width(*args, alpha=alpha, tuning=tuning)[index]
        p = two_sided_p_value(rows["difference"], *args, alpha=alpha, tuning=tuning)[index]

        assert one == pytest.approx(rows["one_sided"][index], rel=1e-9)
        assert p == pytest.approx(rows["p"][index], rel=1e-9)


UNITS = np.geomspace(50, 1e6, 200)
VARIANCE = 0.7 / UNITS


def test_widths_are_positive_and_fall_with_units_and_alpha() -> None:
    widths = [
        one_sided_half_width(UNITS, VARIANCE, alpha=a, tuning=5_000) for a in (0.1, 0.05, 0.01)
    ]

    assert (widths[0] > 0).all()
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()
    assert (np.diff(widths[1]) < 0).all()


def test_sequence_is_nearly_tightest_where_it_is_tuned() -> None:
    tuned = one_sided_half_width(8_000, 1e-4, alpha=0.05, tuning=8_000)
    others = [
        one_sided_half_width(8_000, 1e-4, alpha=0.05, tuning=tuning)
        for tuning in np.geomspace(500, 100_000, 100)
    ]

    assert float(tuned) == pytest.approx(min(map(float, others)), rel=1e-3)


@pytest.mark.parametrize(("units", "variance"), [(0, 0.0), (100, 0.0), (0, 1.0), (100, np.nan)])
def test_nothing_known_excludes_nothing(units: float, variance: float) -> None:
    known: dict[str, float] = {"alpha": 0.05, "tuning": 500}
    data = units, variance
    assert one_sided_half_width(*data, **known) == np.inf
    assert two_sided_p_value(0.3, *data, **known) == 1
    assert two_sided_log_e_value(0.3, *data, **known) <= 0


def test_two_sided_evidence_is_the_mixture_of_likelihoods() -> None:
    """The normal mixture of the likelihood ratios, by quadrature."""
    n, variance, excess, alpha, tuning = 900, 0.003, 0.11, 0.05, 1_500.0
    level = -2 * np.log(alpha)
    spread = np.sqrt((level + np.log(level + 1)) / tuning)
    total = n * excess / np.sqrt(n * variance)

    def both(drift: float) -> float:
        density = stats.norm.pdf(drift, scale=spread)
        return float(density * np.exp(drift * total - n * drift**2 / 2))

    mixed = integrate.quad(both, -12 * spread, 12 * spread, epsabs=0, limit=400)[0]
    found = two_sided_log_e_value(excess, n, variance, alpha=alpha, tuning=tuning)
    assert float(found) == pytest.approx(np.log(mixed), rel=1e-8)


def test_verdicts_by_the_margin_are_as_rarely_wrong_as_recorded(
    golden: Callable[[str], Path],
) -> None:
    """2,000 rollouts of 100 looks: promoted or rolled back wrongly less often than alpha."""
    content = json.loads(golden("deployment/sequential/checks.json").read_text())
    recorded = content["decision by the margin (M=0.01)"]

    for seed, (rates, expected) in enumerate(recorded.items()):
        base, rate = map(float, rates.split("->"))
        promoted, rolled_back = _verdicts(np.random.default_rng(seed), base, rate)

        shares = {"promote": promoted.mean(), "roll_back": rolled_back.mean()}
        for name, share in shares.items():
            spread = np.sqrt(2 * expected[name] * (1 - expected[name]) / 2_000)
            assert share == pytest.approx(expected[name], abs=4 * spread + 0.0015)
        if rate == 0.09:
            assert max(shares.values()) <= 0.05


def _verdicts(
    draws: np.random.Generator, base: float, rate: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of 2,000 rollouts were promoted and which rolled back, by whichever came first."""
    margin, block, runs, looks = 0.01, 200, 2_000, 100
    units = np.arange(1, looks + 1) * block
    old = draws.binomial(block, base, (runs, looks)).cumsum(axis=1) / units
    new = draws.binomial(block, rate, (runs, looks)).cumsum(axis=1) / units
    variance = (old * (1 - old) + new * (1 - new)) / (units - 1)
    width = one_sided_half_width(2 * units, variance, alpha=0.05, tuning=5_000)
    better = _first(new - old - width > -margin)
    worse = _first(new - old + width < -margin)
    return better < worse, worse < better


def _first(decided: NDArray[np.bool_]) -> NDArray[np.intp]:
    return np.asarray(np.where(decided.any(axis=1), decided.argmax(axis=1), decided.shape[1]))
