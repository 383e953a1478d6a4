"""What the model-quality documents have in common: kind, problem and version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.document import VERSION, Kind, kind_of
from driftkit.formats.mapping import Node, shown
from driftkit.formats.model_quality.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_TODO = "Give the file that `driftkit model-quality` or SageMaker's model-quality monitor wrote"


def root(document: Mapping[str, Any], file: str, expected: Kind) -> Node:
    """The whole document to read from.

    Raises:
        FormatError: it is no object, or a file of another kind.
    """
    if not isinstance(document, dict):
        raise _another(file, expected, shown(document))
    found = kind_of(document)
    if found is not expected and not _empty_violations(document, expected):
        raise _another(file, expected, str(found) if found else "a file of no known kind")
    return Node(value=document, file=file)


def read_version(node: Node) -> float:
    """The version of the format.

    Raises:
        FormatError: it is one that driftkit does not know.
    """
    version = node.number("version")
    if version != VERSION:
        raise node.error(
            "version",
            "the file has an unknown version",
            expected=str(VERSION),
            found=shown(version),
            todo=_TODO,
        )
    return version


def read_problem(node: Node, ending: str) -> Problem:
    """The problem that the document is about, from its key that ends so.

    Raises:
        FormatError: it is about several at once.
    """
    found = [problem for problem in Problem if node.has(f"{problem.prefix}_{ending}")]
    if len(found) != 1:
        keys = " | ".join(f"{problem.prefix}_{ending}" for problem in Problem)
        raise node.error(
            "",
            "the file is about no problem type, or about several",
            expected=f"one of {keys}",
            found=", ".join(node.value),
            todo=_TODO,
        )
    return found[0]


def _empty_violations(document: Mapping[str, Any], expected: Kind) -> bool:
    return expected is Kind.METRIC_VIOLATIONS and document.get("violations") == []


def _another(file: str, expected: Kind, found: str) -> FormatError:
    return FormatError(
        "the file is of another kind", where=file, expected=expected, found=found, todo=_TODO
    )
