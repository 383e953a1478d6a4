"""bandit.json: the weights that a bandit gives to arms, what they come from, and whether to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.strict import (
    MEASURED,
    NUMBER,
    NUMBER_BY_NAME,
    PROBABILITY,
    TEXT_OR_NULL,
    TEXTS,
    TRUTH,
    document_reader,
    moment_at,
    nullable,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.deployment.verdict import PlanName, TimeSpan
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NAME = "bandit.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditArm:
    """An arm of a bandit. Numbers are None where they cannot be measured.

    Attributes:
        name: of the arm.
        units: whose rewards have matured; less than were seen where older ones are forgotten.
        rewards: the sum of their rewards.
        mean: of their rewards. Weights that follow rewards bias it: do not report it as the arm's.
        probability_best: that no other arm has a higher mean reward.
        expected_loss: what the arm is expected to be short of the best one per request.
        before: share of requests so far; None where it is not known.
        wanted: the share that the policy alone would give it.
        weight: share of requests from now on.
    """

    name: str
    units: float = field(metadata=NUMBER)
    rewards: float = field(metadata=NUMBER)
    mean: float | None = field(default=None, metadata=MEASURED)
    probability_best: float | None = field(default=None, metadata=PROBABILITY)
    expected_loss: float | None = field(default=None, metadata=MEASURED)
    before: float | None = field(default=None, metadata=PROBABILITY)
    wanted: float | None = field(default=None, metadata=PROBABILITY)
    weight: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditWeights:
    """The weights of all requests, or of those of a segment.

    Attributes:
        segment: None for all requests.
        changed: whether weights follow the policy; otherwise they stay as they are.
        reason: why they stay; None where they do not.
        stop: whether there is nothing left to learn.
        winner: the best arm once it stops; None before.
        value_remaining: what could still be won, as a share of the best arm's mean reward.
        arms: in the plan's order.
    """

    segment: str | None = field(default=None, metadata=TEXT_OR_NULL)
    changed: bool = field(metadata=TRUTH)
    reason: str | None = field(default=None, metadata=TEXT_OR_NULL)
    stop: bool = field(default=False, metadata=TRUTH)
    winner: str | None = field(default=None, metadata=TEXT_OR_NULL)
    value_remaining: float | None = field(default=None, metadata=MEASURED)
    arms: tuple[BanditArm, ...] = field(metadata=parts_of(BanditArm))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandit:
    """What a bandit decided.

    Attributes:
        plan: of the deployment; None without one.
        policy: its name.
        parameters: of the policy and of the limits of weights.
        window: the time of the requests.
        matured_before: later requests wait for their rewards; None where none do.
        weights: of all requests first, then of segments.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName | None = field(default=None, metadata=nullable(PlanName))
    policy: str
    parameters: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)
    window: TimeSpan = field(metadata=part_of(TimeSpan))
    matured_before: datetime | None = field(default=None, metadata=moment_at(null=True))
    weights: tuple[BanditWeights, ...] = field(metadata=parts_of(BanditWeights))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Bandit, NAME)
read_file = file_reader(read, read_object)
