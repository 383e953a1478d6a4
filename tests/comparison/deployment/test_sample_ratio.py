"""Shares of requests against recorded figures, and false alarms counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import chisquare

from driftkit.comparison.deployment.epochs import accumulated
from driftkit.comparison.deployment.sample_ratio import (
    bucketed_shares,
    log_bayes_factor,
    sequential_p_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALPHA = 0.001
RUNS, LOOKS, PER_LOOK = 1_000, 200, 100
# A rate of 0.1 % in 1,000 runs, and three standard deviations more.
MOST_ALARMS = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS)


def recorded_rows(golden: Callable[[str], Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(golden("deployment/tests/srm.json").read_text())["rows"]
    return rows


def test_evidence_is_the_recorded_one(golden: Callable[[str], Path]) -> None:
    """Our own figures: they show that nothing changed, not that the formula is right."""
    for row in recorded_rows(golden):
        found = log_bayes_factor(row["counts"], row["weights"], row["prior"])

        assert found == pytest.approx(row["log_bayes_factor"], rel=1e-9)
        assert np.exp(-np.maximum(found, 0)) == pytest.approx(row["sequential_p"], rel=1e-9)


def test_evidence_is_expected_to_be_one_if_the_shares_are_right() -> None:
    """The law that makes the test valid: summed over all samples of 40, with their chances."""
    from scipy.stats import binom  # noqa: PLC0415

    challenger = np.arange(41)
    counts = np.stack([40 - challenger, challenger], axis=1)

    factors = np.exp(log_bayes_factor(counts, [0.8, 0.2], [4, 1]))

    assert binom.pmf(challenger, 40, 0.2) @ factors == pytest.approx(1, rel=1e-12)


def fair_runs(shares: list[float], truth: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Gives the least p-value of each of the runs, all looks taken."""
    rng = np.random.default_rng(20)
    blocks = rng.multinomial(PER_LOOK, truth, (RUNS, LOOKS)).astype(float)
    one_epoch = np.zeros(LOOKS, dtype=np.int64)
    return np.array(
        [sequential_p_values(np.cumsum(run, axis=0), shares, one_epoch)[-1] for run in blocks]
    )


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], [0.6, 0.3, 0.1]])
def test_fair_runs_are_hardly_ever_alarmed_however_often_one_looks(shares: list[float]) -> None:
    assert np.mean(fair_runs(shares, shares) < ALPHA) <= MOST_ALARMS


def test_unfair_runs_are_found() -> None:
    """Nine tenths that are really 91 %: found at a median of 13,900 requests, says the record."""
    assert np.mean(fair_runs([0.9, 0.1], [0.91, 0.09]) < ALPHA) > 0.5


def test_fair_runs_over_epochs_are_hardly_ever_alarmed() -> None:
    rng = np.random.default_rng(21)
    weights = np.repeat([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]], [20, 60, 20], axis=0)
    epochs = np.repeat(np.arange(3), [20, 60, 20])

    least = [
        sequential_p_values(accumulated(rng.multinomial(200, weights), epochs), weights, epochs)[-1]
        for _ in range(RUNS)
    ]

    assert np.mean(np.array(least) < ALPHA) <= MOST_ALARMS


def test_evidence_of_epochs_multiplies_and_never_gets_lost() -> None:
    counts = np.array([[500.0, 500], [1100, 900], [100, 900], [5000, 45000]])
    weights = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.9], [0.1, 0.9]])

    found = sequential_p_values(counts, weights, np.array([0, 0, 1, 1]))

    first, second, third, fourth = log_bayes_factor(counts, weights)
    assert first < 0 < second
    assert second + third < second
    assert second + fourth < second
    assert found == pytest.approx([1, *[np.exp(-second)] * 3], rel=1e-12)
    later = sequential_p_values(
        np.vstack([counts, [[8000, 43000]]]), [*weights, [0.1, 0.9]], np.array([0, 0, 1, 1, 1])
    )
    evidence = second + log_bayes_factor([8000, 43000], [0.1, 0.9])
    assert later[-1] == pytest.approx(np.exp(-evidence), rel=1e-9)


@pytest.mark.parametrize("counts", [[0, 0], [7, 3]])
def test_arms_without_weight_are_left_out(counts: list[int]) -> None:
    with_third = log_bayes_factor([*counts, 5], [0.5, 0.5, 0])

    assert with_third == pytest.approx(float(log_bayes_factor(counts, [1, 1])), abs=1e-12)


def test_one_arm_with_weight_is_no_test() -> None:
    assert log_bayes_factor([50, 3], [1, 0]) == pytest.approx(0, abs=1e-9)
    assert log_bayes_factor([50, 3], [0, 0]) == 0


def test_users_that_keep_to_arms_are_counted_by_bucket() -> None:
    """Users' requests differ a lot: by them a fair split looks unfair, by buckets it does not."""
    rng = np.random.default_rng(22)
    z, of_requests = [], []
    for _ in range(400):
        arm, bucket = rng.random(1_000) < 0.2, rng.integers(0, 128, 1_000)
        requests = rng.geometric(0.1, 1_000).astype(float)
        counts = np.stack(
            [np.bincount(bucket[arm == one], requests[arm == one], 128) for one in (False, True)]
        )
        z.append(bucketed_shares(counts, [0.8, 0.2]).z)
        requests = counts.sum(1)
        of_requests.append(chisquare(requests, requests.sum() * np.array([0.8, 0.2])).pvalue)

    assert np.std(z, axis=0) == pytest.approx([1, 1], abs=0.12)
    assert np.mean(z, axis=0) == pytest.approx([0, 0], abs=0.15)
    assert np.mean(np.array(of_requests) < ALPHA) > 0.2


def test_shares_of_buckets_add_up_and_leave_out_empty_ones() -> None:
    counts = np.array([[3.0, 0, 1, 4], [1, 0, 3, 0]])

    found = bucketed_shares(np.stack([counts, 2 * counts]), [[1, 1], [3, 1]])

    assert found.shares.sum(axis=-1) == pytest.approx([1, 1])
    assert found.shares[0] == pytest.approx([(0.75 + 0.25 + 1) / 3, (0.25 + 0.75) / 3])
    assert found.variance[0, 0] == pytest.approx(np.var([0.75, 0.25, 1], ddof=1) / 3)
    assert found.z[1] == pytest.approx((found.shares[1] - [0.75, 0.25]) / found.variance[1] ** 0.5)


def test_a_single_bucket_has_no_deviation() -> None:
    assert np.isnan(bucketed_shares([[3, 0], [1, 0]], [1, 1]).z).all()
