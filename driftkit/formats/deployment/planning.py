"""planning.json: how many units and days a plan needs, and what it can find by its horizon."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from driftkit.formats.deployment.metrics import Role
from driftkit.formats.deployment.strict import (
    COUNT_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    TEXT_OR_NULL,
    one_of,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.deployment.verdict import PlanName
from driftkit.formats.fields import key, to_dict
from driftkit.formats.mapping import Node

NAME = "planning.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """What a deciding metric needs; units are of both arms together, None where none are enough.

    Attributes:
        name: of the metric.
        role: goal or guardrail.
        detectable: the smallest difference that the units of the horizon find.
        promote_units: that show a challenger which is like the champion to be not worse than the
            margin; None of a metric that must be better.
        promote_days: that these take, at least the plan's minimum.
        roll_back_units: that find a harm of twice the margin.
        roll_back_days: that these take.
        reason: why nothing is known; None where it is.
    """

    name: str
    role: Role = field(metadata=one_of(Role))
    detectable: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    promote_units: int | None = field(default=None, metadata=COUNT_OR_NULL)
    promote_days: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    roll_back_units: int | None = field(default=None, metadata=COUNT_OR_NULL)
    roll_back_days: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    reason: str | None = field(default=None, metadata=TEXT_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The content of the file.

    Attributes:
        version: of the format.
        plan: that it is about.
        power: the probability with which differences are found.
        horizon_units: of the plan.
        metrics: that decide.
        wait_seconds: how long SageMaker waits for alarms, at most; None where it does not.
        wait_is_enough: whether a roll back for a harm of twice the margin can come by then; None
            where that is not known.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName = field(metadata=part_of(PlanName))
    power: float = field(metadata=NUMBER)
    horizon_units: int
    metrics: tuple[SampleSize, ...] = field(metadata=parts_of(SampleSize))
    wait_seconds: int | None = field(default=None, metadata=COUNT_OR_NULL)
    wait_is_enough: bool | None = field(default=None, metadata=key(Node.truth, null=True))

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the file."""
        return to_dict(self)
