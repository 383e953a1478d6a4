"""constraint_violations.json of the data-quality monitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import Kind, root
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "constraint_violations.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A constraint that the data broke.

    Attributes:
        feature_name: the feature, or "Missing columns" or "Extra columns".
        constraint_check_type: which check found it.
        description: what was expected and what was observed, in the containers' sentence.
        extra: unknown keys.
    """

    feature_name: str
    constraint_check_type: str
    description: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violations:
    """All constraints that the data broke.

    Attributes:
        violations: in the order of the file.
        extra: unknown keys.
    """

    violations: tuple[Violation, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Violations:
        """Violations from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.VIOLATIONS)
        violations = tuple(_read_violation(item) for item in node.children("violations"))
        return cls(violations=violations, extra=node.rest())

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys."""
        return merged({"violations": [_violation(v) for v in self.violations]}, self.extra)


def read_file(path: str | PathLike[str]) -> Violations:
    """The violations of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    return Violations.read(read_document(path), str(path))


def _read_violation(node: Node) -> Violation:
    return Violation(
        feature_name=node.text("feature_name"),
        constraint_check_type=node.text("constraint_check_type"),
        description=node.text("description"),
        extra=node.rest(),
    )


def _violation(violation: Violation) -> dict[str, Any]:
    known = {
        "feature_name": violation.feature_name,
        "constraint_check_type": violation.constraint_check_type,
        "description": violation.description,
    }
    return merged(known, violation.extra)
