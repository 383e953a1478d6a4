"""Flattens JSON values into rows of text fields."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Made = TypeVar("Made")

JsonRow = dict[str, str | None]

NOT_JSON = "not JSON"
# From here on orjson makes floats of integers.
_LARGE = float(2**63)


class UnreadableError(ValueError):
    """A record cannot be read; the text is the reason, the same for all alike."""


class _InexactError(ValueError):
    """A number may have been an integer with more digits than are left of it."""


def from_json(text: str | bytes, make: Callable[[Any], Made]) -> Made:
    """What a function makes of JSON; also of NaN, infinity and integers of any length.

    >>> from_json("[123456789012345678901234567890, NaN]", flat)
    {'0': '123456789012345678901234567890', '1': 'NaN'}

    Raises:
        UnreadableError: the text is not JSON.
    """
    try:
        return make(orjson.loads(text))
    except (orjson.JSONDecodeError, _InexactError, RecursionError):
        return _thoroughly(text, make)


def made(value: Any, text: str | bytes, make: Callable[[Any], Made]) -> Made:
    """The same of a text that orjson has read already.

    Raises:
        UnreadableError: the text is not JSON.
    """
    try:
        return make(value)
    except (_InexactError, RecursionError):
        return _thoroughly(text, make)


def _thoroughly(text: str | bytes, make: Callable[[Any], Made]) -> Made:
    try:
        # Python's own parser is slower and lets through what no Unicode text can hold.
        whole = text if isinstance(text, str) else text.decode("utf-8")
        value = json.loads(whole, parse_int=str, parse_float=_shortest)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return make(value)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(NOT_JSON) from error


def _shortest(digits: str) -> str:
    number = float(digits)
    return repr(number) if math.isfinite(number) else digits


def text_of(value: Any) -> str | None:
    """A JSON value as the text that was written; None for null.

    >>> [text_of(value) for value in (3, 3.0, 1e-7, True, "a", None)]
    ['3', '3.0', '1e-07', 'true', 'a', None]
    """
    # By far the most values of captured payloads are floats, or text.
    if isinstance(value, float):
        return repr(value) if -_LARGE < value < _LARGE else _large(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _large(value: float) -> str:
    if math.isfinite(value):
        raise _InexactError
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def flat(value: Any, name: str = "") -> JsonRow:
    """A JSON value as named fields: objects by dots, arrays by place.

    >>> flat({"a": 1, "b": {"c": "x", "d": [1.5, None]}})
    {'a': '1', 'b.c': 'x', 'b.d.0': '1.5', 'b.d.1': None}
    """
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return {name or "0": text_of(value)}
    fields: JsonRow = {}
    for key, inner in pairs:
        inside = f"{name}.{key}" if name else str(key)
        if isinstance(inner, (dict, list)):
            fields |= flat(inner, inside)
        else:
            fields[inside] = text_of(inner)
    return fields


def json_rows(payload: Any) -> list[JsonRow]:
    """The rows of a decoded JSON payload.

    An array of objects or of arrays is a row each, also below a single key; anything else is
    one row.

    >>> json_rows({"instances": [[1, 2], [3, 4]]})
    [{'instances.0': '1', 'instances.1': '2'}, {'instances.0': '3', 'instances.1': '4'}]
    >>> json_rows([{"a": 1}, {"a": 2}])
    [{'a': '1'}, {'a': '2'}]
    """
    name, inner = "", payload
    if isinstance(payload, dict) and len(payload) == 1:
        name, inner = next((str(key), value) for key, value in payload.items())
    if isinstance(inner, list) and inner and all(isinstance(each, dict | list) for each in inner):
        return element_rows(inner, name)
    return [flat(payload)]


def element_rows(elements: Iterable[Any], name: str) -> list[JsonRow]:
    """The rows of an array's elements, objects or arrays; those of arrays are called by its name."""
    return [flat(each, "" if isinstance(each, dict) else name) for each in elements]


def is_lines(text: bytes) -> bool:
    r"""Whether the first line is an object by itself, and another line follows.

    >>> is_lines(b'{"a": 1}\n{"a": 2}'), is_lines(b'{"a": 1}\n'), is_lines(b'{\n"a": 1}')
    (True, False, False)
    """
    line, end, rest = text.lstrip().partition(b"\n")
    if not end or line[:1] != b"{":
        return False
    try:
        return from_json(line, lambda value: isinstance(value, dict)) and bool(rest.strip())
    except UnreadableError:
        return False
