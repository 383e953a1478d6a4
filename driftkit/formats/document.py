"""What Model Monitor's documents have in common: kind, version, generation and features."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from driftkit.errors import FormatError
from driftkit.formats.fields import choice
from driftkit.formats.mapping import Node, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 0.0

# "2020" are the containers up to the end of 2022. Those since 2024 also write
# approximate_num_distinct_values, completeness (statistics) and the two categorical keys
# (constraints); that was read off real files of both times.
Generation = Literal["2020", "2024"]

_TYPES = ("Integral", "Fractional", "String", "Boolean", "Unknown")
# Reads the inferred type of a feature.
FEATURE_TYPE = choice({name.lower(): name for name in _TYPES})


class Kind(StrEnum):
    """The kinds of files of the monitors, in words for messages."""

    STATISTICS = "data-quality statistics"
    CONSTRAINTS = "data-quality constraints"
    VIOLATIONS = "data-quality violations"
    MODEL_STATISTICS = "model-quality statistics"
    MODEL_CONSTRAINTS = "model-quality constraints"
    METRIC_VIOLATIONS = "violations of another monitor (model quality or Clarify)"
    BIAS = "a bias analysis (Clarify)"
    ATTRIBUTION = "a feature attribution analysis (Clarify)"


_PROBLEMS = ("regression", "binary_classification", "multiclass_classification")

# The first kind one of whose keys is in the document is the document's.
_MARKS: dict[Kind, tuple[str, ...]] = {
    Kind.MODEL_CONSTRAINTS: tuple(f"{problem}_constraints" for problem in _PROBLEMS),
    Kind.MODEL_STATISTICS: tuple(f"{problem}_metrics" for problem in _PROBLEMS),
    Kind.BIAS: ("pre_training_bias_metrics", "post_training_bias_metrics"),
    Kind.ATTRIBUTION: ("explanations",),
    Kind.VIOLATIONS: ("violations",),
    Kind.STATISTICS: ("dataset",),
    Kind.CONSTRAINTS: ("monitoring_config",),
}
_OF_MODELS = (Kind.MODEL_STATISTICS, Kind.MODEL_CONSTRAINTS, Kind.METRIC_VIOLATIONS)


def kind_of(document: Mapping[str, Any]) -> Kind | None:
    """The kind of file that a document's keys speak for; None where they speak for none."""
    for kind, keys in _MARKS.items():
        if any(key in document for key in keys):
            about_metrics = kind is Kind.VIOLATIONS and _names_metrics(document["violations"])
            return Kind.METRIC_VIOLATIONS if about_metrics else kind
    return None


def root(document: Mapping[str, Any], file: str, expected: Kind) -> Node:
    """The whole document to read from.

    Raises:
        FormatError: it is no object, or a file of another kind.
    """
    if not isinstance(document, dict):
        raise _another(file, expected, shown(document))
    found = kind_of(document)
    empty = expected is Kind.METRIC_VIOLATIONS and document.get("violations") == []
    # Whoever reads a data-quality document without any mark says which key is missing.
    if found is expected or empty or (found is None and expected not in _OF_MODELS):
        return Node(value=document, file=file)
    raise _another(file, expected, found or "a file of no known kind")


def _another(file: str, expected: Kind, found: str) -> FormatError:
    return FormatError(
        "the file is of another kind",
        where=file,
        expected=expected,
        found=found,
        todo=command(expected),
    )


def command(kind: Kind | None) -> str:
    """Who writes such files, as advice."""
    monitor = "model-quality" if kind in _OF_MODELS else "data-quality"
    return f"Give the file that `driftkit {monitor}` or SageMaker's {monitor} monitor wrote"


def read_version(node: Node, key: str = "version") -> float:
    """The version of the format.

    Raises:
        FormatError: it is one that driftkit does not know.
    """
    value = node.raw(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != VERSION:
        raise node.error(
            key,
            "the file has an unknown version",
            expected=str(VERSION),
            found=shown(value),
            todo=command(kind_of(node.value)),
        )
    return float(value)


def feature_nodes(node: Node, key: str) -> tuple[Node, ...]:
    """The features of a document.

    Raises:
        FormatError: two of them have the same name.
    """
    features = node.children(key)
    nodes: dict[str, Node] = {}
    for feature in features:
        name = feature.text("name")
        if name in nodes:
            raise feature.error(
                "name",
                "a feature is named twice",
                expected="each feature once",
                found=f"{name!r}, already at {nodes[name].path_of('name')}",
                todo="Remove or rename one of the two",
            )
        nodes[name] = feature
    return features


def _names_metrics(violations: Any) -> bool:
    items = violations if isinstance(violations, list) else []
    return any(isinstance(item, dict) and "metric_name" in item for item in items)
