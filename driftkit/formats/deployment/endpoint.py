"""Reads variants, weights and shadows from SageMaker's descriptions of endpoints and experiments.

A file may hold what DescribeEndpoint, DescribeEndpointConfig or DescribeInferenceExperiment answer,
or what CreateEndpointConfig, CreateInferenceExperiment or UpdateEndpointWeightsAndCapacities are
sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "endpoint.json"
MOST_VARIANTS = 10
VARIANT_NAME = re.compile(r"[A-Za-z0-9-]{1,63}")
_BAKING = "Baking"
_PRODUCTION, _DESIRED = "ProductionVariants", "DesiredWeightsAndCapacities"
_INITIAL = "InitialVariantWeight"
_POLICIES = {
    "BlueGreenUpdatePolicy": "TrafficRoutingConfiguration",
    "RollingUpdatePolicy": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A production variant.

    Attributes:
        name: of the variant.
        weight: what it has now, 0 where it gets no requests; its share is that of the sum of all
            weights.
        statuses: what is going on with it, for example "Updating" or "Baking".
    """

    name: str
    weight: float
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A variant that gets copies of requests and whose answers nobody sees.

    Attributes:
        name: of the variant.
        source: the production variant whose requests are copied.
        sampling_percentage: of them; None where the file says it by weights only.
    """

    name: str
    source: str
    sampling_percentage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is known of an endpoint.

    Attributes:
        name: None where the file is a configuration.
        variants: production variants in the order of the file; one at least has a weight above 0.
        shadow: None without one.
        status: of the endpoint or experiment.
        experiment: name of the inference experiment.
        baking: whether a deployment waits for alarms now.
        wait_seconds: how long it waits, by the last deployment's configuration.
        rollback_alarms: that send the traffic back; None where the file is silent.
        capture_percentage: of requests that are captured; None where nothing says so.
        capture_destination: where captures go.
    """

    name: str | None
    variants: tuple[Variant, ...]
    shadow: Shadow | None = None
    status: str | None = None
    experiment: str | None = None
    baking: bool = False
    wait_seconds: int | None = None
    rollback_alarms: tuple[str, ...] | None = None
    capture_percentage: float | None = None
    capture_destination: str | None = None

    @property
    def shares(self) -> dict[str, float]:
        """The share of requests that each production variant should get.

        >>> pair = (Variant(name="a", weight=3.0), Variant(name="b", weight=1.0))
        >>> Endpoint(name="churn", variants=pair).shares
        {'a': 0.75, 'b': 0.25}
        """
        total = sum(each.weight for each in self.variants)
        return {each.name: each.weight / total for each in self.variants}


def read(document: Mapping[str, Any], where: str = NAME) -> Endpoint:
    """The endpoint of a file's content.

    Args:
        document: the parsed JSON.
        where: the file's name, for messages.

    Raises:
        FormatError: it is another file, or a variant, weight or percentage is wrong.
    """
    root = Node(value=document, file=where)
    if root.has("ShadowModeConfig"):
        return _experiment(root)
    if root.has(_PRODUCTION):
        return _endpoint(root)
    if root.has(_DESIRED):
        return Endpoint(
            name=root.maybe(Node.text, "EndpointName"),
            variants=_variants(root, _DESIRED, "DesiredWeight"),
        )
    raise root.error(
        "",
        "it is no description of an endpoint",
        expected=f"{_PRODUCTION}, ShadowModeConfig or {_DESIRED}",
        found=root.shown_keys(),
        todo="Give what describe-endpoint, describe-endpoint-config or "
        "describe-inference-experiment of the AWS command line write, or the desired_weights.json "
        "that was sent",
    )


read_file = file_reader(read)


def _endpoint(root: Node) -> Endpoint:
    weight = "CurrentWeight" if root.has("EndpointName") else _INITIAL
    variants = _variants(root, _PRODUCTION, weight)
    pending = root.maybe(Node.child, "PendingDeploymentSummary")
    in_progress = _statuses_of_all(pending) if pending else set()
    deployment = root.maybe(Node.child, "LastDeploymentConfig")
    capture = root.maybe(Node.child, "DataCaptureConfig")
    return Endpoint(
        name=root.maybe(Node.text, "EndpointName"),
        variants=variants,
        shadow=_shadow_variant(root, variants),
        status=root.maybe(Node.text, "EndpointStatus"),
        baking=_BAKING in in_progress.union(*(each.statuses for each in variants)),
        wait_seconds=_wait_seconds(deployment) if deployment else None,
        rollback_alarms=_alarms(deployment) if deployment else None,
        capture_percentage=_capture_percentage(capture) if capture else None,
        capture_destination=capture.maybe(Node.text, "DestinationS3Uri") if capture else None,
    )


def _variants(root: Node, key: str, weight: str) -> tuple[Variant, ...]:
    nodes = root.children(key)
    if not 1 <= len(nodes) <= MOST_VARIANTS:
        raise root.wrong(key, f"1 to {MOST_VARIANTS} variants", root.value[key])
    names: set[str] = set()
    variants = tuple(
        Variant(
            name=_new_name(node, "VariantName", names),
            weight=_weight(node, weight),
            statuses=_statuses(node),
        )
        for node in nodes
    )
    if not any(each.weight for each in variants):
        raise root.error(
            key,
            "no variant gets requests",
            expected="a weight above 0 of one variant at least",
            found=f"{weight} 0 of all",
            todo="Give the variants their weights",
        )
    return variants


def _new_name(node: Node, key: str, names: set[str]) -> str:
    """The name of a variant, which is added to the others."""
    name = node.text(key)
    if not VARIANT_NAME.fullmatch(name):
        raise node.wrong(key, "1 to 63 letters, digits and hyphens", name)
    if name in names:
        raise node.error(
            key,
            "a variant is named twice",
            expected="each name once, among production and shadow variants",
            found=repr(name),
            todo="Remove or rename one of the two",
        )
    names.add(name)
    return name


def _weight(node: Node, key: str) -> float:
    # A configuration without a weight means 1 (the API's documentation).
    weight = node.defaulted(Node.number, key, 1.0) if key == _INITIAL else node.number(key)
    if not 0.0 <= weight < float("inf"):
        raise node.error(
            key,
            "a variant has no weight",
            expected="a finite number, 0 or more",
            found=str(node.value[key]),
            todo="Give its weight",
        )
    return weight


def _statuses(node: Node) -> tuple[str, ...]:
    if not node.has("VariantStatus"):
        return ()
    return tuple(each.text("Status") for each in node.children("VariantStatus"))


def _statuses_of_all(pending: Node) -> set[str]:
    if not pending.has("ProductionVariants"):
        return set()
    return {status for each in pending.children("ProductionVariants") for status in _statuses(each)}


def _shadow_variant(root: Node, variants: tuple[Variant, ...]) -> Shadow | None:
    key = "ShadowProductionVariants"
    if not root.has(key) or not root.array(key):
        return None
    nodes = root.children(key)
    if len(nodes) > 1 or len(variants) > 1:
        raise root.error(
            key,
            "an endpoint with a shadow has one production variant and one shadow variant",
            expected="one of each",
            found=f"{len(variants)} production and {len(nodes)} shadow variants",
        )
    name = _new_name(nodes[0], "VariantName", {variants[0].name})
    return Shadow(name=name, source=variants[0].name)


def _wait_seconds(deployment: Node) -> int | None:
    for policy, within in _POLICIES.items():
        if node := deployment.maybe(Node.child, policy):
            holder = node.child(within) if within else node
            return holder.maybe(Node.count, "WaitIntervalInSeconds")
    return None


def _alarms(deployment: Node) -> tuple[str, ...]:
    rollback = deployment.maybe(Node.child, "AutoRollbackConfiguration")
    if rollback is None or not rollback.has("Alarms"):
        return ()
    return tuple(each.text("AlarmName") for each in rollback.children("Alarms"))


def _capture_percentage(capture: Node) -> float | None:
    if capture.has("EnableCapture") and not capture.truth("EnableCapture"):
        return None
    for key in ("CurrentSamplingPercentage", "InitialSamplingPercentage"):
        if capture.has(key):
            return _percentage(capture, key)
    return None


def _percentage(node: Node, key: str) -> float:
    percentage = node.number(key)
    if not 0.0 < percentage <= 100.0:
        raise node.wrong(key, "a percentage above 0, at most 100", node.value[key])
    return percentage


def _experiment(root: Node) -> Endpoint:
    config = root.child("ShadowModeConfig")
    names: set[str] = set()
    source = _new_name(config, "SourceModelVariantName", names)
    nodes = config.children("ShadowModelVariants")
    if len(nodes) != 1:
        raise config.wrong("ShadowModelVariants", "one shadow variant", list(nodes))
    shadow = Shadow(
        name=_new_name(nodes[0], "ShadowModelVariantName", names),
        source=source,
        sampling_percentage=_percentage(nodes[0], "SamplingPercentage"),
    )
    endpoint = root.maybe(Node.child, "EndpointMetadata") or root
    storage = root.maybe(Node.child, "DataStorageConfig")
    return Endpoint(
        name=endpoint.text("EndpointName"),
        variants=(Variant(name=source, weight=1.0),),
        shadow=shadow,
        status=root.maybe(Node.text, "Status"),
        experiment=root.text("Name"),
        capture_destination=storage.maybe(Node.text, "Destination") if storage else None,
    )
