"""verdict.json: promote, hold or roll back, why, and with which rates of error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from driftkit.formats.deployment.metrics import Better, Role
from driftkit.formats.deployment.strict import (
    COUNT,
    COUNT_BY_NAME,
    COUNT_OR_NULL,
    MEASURED,
    NUMBER_BY_NAME,
    NUMBER_OR_NULL,
    PROBABILITY,
    TEXT_OR_NULL,
    TEXTS,
    TRUTH,
    by_name,
    document_reader,
    moment_at,
    nullable,
    one_of,
    part_of,
    parts_of,
    strict,
    version_of,
)
from driftkit.formats.fields import key, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.mapping import Node

NAME = "verdict.json"
VERSION = "1.0"

Answer = Literal["promote", "hold", "roll_back"]
State = Literal["passes", "harmed", "open", "not_measured"]
Guarantee = Literal["asymptotic", "exact", "fixed horizon", "none"]

UPDATE_WEIGHTS = "update_endpoint_weights_and_capacities"
STOP_EXPERIMENT = "stop_inference_experiment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanName:
    """The plan that a verdict is by.

    Attributes:
        name: of the deployment.
        sha256: of what is in the plan.
    """

    name: str
    sha256: str

    @classmethod
    def of(cls, plan: Plan) -> PlanName:
        """The name of a plan."""
        return cls(name=plan.name, sha256=plan.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """The time of the first row and of the last; None where no row has one."""

    start: datetime | None = field(default=None, metadata=moment_at(null=True))
    end: datetime | None = field(default=None, metadata=moment_at(null=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRates:
    """How often such verdicts go wrong.

    Attributes:
        promote: ever promoting a challenger that is worse than a margin; None where nobody knows.
        roll_back: ever rolling one back that is within all margins; None where nobody knows.
        guarantee: in which sense: `asymptotic` and `exact` at whatever time one looks; `none` of a
            judge that has no rates of error.
    """

    promote: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    roll_back: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    guarantee: Guarantee = field(metadata=one_of(Guarantee))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricVerdict:
    """What is known of one metric. Numbers are None where they cannot be measured.

    Attributes:
        name: of the metric.
        role: goal, guardrail or information.
        better: the direction in which it is better, as planned; None where both are worse, or where
            an older file does not say it.
        champion: its value.
        challenger: its value.
        difference: challenger minus champion, so that below 0 is better where lower is.
        relative: the difference as a share of the champion's value.
        low: one-sided lower bound of the difference.
        high: its one-sided upper bound.
        margin: by how much the challenger may be worse; None where the metric only informs.
        p_value: of no difference, valid at any time where the method is.
        adjusted_p_value: the same for the number of metrics.
        e_value: the evidence against no difference.
        state: passes, harmed, open, or not_measured.
        method: by which the bounds were made.
        reason: why it is open or not measured.
    """

    name: str
    role: Role = field(metadata=one_of(Role))
    better: Better | None = field(default=None, metadata=one_of(Better, null=True))
    champion: float | None = field(default=None, metadata=MEASURED)
    challenger: float | None = field(default=None, metadata=MEASURED)
    difference: float | None = field(default=None, metadata=MEASURED)
    relative: float | None = field(default=None, metadata=MEASURED)
    low: float | None = field(default=None, metadata=MEASURED)
    high: float | None = field(default=None, metadata=MEASURED)
    margin: float | None = field(default=None, metadata=MEASURED)
    p_value: float | None = field(default=None, metadata=PROBABILITY)
    adjusted_p_value: float | None = field(default=None, metadata=PROBABILITY)
    e_value: float | None = field(default=None, metadata=MEASURED)
    state: State = field(metadata=one_of(State))
    method: str | None = field(default=None, metadata=TEXT_OR_NULL)
    reason: str | None = field(default=None, metadata=TEXT_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCheck:
    """Whether the data can be trusted in one respect.

    Attributes:
        name: for example sample_ratio.
        passed: whether they can.
        p_value: of what was seen; None where the check has none.
        detail: one sentence for people.
    """

    name: str
    passed: bool = field(metadata=TRUTH)
    p_value: float | None = field(default=None, metadata=PROBABILITY)
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """How many rows of two arms were paired.

    Attributes:
        matched: pairs.
        by: way of pairing -> pairs.
        ambiguous_ids: ids that an arm has more than once, whose rows are in no pair.
        unmatched: arm -> rows without a partner.
        found_in_lookback: pairs of which one row is before the window in which the other is.
    """

    matched: int = field(metadata=COUNT)
    by: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    ambiguous_ids: int = field(metadata=COUNT)
    unmatched: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    found_in_lookback: int = field(default=0, metadata=COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochShare:
    """A run of time in which the weights were constant.

    Attributes:
        start: when they came into force; None where times are not known.
        weights: arm -> weight.
        units: arm -> units that were seen.
    """

    start: datetime | None = field(default=None, metadata=moment_at("from", null=True))
    weights: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)
    units: Mapping[str, int] = field(metadata=COUNT_BY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class StillNeeded:
    """What is still needed at the present estimates, None where that cannot be said.

    Attributes:
        units: of all arms.
        days: at the present number of units a day.
    """

    units: int | None = field(default=None, metadata=COUNT_OR_NULL)
    days: float | None = field(default=None, metadata=MEASURED)


def _read_body(node: Node, name: str) -> Mapping[str, Any]:
    return node.part(name).value


def _read_verdicts(node: Node, name: str) -> tuple[Verdict, ...]:
    return tuple(strict(Verdict, each) for each in node.children(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a challenger may take the traffic.

    Attributes:
        plan: by which it is judged.
        verdict: promote, hold or roll_back.
        final: whether later data can change it no more.
        decided_at_window: the hour whose data decided, as 2026-11-02T11.
        reason: one clause for people.
        challenger: the arm that is judged; of several, the best.
        champion: the arm that it is compared with.
        window: the time of the rows.
        units: arm -> units of analysis.
        requests: arm -> rows.
        error_rates: how often such verdicts go wrong.
        metrics: one after the other, in the plan's order.
        checks: whether the data can be trusted.
        pairs: how rows were paired; None where they are not.
        epochs: the runs of constant weights.
        still_needed: until it can be decided; None where it is final.
        notes: sentences for people.
        actions: name of an API call -> its body, ready to send.
        best: of several challengers, the best; None where there is one.
        verdicts: of several challengers, that of each; None where there is one.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName = field(metadata=part_of(PlanName))
    verdict: Answer = field(metadata=one_of(Answer))
    final: bool = field(metadata=TRUTH)
    decided_at_window: str | None = field(default=None, metadata=TEXT_OR_NULL)
    reason: str
    challenger: str
    champion: str
    window: TimeSpan = field(metadata=part_of(TimeSpan))
    units: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    requests: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    error_rates: StatedRates = field(metadata=part_of(StatedRates))
    metrics: tuple[MetricVerdict, ...] = field(metadata=parts_of(MetricVerdict))
    checks: tuple[VerdictCheck, ...] = field(default=(), metadata=parts_of(VerdictCheck))
    pairs: PairCounts | None = field(default=None, metadata=nullable(PairCounts))
    epochs: tuple[EpochShare, ...] = field(default=(), metadata=parts_of(EpochShare))
    still_needed: StillNeeded | None = field(default=None, metadata=nullable(StillNeeded))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)
    actions: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict, metadata=by_name(_read_body)
    )
    best: str | None = None
    verdicts: tuple[Verdict, ...] | None = field(default=None, metadata=key(_read_verdicts))

    @property
    def headline(self) -> str:
        """The verdict and its reason in one line."""
        return f"{self.verdict.replace('_', ' ')} {self.challenger}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


def of_several(verdicts: Sequence[Verdict], best: str) -> Verdict:
    """The verdict of a deployment with several challengers: that of the best, with those of all.

    Args:
        verdicts: of each challenger, at least one.
        best: the name of the best.

    Raises:
        StopIteration: none of them is called so.
    """
    chosen = next(each for each in verdicts if each.challenger == best)
    return chosen if len(verdicts) == 1 else replace(chosen, best=best, verdicts=tuple(verdicts))


read = document_reader(Verdict, NAME)
read_file = file_reader(read, read_object)
