"""Monitoring configuration in constraints.json: what is checked, and what features override."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.formats.fields import choice, key, read, read_fields
from driftkit.formats.mapping import Node, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.comparison.distance import Distance


def _method(distances: Mapping[str, Distance]) -> Callable[[Node, str], str]:
    spelled = {word.lower(): d.name for d in distances.values() for word in (d.name, *d.spellings)}
    return choice(spelled)


def _read_threshold(node: Node, name: str) -> float:
    threshold = node.number(name)
    if not threshold >= 0.0:
        raise node.wrong(name, "a number, 0.0 or more", node.value[name])
    return threshold


def _word(value: bool | float | str) -> float | str:  # noqa: FBT001 - a value of the file
    if isinstance(value, bool):
        return "Enabled" if value else "Disabled"
    return value


_SWITCH = key(Node.switch, write=_word)
_SHARE = key(Node.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionConstraints:
    """How distributions are compared with the baseline's.

    Attributes:
        perform_comparison: whether they are.
        comparison_threshold: the distance of numeric features that is still normal.
        comparison_method: the distance of numbers, a name of driftkit.comparison.distances;
            "Robust" corrects for few rows, "Simple" does not.
        categorical_comparison_threshold: the same for categories; None where the file is silent.
        categorical_drift_method: the distance of categories, likewise; None where the file is
            silent.
        extra: unknown keys.
    """

    # Files of 2019 say enable_comparisons.
    perform_comparison: bool = field(
        default=True, metadata=key(Node.switch, former="enable_comparisons", write=_word)
    )
    comparison_threshold: float = field(default=0.1, metadata=key(_read_threshold))
    comparison_method: str = field(default="Robust", metadata=key(_method(NUMERICAL)))
    categorical_comparison_threshold: float | None = field(
        default=None, metadata=key(_read_threshold, newer=True)
    )
    categorical_drift_method: str | None = field(
        default=None, metadata=key(_method(CATEGORICAL), newer=True)
    )
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


def _read_distribution(config: Node, name: str) -> DistributionConstraints:
    node = config.part(name)
    found = read(DistributionConstraints, node)
    if node.has("comparison_method") and not node.has("comparison_threshold"):
        usual = NUMERICAL[found.comparison_method].threshold
        found = replace(found, comparison_threshold=usual)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringConfig:
    """What is checked of features, with the containers' real defaults (1.0, 1.0, 0.1, Robust).

    Attributes:
        evaluate_constraints: whether constraints are checked.
        emit_metrics: whether metrics are published.
        datatype_check_threshold: the share of values that must be of the expected type.
        domain_content_threshold: the share of values that must be known ones.
        distribution: how distributions are compared.
        extra: unknown keys.
    """

    evaluate_constraints: bool = field(default=True, metadata=_SWITCH)
    emit_metrics: bool = field(default=True, metadata=_SWITCH)
    datatype_check_threshold: float = field(default=1.0, metadata=_SHARE)
    domain_content_threshold: float = field(default=1.0, metadata=_SHARE)
    distribution: DistributionConstraints = field(
        default_factory=DistributionConstraints,
        metadata=key(_read_distribution, "distribution_constraints"),
    )
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


def read_monitoring_config(node: Node, name: str) -> MonitoringConfig:
    """The configuration of a file; what it is silent about has the containers' defaults."""
    return read(MonitoringConfig, node.part(name))


# AWS's documentation writes the first, SDK 2 the second, SDK 3 the second in string_constraints.
_SPELLINGS = ("monitoringConfigOverrides", "monitoring_config_overrides")

_SECTIONS = ("num_constraints", "string_constraints")

_KEYS = {
    "distribution_constraints",
    *(attribute.name for attribute in fields(MonitoringConfig)),
    *(attribute.name for attribute in fields(DistributionConstraints)),
}
_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Those settings of monitoring_config that are different for one feature.

    Attributes:
        values: names of MonitoringConfig's attributes and their values.
        distribution: names of DistributionConstraints' attributes and their values.
        keys: the keys from the feature to the overrides in the file.
        extra: unknown keys, at their places.
    """

    values: Mapping[str, bool | float] = field(default_factory=dict, hash=False)
    distribution: Mapping[str, bool | float | str] = field(default_factory=dict, hash=False)
    keys: tuple[str, ...] = (_SPELLINGS[1],)
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def applied_to(self, config: MonitoringConfig) -> MonitoringConfig:
        """The configuration with these settings in it."""
        values: dict[str, Any] = dict(self.values)
        distribution: dict[str, Any] = dict(self.distribution)
        return replace(config, **values, distribution=replace(config.distribution, **distribution))

    def to_dict(self) -> dict[str, Any]:
        """The overrides at their place in the feature's object."""
        known = _written(self.values)
        if self.distribution:
            known["distribution_constraints"] = _written(self.distribution)
        tree = merged(known, self.extra)
        for step in reversed(self.keys):
            tree = {step: tree}
        return tree


def read_overrides(feature: Node) -> Overrides | None:
    """The overrides of a feature, at the feature or in one of its sections; None without any.

    Raises:
        FormatError: two places of the same feature contradict each other.
    """
    found: Overrides | None = None
    sections = (feature.child(name) for name in _SECTIONS if feature.has(name))
    for node in (feature, *sections):
        for spelling in _SPELLINGS:
            if node.has(spelling):
                here = _read(feature, node, spelling)
                found = _joined(feature, found, here) if found else here
    return found


def _read(feature: Node, holder: Node, spelling: str) -> Overrides:
    given = holder.part(spelling)
    node = replace(given, value=_usual(given.value))
    distribution = node.maybe(Node.child, "distribution_constraints")
    within = holder.path.removeprefix(feature.path).removeprefix(".")
    return Overrides(
        values=read_fields(MonitoringConfig, node, without=("distribution",)),
        distribution=read_fields(DistributionConstraints, distribution) if distribution else {},
        keys=(within, spelling) if within else (spelling,),
        extra=node.rest(),
    )


def _usual(item: Any) -> Any:
    """The same object with keys like `evaluateConstraints` in the files' usual spelling."""
    if not isinstance(item, dict):
        return item
    return {_spelled(key): _usual(value) for key, value in item.items()}


def _spelled(key: str) -> str:
    usual = _CAPITAL.sub(r"_\1", key).lower()
    return usual if usual in _KEYS else key


def _joined(feature: Node, first: Overrides, second: Overrides) -> Overrides:
    for ours, theirs in ((first.values, second.values), (first.distribution, second.distribution)):
        for name in ours.keys() & theirs.keys():
            if ours[name] != theirs[name]:
                raise feature.error(
                    ".".join(second.keys),
                    f"two overrides of {name} contradict each other",
                    expected=f"{_word(ours[name])}, as at {feature.path_of('.'.join(first.keys))}",
                    found=str(_word(theirs[name])),
                    todo="Keep one of the two",
                )
    return replace(
        first,
        values={**first.values, **second.values},
        distribution={**first.distribution, **second.distribution},
        extra=merged(first.extra, second.extra),
    )


def _written(values: Mapping[str, bool | float | str]) -> dict[str, Any]:
    return {key: _word(value) for key, value in values.items()}
