"""analysis.json of the bias monitor, as Clarify writes and driftkit reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from driftkit.formats.mapping import Node
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "analysis.json"
VERSION = "1.0"

Stage = Literal["pre_training", "post_training"]
STAGES: tuple[Stage, ...] = ("post_training", "pre_training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of one facet.

    Attributes:
        name: its short name, for example "DPL".
        description: its long name as Clarify writes it.
        value: the number, which may be infinite; None where it could not be computed.
        error: why it could not.
    """

    name: str
    description: str
    value: float | None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The object of the file."""
        known: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "value": self.value,
        }
        return known if self.error is None else {**known, "error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetMetrics:
    """All metrics of one value, or one interval, of a facet."""

    value_or_threshold: str
    metrics: tuple[Metric, ...]

    def to_dict(self) -> dict[str, Any]:
        """The object of the file."""
        metrics = [metric.to_dict() for metric in self.metrics]
        return {"value_or_threshold": self.value_or_threshold, "metrics": metrics}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMetrics:
    """The metrics before, or after, training.

    Attributes:
        label: name of the label column.
        label_value_or_threshold: which labels are positive: values, or an interval.
        facets: facet name -> its values or intervals, in the order of the report.
    """

    label: str
    label_value_or_threshold: str
    facets: Mapping[str, tuple[FacetMetrics, ...]]

    def to_dict(self) -> dict[str, Any]:
        """The object of the file."""
        return {
            "label": self.label,
            "facets": {
                name: [each.to_dict() for each in values] for name, values in self.facets.items()
            },
            "label_value_or_threshold": self.label_value_or_threshold,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A bias report; keys of other analyses (explanations, ...) are kept as they stand."""

    post_training: StageMetrics | None = None
    pre_training: StageMetrics | None = None
    version: str = VERSION
    extra: Mapping[str, Any] = field(default_factory=dict)

    def stage(self, name: Stage) -> StageMetrics | None:
        """The metrics of a stage, None where they were not asked for."""
        return self.post_training if name == "post_training" else self.pre_training

    def to_dict(self) -> dict[str, Any]:
        """The document, its keys in Clarify's order."""
        stages = {
            f"{name}_bias_metrics": stage.to_dict()
            for name in STAGES
            if (stage := self.stage(name)) is not None
        }
        return {"version": self.version, **stages, **self.extra}

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Analysis:
        """An analysis from its document.

        Args:
            document: the JSON object.
            where: name of the file, for messages.

        Raises:
            FormatError: it is not what it should be; the message has the JSON path.
        """
        root = Node(value=document, file=where)
        version = root.maybe(Node.text, "version") or VERSION
        stages = {name: _stage(root, f"{name}_bias_metrics") for name in STAGES}
        return cls(version=version, extra=root.rest(), **stages)


def read_file(path: str | PathLike[str]) -> Analysis:
    """Reads analysis.json.

    Raises:
        FormatError: the file is missing or is not what it should be.
    """
    return Analysis.read(read_object(path), str(path))


def _stage(root: Node, key: str) -> StageMetrics | None:
    if not root.has(key):
        return None
    node = root.child(key)
    facets = node.child("facets")
    return StageMetrics(
        label=node.text("label"),
        label_value_or_threshold=node.text("label_value_or_threshold"),
        facets={
            name: tuple(_facet(child) for child in facets.children(name)) for name in facets.value
        },
    )


def _facet(node: Node) -> FacetMetrics:
    return FacetMetrics(
        value_or_threshold=node.text("value_or_threshold"),
        metrics=tuple(_metric(child) for child in node.children("metrics")),
    )


def _metric(node: Node) -> Metric:
    return Metric(
        name=node.text("name"),
        description=node.maybe(Node.text, "description") or "",
        value=node.maybe(Node.number, "value"),
        error=node.maybe(Node.text, "error"),
    )
