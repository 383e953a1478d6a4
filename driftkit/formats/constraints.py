"""constraints.json of the data-quality monitor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import FEATURE_TYPE, VERSION, Kind, feature_nodes, read_version, root
from driftkit.formats.fields import key, known_keys, read, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node, merged
from driftkit.formats.monitoring_config import (
    DistributionConstraints,
    MonitoringConfig,
    Overrides,
    read_monitoring_config,
    read_overrides,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.document import Generation

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
    inferred_type: str = field(metadata=key(FEATURE_TYPE))
    completeness: float | None = field(default=None, metadata=key(Node.share))
    is_non_negative: bool | None = field(
        default=None, metadata=key(Node.truth, "num_constraints.is_non_negative")
    )
    domains: tuple[str, ...] | None = field(
        default=None, metadata=key(Node.texts, "string_constraints.domains")
    )
    overrides: Overrides | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def overridden(
        self, distribution: Mapping[str, Any], values: Mapping[str, Any] | None = None
    ) -> FeatureConstraints:
        """The feature with other settings of its own; those that are not named stay.

        Args:
            distribution: of distribution_constraints.
            values: of monitoring_config.
        """
        own = self.overrides or Overrides()
        return replace(
            self,
            overrides=replace(
                own,
                values={**own.values, **(values or {})},
                distribution={**own.distribution, **distribution},
            ),
        )


def _read_features(node: Node, name: str) -> tuple[FeatureConstraints, ...]:
    return tuple(
        read(FeatureConstraints, each, overrides=read_overrides(each))
        for each in feature_nodes(node, name)
    )


def _features(features: tuple[FeatureConstraints, ...]) -> list[dict[str, Any]]:
    return [
        merged(
            merged(known_keys(each), each.overrides.to_dict() if each.overrides else {}),
            each.extra,
        )
        for each in features
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What is normal for a dataset, and how strictly it is checked.

    Attributes:
        version: of the format.
        features: in the order of the baseline's columns.
        monitoring_config: what is checked, with which thresholds.
        extra: unknown keys, at their places.
    """

    version: float = field(default=VERSION, metadata=key(read_version, needed=True))
    features: tuple[FeatureConstraints, ...] = field(metadata=key(_read_features, write=_features))
    monitoring_config: MonitoringConfig = field(
        default_factory=MonitoringConfig, metadata=key(read_monitoring_config, needed=True)
    )
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
        return read(cls, root(document, where, Kind.CONSTRAINTS))

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The content of the file, in the containers' order of keys.

        Args:
            generation: "2020" leaves out the keys that only newer containers write.
        """
        return to_dict(self, newer=generation != "2020")

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


read_file = file_reader(Constraints.read)
