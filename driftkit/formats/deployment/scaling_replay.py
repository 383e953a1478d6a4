"""scaling_replay.json: what scaling policies would have done with the requests of a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftkit.comparison.deployment.scaling import LABEL
from driftkit.comparison.deployment.scaling_rules import MINUTE_SECONDS
from driftkit.formats.deployment.strict import (
    COUNT_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    TEXTS,
    document_reader,
    moment_at,
    nullable,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from driftkit.comparison.deployment import scaling, scaling_search

NAME = "scaling_replay.json"
VERSION = "1.0"
_CAPTURE_STOPS = (
    "Data capture stops when an endpoint's disk is full; then requests are missing here."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """The requests that were replayed.

    Attributes:
        start: first minute.
        end: the minute after the last.
        minutes: between them.
        requests: in all of them, divided by the share that was captured.
        sampling_percentage: of the capture.
    """

    start: datetime = field(metadata=moment_at())
    end: datetime = field(metadata=moment_at())
    minutes: int
    requests: float = field(metadata=NUMBER)
    sampling_percentage: float = field(default=100.0, metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What was replayed, in short.

    Attributes:
        minimum: fewest instances at the beginning.
        maximum: most instances at the beginning.
        target: requests a minute and instance of target tracking; None without.
        arrive_minutes: from a decision until added instances serve.
        policies: names of all policies.
    """

    minimum: int
    maximum: int
    target: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    arrive_minutes: int
    policies: tuple[str, ...] = field(default=(), metadata=TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A change of the number of instances.

    Attributes:
        minute: counted from the start.
        time: the same.
        action: "out" or "in".
        before: desired instances before it.
        desired: desired instances after it.
        arrivals: requests of the minute.
        per_instance: requests for each instance in service.
        by: name of the policy or scheduled action.
    """

    minute: int
    time: datetime = field(metadata=moment_at())
    action: str
    before: int
    desired: int
    arrivals: float = field(metadata=NUMBER)
    per_instance: float = field(metadata=NUMBER)
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """What was more than the instances in service should take.

    Attributes:
        limit: requests a minute and instance.
        minutes: with more requests than that.
        requests: beyond it.
        share: of these in all requests; None without requests.
    """

    limit: float = field(metadata=NUMBER)
    minutes: int
    requests: float = field(metadata=NUMBER)
    share: float | None = field(default=None, metadata=NUMBER_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheapest:
    """The cheapest target and minimum that would have held a limit.

    Attributes:
        limit: the largest share of requests over capacity.
        target: requests a minute and instance; None, as all others, if none holds the limit.
        minimum: fewest instances.
        instance_minutes: minutes of all instances together.
        share: of requests over capacity.
    """

    limit: float = field(metadata=NUMBER)
    target: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    minimum: int | None = field(default=None, metadata=COUNT_OR_NULL)
    instance_minutes: int | None = field(default=None, metadata=COUNT_OR_NULL)
    share: float | None = field(default=None, metadata=NUMBER_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingReplay:
    """The content of the file.

    Attributes:
        version: of the format.
        about: what these numbers are, and are not.
        policy: what was replayed.
        arrivals: on which requests.
        actions: in the order of time.
        over_target: None without target tracking.
        over_capacity: None where no greatest rate is known.
        instance_minutes: minutes of all instances in service together.
        peak_instances: the most that served at once.
        cost: at the price, of the instances in service; None without a price.
        cheapest: None where it was not asked for.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    about: str = LABEL
    policy: Bounds = field(metadata=part_of(Bounds))
    arrivals: Arrivals = field(metadata=part_of(Arrivals))
    actions: tuple[Action, ...] = field(metadata=parts_of(Action))
    over_target: Over | None = field(default=None, metadata=nullable(Over))
    over_capacity: Over | None = field(default=None, metadata=nullable(Over))
    instance_minutes: int
    peak_instances: int
    cost: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    cheapest: Cheapest | None = field(default=None, metadata=nullable(Cheapest))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked of a replay beyond its actions.

    Attributes:
        max_rps: greatest rate a second that an instance can take; None if not known.
        price: of an instance an hour; None if not known.
        limit: the largest share of requests over capacity; None if no target is looked for.
        sampling_percentage: of the capture that the requests are from.
        captured: whether they are from one.
    """

    max_rps: float | None = None
    price: float | None = None
    limit: float | None = None
    sampling_percentage: float = 100.0
    captured: bool = True


def of_replay(
    replay: scaling.Replay,
    scaled: scaling.AutoScaling,
    first_minute: int,
    asked: Questions,
    choice: scaling_search.Choice | None = None,
) -> ScalingReplay:
    """The file of a replay.

    Args:
        replay: what came out.
        scaled: what was replayed.
        first_minute: of the replay, since 1970.
        asked: what is to be in the file.
        choice: the cheapest target and minimum; looked at where a limit is asked for.
    """
    target = scaled.tracking.target if scaled.tracking else None
    capacity = None if asked.max_rps is None else asked.max_rps * MINUTE_SECONDS
    return ScalingReplay(
        policy=Bounds(
            minimum=scaled.minimum,
            maximum=scaled.maximum,
            target=target,
            arrive_minutes=scaled.arrive_minutes,
            policies=tuple(each.name for each in scaled.policies),
        ),
        arrivals=_arrivals(replay, first_minute, asked.sampling_percentage),
        actions=tuple(_action(each, first_minute) for each in replay.actions),
        over_target=None if target is None else _over(target, replay.excess(target)),
        over_capacity=None if capacity is None else _over(capacity, replay.excess(capacity)),
        instance_minutes=replay.instance_minutes,
        peak_instances=replay.peak_instances,
        cost=None if asked.price is None else replay.cost(asked.price),
        cheapest=None if asked.limit is None else _cheapest(asked.limit, choice),
        notes=tuple(_notes(asked)),
    )


read = document_reader(ScalingReplay, NAME)
read_file = file_reader(read, read_object)


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * MINUTE_SECONDS, UTC)


def _arrivals(replay: scaling.Replay, first: int, percentage: float) -> Arrivals:
    minutes = len(replay.arrivals)
    return Arrivals(
        start=_time(first),
        end=_time(first + minutes),
        minutes=minutes,
        requests=float(replay.arrivals.sum()),
        sampling_percentage=percentage,
    )


def _action(action: scaling.Action, first: int) -> Action:
    return Action(
        minute=action.minute,
        time=_time(first + action.minute),
        action=action.kind,
        before=action.before,
        desired=action.desired,
        arrivals=action.arrivals,
        per_instance=action.per_instance,
        by=action.by,
    )


def _over(limit: float, excess: scaling.Excess) -> Over:
    return Over(limit=limit, minutes=excess.minutes, requests=excess.requests, share=excess.share)


def _cheapest(limit: float, choice: scaling_search.Choice | None) -> Cheapest:
    if choice is None:
        return Cheapest(limit=limit)
    return Cheapest(
        limit=limit,
        target=choice.target,
        minimum=choice.minimum,
        instance_minutes=choice.instance_minutes,
        share=choice.excess.share,
    )


def _notes(asked: Questions) -> list[str]:
    notes = [_CAPTURE_STOPS] if asked.captured else []
    if asked.sampling_percentage < 100:
        notes.append(
            f"{asked.sampling_percentage:g} % of the requests were captured; "
            "their number in each minute is an estimate."
        )
    return notes
