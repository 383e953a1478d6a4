"""constraint_violations.json of the attribution monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.formats.mapping import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "constraint_violations.json"
VERSION = "1.0"
CHECK = "feature_attribution_drift_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionViolation:
    """A label whose features rank otherwise than in the baseline.

    Attributes:
        label: the model's output.
        description: the sentence.
        metric_name: always "shap".
        constraint_check_type: always "feature_attribution_drift_check".
    """

    label: str
    description: str
    metric_name: str = "shap"
    constraint_check_type: str = CHECK

    def to_dict(self) -> dict[str, Any]:
        """The object of the file."""
        return {
            "label": self.label,
            "metric_name": self.metric_name,
            "constraint_check_type": self.constraint_check_type,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionViolations:
    """The violations of a run; the file is written even when there are none."""

    violations: tuple[AttributionViolation, ...] = ()
    version: str = VERSION

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        return {"version": self.version, "violations": [each.to_dict() for each in self.violations]}

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> AttributionViolations:
        """The violations of a document.

        Raises:
            FormatError: it is not what it should be; the message has the JSON path.
        """
        root = Node(value=document, file=where)
        return cls(
            version=root.maybe(Node.text, "version") or VERSION,
            violations=tuple(_violation(child) for child in root.children("violations")),
        )


def _violation(node: Node) -> AttributionViolation:
    return AttributionViolation(
        label=node.text("label"),
        description=node.text("description"),
        metric_name=node.maybe(Node.text, "metric_name") or "shap",
        constraint_check_type=node.maybe(Node.text, "constraint_check_type") or CHECK,
    )
