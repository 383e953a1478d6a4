"""Off-policy estimates against obp on logged requests, and laws."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.comparison.deployment.off_policy import Evaluation, Log, evaluate, reward_model
from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARMS = 34
ESTIMATORS = {
    "ipw": "ips",
    "ipw_clip10": "clipped_ips",
    "snipw": "snips",
    "dm": "dm",
    "dr": "dr",
    "dr_clip10": "clipped_dr",
    "sndr": "sndr",
    "switch_dr_10": "switch_dr",
    "dr_shrink_lambda10": "shrinkage_dr",
}


def by_request(
    arms: np.ndarray, rewards: np.ndarray, propensities: np.ndarray, **others: np.ndarray
) -> Log:
    none = np.zeros(len(arms), dtype=np.int64)
    return Log(
        arms=arms,
        segments=others.get("segments", none),
        halves=others.get("halves", none),
        propensities=propensities,
        requests=np.ones(len(arms)),
        rewards=rewards,
        squares=rewards**2,
    )


def summed(log: Log) -> Log:
    """The same requests as sums of cells with the same arm, segment, half and propensity."""
    keys = np.stack([log.arms, log.segments, log.halves, log.propensities], axis=1)
    cells, where = np.unique(keys, axis=0, return_inverse=True)
    values = (log.requests, log.rewards, log.squares)
    sums = [np.bincount(where.ravel(), each).astype(np.float64) for each in values]
    arms, segments, halves = cells[:, :3].astype(np.int64).T
    return Log(
        arms=arms,
        segments=segments,
        halves=halves,
        propensities=cells[:, 3],
        requests=sums[0],
        rewards=sums[1],
        squares=sums[2],
    )


def simulated(size: int = 500, seed: int = 0) -> Log:
    drawn = np.random.default_rng(seed)
    segments, halves = drawn.integers(0, 2, size=(2, size))
    chances = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    arms = (drawn.random((size, 1)) > chances.cumsum(axis=1)[segments]).sum(axis=1)
    rewards = drawn.normal(1.0 + arms * segments, 1.0)
    propensities = chances[segments, arms]
    return by_request(arms, rewards, propensities, segments=segments, halves=halves)


@pytest.fixture(scope="session")
def logged(golden: Callable[[str], Path]) -> Callable[[str], Log]:
    def read(name: str) -> Log:
        text = golden(f"deployment/ope/obd_{name}_men.csv").read_text()
        rows = list(csv.DictReader(text.splitlines()))
        return by_request(
            np.array([int(row["item_id"]) for row in rows]),
            np.array([float(row["click"]) for row in rows]),
            np.array([float(row["propensity_score"]) for row in rows]),
        )

    return read


@pytest.fixture(scope="session")
def recorded(golden: Callable[[str], Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        golden("deployment/ope/obp_estimates.json").read_text()
    )["rows"]
    return rows


def model_of(log: Log) -> np.ndarray:
    """The model that the recorded estimates were made with: smoothed mean clicks of the log."""
    clicks, shows = (np.bincount(log.arms, each, ARMS) for each in (log.rewards, log.requests))
    return np.broadcast_to((clicks + 1) / (shows + 100), (2, 1, ARMS))


@pytest.mark.parametrize("form", ["requests", "sums"])
@pytest.mark.parametrize("number", range(6))
def test_estimates_are_obps(
    logged: Callable[[str], Log], recorded: list[dict[str, Any]], number: int, form: str
) -> None:
    row = recorded[number]
    log = logged(row["log"])
    given_log = log if form == "requests" else summed(log)
    policy = np.array([row["policy_probabilities"]])

    found = evaluate(given_log, policy, model=model_of(log))

    for theirs, ours in ESTIMATORS.items():
        assert found.estimates[ours].value == pytest.approx(row[theirs], abs=1e-10), ours
    assert found.estimates["ips"].standard_error == pytest.approx(row["ipw_se"], rel=1e-9)
    assert found.effective_sample == pytest.approx(row["ess"], rel=1e-10)
    assert found.largest_weight == pytest.approx(row["max_weight"], rel=1e-12)
    assert found.logged.value == pytest.approx(row["mean_click"], rel=1e-12)


def numbers(found: Evaluation) -> list[float]:
    pairs = [(each.value, each.standard_error) for each in found.estimates.values()]
    others = (found.effective_sample, found.largest_weight, found.mean_weight, found.untried)
    return [*np.ravel(pairs), *others, found.logged.value, found.logged.standard_error]


@pytest.mark.parametrize("seed", range(20))
def test_sums_say_what_their_requests_say(seed: int) -> None:
    log = simulated(60, seed)
    policy = np.array([[0.2, 0.2, 0.6], [0.0, 1.0, 0.0]])

    assert numbers(evaluate(summed(log), policy)) == pytest.approx(
        numbers(evaluate(log, policy)), rel=1e-9, abs=1e-12, nan_ok=True
    )


def test_the_policy_of_the_log_earns_what_it_earned() -> None:
    log = simulated()

    found = evaluate(log, np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]))

    for name in ("ips", "clipped_ips", "snips"):
        assert found.estimates[name].value == pytest.approx(found.logged.value, rel=1e-12)
        assert found.estimates[name].standard_error == pytest.approx(
            found.logged.standard_error, rel=1e-9
        )
    assert found.effective_sample == pytest.approx(500)
    assert found.mean_weight == pytest.approx(1)


def test_estimates_cover_the_truth_as_often_as_they_say() -> None:
    policy = np.array([[0.0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    truth = 0.5 * 1.0 + 0.5 * 2.0
    names = ("ips", "snips", "dr", "sndr")

    covered = dict.fromkeys(names, 0)
    for seed in range(200):
        found = evaluate(summed(simulated(400, seed)), policy)
        for name in names:
            each = found.estimates[name]
            covered[name] += abs(each.value - truth) < 1.96 * each.standard_error

    assert min(covered.values()) >= 180


def test_a_model_makes_estimates_surer_where_it_is_right() -> None:
    log, policy = simulated(2_000), np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    right = np.broadcast_to([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]], (2, 2, 3))

    found = evaluate(log, policy, model=right).estimates

    assert found["dm"].value == pytest.approx(1 + 2 * log.segments.mean())
    assert found["dr"].standard_error < found["ips"].standard_error
    assert found["dr"].value == pytest.approx(found["dm"].value, abs=4 * found["dr"].standard_error)


def test_no_request_speaks_for_itself_in_the_model() -> None:
    log = by_request(
        np.array([0, 0, 1, 1]),
        np.array([1.0, 0.0, 5.0, 7.0]),
        np.full(4, 0.5),
        halves=np.array([0, 1, 0, 1]),
    )

    found = reward_model(log, (1, 2), prior=0.0)

    assert found.tolist() == [[[0.0, 7.0]], [[1.0, 5.0]]]


def test_one_half_alone_is_rewarded_by_itself() -> None:
    log = by_request(np.array([0, 1]), np.array([2.0, 4.0]), np.full(2, 0.5))

    assert reward_model(log, (1, 2), prior=0.0)[0].tolist() == [[2.0, 4.0]]


def test_a_model_of_few_requests_leans_to_the_mean_of_all() -> None:
    log = by_request(np.array([0, 0, 1]), np.array([0.0, 0.0, 9.0]), np.full(3, 0.5))

    found = reward_model(log, (1, 3), prior=1.0)[0, 0]

    assert found.tolist() == pytest.approx([1.0, 6.0, 3.0])


@pytest.mark.parametrize(
    ("size", "policy", "doubt"),
    [
        (80, [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], "the effective sample is 80"),
        (500, [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], None),
    ],
)
def test_few_requests_are_doubted(size: int, policy: list[list[float]], doubt: str | None) -> None:
    found = evaluate(simulated(size), np.array(policy)).doubt()

    assert found is None if doubt is None else found is not None and found.startswith(doubt)


def test_large_weights_are_doubted_unless_they_are_clipped() -> None:
    size = 200_000
    arms = (np.arange(size) % 100 == 0).astype(np.int64)
    log = by_request(arms, np.ones(size), np.where(arms, 0.01, 0.99))

    found = evaluate(log, np.array([[0.0, 1.0]]))

    assert (found.doubt() or "").startswith("a request counts 100 times")
    assert found.doubt(clipped=True) is None


def test_arms_that_nobody_tried_are_told() -> None:
    log = by_request(np.array([0, 1] * 500), np.ones(1_000), np.full(1_000, 0.5))

    found = evaluate(log, np.array([[0.5, 0.25, 0.25]]))

    assert found.untried == pytest.approx(0.25)
    assert found.mean_weight == pytest.approx(0.75)
    assert found.doubt() == "25.00% of the policy are arms without requests"


def test_a_policy_without_any_request_has_no_normalised_estimate() -> None:
    log = by_request(np.array([0, 0]), np.ones(2), np.ones(2))

    found = evaluate(log, np.array([[0.0, 1.0]]))

    assert np.isnan(found.estimates["snips"].value)
    assert found.estimates["ips"].value == 0
    assert found.effective_sample == 0


@pytest.mark.parametrize(
    ("propensity", "message"),
    [(0.0, "0 or less"), (-0.5, "0 or less"), (1.5, "more than 1"), (np.nan, "missing")],
)
def test_wrong_propensities_are_refused_with_their_share(propensity: float, message: str) -> None:
    log = by_request(np.array([0, 1, 1, 1]), np.ones(4), np.array([propensity, 0.5, 0.5, 0.5]))

    with pytest.raises(InputError, match=rf"propensities are {message}.*25\.00% of 4 requests"):
        evaluate(log, np.array([[0.5, 0.5]]))


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ([[0.5, 0.6]], "sums are 1.1"),
        ([[-0.5, 1.5]], "the least is -0.5"),
        ([[np.nan, 1.0]], "probabilities of a policy are wrong"),
        ([[1.0]], "arms or segments that the policy does not know"),
    ],
)
def test_wrong_policies_are_refused(policy: list[list[float]], message: str) -> None:
    log = by_request(np.array([0, 1]), np.ones(2), np.full(2, 0.5))

    with pytest.raises(SettingsError, match=message):
        evaluate(log, np.array(policy))


def test_a_single_request_evaluates_nothing() -> None:
    log = by_request(np.array([0]), np.ones(1), np.ones(1))

    with pytest.raises(InputError, match="at least two requests"):
        evaluate(log, np.array([[1.0]]))
