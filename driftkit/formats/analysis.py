"""analysis.json of the bias monitor, as Clarify writes and driftkit reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from driftkit.formats.fields import key, read, record, records, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "analysis.json"
VERSION = "1.0"

Stage = Literal["pre_training", "post_training"]
STAGES: tuple[Stage, ...] = ("post_training", "pre_training")


def read_version(root: Node, name: str) -> str:
    """The version of a file of Clarify's."""
    return root.text(name) or VERSION


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
    description: str = ""
    value: float | None = field(default=None, metadata=key(Node.number, null=True))
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetMetrics:
    """All metrics of one value, or one interval, of a facet."""

    value_or_threshold: str
    metrics: tuple[Metric, ...] = field(metadata=key(records(Metric)))


def _read_facets(stage: Node, name: str) -> dict[str, tuple[FacetMetrics, ...]]:
    node = stage.child(name)
    return {facet: records(FacetMetrics)(node, facet) for facet in node.value}


def _facets(facets: Mapping[str, tuple[FacetMetrics, ...]]) -> dict[str, Any]:
    return {name: [to_dict(each) for each in values] for name, values in facets.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMetrics:
    """The metrics before, or after, training.

    Attributes:
        label: name of the label column.
        facets: facet name -> its values or intervals, in the order of the report.
        label_value_or_threshold: which labels are positive: values, or an interval.
    """

    label: str
    facets: Mapping[str, tuple[FacetMetrics, ...]] = field(
        metadata=key(_read_facets, write=_facets)
    )
    label_value_or_threshold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A bias report; keys of other analyses (explanations, ...) are kept as they stand."""

    version: str = field(default=VERSION, metadata=key(read_version))
    post_training: StageMetrics | None = field(
        default=None, metadata=key(record(StageMetrics), "post_training_bias_metrics")
    )
    pre_training: StageMetrics | None = field(
        default=None, metadata=key(record(StageMetrics), "pre_training_bias_metrics")
    )
    extra: Mapping[str, Any] = field(default_factory=dict)

    def stage(self, name: Stage) -> StageMetrics | None:
        """The metrics of a stage, None where they were not asked for."""
        return self.post_training if name == "post_training" else self.pre_training

    def to_dict(self) -> dict[str, Any]:
        """The document, its keys in Clarify's order."""
        return to_dict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Analysis:
        """An analysis from its document.

        Args:
            document: the JSON object.
            where: name of the file, for messages.

        Raises:
            FormatError: it is not what it should be; the message has the JSON path.
        """
        return read(cls, Node(value=document, file=where))


read_file = file_reader(Analysis.read, read_object)
