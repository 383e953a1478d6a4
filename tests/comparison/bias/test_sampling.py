"""Resampled counts against closed formulas and against resampled rows."""

from __future__ import annotations

import time

import numpy as np
import pytest

from driftkit.comparison.bias.drift import allowed_range, noise_rule, point_rule
from driftkit.comparison.bias.metrics import METRICS
from driftkit.comparison.bias.noise import ASINH, LOG, Noise, z_of
from driftkit.comparison.bias.sampling import metric_noise
from driftkit.comparison.bias.table import GroupTable
from tests.comparison.bias.tables import single

SIDES = (0.4, 0.25)


def _rows(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    facet = random.random(rows) < 0.3
    label = random.random(rows) < np.where(facet, *reversed(SIDES))
    prediction = label ^ (random.random(rows) < 0.2)
    return facet, label, prediction


def test_deviation_of_a_difference_of_shares_is_the_textbooks() -> None:
    facet, label, prediction = _rows(20_000)
    table = single(facet, label, prediction)

    found = metric_noise(table, [METRICS["DPL"]], seed=1, resamples=4000)["DPL"]

    shares = [label[side].mean() for side in (facet, ~facet)]
    sizes = [facet.sum(), (~facet).sum()]
    parts = [p * (1 - p) / n for p, n in zip(shares, sizes, strict=True)]
    assert found.deviation == pytest.approx(np.sqrt(sum(parts)), rel=0.05)


@pytest.mark.parametrize("name", ["DI", "RD", "AD", "GE", "KL", "TE", "DCR"])
def test_drawing_counts_is_drawing_rows(name: str) -> None:
    facet, label, prediction = _rows(800)
    metric = METRICS[name]
    random = np.random.default_rng(5)

    found = metric_noise(single(facet, label, prediction), [metric], seed=2, resamples=3000)[name]

    values = []
    for _ in range(1500):
        drawn = random.integers(0, len(facet), len(facet))
        values.append(metric.value(single(facet[drawn], label[drawn], prediction[drawn])))
    assert found.deviation == pytest.approx(np.std(metric.scale.to(np.array(values))), rel=0.12)


def test_the_same_seed_gives_the_same_spread() -> None:
    table = single(*_rows(500))

    assert metric_noise(table, [METRICS["DI"]], seed=3) == metric_noise(
        table, [METRICS["DI"]], seed=3
    )
    assert metric_noise(table, [METRICS["DI"]], seed=3) != metric_noise(
        table, [METRICS["DI"]], seed=4
    )


def test_counts_of_nothing_and_infinite_ratios_have_a_spread() -> None:
    facet = np.arange(40) < 20
    label = np.ones(40, dtype=bool)
    prediction = np.arange(40) % 2 == 0

    found = metric_noise(single(facet, label, prediction), list(METRICS.values()), seed=0)

    assert found["DPL"].deviation > 0
    assert np.isfinite(found["TE"].centre)


def test_intervals_cost_less_than_a_second_whatever_the_rows() -> None:
    random = np.random.default_rng(0)
    counts = random.integers(10_000_000, 100_000_000, (2, 2, 2, 20)).astype(float)
    table = GroupTable(counts=counts, weighted=np.ones(20, dtype=bool), group_problem=None)

    began = time.process_time()
    found = metric_noise(table, list(METRICS.values()), seed=0)

    assert len(found) == len(METRICS)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("baseline", "ratio", "expected"),
    [
        (0.2, False, (-0.2, 0.2)),
        (-0.2, False, (-0.2, 0.2)),
        (0.8, True, (0.8, 1.25)),
        (1.25, True, (0.8, 1.25)),
        (0.0, True, (0.0, np.inf)),
    ],
)
def test_allowed_ranges(baseline: float, ratio: bool, expected: tuple[float, float]) -> None:  # noqa: FBT001
    assert allowed_range(baseline, ratio=ratio) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("current", "deviation", "worse"), [(0.3, 0.01, True), (0.3, 0.2, False), (0.1, 0.01, False)]
)
def test_only_what_is_beyond_noise_is_worse(
    current: float,
    deviation: float,
    worse: bool,  # noqa: FBT001
) -> None:
    spread = Noise(centre=current, deviation=deviation)

    found = noise_rule(current, -0.2, None, spread, z_of(0.95))

    assert found.worse is worse
    assert found.differs_from_point_rule is (worse != point_rule(current, -0.2).worse)


def test_ratios_are_as_far_from_one_on_either_side() -> None:
    spread = Noise(centre=1.25, deviation=0.001, scale=LOG)

    assert not noise_rule(1.25, 0.8, None, spread, 2).worse
    assert noise_rule(0.5, 1.25, None, Noise(centre=0.5, deviation=0.1, scale=LOG), 2).worse
    assert spread.detectable(0.95) == pytest.approx(np.exp((1.959964 + 0.841621) * 0.001))


def test_differences_of_ratios_spread_like_ratios_far_from_zero() -> None:
    low, high = Noise(centre=100.0, deviation=0.1, scale=ASINH).interval(2)

    assert (low, high) == pytest.approx((100 / np.exp(0.2), 100 * np.exp(0.2)), rel=1e-3)
