"""Reads scaling policies of an endpoint variant as Application Auto Scaling's API has them.

A file may hold what `describe-scalable-targets`, `describe-scaling-policies`,
`describe-scheduled-actions` and CloudWatch's `describe-alarms` answer, their keys together in one
object; or one object with the keys of RegisterScalableTarget and PutScalingPolicy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.comparison.deployment.scaling import ARRIVE_MINUTES, AutoScaling, ScheduledChange
from driftkit.comparison.deployment.scaling_rules import (
    COOLDOWN_SECONDS,
    TargetTracking,
)
from driftkit.formats.deployment.schedules import FORMS, Span, due
from driftkit.formats.deployment.step_scaling import KEY as _STEPS
from driftkit.formats.deployment.step_scaling import read_step_scaling
from driftkit.formats.deployment.times import read_minute, read_zone
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

NAME = "policy.json"
_VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
# Metrics of requests a minute for each unit of what is scaled.
_PREDEFINED = (
    "SageMakerVariantInvocationsPerInstance",
    "SageMakerInferenceComponentInvocationsPerCopy",
)
_CUSTOM = ("InvocationsPerInstance", "InvocationsPerCopy")
_KNOWN = f"{' or '.join(_PREDEFINED)}, for the replay knows requests only"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """New bounds at times.

    Attributes:
        name: of the action.
        schedule: at(...), rate(...) or cron(...).
        zone: in which it is read.
        minimum: fewest instances from then on; None leaves them as they are.
        maximum: most instances, likewise.
        start: minute since 1970 before which it is not made; None for no such minute.
        end: minute after which it is not made, likewise.
    """

    name: str
    schedule: str
    zone: tzinfo
    minimum: int | None = None
    maximum: int | None = None
    start: int | None = None
    end: int | None = None

    def changes(self, span: Span) -> list[ScheduledChange]:
        """The changes within some minutes, counted from the first of them."""
        since = span.first if self.start is None else self.start
        within = Span(
            first=max(span.first, since),
            last=span.last if self.end is None else min(span.last, self.end),
        )
        return [
            ScheduledChange(
                minute=minute - span.first,
                minimum=self.minimum,
                maximum=self.maximum,
                name=self.name,
            )
            for minute in due(self.schedule, self.zone, within, since)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicy:
    """What scales a variant.

    Attributes:
        resource: `endpoint/<name>/variant/<name>`, or another id; None where the file is silent.
        scaling: bounds and policies, without the schedule.
        scheduled: actions at times.
    """

    resource: str | None
    scaling: AutoScaling
    scheduled: tuple[ScheduledAction, ...] = ()

    @property
    def variant(self) -> tuple[str, str] | None:
        """Endpoint and variant; None where the resource is none or something else."""
        found = _VARIANT.fullmatch(self.resource or "")
        return (found[1], found[2]) if found else None

    def scheduled_changes(self, first_minute: int, minutes: int) -> tuple[ScheduledChange, ...]:
        """The changes of the bounds in a replay, in the order of time.

        Args:
            first_minute: of the replay, since 1970.
            minutes: of the replay.
        """
        span = Span(first=first_minute, last=first_minute + minutes - 1)
        changes = [change for action in self.scheduled for change in action.changes(span)]
        return tuple(sorted(changes, key=lambda change: change.minute))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspended:
    scaling_in: bool = False
    scaling_out: bool = False
    scheduled: bool = False

    @classmethod
    def read(cls, node: Node) -> _Suspended:
        return cls(
            scaling_in=bool(node.maybe(Node.truth, "DynamicScalingInSuspended")),
            scaling_out=bool(node.maybe(Node.truth, "DynamicScalingOutSuspended")),
            scheduled=bool(node.maybe(Node.truth, "ScheduledScalingSuspended")),
        )


def read(
    document: Mapping[str, Any], where: str = NAME, resource: str | None = None
) -> ScalingPolicy:
    """The policy of a file's content.

    Args:
        document: the parsed JSON.
        where: the file's name, for messages.
        resource: the id of the one that is meant, where the file has several.

    Raises:
        FormatError: a key is missing or wrong, or a policy follows anything but requests.
    """
    root = Node(value=document, file=where)
    target = _target(root, resource)
    named = target.maybe(Node.text, "ResourceId")
    suspended = target.maybe(Node.child, "SuspendedState")
    state = _Suspended.read(suspended) if suspended else _Suspended()
    minimum, maximum = target.count("MinCapacity"), target.count("MaxCapacity")
    _require_order(target, minimum, maximum)
    policies = _of(root, "ScalingPolicies", named) if root.has("ScalingPolicies") else [root]
    actions = _of(root, "ScheduledActions", named) if root.has("ScheduledActions") else []
    scaling = AutoScaling(
        minimum=minimum,
        maximum=maximum,
        tracking=_tracking(policies),
        steps=tuple(read_step_scaling(each, root) for each in policies if each.has(_STEPS)),
        arrive_minutes=ARRIVE_MINUTES,
        may_scale_out=not state.scaling_out,
        may_scale_in=not state.scaling_in,
    )
    scheduled = () if state.scheduled else tuple(_action(each) for each in actions)
    if not scaling.policies and not actions:
        raise root.error(
            "",
            "there is nothing that scales",
            expected=f"{_TRACKING}, {_STEPS}, ScalingPolicies or ScheduledActions",
            found=root.shown_keys(),
        )
    return ScalingPolicy(resource=named, scaling=scaling, scheduled=scheduled)


read_file = file_reader(read)


def _target(root: Node, resource: str | None) -> Node:
    if not root.has("ScalableTargets"):
        return root
    targets = _of(root, "ScalableTargets", resource)
    if len(targets) != 1:
        ids = [each.text("ResourceId") for each in root.children("ScalableTargets")]
        raise root.error(
            "ScalableTargets",
            "the scalable target is not clear",
            expected=f"one of {resource}" if resource else "one",
            found=", ".join(ids) or "none",
            todo="Name the resource, or keep only its target in the file",
        )
    return targets[0]


def _of(root: Node, name: str, resource: str | None) -> list[Node]:
    """The objects of a list that are about a resource, or do not say about which."""
    return [
        each
        for each in root.children(name)
        if resource is None or not each.has("ResourceId") or each.text("ResourceId") == resource
    ]


def _require_order(node: Node, minimum: int, maximum: int) -> None:
    if minimum > maximum:
        raise node.wrong("MinCapacity", f"at most MaxCapacity, {maximum}", minimum)


def _tracking(policies: list[Node]) -> TargetTracking | None:
    having = [each for each in policies if each.has(_TRACKING)]
    for other in policies:
        if other.has("PolicyType") and not (other.has(_TRACKING) or other.has(_STEPS)):
            kinds = f"TargetTrackingScaling with {_TRACKING} or StepScaling with {_STEPS}"
            raise other.wrong("PolicyType", kinds, other.text("PolicyType"))
    for another in having[1:]:
        raise another.error(
            _TRACKING,
            "two policies track the same metric",
            expected="one policy of target tracking",
            found=f"another at {having[0].path_of(_TRACKING)}",
            todo="Remove one of the two",
        )
    return _read_tracking(having[0]) if having else None


def _read_tracking(policy: Node) -> TargetTracking:
    node = policy.child(_TRACKING)
    target = node.number("TargetValue")
    if not 0.0 < target < float("inf"):
        raise node.wrong("TargetValue", "a number above 0", node.value["TargetValue"])
    _require_requests(node)
    return TargetTracking(
        target=target,
        out_cooldown=node.defaulted(Node.count, "ScaleOutCooldown", COOLDOWN_SECONDS),
        in_cooldown=node.defaulted(Node.count, "ScaleInCooldown", COOLDOWN_SECONDS),
        scales_in=not node.maybe(Node.truth, "DisableScaleIn"),
        name=policy.defaulted(Node.text, "PolicyName", "target tracking"),
    )


def _require_requests(node: Node) -> None:
    """Refuses what tracks anything but requests a minute and instance."""
    if metric := node.maybe(Node.child, "PredefinedMetricSpecification"):
        kind = metric.text("PredefinedMetricType")
        if kind not in _PREDEFINED:
            raise metric.wrong("PredefinedMetricType", _KNOWN, kind)
    if metric := node.maybe(Node.child, "CustomizedMetricSpecification"):
        if metric.has("Metrics") or metric.text("MetricName") not in _CUSTOM:
            name = "Metrics" if metric.has("Metrics") else "MetricName"
            raise metric.wrong(name, f"{_CUSTOM[0]}, or {_KNOWN}", metric.value[name])
        if metric.text("Statistic") != "Sum":
            raise metric.wrong("Statistic", "Sum", metric.value["Statistic"])


def _action(node: Node) -> ScheduledAction:
    bounds = node.child("ScalableTargetAction")
    minimum, maximum = (bounds.maybe(Node.count, key) for key in ("MinCapacity", "MaxCapacity"))
    if minimum is not None and maximum is not None:
        _require_order(bounds, minimum, maximum)
    zone = read_zone(node, "Timezone")
    return ScheduledAction(
        name=node.defaulted(Node.text, "ScheduledActionName", "scheduled"),
        schedule=_schedule(node, zone),
        zone=zone,
        minimum=minimum,
        maximum=maximum,
        start=node.maybe(read_minute, "StartTime"),
        end=node.maybe(read_minute, "EndTime"),
    )


def _schedule(node: Node, zone: tzinfo) -> str:
    schedule = node.text("Schedule")
    try:
        due(schedule, zone, Span(first=0, last=0), 0)
    except (ValueError, OverflowError) as error:
        raise node.error(
            "Schedule",
            f"a schedule is wrong: {error}",
            expected=FORMS,
            found=repr(schedule),
        ) from error
    return schedule
