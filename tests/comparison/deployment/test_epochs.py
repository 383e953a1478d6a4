"""Differences over epochs: the recorded trap of pooled differences, laws, and epochs found."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from driftkit.comparison.deployment.epochs import (
    Within,
    accumulated,
    accumulated_parts,
    combined,
    combined_buckets,
    epoch_weights,
    found_epochs,
    last_looks,
    over_epochs,
    runs_of,
)
from driftkit.comparison.deployment.ratios import (
    Bucketed,
    Moments,
    bucketed_ratio,
    ratio,
    ratio_variance,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.deployment.epochs import Epochs


def within(champion: Floats, challenger: Floats) -> Within:
    """Gives the differences of rates, from rows (requests, successes) of each look."""
    (n0, k0), (n1, k1) = champion.T, challenger.T
    variances = [ratio_variance(Moments.of_mean(n, k, k)) for n, k in ((n0, k0), (n1, k1))]
    return Within(
        difference=ratio(k1, n1) - ratio(k0, n0),
        variance=variances[0] + variances[1],
        champion_units=n0,
        challenger_units=n1,
    )


def recorded_epochs(recorded: dict[str, Any]) -> Within:
    rows = [[epoch[arm] for epoch in recorded["epochs"]] for arm in ("champion", "challenger")]
    return within(np.array(rows[0], float), np.array(rows[1], float))


def epoch_shares(weights: Floats, epochs: Epochs) -> Floats:
    """The share of each epoch in the difference as of the last look."""
    ended = weights[last_looks(epochs)]
    found: Floats = ended / ended.sum()
    return found


def test_the_recorded_epochs(golden: Callable[[str], Path]) -> None:
    expected = json.loads(golden("deployment/tests/epochs.json").read_text())
    given = recorded_epochs(expected)
    epochs = np.arange(2)

    found = combined(given, epochs)

    assert given.difference == pytest.approx(expected["epoch_differences"], rel=1e-9)
    assert epoch_shares(given.weights, epochs) == pytest.approx(expected["epoch_weights"], rel=1e-9)
    assert found.difference[-1] == pytest.approx(expected["difference"], rel=1e-9)
    assert np.sqrt(found.variance[-1]) == pytest.approx(expected["se"], rel=1e-9)
    assert found.units.tolist() == [10_000, 20_000]


@pytest.mark.parametrize("part", [None, "reversed"])
def test_pooled_differences_show_the_level_and_combined_ones_the_arms(
    golden: Callable[[str], Path], part: str | None
) -> None:
    recorded = json.loads(golden("deployment/tests/epochs.json").read_text())
    expected = recorded[part] if part else recorded
    counts = np.array([[epoch["champion"], epoch["challenger"]] for epoch in expected["epochs"]])

    pooled = within(counts.sum(0)[:1].astype(float), counts.sum(0)[1:].astype(float))
    found = combined(recorded_epochs(expected), np.arange(2))

    assert pooled.difference[0] == pytest.approx(expected["pooled_difference"], rel=1e-9)
    assert found.difference[-1] == pytest.approx(expected["difference"], rel=1e-9)


def blocks_of(rng: np.random.Generator, blocks: int) -> tuple[Floats, Floats]:
    requests = rng.poisson(40, (2, blocks)).astype(float)
    right = rng.binomial(requests.astype(np.int64), 0.7).astype(float)
    champion, challenger = np.stack([requests, right], axis=-1)
    return champion, challenger


def test_one_epoch_is_the_pooled_difference() -> None:
    champion, challenger = blocks_of(np.random.default_rng(1), 30)
    epochs = np.zeros(30, dtype=np.int64)

    given = within(accumulated(champion, epochs), accumulated(challenger, epochs))
    found = combined(given, epochs)

    pooled = within(np.cumsum(champion, 0), np.cumsum(challenger, 0))
    assert found.difference == pytest.approx(pooled.difference, rel=1e-14)
    assert found.variance == pytest.approx(pooled.variance, rel=1e-14)
    assert found.units == pytest.approx(pooled.champion_units + pooled.challenger_units)


def test_all_looks_at_once_are_each_look_alone() -> None:
    champion, challenger = blocks_of(np.random.default_rng(2), 24)
    epochs = np.repeat([0, 1, 4], [5, 12, 7])
    found = combined(within(accumulated(champion, epochs), accumulated(challenger, epochs)), epochs)

    for look in range(24):
        weights, differences, variances = [], [], []
        for epoch in np.unique(epochs[: look + 1]):
            of = np.flatnonzero(epochs[: look + 1] == epoch)
            alone = within(champion[of].sum(0)[None], challenger[of].sum(0)[None])
            n0, n1 = alone.champion_units[0], alone.challenger_units[0]
            weights.append(n0 * n1 / (n0 + n1))
            differences.append(alone.difference[0])
            variances.append(alone.variance[0])
        share = np.array(weights) / np.sum(weights)
        assert found.difference[look] == pytest.approx(share @ differences, rel=1e-12)
        assert found.variance[look] == pytest.approx(share**2 @ variances, rel=1e-12)


def test_an_epoch_without_two_units_of_an_arm_is_left_out() -> None:
    champion = np.array([[100.0, 50.0], [100.0, 90.0], [100.0, 20.0]])
    challenger = np.array([[100.0, 60.0], [1.0, 0.0], [0.0, 0.0]])
    epochs = np.arange(3)

    given = within(champion, challenger)
    found = combined(given, epochs)

    assert epoch_shares(given.weights, epochs).tolist() == [1, 0, 0]
    assert found.difference == pytest.approx([0.1, 0.1, 0.1])
    assert found.units.tolist() == [200, 200, 200]


def test_nothing_is_known_before_both_arms_have_units() -> None:
    champion = np.array([[100.0, 50.0], [100.0, 90.0]])
    challenger = np.array([[0.0, 0.0], [100.0, 80.0]])

    found = combined(within(champion, challenger), np.arange(2))

    assert np.isnan(found.difference).tolist() == [True, False]
    assert np.isnan(found.variance).tolist() == [True, False]
    assert found.units.tolist() == [0, 200]


def bucket_sums(rng: np.random.Generator, *, blocks: int, users: int) -> Floats:
    """Gives S and N by arm, block and bucket: users differ, keep to an arm and come back."""
    rates, arm = rng.beta(0.3, 0.3, users), rng.integers(0, 2, users)
    user = rng.integers(0, users, (blocks, 2 * users))
    right = rng.random(user.shape) < rates[user]
    sums = np.zeros((2, 2, blocks, users))
    for block in range(blocks):
        np.add.at(sums[:, 0, block], (arm[user[block]], user[block]), right[block])
        np.add.at(sums[:, 1, block], (arm[user[block]], user[block]), 1)
    return sums


def difference_of_buckets(sums: Floats, epochs: np.ndarray[Any, Any]) -> tuple[Bucketed, Floats]:
    """Gives the difference within each look's epoch, and the weights of the epochs."""
    (s0, n0), (s1, n1) = (
        (accumulated(arm[0], epochs), accumulated(arm[1], epochs)) for arm in sums
    )
    difference = bucketed_ratio(s1, n1) - bucketed_ratio(s0, n0)
    return difference, epoch_weights(n0.sum(-1), n1.sum(-1))


def test_buckets_of_one_epoch_are_those_of_all_blocks() -> None:
    sums = bucket_sums(np.random.default_rng(4), blocks=6, users=50)
    epochs = np.zeros(6, dtype=np.int64)

    difference, weights = difference_of_buckets(sums, epochs)
    value, variance = combined_buckets([difference], weights, epochs)

    champion, challenger = (bucketed_ratio(*np.cumsum(arm, axis=1)) for arm in sums)
    expected = challenger - champion
    assert value == pytest.approx(expected.value, rel=1e-12)
    assert variance == pytest.approx(expected.variance, rel=1e-12)


def test_buckets_of_some_looks_at_a_time_are_those_of_all() -> None:
    epochs = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    sums = bucket_sums(np.random.default_rng(5), blocks=8, users=50)
    difference, weights = difference_of_buckets(sums, epochs)
    whole = combined_buckets([difference], weights, epochs)

    for cuts in itertools.chain.from_iterable(
        itertools.combinations(range(1, 8), n) for n in (1, 3)
    ):
        parts = [
            Bucketed(value=value, residuals=residuals)
            for value, residuals in zip(
                np.split(difference.value, cuts), np.split(difference.residuals, cuts), strict=True
            )
        ]
        found = combined_buckets(parts, weights, epochs)

        assert [each.tobytes() for each in found] == [each.tobytes() for each in whole]


def test_units_that_come_back_in_later_epochs_are_not_new_ones() -> None:
    rng = np.random.default_rng(6)
    epochs = np.arange(4)
    differences, variances, taken_for_independent = [], [], []
    for _ in range(200):
        within_epoch, weights = difference_of_buckets(bucket_sums(rng, blocks=4, users=100), epochs)
        value, variance = combined_buckets([within_epoch], weights, epochs)
        differences.append(value[-1])
        variances.append(variance[-1])
        share = epoch_shares(weights, epochs)
        taken_for_independent.append(share**2 @ within_epoch.variance)

    truth = np.var(differences, ddof=1)
    # The sample variance of 200 normal numbers is off by 10 % in the mean; three times that.
    assert np.mean(variances) == pytest.approx(truth, rel=0.3)
    assert np.mean(taken_for_independent) < 0.6 * truth


def test_sums_start_anew_with_each_epoch_and_go_on_over_them() -> None:
    epochs = np.array([3, 3, 5, 5, 5, 9])
    blocks = np.arange(12, dtype=float).reshape(6, 2)

    inside = accumulated(blocks, epochs)

    assert inside[:, 0].tolist() == [0, 2, 4, 10, 18, 10]
    assert last_looks(epochs).tolist() == [1, 4, 5]
    assert over_epochs(inside, epochs).tolist() == np.cumsum(blocks, axis=0).tolist()


def test_no_blocks_are_no_epochs() -> None:
    none = np.zeros(0, dtype=np.int64)

    assert runs_of(np.zeros((0, 2))).tolist() == []
    assert found_epochs(np.zeros((0, 2))).tolist() == []
    assert accumulated(np.zeros((0, 2)), none).shape == (0, 2)
    assert over_epochs(np.zeros(0), none).shape == (0,)


@pytest.mark.parametrize(
    "rows", [[[900, 100], [860, 140]], [[300, 300, 300], [90, 60, 150]], [[9, 1], [2, 3]]]
)
def test_an_epoch_begins_where_scipy_finds_that_shares_differ(rows: list[list[int]]) -> None:
    p_value = chi2_contingency(rows, correction=False, lambda_="log-likelihood").pvalue

    assert found_epochs(rows, p_value * 1.000001).tolist() == [0, 1]
    assert found_epochs(rows, p_value * 0.999999).tolist() == [0, 0]


def test_epochs_of_a_rollout_are_found() -> None:
    rng = np.random.default_rng(7)
    shares = np.repeat([0.0, 0.1, 0.5], [10, 20, 30])
    challenger = rng.binomial(500, shares)

    found = found_epochs(np.stack([500 - challenger, challenger], axis=1))

    assert found.tolist() == np.repeat([0, 1, 2], [10, 20, 30]).tolist()


def test_few_requests_begin_no_epoch() -> None:
    """One request in two hours goes to the challenger: Pearson's test fails in most of the runs."""
    rng = np.random.default_rng(8)
    challenger = rng.poisson(0.05, (20, 720))

    found = [found_epochs(np.stack([np.full(720, 100), row], axis=1))[-1] for row in challenger]

    assert found == [0] * 20


@pytest.mark.parametrize("width", [1, 1_000])
def test_accumulated_sums_do_not_depend_on_how_many_there_are(width: int) -> None:
    blocks = np.random.default_rng(8).normal(size=(50, width))
    epochs = np.repeat([0, 1], [20, 30])

    found = accumulated(blocks, epochs)

    expected = [np.cumsum(each, axis=0) for each in (blocks[:20], blocks[20:])]
    assert found.tobytes() == np.concatenate(expected).tobytes()


@pytest.mark.parametrize("cuts", [(20,), (1, 19, 21), (10, 35, 49)])
def test_accumulated_sums_do_not_depend_on_how_many_blocks_come_at_a_time(
    cuts: tuple[int, ...],
) -> None:
    blocks = np.random.default_rng(8).normal(size=(50, 200))
    epochs = np.repeat([0, 1], [20, 30])

    found = list(accumulated_parts(np.split(blocks.copy(), cuts), epochs))

    assert np.concatenate(found).tobytes() == accumulated(blocks, epochs).tobytes()


def test_later_blocks_do_not_change_the_epochs_that_were_found() -> None:
    rng = np.random.default_rng(9)
    shares = np.repeat([0.1, 0.5, 0.2, 0.3], [70, 3, 128, 9])
    counts = np.column_stack([rng.binomial(2_000, shares), rng.binomial(2_000, 1 - shares)])

    whole = found_epochs(counts)

    assert whole.tolist() == np.repeat(range(4), [70, 3, 128, 9]).tolist()
    for looks in range(len(counts)):
        assert found_epochs(counts[:looks]).tolist() == whole[:looks].tolist()
