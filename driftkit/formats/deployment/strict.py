"""Declares keys of objects that have no others, and whose numbers are all finite."""

from __future__ import annotations

import math
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args

from driftkit.formats.deployment.moments import moment_text, parse_moment
from driftkit.formats.fields import choice, key, read
from driftkit.formats.mapping import Node
from driftkit.formats.nesting import require_shallow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_Record = TypeVar("_Record")
_Read_co = TypeVar("_Read_co", covariant=True)
_Value = TypeVar("_Value")
_ENDS = 2


def strict(kind: type[_Record], node: Node) -> _Record:
    """What an object stands for.

    Args:
        kind: a dataclass whose fields are the object's keys.
        node: the object.

    Raises:
        FormatError: a key is missing, unknown, or not what it should be.
    """
    node = node.unlabelled()
    known = _names(kind)
    for strange in (each for each in node.value if each not in known):
        similar = get_close_matches(strange, known, n=2)
        raise node.error(
            strange,
            "the key is not known",
            expected=" or ".join(similar or known),
            found=repr(strange),
            todo="Correct its name, or remove it",
        )
    return read(kind, node)


class DocumentReader(Protocol[_Read_co]):
    """What `document_reader` gives."""

    def __call__(self, document: Mapping[str, Any], where: str = ...) -> _Read_co:
        """The content of a file."""


def document_reader(kind: type[_Record], name: str) -> DocumentReader[_Record]:
    """What reads a whole file's content.

    Args:
        kind: a dataclass whose fields are the file's keys.
        name: of such files, for messages where none is given.

    Returns:
        A function of the JSON object and of the file's name for messages. It raises FormatError
        where a key is missing, unknown or wrong; the message has the JSON path.
    """

    def read_content(document: Mapping[str, Any], where: str = name) -> _Record:
        require_shallow(document, where)
        return strict(kind, Node(value=document, file=where))

    return read_content


def _names(kind: Any) -> list[str]:
    return [each.metadata.get("at") or each.name for each in fields(kind)]


def finite(node: Node, name: str) -> float:
    """A number that is neither NaN nor infinite; -0.0 is 0.0.

    Raises:
        FormatError: it is something else.
    """
    number = node.number(name)
    if not math.isfinite(number):
        raise node.wrong(name, "a finite number", node.value[name])
    return number + 0.0


def not_negative(node: Node, name: str) -> float:
    """A finite number, 0 or more.

    Raises:
        FormatError: it is something else.
    """
    number = finite(node, name)
    if number < 0:
        raise node.wrong(name, "a number, 0 or more", number)
    return number


def moment(node: Node, name: str) -> datetime:
    """A time.

    Raises:
        FormatError: it is none.
    """
    text = node.text(name)
    try:
        return parse_moment(text)
    except ValueError as error:
        raise node.wrong(name, "a time of ISO 8601, such as 2026-11-02T11:00:00Z", text) from error


def part_of(kind: type[_Record]) -> Mapping[str, Any]:
    """The metadata of a field that is an object."""
    return key(lambda node, name: strict(kind, node.part(name)))


def nullable(kind: type[_Record]) -> Mapping[str, Any]:
    """The metadata of a field that is an object, or null."""
    return {**part_of(kind), "null": True}


def parts_of(kind: type[_Record], *, null: bool = False) -> Mapping[str, Any]:
    """The metadata of a field that is an array of objects; with `null`, or null."""
    return key(
        lambda node, name: tuple(strict(kind, each) for each in node.children(name)), null=null
    )


def by_name(
    value: Callable[[Node, str], _Value],
    write: Callable[[_Value], Any] = lambda value: value,
    *,
    null: bool = False,
) -> Mapping[str, Any]:
    """The metadata of a field that is an object of names and values of one kind."""

    def read_values(node: Node, name: str) -> dict[str, _Value]:
        values = node.part(name)
        return {each: value(values, each) for each in values.value}

    def written(values: Mapping[str, _Value] | None) -> dict[str, Any] | None:
        return None if values is None else {name: write(each) for name, each in values.items()}

    return key(read_values, null=null, write=written)


def one_of(literal: Any, *, null: bool = False) -> Mapping[str, Any]:
    """The metadata of a field that is one of the words of a Literal; with `null`, or null."""
    return key(choice({word.lower(): word for word in get_args(literal)}), null=null)


def version_of(known: str) -> Mapping[str, Any]:
    """The metadata of a field with the version of a format, of which one is known."""

    def read_version(node: Node, name: str) -> str:
        version = node.text(name)
        if version != known:
            raise node.wrong(name, f"version {known!r}", version)
        return version

    return key(read_version)


def span(node: Node, name: str) -> tuple[float, float]:
    """Two numbers, the first below the second.

    Raises:
        FormatError: it is something else.
    """
    pair = node.array(name)
    if len(pair) != _ENDS:
        raise node.wrong(name, "an array of two numbers", pair)
    low, high = _numbers(node, name)
    if low >= high:
        raise node.wrong(name, "the lower number first", pair)
    return low, high


def _numbers(node: Node, name: str) -> tuple[float, ...]:
    return node.each(finite, name)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value) + 0.0


def _measured(value: float | None) -> float | None:
    return float(value) + 0.0 if value is not None and math.isfinite(value) else None


NUMBER = key(finite, write=_float)
NUMBER_OR_NULL = key(finite, write=_float, null=True)
# What was computed may not be measurable: NaN and infinities are null in the file.
MEASURED = key(finite, null=True, write=_measured)
PROBABILITY = key(Node.share, null=True, write=_measured)
COUNT = key(Node.count, write=int)
NUMBER_BY_NAME = by_name(finite, float)
COUNT_BY_NAME = by_name(Node.count, int)
TRUTH = key(Node.truth, write=bool)
TEXTS = key(Node.texts, write=list)
NUMBERS_OR_NULL = key(_numbers, write=lambda numbers: [*map(_float, numbers)])
TEXTS_OR_NULL = key(Node.texts, write=list)
TEXT_OR_NULL = key(Node.text, null=True)
COUNT_OR_NULL = key(
    Node.count, null=True, write=lambda count: None if count is None else int(count)
)
SPAN_OR_NULL = key(span, null=True, write=lambda ends: ends and [_float(each) for each in ends])


def moment_at(name: str = "", *, null: bool = False) -> Mapping[str, Any]:
    """The metadata of a field that is a time; with `null`, or null.

    Args:
        name: of the key; empty for the field's.
        null: whether it may be null.
    """
    return key(moment, name, null=null, write=lambda time: time and moment_text(time))
