"""constraint_violations.json of the four monitors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from driftkit.formats.document import Kind, root
from driftkit.formats.fields import records, to_dict
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "constraint_violations.json"
CLARIFY_VERSION = "1.0"
BIAS_CHECK = "bias_drift_check"
ATTRIBUTION_CHECK = "feature_attribution_drift_check"


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
class MetricViolation:
    """A metric of a model's quality on the wrong side of its threshold.

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
class BiasViolation:
    """A metric of a facet that is worse than the baseline.

    Attributes:
        facet: name of the facet.
        facet_value: its value or interval in the window, which may differ from the baseline's.
        metric_name: short name of the metric.
        constraint_check_type: which check found it.
        description: the sentence.
        extra: unknown keys.
    """

    facet: str
    facet_value: str
    metric_name: str
    constraint_check_type: str = BIAS_CHECK
    description: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionViolation:
    """A label whose features rank otherwise than in the baseline.

    Attributes:
        label: the model's output.
        metric_name: always "shap".
        constraint_check_type: which check found it.
        description: the sentence.
        extra: unknown keys.
    """

    label: str
    metric_name: str = "shap"
    constraint_check_type: str = ATTRIBUTION_CHECK
    description: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


Row = TypeVar("Row", Violation, MetricViolation, BiasViolation, AttributionViolation)

# Model Monitor's files; those of the other rows are Clarify's, in another layout of JSON.
_KINDS: dict[type, Kind] = {
    Violation: Kind.VIOLATIONS,
    MetricViolation: Kind.METRIC_VIOLATIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violations(Generic[Row]):
    """All violations of a run; the file is written even when there are none.

    Attributes:
        violations: in the order of the file.
        version: of the format, which Clarify's files have.
        extra: unknown keys.
    """

    violations: tuple[Row, ...] = ()
    version: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, in the containers' order of keys."""
        rows = [to_dict(row) for row in self.violations]
        return merged({"version": self.version, "violations": rows}, self.extra)


def read(document: Mapping[str, Any], row: type[Row], where: str = NAME) -> Violations[Row]:
    """Violations from the content of a file.

    Args:
        document: the parsed JSON.
        row: what the file lists.
        where: the file's name, for messages.

    Raises:
        FormatError: it is another file, or a key is missing or wrong.
    """
    if row in _KINDS:
        node, version = root(document, where, _KINDS[row]), None
    else:
        node = Node(value=document, file=where)
        version = node.defaulted(Node.text, "version", CLARIFY_VERSION) or CLARIFY_VERSION
    rows = records(row)(node, "violations")
    return Violations(violations=rows, version=version, extra=node.rest())


def read_file(path: str | PathLike[str], row: type[Row]) -> Violations[Row]:
    """The violations of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    document = read_document(path) if row in _KINDS else read_object(path)
    return read(document, row, str(path))
