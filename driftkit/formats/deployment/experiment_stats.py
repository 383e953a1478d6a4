"""Arms of AWS's sample of A/B tests with bandits: the answer of its /stats, and its configuration.

The keys are those of github.com/aws-samples/amazon-sagemaker-ab-testing-pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.comparison.deployment.bandits import Batches
from driftkit.formats.deployment.strict import finite, not_negative
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.nesting import require_shallow
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "stats.json"

# The sample's strategies, and the policies of this package that stand for them.
STRATEGIES = {
    "WeightedSampling": None,
    "EpsilonGreedy": "epsilon-greedy",
    "UCB1": "ucb1",
    "ThompsonSampling": "thompson-beta",
}
_SPELLINGS = {each.lower(): each for each in STRATEGIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStats:
    """A variant of the sample's experiment.

    Attributes:
        name: of the variant.
        weight: at the start; None where the file does not say it.
        invocations: of the variant.
        conversions: how many of them were rewarded.
        rewards: the sum of their rewards.
    """

    name: str
    weight: float | None = None
    invocations: int = 0
    conversions: int = 0
    rewards: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentStats:
    """What the sample knows of an endpoint.

    Attributes:
        endpoint: its name; None where the file does not say it.
        strategy: a key of `STRATEGIES`.
        epsilon: share of requests that explore.
        warmup: invocations that each variant has before the strategy begins.
        arms: at least one; the champion is the first in a configuration.
    """

    endpoint: str | None
    strategy: str
    epsilon: float
    warmup: int
    arms: tuple[ArmStats, ...]

    @property
    def policy(self) -> str | None:
        """The policy of this package that stands for the strategy; None for fixed weights."""
        return STRATEGIES[self.strategy]

    def batches(self) -> Batches:
        """The arms' sums as one batch, of which a policy's weights are read.

        The sample keeps no squares of rewards: they are taken to be 0 or 1, so that
        thompson-gaussian does not fit others. Shares are equal where a weight is not known.
        """
        weights = [arm.weight for arm in self.arms if arm.weight is not None]
        if len(weights) < len(self.arms) or not sum(weights):
            weights = [1.0] * len(self.arms)
        rewards = np.array([[arm.rewards for arm in self.arms]])
        return Batches(
            pulls=np.array([[float(arm.invocations) for arm in self.arms]]),
            rewards=rewards,
            squares=rewards,
            shares=np.array([weights]) / sum(weights),
            names=tuple(arm.name for arm in self.arms),
        )


def read(document: Mapping[str, Any], where: str = NAME) -> ExperimentStats:
    """The arms in an answer of /stats, or in the sample's configuration.

    Args:
        document: the JSON object.
        where: name of the file, for messages.

    Raises:
        FormatError: it is neither, or a key is missing or wrong; the message has the JSON path.
    """
    require_shallow(document, where)
    node = Node(value=document, file=where)
    if node.has("variant_metrics"):
        arms = [_read_metrics(each) for each in node.children("variant_metrics")]
    elif node.has("champion_variant_config"):
        arms = [_read_configured(each) for each in _configured(node)]
    else:
        raise node.error(
            "",
            "the file has no arms",
            expected="variant_metrics of /stats, or champion_variant_config of a configuration",
            found=node.shown_keys(),
            todo="Give the answer of /stats, or the configuration of the stage",
        )
    _require_different(node, arms)
    return ExperimentStats(
        endpoint=node.maybe(Node.text, "endpoint_name"),
        strategy=node.defaulted(_read_strategy, "strategy", "ThompsonSampling"),
        epsilon=node.defaulted(Node.share, "epsilon", 0.1),
        warmup=node.defaulted(Node.count, "warmup", 0),
        arms=tuple(arms),
    )


read_file = file_reader(read, read_object)


def _read_strategy(node: Node, key: str) -> str:
    return node.choice(key, _SPELLINGS)


def _configured(node: Node) -> tuple[Node, ...]:
    champion = node.child("champion_variant_config")
    return (champion, *node.children("challenger_variant_config"))


def _read_configured(node: Node) -> ArmStats:
    return ArmStats(name=node.text("variant_name"))


def _read_metrics(node: Node) -> ArmStats:
    arm = ArmStats(
        name=node.text("variant_name"),
        weight=node.maybe(not_negative, "initial_variant_weight"),
        invocations=node.defaulted(Node.count, "invocation_count", 0),
        conversions=node.defaulted(Node.count, "conversion_count", 0),
        rewards=node.defaulted(finite, "reward_sum", 0.0),
    )
    if arm.conversions > arm.invocations:
        raise node.wrong(
            "conversion_count", f"at most the invocations, {arm.invocations}", arm.conversions
        )
    return arm


def _require_different(node: Node, arms: Iterable[ArmStats]) -> None:
    names = [arm.name for arm in arms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        raise node.error(
            "",
            "the variants are wrong",
            expected="at least one variant, each named once",
            found=f"{', '.join(twice)} more than once" if twice else "no variants",
            todo="Correct the file",
        )
