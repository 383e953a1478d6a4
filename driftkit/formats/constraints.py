"""constraints.json of the data-quality monitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import (
    VERSION,
    Generation,
    Kind,
    feature_nodes,
    feature_type,
    read_version,
    root,
)
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged
from driftkit.formats.monitoring_config import (
    DistributionConstraints,
    MonitoringConfig,
    read_monitoring_config,
)
from driftkit.formats.overrides import Overrides, read_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = [
    "Constraints",
    "DistributionConstraints",
    "FeatureConstraints",
    "MonitoringConfig",
    "Overrides",
]

NAME = "constraints.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureConstraints:
    """What is normal for one feature; None stands for a key that is absent.

    Attributes:
        name: the column's name.
        inferred_type: Integral, Fractional, String, Boolean or Unknown.
        completeness: the share of rows with a value that is expected.
        is_non_negative: whether the baseline had no negative value.
        domains: the known values of a String or Boolean feature.
        overrides: the feature's own monitoring configuration.
        extra: unknown keys, at their places.
    """

    name: str
    inferred_type: str
    completeness: float | None = None
    is_non_negative: bool | None = None
    domains: tuple[str, ...] | None = None
    overrides: Overrides | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What is normal for a dataset, and how strictly it is checked.

    Attributes:
        features: in the order of the baseline's columns.
        monitoring_config: what is checked, with which thresholds.
        version: of the format.
        extra: unknown keys, at their places.
    """

    features: tuple[FeatureConstraints, ...]
    monitoring_config: MonitoringConfig = field(default_factory=MonitoringConfig)
    version: float = VERSION
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Constraints:
        """Constraints from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.CONSTRAINTS)
        return cls(
            version=read_version(node),
            features=tuple(_read_feature(feature) for feature in feature_nodes(node)),
            monitoring_config=read_monitoring_config(node.part("monitoring_config")),
            extra=node.rest(),
        )

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The content of the file, in the containers' order of keys.

        Args:
            generation: "2020" leaves out the keys that only newer containers write.
        """
        known = {
            "version": self.version,
            "features": [_feature(feature) for feature in self.features],
            "monitoring_config": self.monitoring_config.to_dict(generation=generation),
        }
        return merged(known, self.extra)

    def config_for(self, feature_name: str) -> MonitoringConfig:
        """The monitoring configuration of a feature, its own overrides applied.

        >>> age = FeatureConstraints(
        ...     name="age",
        ...     inferred_type="Integral",
        ...     overrides=Overrides(values={"evaluate_constraints": False}),
        ... )
        >>> Constraints(features=(age,)).config_for("age").evaluate_constraints
        False
        """
        return self.own_configs.get(feature_name, self.monitoring_config)

    @property
    def own_configs(self) -> Mapping[str, MonitoringConfig]:
        """The monitoring configurations of the features that override something, by their names.

        Of features with one name the first counts.
        """
        return {
            feature.name: feature.overrides.applied_to(self.monitoring_config)
            for feature in reversed(self.features)
            if feature.overrides
        }


def read_file(path: str | PathLike[str]) -> Constraints:
    """The constraints of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    return Constraints.read(read_document(path), str(path))


def _read_feature(node: Node) -> FeatureConstraints:
    numbers = node.maybe(Node.child, "num_constraints")
    strings = node.maybe(Node.child, "string_constraints")
    return FeatureConstraints(
        name=node.text("name"),
        inferred_type=feature_type(node),
        completeness=node.maybe(Node.share, "completeness"),
        is_non_negative=numbers.maybe(Node.truth, "is_non_negative") if numbers else None,
        domains=strings.maybe(Node.texts, "domains") if strings else None,
        overrides=read_overrides(node, numbers, strings),
        extra=node.rest(),
    )


def _feature(feature: FeatureConstraints) -> dict[str, Any]:
    non_negative, domains = feature.is_non_negative, feature.domains
    known = {
        "name": feature.name,
        "inferred_type": feature.inferred_type,
        "completeness": feature.completeness,
        "num_constraints": None if non_negative is None else {"is_non_negative": non_negative},
        "string_constraints": None if domains is None else {"domains": list(domains)},
    }
    own = feature.overrides.to_dict() if feature.overrides else {}
    return merged(merged(known, own), feature.extra)
