"""Decodes one part of a merged record, what was asked, answered or true, and finds values in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from driftkit.columns.numbers import is_place
from driftkit.readers.json_values import UnreadableError
from driftkit.records.located import search
from driftkit.records.payload import csv_rows, json_document, unpacked

if TYPE_CHECKING:
    from driftkit.records.payload import CsvRow

LABEL = "label"
NO_TRUTH = "without ground truth"
NO_DATA = "without data"
NOT_FOUND = "in which an attribute is not found"


class Table(NamedTuple):
    """A payload of CSV, one of millions.

    Attributes:
        rows: of fields.
    """

    rows: list[CsvRow]

    def column(self, path: str) -> CsvRow:
        """The column of a place, "2" or "_c2"; the first where the path is a name.

        Raises:
            UnreadableError: a row is shorter.
        """
        text = path.removeprefix("_c")
        place = int(text) if is_place(text) else 0
        if any(place >= len(row) for row in self.rows):
            raise UnreadableError(NOT_FOUND)
        return [stripped(row[place]) for row in self.rows]


def content_of(part: Mapping[str, Any]) -> Any:
    """A payload: `Table` of CSV, or a JSON value; of JSON Lines, the list of their values.

    Raises:
        UnreadableError: it cannot be decoded; the text is the reason.
    """
    data = part.get("data")
    if not isinstance(data, str):
        if data is None:
            raise UnreadableError(NO_DATA)
        if isinstance(data, dict | list):
            return data
        data = orjson.dumps(data).decode()
    text, kind = unpacked(data, part.get("encoding"), part.get("observedContentType"))
    return Table(csv_rows(text)) if kind == "CSV" else json_document(text)


def truth_of(record: Mapping[str, Any]) -> Any:
    """The content of a merged record's ground truth.

    Raises:
        UnreadableError: there is none, or it cannot be decoded.
    """
    truth = record.get("groundTruthData")
    if not isinstance(truth, Mapping):
        raise UnreadableError(NO_TRUTH)
    return content_of(truth)


def labels_of(truth: Any, path: str | None) -> list[Any]:
    """The labels that ground truth has, one or several.

    Args:
        truth: its content.
        path: where a label is, a place in CSV or a JMESPath; None where there is nothing else.

    Raises:
        UnreadableError: there is none.
    """
    if isinstance(truth, Table):
        # Several labels of one record stand on lines, or on one.
        if path is None and len(truth.rows) == 1:
            return list(map(stripped, truth.rows[0]))
        return truth.column(path or "0")
    if path is not None and not isinstance(truth, str | int | float):
        return listed(found_in(truth, path))
    return listed(_only(truth))


def _only(truth: Any) -> Any:
    """The label of ground truth that has nothing else."""
    inner = truth
    while isinstance(inner, Mapping) and (LABEL in inner or len(inner) == 1):
        inner = inner[LABEL] if LABEL in inner else next(iter(inner.values()))
    if isinstance(inner, list):
        return [_only(each) for each in inner]
    if isinstance(inner, Mapping):
        raise UnreadableError(NOT_FOUND)
    return inner


def found_in(content: Any, path: str) -> Any:
    """The value at a path, or one for each row.

    Raises:
        UnreadableError: there is none.
    """
    if isinstance(content, Table):
        return content.column(path)
    found = searched(content, path)
    if found is None or (isinstance(found, list) and not found):
        raise UnreadableError(NOT_FOUND)
    return found


def searched(document: Any, path: str, key: str = "attribute") -> Any:
    """What a JSON value has at a place or JMESPath, JSON Lines line by line; None for nothing.

    Args:
        document: the value.
        path: a place in an array, or a JMESPath.
        key: where the path was written, for messages.

    Raises:
        SettingsError: it is no path.
    """
    if is_place(path):
        return _at(document, int(path))
    if isinstance(document, list) and not path.startswith("["):
        return [search(path.removeprefix("$."), each, key) for each in document]
    return search(path.removeprefix("$."), document, key)


def _at(answer: Any, place: int) -> Any:
    """The value at a place of an array, or of each array in an array; a lone value is at 0."""
    inner = answer
    if isinstance(inner, Mapping) and len(inner) == 1:
        inner = next(iter(inner.values()))
    if not isinstance(inner, list):
        return inner if place == 0 else None
    if inner and isinstance(inner[0], list):
        return [each[place] if place < len(each) else None for each in inner]
    return inner[place] if place < len(inner) else None


def listed(found: Any) -> list[Any]:
    """One value or many."""
    return found if isinstance(found, list) else [found]


def stripped(field: str | None) -> str | None:
    """A field of CSV without spaces around it; None where nothing is left."""
    return (field.strip() or None) if field else None
