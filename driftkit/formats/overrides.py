"""Monitoring configuration of single features in constraints.json, in all its spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from driftkit.formats.mapping import Node, merged
from driftkit.formats.monitoring_config import (
    DistributionConstraints,
    MonitoringConfig,
    read_distribution,
    read_values,
    switched,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# AWS's documentation writes the first, SDK 2 the second, SDK 3 the second in string_constraints.
SPELLINGS = ("monitoringConfigOverrides", "monitoring_config_overrides")

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
    keys: tuple[str, ...] = (SPELLINGS[1],)
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
        for key in reversed(self.keys):
            tree = {key: tree}
        return tree


def read_overrides(feature: Node, *sections: Node | None) -> Overrides | None:
    """The overrides of a feature, at the feature or in one of its sections; None without any.

    Raises:
        FormatError: two places of the same feature contradict each other.
    """
    found: Overrides | None = None
    for node in (feature, *sections):
        for spelling in SPELLINGS:
            if node and node.has(spelling):
                here = _read(feature, node, spelling)
                found = _joined(feature, found, here) if found else here
    return found


def _read(feature: Node, holder: Node, spelling: str) -> Overrides:
    given = holder.part(spelling)
    node = replace(given, value=_usual(given.value))
    distribution = node.maybe(Node.child, "distribution_constraints")
    within = holder.path.removeprefix(feature.path).removeprefix(".")
    return Overrides(
        values=read_values(node),
        distribution=read_distribution(distribution) if distribution else {},
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
        for key in ours.keys() & theirs.keys():
            if ours[key] != theirs[key]:
                raise feature.error(
                    ".".join(second.keys),
                    f"two overrides of {key} contradict each other",
                    expected=f"{_word(ours[key])}, as at {feature.path_of('.'.join(first.keys))}",
                    found=str(_word(theirs[key])),
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


def _word(value: bool | float | str) -> float | str:  # noqa: FBT001 - a value of the file
    return switched(on=value) if isinstance(value, bool) else value
