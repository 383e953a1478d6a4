"""Curves and bounded means against confseq's numbers, and what must hold of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.comparison.deployment.boundaries import (
    gamma_exponential,
    normal_mixture,
)
from driftkit.comparison.deployment.bounded_means import (
    empirical_bernstein_half_width,
    unit_range,
    window_variation,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def confseq(golden: Callable[[str], Path]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(golden("deployment/sequential/confseq.json").read_text())
    return content


@pytest.mark.parametrize(
    ("name", "count", "curve"),
    [
        ("normal_mixture_two_sided", 24, normal_mixture),
        ("gamma_exponential", 20, gamma_exponential),
    ],
)
def test_mixtures_are_those_of_confseq(
    confseq: dict[str, Any], name: str, count: int, curve: Callable[..., NDArray[np.float64]]
) -> None:
    rows = confseq[name]
    assert len(rows) == count

    for row in rows:
        assert row["alpha_opt"] == row["alpha"]
        assert row.get("c", 1.0) == 1.0
        found = curve(row["v"], alpha=row["alpha"], tuning=row["v_opt"])
        assert float(found) == pytest.approx(row["bound"], rel=1e-9)


def test_the_scale_of_a_mixture_is_a_unit() -> None:
    """A sum of values thrice as large, with nine times the variance, is bounded by thrice."""
    time = np.array([0.0, 1, 50, 4_000])
    thrice = gamma_exponential(9 * time, alpha=0.05, tuning=900, scale=3)
    assert thrice == pytest.approx(3 * gamma_exponential(time, alpha=0.05, tuning=100), rel=1e-10)


@pytest.mark.parametrize("curve", [normal_mixture, gamma_exponential])
def test_mixtures_rise_with_time_and_fall_with_alpha(
    curve: Callable[..., NDArray[np.float64]],
) -> None:
    time = np.geomspace(1e-3, 1e7, 100)
    curves = [curve(time, alpha=alpha, tuning=1_000) for alpha in (0.2, 0.05, 0.001)]

    assert (np.diff(curves, axis=0) > 0).all()
    assert (np.diff(curves, axis=1) > 0).all()


def test_fair_coins_rarely_cross() -> None:
    draws = np.random.default_rng(11)
    sums = (draws.integers(0, 2, (1_000, 1_000)) - 0.5).cumsum(axis=1)
    bound = gamma_exponential(np.arange(1, 1_001) / 4, alpha=0.1, tuning=50)

    crossed = (sums >= bound).any(axis=1).mean()

    assert 0.01 < crossed <= 0.1


def test_conjugate_hoeffding_is_that_of_confseq(confseq: dict[str, Any]) -> None:
    for rows, at, low, high in _recorded(confseq, "conjmix_hoeffding_topt500"):
        mean = rows.cumsum()[at] / (at + 1)
        width = normal_mixture((at + 1) / 4, alpha=0.05, tuning=500 / 4) / (at + 1)
        assert np.clip(mean - width, 0, 1) == pytest.approx(low, rel=1e-9)
        assert np.clip(mean + width, 0, 1) == pytest.approx(high, rel=1e-9)


def test_rows_as_windows_are_confseqs_at_twice_its_alpha(confseq: dict[str, Any]) -> None:
    """It halves alpha twice for two sides."""
    for rows, at, low, high in _recorded(confseq, "conjmix_empbern_vopt100"):
        variation = window_variation(np.ones(rows.size), rows, rows**2)
        mean = rows.cumsum() / np.arange(1, rows.size + 1)
        width = empirical_bernstein_half_width(at + 1, variation[at], alpha=0.05 / 4, tuning=100)
        assert np.clip(mean[at] - width, 0, 1) == pytest.approx(low, rel=1e-9)
        assert np.clip(mean[at] + width, 0, 1) == pytest.approx(high, rel=1e-9)


def _recorded(
    confseq: dict[str, Any], method: str
) -> list[tuple[NDArray[np.float64], NDArray[np.int64], list[float], list[float]]]:
    found = [row for row in confseq["cs"] if row["method"] == method]
    assert len(found) == 2
    series = {name: np.array(rows) for name, rows in confseq["series"].items()}
    return [
        (series[row["series"]], np.array(row["at"]) - 1, row["lower"], row["upper"])
        for row in found
    ]


def test_windows_are_as_recorded(confseq: dict[str, Any], golden: Callable[[str], Path]) -> None:
    file = golden("deployment/sequential/window_empirical_bernstein.json")
    expected = json.loads(file.read_text())[
        "golden: series beta of confseq.json in 6 windows of 100"
    ]
    windows = np.array(confseq["series"]["beta"]).reshape(6, 100)
    counts = np.full(6, 100)
    sums, squares = windows.sum(axis=1), (windows**2).sum(axis=1)

    variation = window_variation(counts, sums, squares)
    width = empirical_bernstein_half_width(counts.cumsum(), variation, alpha=0.025, tuning=100)

    assert counts.cumsum().tolist() == [row["n"] for row in expected]
    assert sums.cumsum() / counts.cumsum() == pytest.approx([row["mean"] for row in expected])
    assert variation == pytest.approx([row["V"] for row in expected], rel=1e-9)
    assert width == pytest.approx([row["half_width"] for row in expected], rel=1e-9)


def _coins(mean: float) -> Callable[[np.random.Generator], NDArray[np.float64]]:
    return lambda draws: (draws.random(SIZE) < mean).astype(np.float64)


SIZE = (30, 100, 300)


@pytest.mark.parametrize(
    ("name", "mean", "drawn"),
    [
        ("bernoulli 0.1", 0.1, _coins(0.1)),
        ("beta(2,5)", 2 / 7, lambda draws: draws.beta(2, 5, SIZE)),
        ("bernoulli 0.5", 0.5, _coins(0.5)),
    ],
)
def test_means_are_missed_as_rarely_as_recorded(
    golden: Callable[[str], Path],
    name: str,
    mean: float,
    drawn: Callable[[np.random.Generator], NDArray[np.float64]],
) -> None:
    file = golden("deployment/sequential/window_empirical_bernstein.json")
    expected = json.loads(file.read_text())[name]
    values = drawn(np.random.default_rng(2))
    counts = np.full((30, 300), 100)

    variation = window_variation(counts, values.sum(axis=1), (values**2).sum(axis=1))
    units = counts.cumsum(axis=0)
    width = empirical_bernstein_half_width(units, variation, alpha=0.025, tuning=100)

    missed = np.abs(values.sum(axis=1).cumsum(axis=0) / units - mean) > width
    assert missed.any(axis=0).mean() <= 0.05
    assert width[-1].mean() == pytest.approx(expected["half_width_windows"], rel=0.01)


def test_windows_without_rows_change_nothing() -> None:
    some = window_variation([3, 4], [1.0, 2.0], [0.5, 1.5])
    more = window_variation([0, 3, 0, 4], [0.0, 1, 0, 2], [0.0, 0.5, 0, 1.5])

    assert more.tolist() == [0.0, some[0], some[0], some[1]]
    assert empirical_bernstein_half_width(0, 0.0, alpha=0.05, tuning=100) == np.inf


def test_values_are_mapped_to_the_unit_range() -> None:
    values = np.random.default_rng(0).uniform(-3, 5, 40)
    sums = unit_range(40, values.sum(), (values**2).sum(), span=(-3, 5))

    mapped = (values + 3) / 8
    assert (float(sums[0]), float(sums[1])) == pytest.approx((mapped.sum(), (mapped**2).sum()))
