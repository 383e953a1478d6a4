"""constraint_violations.json of the model-quality monitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import Kind
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged
from driftkit.formats.model_quality.document import root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "constraint_violations.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricViolation:
    """A metric on the wrong side of its threshold.

    Attributes:
        constraint_check_type: the comparison, LessThanThreshold or GreaterThanThreshold.
        description: the containers' sentence.
        metric_name: as the containers spell it, for example truePositiveRate.
        extra: unknown keys.
    """

    constraint_check_type: str
    description: str
    metric_name: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricViolations:
    """All metrics that got worse.

    Attributes:
        violations: in the order of the file.
        extra: unknown keys.
    """

    violations: tuple[MetricViolation, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> MetricViolations:
        """Violations from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.METRIC_VIOLATIONS)
        violations = tuple(_read(item) for item in node.children("violations"))
        return cls(violations=violations, extra=node.rest())

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys."""
        return merged({"violations": [_violation(v) for v in self.violations]}, self.extra)


def read_file(path: str | PathLike[str]) -> MetricViolations:
    """The violations of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    return MetricViolations.read(read_document(path), str(path))


def _read(node: Node) -> MetricViolation:
    return MetricViolation(
        constraint_check_type=node.text("constraint_check_type"),
        description=node.text("description"),
        metric_name=node.text("metric_name"),
        extra=node.rest(),
    )


def _violation(violation: MetricViolation) -> dict[str, Any]:
    known = {
        "constraint_check_type": violation.constraint_check_type,
        "description": violation.description,
        "metric_name": violation.metric_name,
    }
    return merged(known, violation.extra)
