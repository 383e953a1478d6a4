"""Bias of two arms: variances, epochs, users, and how often its bounds are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.deployment.magnitudes import magnitude_difference
from driftkit.monitors.deployment.decision import decide
from driftkit.monitors.deployment.evidence import Looks
from driftkit.monitors.deployment.reasons import lacking
from driftkit.monitors.deployment.verdicts import verdict_of
from driftkit.states.deployment.arms import ArmLayout, added
from driftkit.states.deployment.metrics import rest_of
from tests.monitors.deployment.group_sums import bias, drawn, of_rates
from tests.monitors.deployment.sums import BEGIN, plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.formats.deployment.plan_choices import Method


@pytest.mark.parametrize("few", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_few_rows_of_a_group_decide_nothing(few: tuple[int, int]) -> None:
    trials = np.full((2, 2), 5_000.0)
    trials[few] = 40.0
    sums, metric = of_rates([[0.2, 0.2], [0.2, 0.2]], trials)

    [found] = decide(plan(metric), sums)

    # Eight rows with the event.
    assert not found.judged[0].bounds.ready[-1]
    assert lacking(found.judged[0], -1) == "too few data"


def test_epochs_are_compared_by_themselves() -> None:
    metric = bias()
    layout = ArmLayout(arms=("old", "new"), metrics=(metric.name, rest_of(metric)))
    # The group's share of rows and the level change with the weights.
    trials = np.array([[[900, 900], [100, 100]], [[200, 800], [200, 800]]], float)
    rates = np.array([[[0.2, 0.3], [0.1, 0.3]], [[0.6, 0.7], [0.8, 0.7]]])
    sums = drawn(layout, rates * trials, trials)
    looks = Looks(
        sums=sums,
        blocks=np.unique(sums.keys[:, 0]),
        epochs=np.array([0, 1]),
        arms=(0, 1),
    )

    found = looks.evidence(0, metric)

    old, new = np.moveaxis(rates[..., 1] - rates[..., 0], 1, 0)
    units = trials.prod(axis=2) / trials.sum(axis=2)
    weights = units.prod(axis=1) / units.sum(axis=1)
    share = weights / weights.sum()
    expected = magnitude_difference(share @ (new - old), share @ (new + old))
    assert found.difference[-1] == pytest.approx(float(expected))
    assert found.bias is not None
    of_rates_ = rates * (1 - rates) / (trials - 1)
    assert found.bias.difference_variance[-1] == pytest.approx(
        float(share**2 @ of_rates_.sum(axis=(1, 2)))
    )
    assert found.units[-1] == trials.sum()


def test_users_who_come_back_are_not_independent() -> None:
    random = np.random.default_rng(4)
    buckets, metric = 64, bias("SD")
    layout = ArmLayout(arms=("old", "new"), metrics=(metric.name, rest_of(metric)), buckets=buckets)
    n = random.integers(5, 40, (2, 2, buckets)).astype(float)
    k = np.floor(n * random.beta(2, 5, (2, 2, buckets)))
    bare = replace(layout, buckets=0)
    sums = drawn(bare, k.sum(axis=2)[None], n.sum(axis=2)[None])
    sums = replace(sums, layout=layout, buckets=np.stack([k, n], axis=2))
    looks = Looks(sums=sums, blocks=np.array([BEGIN]), epochs=np.zeros(1, np.int64), arms=(0, 1))

    found = looks.evidence(0, metric)

    # Cells stand side by side, for a user may see both arms.
    cells = np.concatenate([k.reshape(4, -1), n.reshape(4, -1)]).T

    def signed(sums: NDArray[np.float64], way: float) -> NDArray[np.float64]:
        rates = sums[..., :4] / sums[..., 4:]
        # Specificity of the group less that of the rest.
        return np.asarray((rates[..., 2] - rates[..., 3]) + way * (rates[..., 0] - rates[..., 1]))

    assert found.bias is not None
    for way, value, variance in (
        (-1.0, found.bias.difference, found.bias.difference_variance),
        (1.0, found.bias.total, found.bias.total_variance),
    ):
        assert value[0] == pytest.approx(float(signed(cells.sum(axis=0), way)))
        without = signed(cells.sum(axis=0) - cells, way)
        jackknife = (buckets - 1) * np.var(without)
        assert variance[0] == pytest.approx(float(jackknife), rel=0.05)
    assert found.users is not None
    assert found.users.tolist() == [[buckets, buckets]]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (0.05, 0.10, "promote"),
        (-0.05, 0.10, "promote"),
        (0.0, 0.05, "promote"),
        (0.05, 0.10, "roll_back"),
        (0.10, -0.15, "roll_back"),
    ],
)
def test_bounds_at_the_margin_hold_in_95_of_100_runs(old: float, new: float, wrong: str) -> None:
    """The truth is at the margin; either side may be claimed in 5 % of all runs, at any look."""
    runs, blocks, rows, level = 200, 40, np.array([[60.0, 240.0], [60.0, 240.0]]), 0.4
    metric = bias(margin=0.05)
    layout = ArmLayout(arms=("old", "new"), metrics=(metric.name, rest_of(metric)))
    # Bias is the rate of the rest less that of the group.
    rates = np.array([[level - old, level], [level - new, level]])
    random = np.random.default_rng(11)

    claimed = 0
    for _ in range(runs):
        sums = drawn(layout, random.binomial(rows.astype(int), rates, (blocks, 2, 2)), rows)
        [found] = decide(plan(metric), sums)
        judged = found.judged[0]
        claimed += bool((judged.passes if wrong == "promote" else judged.harmed).any())

    # 5 % of 200 and three standard deviations of it.
    assert claimed <= 19


def test_a_longer_series_is_measured_to_where_its_truth_lies() -> None:
    sums, metric = of_rates([[0.30, 0.40], [0.45, 0.40]], np.full((2, 2), 500.0), blocks=100)

    [found] = decide(plan(metric), sums)

    bounds, evidence = found.judged[0].bounds, found.judged[0].evidence
    assert evidence.bias is not None
    assert evidence.bias.difference[-1] == pytest.approx(-0.15)
    assert evidence.difference[-1] == pytest.approx(-0.05)
    # Larger is better here.
    assert 0.0 < bounds.low[-1] < 0.05 < bounds.high[-1] < 0.1
    assert found.verdict == "promote"


def test_hours_add_up() -> None:
    sums, metric = of_rates([[0.2, 0.3], [0.25, 0.3]], np.full((2, 2), 500.0), blocks=6)
    hours = [sums.chosen(sums.keys[:, 0] == block) for block in np.unique(sums.keys[:, 0])]

    [whole], [parts] = (decide(plan(metric), each) for each in (sums, added(hours[::-1])))

    assert parts.judged[0].bounds.low.tolist() == whole.judged[0].bounds.low.tolist()


@pytest.mark.parametrize("method", ["group_sequential", "fixed"])
def test_other_methods_bound_it_too(method: Method) -> None:
    sums, metric = of_rates([[0.2, 0.3], [0.15, 0.3]], np.full((2, 2), 2_000.0), blocks=10)
    base = plan(metric)
    horizon = replace(base.horizon, units=80_000, looks=4 if method != "fixed" else None)
    chosen = replace(base, method=method, horizon=horizon)

    [found] = decide(chosen, sums)

    bounds = found.judged[0].bounds
    assert bounds.ready[-1]
    assert np.isnan(bounds.log_e_value).all()
    assert bounds.low[-1] < -0.05 < bounds.high[-1] < 0
    assert lacking(found.judged[0], -1) is None
    assert verdict_of(chosen, [found]).metrics[0].p_value is None


def test_exact_bounds_are_of_no_bias() -> None:
    sums, metric = of_rates([[0.2, 0.3], [0.15, 0.3]], np.full((2, 2), 2_000.0))

    [found] = decide(replace(plan(metric), method="exact"), sums)

    assert "not of bias" in (lacking(found.judged[0], -1) or "")
