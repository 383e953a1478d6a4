"""Decodes one payload, CSV, JSON, JSON Lines or BASE64 of those, into rows of text fields."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from driftkit.readers.json_values import UnreadableError, flat, from_json, json_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.readers.json_values import JsonRow, Made

CsvRow = list[str | None]

# Possessive: a quote that stays open is found out in one go, however long the text is.
_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n][^,\r\n]*)?)(,|\r\n|\r|\n|\Z)')
_RETURN = re.compile(r"\r\n?")
_PLAIN = ("CSV", "JSON")


class CsvTable(NamedTuple):
    """A payload of CSV, one of millions.

    Attributes:
        rows: of fields.
    """

    rows: list[CsvRow]


def parsed_json(text: str) -> list[JsonRow]:
    """The rows of a JSON or JSON Lines payload.

    Raises:
        UnreadableError: it is neither.
    """
    return [row for rows in _documents(text, _rows_of) for row in rows]


def _rows_of(text: str) -> list[JsonRow]:
    return from_json(text, json_rows)


def json_document(text: str) -> Any:
    """A JSON payload; of JSON Lines, the list of what the lines are.

    Raises:
        UnreadableError: it is neither.
    """
    found = _documents(text, _value_of)
    return found if len(found) > 1 else found[0]


def _value_of(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # NaN and infinity; the text itself only to refuse what no text can hold.
        from_json(text, flat)
        return json.loads(text)


def _documents(text: str, parse: Callable[[str], Made]) -> list[Made]:
    """What a function makes of a JSON payload, or of each line of JSON Lines."""
    try:
        return [parse(text)]
    except UnreadableError:
        lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        raise UnreadableError("whose payload is not JSON")
    try:
        return [parse(line) for line in lines]
    except UnreadableError as error:
        raise UnreadableError("whose payload is neither JSON nor JSON Lines") from error


def csv_rows(text: str) -> list[CsvRow]:
    """The rows of a CSV payload; an empty field is missing, quoted or not.

    >>> csv_rows('1,,"",a' + chr(10) + '2,"x, y",,z' + chr(10))
    [['1', None, None, 'a'], ['2', 'x, y', None, 'z']]

    Raises:
        UnreadableError: quotes are not closed, or stand within a field.
    """
    stripped = text.rstrip("\r\n")
    if '"' not in stripped:
        lines = (_RETURN.sub("\n", stripped) if "\r" in stripped else stripped).split("\n")
        return [[field or None for field in line.split(",")] for line in lines]
    return _quoted_rows(stripped)


def _quoted_rows(text: str) -> list[CsvRow]:
    rows: list[CsvRow] = [[]]
    index = 0
    while True:
        field = _FIELD.match(text, index)
        if field is None:
            raise UnreadableError("whose payload is not CSV")
        quoted, plain, end = field.groups()
        rows[-1].append((plain if quoted is None else quoted.replace('""', '"')) or None)
        index = field.end()
        if not end:
            return rows
        if end != ",":
            rows.append([])


def unpacked(data: str, encoding: Any, content_type: Any) -> tuple[str, str]:
    """The payload as text and what it is, "CSV" or "JSON".

    A payload of BASE64, or without an encoding, is what its content type says; where that says
    nothing, a text that begins with a brace or a bracket is JSON, and any other is CSV.

    Raises:
        UnreadableError: it is BASE64 of neither, or of an unknown encoding.

    >>> unpacked("1,2", "csv", None), unpacked('{"a": 1}', None, None)
    (('1,2', 'CSV'), ('{"a": 1}', 'JSON'))
    """
    # As endpoints write it.
    if encoding in _PLAIN:
        return data, encoding
    told = str(encoding or "").upper()
    if told in _PLAIN:
        return data, told
    if told not in {"", "BASE64"}:
        raise UnreadableError(f"of unknown encoding {encoding!r}")
    text = _of_base64(data) if told else data
    kind = str(content_type or "").lower()
    looks_so = "csv" not in kind and text.lstrip()[:1] in {"{", "["}
    return text, "JSON" if "json" in kind or looks_so else "CSV"


def _of_base64(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    # Neither base64 nor UTF-8, or a letter of another alphabet.
    except ValueError as error:
        raise UnreadableError("whose BASE64 payload is not text") from error
