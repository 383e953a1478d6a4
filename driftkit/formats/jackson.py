"""JSON text in the layout of Jackson's default pretty printer, with Java's numbers."""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from driftkit.errors import FormatError
from driftkit.formats.nesting import require_shallow, too_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Java writes numbers from 1e-3 up to 1e7 plainly and all others with an exponent.
_PLAIN_FROM = 1e-3
_PLAIN_TO = 1e7

_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}
# A lone surrogate cannot be encoded as UTF-8, so it is escaped although Jackson would refuse it.
_ESCAPED = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')


def dumps(value: Any) -> str:
    """JSON text as the containers write it: two spaces, arrays on one line, Java's doubles.

    Args:
        value: dict, list, tuple, array, str, int, float, bool or None, nested at will.

    Returns:
        The text, without a newline at the end.

    >>> print(dumps({"completeness": 1e-4, "count": 3, "domains": ["a", "b"], "levels": []}))
    {
      "completeness" : 1.0E-4,
      "count" : 3,
      "domains" : [ "a", "b" ],
      "levels" : [ ]
    }
    """
    return "".join(dumped(value))


def dumped(value: Any) -> Iterator[str]:
    """The same text in parts, none of which is made before it is asked for.

    Args:
        value: as for `dumps`; what is right inside an object may be iterators too.
    """
    if not isinstance(value, dict) or not value:
        yield _text(value, "\n")
        return
    separator = "{"
    for key, item in value.items():
        yield f"{separator}\n  {_string(key)} : "
        if isinstance(item, Iterator):
            yield from _items(item)
        else:
            yield _text(item, "\n  ")
        separator = ","
    yield "\n}"


def _items(items: Iterator[Any]) -> Iterator[str]:
    separator = "[ "
    for item in items:
        yield separator + _text(item, "\n  ")
        separator = ", "
    yield " ]" if separator == ", " else "[ ]"


def _text(value: Any, newline: str) -> str:
    parts: list[str] = []
    _write(value, newline, parts)
    return "".join(parts)


def loads(
    text: str | bytes, where: str, *, constants: Callable[[str], Any] = float
) -> dict[str, Any]:
    """The JSON object that a file holds; whole numbers stay int, all others are float.

    Args:
        text: content of the file; bytes are UTF-8.
        where: the file's name, for messages.
        constants: what NaN, Infinity and -Infinity stand for, which no JSON has.

    Raises:
        FormatError: it is not JSON, or not an object, or an object has a key twice.
    """
    try:
        document = json.loads(
            _decoded(text, where), object_pairs_hook=_object, parse_constant=constants
        )
    except json.JSONDecodeError as error:
        raise _invalid(
            where, f"{error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise too_deep(where) from error
    except ValueError as error:
        raise _invalid(where, str(error)) from error
    require_shallow(document, where)
    if not isinstance(document, dict):
        raise FormatError(
            "the file does not hold a JSON object",
            where=where,
            expected="{ ... }",
            found=f"a JSON {type(document).__name__}",
            todo="Give a file that driftkit or SageMaker Model Monitor wrote",
        )
    return document


def double(value: float) -> str:
    """A number as Java's Double.toString writes it, with the shortest digits that identify it.

    >>> [double(x) for x in (24.0, 4.5e-4, 18463239.666666668, -0.0)]
    ['24.0', '4.5E-4', '1.8463239666666668E7', '-0.0']
    """
    if value == 0.0 or _PLAIN_FROM <= abs(value) < _PLAIN_TO:
        return float.__repr__(value)
    return _beyond_plain(value, float.__repr__(value))


def _beyond_plain(value: float, digits: str) -> str:
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else f'"{"-" if value < 0 else ""}Infinity"'
    return _scientific(digits)


def _scientific(text: str) -> str:
    """The same digits with Java's exponent."""
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    zeros = len(whole + fraction) - len(digits)
    power = int(exponent or 0) + len(whole) - zeros - 1
    digits = digits.rstrip("0")
    if len(digits) == 1:
        return _two_digits(float(text))
    return f"{sign}{digits[0]}.{digits[1:]}E{power}"


def _two_digits(value: float) -> str:
    """Java never looks for fewer than two digits: the smallest double is 4.9E-324, not 5.0E-324."""
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}E{int(exponent)}"


def _write(value: Any, newline: str, parts: list[str]) -> None:
    if isinstance(value, float):
        parts.append(double(value))
    elif isinstance(value, dict):
        _write_object(value, newline, parts)
    elif isinstance(value, list | tuple):
        _write_array(value, newline, parts)
    elif isinstance(value, array):
        _write_array(value.tolist(), newline, parts)
    else:
        parts.append(_scalar(value))


def _write_object(value: dict[str, Any], newline: str, parts: list[str]) -> None:
    if not value:
        parts.append("{ }")
        return
    inner = newline + "  "
    separator = "{"
    for key, item in value.items():
        parts.append(f"{separator}{inner}{_string(key)} : ")
        _write(item, inner, parts)
        separator = ","
    parts.append(newline + "}")


def _write_array(values: Sequence[Any], newline: str, parts: list[str]) -> None:
    if not values:
        parts.append("[ ]")
        return
    if set(map(type, values)) == {float}:
        parts.append(f"[ {_doubles(values)} ]")
        return
    separator = "[ "
    for item in values:
        parts.append(separator)
        _write(item, newline, parts)
        separator = ", "
    parts.append(" ]")


def _doubles(values: Sequence[float]) -> str:
    """Many numbers at once: orjson's digits where they are Java's, one by one elsewhere."""
    sizes = np.abs(np.array(values))
    plain = ((sizes >= _PLAIN_FROM) & (sizes < _PLAIN_TO)) | (sizes == 0.0)
    texts = orjson.dumps(values).decode()[1:-1]
    if plain.all():
        return texts.replace(",", ", ")
    items = texts.split(",")
    for index in np.flatnonzero(~plain).tolist():
        items[index] = _beyond_plain(values[index], items[index])
    return ", ".join(items)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _string(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04X}"


def _decoded(text: str | bytes, where: str) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the file is not UTF-8 text",
            where=where,
            expected="JSON in UTF-8",
            found=f"byte 0x{text[error.start]:02X} at offset {error.start}",
            todo="Save it as UTF-8",
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return document


def _invalid(where: str, found: str) -> FormatError:
    return FormatError(
        "the file is not valid JSON",
        where=where,
        expected="a JSON object",
        found=found,
        todo="Correct it, or write the file again",
    )
