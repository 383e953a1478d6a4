"""The monitoring_config of constraints.json: what is checked, with which thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.formats.mapping import Node, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.distances import Distance
    from driftkit.formats.document import Generation


def _spellings(distances: Mapping[str, Distance]) -> dict[str, str]:
    return {
        word.lower(): each.name
        for each in distances.values()
        for word in (each.name, *each.spellings)
    }


_METHODS = _spellings(NUMERICAL)
_CATEGORICAL_METHODS = _spellings(CATEGORICAL)


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

    perform_comparison: bool = True
    comparison_threshold: float = 0.1
    comparison_method: str = "Robust"
    categorical_comparison_threshold: float | None = None
    categorical_drift_method: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The object `distribution_constraints` of the file."""
        newer = generation != "2020"
        known = {
            "perform_comparison": switched(on=self.perform_comparison),
            "comparison_threshold": self.comparison_threshold,
            "comparison_method": self.comparison_method,
            "categorical_comparison_threshold": (
                self.categorical_comparison_threshold if newer else None
            ),
            "categorical_drift_method": self.categorical_drift_method if newer else None,
        }
        return merged(known, self.extra)


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

    evaluate_constraints: bool = True
    emit_metrics: bool = True
    datatype_check_threshold: float = 1.0
    domain_content_threshold: float = 1.0
    distribution: DistributionConstraints = field(default_factory=DistributionConstraints)
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The object `monitoring_config` of the file."""
        known = {
            "evaluate_constraints": switched(on=self.evaluate_constraints),
            "emit_metrics": switched(on=self.emit_metrics),
            "datatype_check_threshold": self.datatype_check_threshold,
            "domain_content_threshold": self.domain_content_threshold,
            "distribution_constraints": self.distribution.to_dict(generation=generation),
        }
        return merged(known, self.extra)


def read_monitoring_config(node: Node) -> MonitoringConfig:
    """The configuration of a file; what it is silent about has the containers' defaults."""
    distribution = node.maybe(Node.part, "distribution_constraints")
    return MonitoringConfig(
        **read_values(node),
        distribution=_distribution(distribution) if distribution else DistributionConstraints(),
        extra=node.rest(),
    )


def _distribution(node: Node) -> DistributionConstraints:
    known = read_distribution(node)
    if method := known.get("comparison_method"):
        known = {"comparison_threshold": NUMERICAL[method].threshold, **known}
    return DistributionConstraints(**known, extra=node.rest())


def read_values(node: Node) -> dict[str, Any]:
    """The keys of a monitoring_config that are there, its nested object left out."""
    return _present(
        evaluate_constraints=node.maybe(Node.switch, "evaluate_constraints"),
        emit_metrics=node.maybe(Node.switch, "emit_metrics"),
        datatype_check_threshold=node.maybe(Node.share, "datatype_check_threshold"),
        domain_content_threshold=node.maybe(Node.share, "domain_content_threshold"),
    )


def read_distribution(node: Node) -> dict[str, Any]:
    """The keys of a distribution_constraints object that are there."""
    return _present(
        perform_comparison=_read_perform_comparison(node),
        comparison_threshold=node.maybe(_read_threshold, "comparison_threshold"),
        comparison_method=node.maybe(_read_method, "comparison_method"),
        categorical_comparison_threshold=node.maybe(
            _read_threshold, "categorical_comparison_threshold"
        ),
        categorical_drift_method=node.maybe(_read_categorical_method, "categorical_drift_method"),
    )


def switched(*, on: bool) -> str:
    """The files' word for a truth value."""
    return "Enabled" if on else "Disabled"


def _read_perform_comparison(node: Node) -> bool | None:
    # Files of 2019 say enable_comparisons.
    if not node.has("perform_comparison"):
        return node.maybe(Node.switch, "enable_comparisons")
    return node.switch("perform_comparison")


def _read_threshold(node: Node, key: str) -> float:
    threshold = node.number(key)
    if not threshold >= 0.0:
        raise node.wrong(key, "a number, 0.0 or more", node.value[key])
    return threshold


def _read_method(node: Node, key: str) -> str:
    return node.choice(key, _METHODS)


def _read_categorical_method(node: Node, key: str) -> str:
    return node.choice(key, _CATEGORICAL_METHODS)


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
