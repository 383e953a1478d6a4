"""deployment_plan.json: what is compared, by which metrics, margins, rates of error and horizon."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.deployment.metrics import Better, Bias, Kind, Role, known_metric
from driftkit.formats.deployment.plan_choices import Method, Policy, Routing, Strategy
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.formats.deployment.selectors import Selector, parse_selector
from driftkit.formats.deployment.strict import (
    COUNT_OR_NULL,
    NUMBER,
    NUMBER_BY_NAME,
    NUMBER_OR_NULL,
    SPAN_OR_NULL,
    TEXT_OR_NULL,
    TEXTS,
    by_name,
    finite,
    moment_at,
    nullable,
    one_of,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from driftkit.formats.mapping import Node

NAME = "deployment_plan.json"
VERSION = "1.0"

_CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMetric:
    """A metric, and how much worse the challenger may be by it.

    Attributes:
        name: a known name (`formats.deployment.metrics`), or an own one with its columns.
        role: goal and guardrail decide, information is only shown.
        kind: rate, mean, ratio, auc, slo (share of rows above the limit), or bias.
        better: the direction in which it is better.
        margin: by how much the challenger may be worse, in the metric's unit; 0 where that is
            not allowed at all, or where the metric only informs.
        superior: whether the challenger must be better, not just not worse than the margin.
        limit: the value above which a row counts, of an slo.
        winsor: the value to which larger ones are cut, frozen so that sums add up.
        range: the least and the largest value that there can be, of a mean.
        covariate: the column by which its variance is reduced (CUPED).
        column: the own column that it is of; of bias the facet.
        numerator: the own column above the line, of a ratio.
        denominator: the one below it.
        operational: whether it is of how requests are answered rather than of what, so that it may
            roll back even where arms cannot be compared; None for what its kind is by nature.
    """

    name: str
    role: Role = field(metadata=one_of(Role))
    kind: Kind = field(metadata=one_of(Kind))
    better: Better = field(metadata=one_of(Better))
    margin: float = field(default=0.0, metadata=NUMBER)
    superior: bool = False
    limit: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    winsor: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    range: tuple[float, float] | None = field(default=None, metadata=SPAN_OR_NULL)
    covariate: str | None = field(default=None, metadata=TEXT_OR_NULL)
    column: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    operational: bool | None = None

    @property
    def is_operational(self) -> bool:
        """Whether it may roll back whatever the arms are asked: a guardrail of latency or errors.

        Shares above a limit and metrics of operational tables are of that kind by nature, own
        columns where the plan says so.
        """
        by_nature = self.kind == "slo" or bool(self.table)
        said = by_nature if self.operational is None else self.operational
        return said and self.role == "guardrail"

    @property
    def decisive(self) -> bool:
        """Whether the decision depends on it."""
        return self.role != "information"

    @property
    def needs(self) -> tuple[str, ...]:
        """Of `label`, `prediction`, `probability` and `pair`, those that it is made of."""
        known = known_metric(self.name)
        return known.needs if known else ()

    @property
    def table(self) -> tuple[str, ...]:
        """The metrics of a table of operational metrics that it is of; none where it is of rows."""
        known = known_metric(self.name)
        return known.table if known else ()

    @property
    def bias(self) -> Bias | None:
        """The groups of rows that a bias metric compares; None of others."""
        known = known_metric(self.name)
        return known.bias if known else None

    @property
    def columns(self) -> tuple[str, ...]:
        """The own columns that it is made of, the covariate among them."""
        named = (self.column, self.numerator, self.denominator, self.covariate)
        return tuple(dict.fromkeys(each for each in named if each is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsChange:
    """The weights of a time.

    Attributes:
        start: when they came into force.
        end: when the next ones did; None where they hold still.
        weights: arm -> weight, of the arms that got requests.
    """

    start: datetime = field(metadata=moment_at("from"))
    end: datetime | None = field(default=None, metadata=moment_at("to", null=True))
    weights: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is taken for independent of each other.

    Attributes:
        source: `request`, or where the id of a user is: `attribute:KEY` of customAttributes,
            or `field:JMESPATH-OR-COLUMN`.
        buckets: into how many the ids are hashed.
        salt: what is hashed before the id, so that experiments have buckets of their own.
    """

    source: str = "request"
    buckets: int = 512
    salt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How the rows of two arms are paired.

    Attributes:
        by: what pairs rows without an inferenceId: nothing, where it is `inferenceId`; an id in
            `attribute:KEY` or `field:JMESPATH-OR-COLUMN`; `content`, which is what was asked, and when;
            or an id, and content where there is none, as in `attribute:KEY,content`.
        seconds: how far apart the times of a pair by content may be.
        sampling_percentage: of the requests that the shadow gets; None where it is not known.
    """

    by: str = "inferenceId"
    seconds: float = field(default=5.0, metadata=NUMBER)
    sampling_percentage: float | None = field(default=None, metadata=NUMBER_OR_NULL)

    @property
    def named(self) -> str | None:
        """Where ids of rows without an inferenceId are; None where they have none.

        >>> Pairing(by="attribute:call,content").named
        'attribute:call'
        """
        way = self.by.removesuffix(f",{_CONTENT}")
        return None if way in {"inferenceId", _CONTENT} else way

    @property
    def by_content(self) -> bool:
        """Whether rows without any id are paired by what was asked."""
        return self.by == _CONTENT or self.by.endswith(f",{_CONTENT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """How often it may go wrong.

    Attributes:
        promote: ever promoting a challenger that is worse than a margin, one-sided.
        roll_back: ever rolling one back that is within all margins, one-sided.
        sample_ratio: ever doubting shares that are as planned.
    """

    promote: float = field(default=0.05, metadata=NUMBER)
    roll_back: float = field(default=0.05, metadata=NUMBER)
    sample_ratio: float = field(default=0.001, metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """How long it may take.

    Attributes:
        units: of all arms, after which nothing is awaited any more.
        tuning_units: at which intervals that are valid at any time are the tightest.
        minimum_days: before which nothing is promoted.
        maximum_days: after which nothing is awaited any more.
        looks: how many there will be, of the method group_sequential.
    """

    units: int = 40_000
    tuning_units: int = 20_000
    minimum_days: float = field(default=1.0, metadata=NUMBER)
    maximum_days: float = field(default=14.0, metadata=NUMBER)
    looks: int | None = field(default=None, metadata=COUNT_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnIn:
    """What must be there before anything is decided.

    Attributes:
        units: in each arm.
        events: of a rate, and as many rows without the event, in both arms together.
    """

    units: int = 100
    events: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandit:
    """How weights follow rewards.

    Attributes:
        policy: that gives the weights.
        floor: the least share of an arm.
        step: by how much a share may change in a run.
    """

    policy: Policy = field(default="thompson-beta", metadata=one_of(Policy))
    floor: float = field(default=0.05, metadata=NUMBER)
    step: float = field(default=0.2, metadata=NUMBER)


def _read_selector(node: Node, name: str) -> Selector:
    try:
        return parse_selector(node.text(name))
    except SettingsError as error:
        raise node.wrong(name, str(error.expected), node.value[name]) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was decided before the first request: the file that every verdict names by its hash.

    Attributes:
        name: of the deployment.
        endpoint: its name; None where the rows are of none.
        strategy: how the arms get their requests.
        champion: the arm that has the traffic.
        challengers: the arms that may take it.
        arms: arm -> how its rows are told from others.
        weights: arm -> weight, of the arms that get requests by it; None where there are none.
        weights_history: the weights over time; None where they did not change.
        routing: whether each request is routed by itself, or all of a unit to one arm.
        unit: what is taken for independent.
        pairing: how rows are paired; None where they are not.
        metrics: that decide, and that are shown.
        error_rates: how often it may go wrong.
        method: by which intervals are made.
        horizon: how long it may take.
        burn_in: what must be there before anything is decided.
        segment_by: the columns by whose values the differences are shown too.
        inputs: the columns by which it is compared what the arms are asked; None for none.
        bandit: how weights follow rewards, of the strategy bandit.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    name: str
    endpoint: str | None = field(default=None, metadata=TEXT_OR_NULL)
    strategy: Strategy = field(metadata=one_of(Strategy))
    champion: str
    challengers: tuple[str, ...] = field(metadata=TEXTS)
    arms: Mapping[str, Selector] = field(metadata=by_name(_read_selector, str))
    weights: Mapping[str, float] | None = field(
        default=None, metadata=by_name(finite, float, null=True)
    )
    weights_history: tuple[WeightsChange, ...] | None = field(
        default=None, metadata=parts_of(WeightsChange, null=True)
    )
    routing: Routing = field(default="request", metadata=one_of(Routing))
    unit: Unit = field(default_factory=Unit, metadata=part_of(Unit))
    pairing: Pairing | None = field(default=None, metadata=nullable(Pairing))
    metrics: tuple[PlannedMetric, ...] = field(metadata=parts_of(PlannedMetric))
    error_rates: ErrorRates = field(default_factory=ErrorRates, metadata=part_of(ErrorRates))
    method: Method = field(default="always_valid", metadata=one_of(Method))
    horizon: Horizon = field(default_factory=Horizon, metadata=part_of(Horizon))
    burn_in: BurnIn = field(default_factory=BurnIn, metadata=part_of(BurnIn))
    segment_by: tuple[str, ...] = field(default=(), metadata=TEXTS)
    inputs: tuple[PlannedInput, ...] | None = field(default=None, metadata=parts_of(PlannedInput))
    bandit: Bandit | None = field(default=None, metadata=nullable(Bandit))

    @property
    def is_of_tables(self) -> bool:
        """Whether no metric is of rows of requests, so that only tables of metrics are read."""
        return all(each.table for each in self.metrics)

    @property
    def decisive(self) -> tuple[PlannedMetric, ...]:
        """The goals and guardrails."""
        return tuple(each for each in self.metrics if each.decisive)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)

    def canonical(self) -> bytes:
        """What is in the plan, whatever the order of its keys and its spacing in the file.

        Keys are sorted, nothing stands between values, and a number that may have decimals is
        written as the shortest decimal that is the same double, 1.0 for 1.
        """
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode("ascii")

    @property
    def sha256(self) -> str:
        """The hash of `canonical`, in hexadecimal digits."""
        return hashlib.sha256(self.canonical()).hexdigest()
