"""constraint_violations.json of the bias monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.formats.mapping import Node
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "constraint_violations.json"
VERSION = "1.0"
CHECK = "bias_drift_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasViolation:
    """A metric of a facet that is worse than the baseline.

    Attributes:
        facet: name of the facet.
        facet_value: its value or interval in the window, which may differ from the baseline's.
        metric_name: short name of the metric.
        description: the sentence.
        constraint_check_type: always "bias_drift_check".
    """

    facet: str
    facet_value: str
    metric_name: str
    description: str
    constraint_check_type: str = CHECK

    def to_dict(self) -> dict[str, Any]:
        """The object of the file."""
        return {
            "facet": self.facet,
            "facet_value": self.facet_value,
            "metric_name": self.metric_name,
            "constraint_check_type": self.constraint_check_type,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasViolations:
    """The violations of a run; the file is written even when there are none."""

    violations: tuple[BiasViolation, ...] = ()
    version: str = VERSION

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        violations = [violation.to_dict() for violation in self.violations]
        return {"version": self.version, "violations": violations}

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> BiasViolations:
        """The violations of a document.

        Raises:
            FormatError: it is not what it should be; the message has the JSON path.
        """
        root = Node(value=document, file=where)
        version = root.maybe(Node.text, "version") or VERSION
        violations = tuple(_violation(child) for child in root.children("violations"))
        return cls(version=version, violations=violations)


def read_file(path: str | PathLike[str]) -> BiasViolations:
    """Reads the file.

    Raises:
        FormatError: the file is missing or is not what it should be.
    """
    return BiasViolations.read(read_object(path), str(path))


def _violation(node: Node) -> BiasViolation:
    return BiasViolation(
        facet=node.text("facet"),
        facet_value=node.text("facet_value"),
        metric_name=node.text("metric_name"),
        description=node.text("description"),
        constraint_check_type=node.maybe(Node.text, "constraint_check_type") or CHECK,
    )
