"""JSON text in Clarify's layout: Python's, indented by four, infinities as strings."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.nesting import require_shallow, too_deep
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from os import PathLike


def dumps(document: dict[str, Any]) -> str:
    """The document as text.

    >>> print(dumps({"value": float("-inf")}))
    {
        "value": "-Infinity"
    }
    """
    return json.dumps(_finite(document), indent=4, ensure_ascii=True, allow_nan=False)


def file_text(document: dict[str, Any]) -> str:
    """The content of a file: the document as text, whose last line has an end too."""
    return dumps(document) + "\n"


def read_object(path: str | PathLike[str]) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        FormatError: there is no such file, or it holds something else.
    """
    file = locate(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FormatError(
            "a file cannot be read",
            where=str(file),
            expected="a JSON file",
            found=str(error),
            todo="Check the path",
        ) from error
    return loads_object(text, str(file))


def loads_object(text: str, where: str) -> dict[str, Any]:
    """The JSON object in a text.

    Raises:
        FormatError: it is not one.
    """
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise too_deep(where) from error
    except ValueError as error:
        raise FormatError(
            "it is not JSON",
            where=where,
            expected="a JSON object",
            found=str(error),
            todo="Write the file again",
        ) from error
    require_shallow(document, where)
    _require_unicode(text, document, where)
    if not isinstance(document, dict):
        raise FormatError(
            "it is not a JSON object",
            where=where,
            expected="a JSON object",
            found=f"a JSON {type(document).__name__}",
            todo="Write the file again",
        )
    return document


def _require_unicode(text: str, document: Any, where: str) -> None:
    """Half of a pair of surrogates is no text that a file or a terminal can show."""
    if "\\ud" not in text.lower():
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FormatError(
            "it has text that is not Unicode",
            where=where,
            expected="pairs of surrogates",
            found=ascii(error.object[error.start : error.end]),
            todo="Write the file again",
        ) from error


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).replace("inf", "Infinity").replace("nan", "NaN")
    return value
