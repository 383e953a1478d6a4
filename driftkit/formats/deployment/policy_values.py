"""policy_values.json: what policies over arms would have earned, from requests of another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.comparison.quality_intervals import Z
from driftkit.formats.deployment.strict import (
    COUNT_BY_NAME,
    MEASURED,
    NUMBER,
    TEXT_OR_NULL,
    TEXTS,
    document_reader,
    nullable,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.deployment.verdict import PlanName, TimeSpan
from driftkit.formats.fields import key, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.deployment.off_policy import Estimate, Evaluation
    from driftkit.formats.mapping import Node

NAME = "policy_values.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEstimate:
    """A mean reward per request. Numbers are None where they cannot be measured.

    Attributes:
        estimator: for example ips, snips or dr.
        value: the mean reward.
        standard_error: of the value.
        low: lower end of the interval in which it is with 95 % confidence, at a fixed horizon.
        high: its upper end.
    """

    estimator: str
    value: float | None = field(default=None, metadata=MEASURED)
    standard_error: float | None = field(default=None, metadata=MEASURED)
    low: float | None = field(default=None, metadata=MEASURED)
    high: float | None = field(default=None, metadata=MEASURED)

    @classmethod
    def of(cls, estimator: str, estimate: Estimate) -> PolicyEstimate:
        """An estimate with its normal interval."""
        half = Z * estimate.standard_error
        return cls(
            estimator=estimator,
            value=estimate.value,
            standard_error=estimate.standard_error,
            low=estimate.value - half,
            high=estimate.value + half,
        )


def _read_probabilities(node: Node, name: str) -> dict[str, dict[str, float]]:
    segments = node.part(name)
    found = {segment: segments.part(segment) for segment in segments.value}
    return {segment: {arm: at.share(arm) for arm in at.value} for segment, at in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue:
    """What a policy would have earned.

    Attributes:
        name: of the policy, for example its file.
        probabilities: segment -> arm -> probability; `*` is for all segments not named.
        effective_sample: how many requests the weighted ones are worth.
        largest_weight: of a request.
        mean_weight: about 1 where propensities are right and every arm was tried.
        untried: the policy's share of arms without requests.
        doubt: why the estimates should not be acted upon; None where nothing speaks against it.
        estimates: of each estimator.
    """

    name: str
    probabilities: Mapping[str, Mapping[str, float]] = field(
        metadata=key(
            _read_probabilities,
            write=lambda segments: {segment: dict(arms) for segment, arms in segments.items()},
        )
    )
    effective_sample: float = field(metadata=NUMBER)
    largest_weight: float = field(metadata=NUMBER)
    mean_weight: float = field(metadata=NUMBER)
    untried: float = field(metadata=NUMBER)
    doubt: str | None = field(default=None, metadata=TEXT_OR_NULL)
    estimates: tuple[PolicyEstimate, ...] = field(metadata=parts_of(PolicyEstimate))

    @classmethod
    def of(
        cls,
        name: str,
        probabilities: Mapping[str, Mapping[str, float]],
        evaluation: Evaluation,
    ) -> PolicyValue:
        """What an evaluation found."""
        found = evaluation.estimates.items()
        return cls(
            name=name,
            probabilities=probabilities,
            effective_sample=evaluation.effective_sample,
            largest_weight=evaluation.largest_weight,
            mean_weight=evaluation.mean_weight,
            untried=evaluation.untried,
            doubt=evaluation.doubt(),
            estimates=tuple(PolicyEstimate.of(each, estimate) for each, estimate in found),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValues:
    """What policies would have earned from the requests of a window.

    Attributes:
        plan: of the deployment; None without one.
        window: the time of the requests.
        requests: arm -> requests with a reward and a propensity.
        propensities: where they come from -> requests.
        limit: of weights that are clipped, switched off and shrunk.
        logged: what the requests earned as they were.
        policies: at least one.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName | None = field(default=None, metadata=nullable(PlanName))
    window: TimeSpan = field(metadata=part_of(TimeSpan))
    requests: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    propensities: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    limit: float = field(metadata=NUMBER)
    logged: PolicyEstimate = field(metadata=part_of(PolicyEstimate))
    policies: tuple[PolicyValue, ...] = field(metadata=parts_of(PolicyValue))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(PolicyValues, NAME)
read_file = file_reader(read, read_object)
