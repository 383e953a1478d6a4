"""Policies over arms, and AWS's experiments: read, and refused by JSON path where they are wrong."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.comparison.deployment.bandits import Policy, wanted_shares
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.deployment import experiment_stats, policy
from tests.formats.damage import damaged, ours
from tests.formats.documents import with_value

if TYPE_CHECKING:
    from pathlib import Path

ARMS = ("champion", "challenger")
FIRST = "variant_metrics.0"
PLAIN: dict[str, Any] = {"champion": 0.25, "challenger": 0.75}
BY_SEGMENT: dict[str, Any] = {"AA": {"champion": 1}, "*": {"champion": 0.5, "challenger": 0.5}}
# The shapes of the sample's files.
STATS: dict[str, Any] = {
    "endpoint_name": "ab",
    "strategy": "ThompsonSampling",
    "epsilon": 0.1,
    "warmup": 100,
    "variant_metrics": [
        {
            "endpoint_name": "ab",
            "variant_name": "Champion",
            "initial_variant_weight": 0.9,
            "invocation_count": 100,
            "conversion_count": 10,
            "reward_sum": 10.0,
        },
        {"endpoint_name": "ab", "variant_name": "Challenger1", "initial_variant_weight": 0.1},
    ],
}
CONFIG: dict[str, Any] = {
    "stage_name": "prod",
    "strategy": "EpsilonGreedy",
    "warmup": 100,
    "epsilon": 0.2,
    "instance_count": 2,
    "instance_type": "ml.c5.large",
    "champion_variant_config": {
        "model_package_version": 1,
        "variant_name": "Champion",
        "instance_count": 3,
        "instance_type": "ml.m5.xlarge",
    },
    "challenger_variant_config": [
        {"model_package_version": 1, "variant_name": "Challenger1", "instance_type": "ml.c5.xlarge"}
    ],
}


def test_a_policy_is_of_all_segments() -> None:
    found = policy.read(PLAIN, arms=ARMS)

    assert not found.by_segment
    assert found.probabilities(["AA", "BB"], ARMS) == ((0.25, 0.75), (0.25, 0.75))


def test_a_policy_tells_segments_apart() -> None:
    found = policy.read(BY_SEGMENT, arms=ARMS)

    assert found.by_segment
    assert found.probabilities(["AA", "BB"], ARMS) == ((1.0, 0.0), (0.5, 0.5))


def test_a_segment_without_a_policy_is_named() -> None:
    found = policy.read({"AA": {"champion": 1}})

    with pytest.raises(SettingsError, match=r"segment BB: .*expected: AA"):
        found.probabilities(["AA", "BB"], ARMS)


def test_rounded_probabilities_sum_to_one() -> None:
    found = policy.read({"a": 0.333333, "b": 0.333333, "c": 0.333333})

    assert sum(found.probabilities(["any"], "abc")[0]) == pytest.approx(1, abs=1e-15)


def test_files_are_read(tmp_path: Path) -> None:
    for name, document in (("policy.json", BY_SEGMENT), ("stats.json", STATS)):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")

    assert policy.read_file(tmp_path / "policy.json") == policy.read(BY_SEGMENT)
    assert experiment_stats.read_file(tmp_path / "stats.json") == experiment_stats.read(STATS)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"champion": 0.5, "chalenger": 0.5}, "chalenger: there is no such arm.*champion | chall"),
        ({"AA": {"champion": 0.5, "x": 0.5}}, "AA.x: there is no such arm"),
        ({"champion": 0.5, "challenger": 0.6}, "do not sum to 1.*a sum of 1.1"),
        ({"AA": {"champion": 0.5}}, "AA: the probabilities of arms do not sum to 1"),
        ({}, "expected: an arm at least"),
        ({"AA": {}}, "AA: .*expected: an arm at least"),
        ({"champion": 1.5, "challenger": -0.5}, "champion: .*share from 0.0 to 1.0"),
        ({"champion": "NaN"}, "champion: .*share from 0.0 to 1.0"),
        ({"champion": 1, "AA": {"champion": 1}}, "champion: .*an object"),
    ],
)
def test_wrong_policies_are_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        policy.read(document, arms=ARMS)


@pytest.mark.parametrize("document", [PLAIN, BY_SEGMENT], ids=["plain", "by segment"])
def test_a_damaged_policy_is_read_or_refused_with_its_path(document: dict[str, Any]) -> None:
    @given(damaged(document))
    def holds(broken: dict[str, Any]) -> None:
        with ours():
            policy.read(broken, arms=ARMS)

    holds()


def test_the_answer_of_stats_is_read_as_arms() -> None:
    found = experiment_stats.read(STATS)

    assert (found.endpoint, found.policy, found.epsilon, found.warmup) == (
        "ab", "thompson-beta", 0.1, 100
    )  # fmt: skip
    assert found.arms == (
        experiment_stats.ArmStats(
            name="Champion", weight=0.9, invocations=100, conversions=10, rewards=10.0
        ),
        experiment_stats.ArmStats(name="Challenger1", weight=0.1),
    )


def test_a_configuration_is_read_as_arms() -> None:
    found = experiment_stats.read(CONFIG)

    assert (found.endpoint, found.policy, found.epsilon) == (None, "epsilon-greedy", 0.2)
    assert [arm.name for arm in found.arms] == ["Champion", "Challenger1"]


def test_weights_are_read_of_the_answer_of_stats() -> None:
    """Thompson sampling as the sample does it: Beta(1 + rewards, 1 + invocations - rewards)."""
    stats = deepcopy(STATS)
    stats["variant_metrics"][1] |= {"invocation_count": 0, "reward_sum": 0}

    shares = wanted_shares(experiment_stats.read(stats).batches(), Policy())

    # P(U > B) of a uniform and a Beta variable is 1 - E(B).
    assert shares[1] == pytest.approx(1 - 11 / 102, abs=1e-9)
    assert experiment_stats.read(stats).batches().shares.tolist() == [[0.9, 0.1]]
    assert experiment_stats.read(CONFIG).batches().shares.tolist() == [[0.5, 0.5]]


def test_rewards_beyond_one_of_the_sample_are_refused_by_name() -> None:
    stats = experiment_stats.read(with_value(deepcopy(STATS), f"{FIRST}.reward_sum", 101))

    with pytest.raises(InputError, match="arm Champion: a reward is not between 0 and 1"):
        wanted_shares(stats.batches(), Policy())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("weightedsampling", None), ("UCB1", "ucb1"), ("ThompsonSampling", "thompson-beta")],
)
def test_strategies_have_policies(name: str, expected: str | None) -> None:
    assert experiment_stats.read(with_value(deepcopy(STATS), "strategy", name)).policy == expected


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"endpoint_name": "ab"},
            "the file has no arms.*variant_metrics.*found: keys endpoint_name",
        ),
        (with_value(deepcopy(STATS), "variant_metrics", []), "no variants"),
        (
            with_value(deepcopy(STATS), f"{FIRST}.variant_name", "Challenger1"),
            "Challenger1 more than once",
        ),
        (with_value(deepcopy(STATS), "strategy", "Greedy"), r"strategy: .*WeightedSampling \| Eps"),
        (with_value(deepcopy(STATS), "epsilon", 2), "epsilon: .*share"),
        (
            with_value(deepcopy(STATS), f"{FIRST}.invocation_count", -1),
            r"metrics\[0\].invocation_count",
        ),
        (
            with_value(deepcopy(STATS), f"{FIRST}.conversion_count", 101),
            "conversion_count.*at most the inv",
        ),
        (
            with_value(deepcopy(STATS), f"{FIRST}.reward_sum", "NaN"),
            r"metrics\[0\].reward_sum.*finite",
        ),
        (
            with_value(deepcopy(STATS), f"{FIRST}.initial_variant_weight", -1),
            "initial_variant_weight.*0 or",
        ),
        (
            with_value(deepcopy(CONFIG), "challenger_variant_config", {}),
            "challenger_variant_config.*array",
        ),
    ],
)
def test_wrong_experiments_are_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        experiment_stats.read(document)


@given(damaged(STATS))
def test_a_damaged_answer_is_read_or_refused_with_its_path(broken: dict[str, Any]) -> None:
    with ours():
        experiment_stats.read(broken)
