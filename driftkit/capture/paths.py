"""Extracts values from payloads by JMESPath or CSV index, and builds rows of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

from driftkit.capture.payload import CsvTable
from driftkit.columns.numbers import is_index
from driftkit.errors import SettingsError
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.payload import CsvRow

Row = list[str | None]
LABEL = "label"
NOT_FOUND = "in which an attribute is not found"


@lru_cache(maxsize=64)
def compiled(path: str, key: str) -> Any:
    """A JMESPath ready to be searched for.

    Args:
        path: the expression.
        key: where it was written, for messages.

    Raises:
        SettingsError: it is not one.
    """
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise SettingsError(
            "it is not a JMESPath",
            where=key,
            expected="for example features, or instances[*].features",
            found=repr(path),
            todo="Correct it",
        ) from error


def search(path: str, document: Any, key: str) -> Any:
    """What a document has at a path; None where it has nothing."""
    found: Any = compiled(path, key).search(document)
    return found


def rows_of(found: Any, names: Sequence[str]) -> list[Row]:
    """Rows of features: one row or many, as arrays or as objects.

    >>> rows_of([1, 2.5], ["a", "b"]), rows_of([{"b": True, "a": "x"}], ["a", "b"])
    ([['1', '2.5']], [['x', 'True']])
    """
    many = isinstance(found, list) and found and isinstance(found[0], list | dict)
    return [_row(each, names) for each in (found if many else [found])]


def values_of(found: Any) -> list[Any]:
    """One value or many."""
    return found if isinstance(found, list) else [found]


def text(value: Any) -> str | None:
    """A value as text that typing turns back into what it was.

    >>> [text(value) for value in (1, 1.0, True, "a", None)]
    ['1', '1.0', 'True', 'a', None]
    """
    return None if value is None else str(value)


def _row(found: Any, names: Sequence[str]) -> Row:
    if isinstance(found, dict):
        return [text(found.get(name)) for name in names]
    values = values_of(found)
    if len(values) != len(names):
        raise ValueError(f"{len(values)} features where there are {len(names)} headers")
    return [text(value) for value in values]


def _column(table: CsvTable, path: str) -> CsvRow:
    """The column of a place, "2" or "_c2"; the first where the path is a name."""
    index = place_of(path)
    if any(index >= len(row) for row in table.rows):
        raise UnreadableError(NOT_FOUND)
    return [stripped(row[index]) for row in table.rows]


def place_of(path: str) -> int:
    """The place that a path names in CSV; the first where it is a name."""
    text = path.removeprefix("_c")
    return int(text) if is_index(text) else 0


def labels_of(truth: Any, path: str | None) -> list[Any]:
    """The labels that ground truth has, one or several.

    Args:
        truth: its content.
        path: where a label is, a place in CSV or a JMESPath; None where there is nothing else.

    Raises:
        UnreadableError: there is none.
    """
    if isinstance(truth, CsvTable):
        # Several labels of one record stand on lines, or on one.
        if path is None and len(truth.rows) == 1:
            return list(map(stripped, truth.rows[0]))
        return _column(truth, path or "0")
    if path is not None and not isinstance(truth, str | int | float):
        return values_of(found_in(truth, path))
    return values_of(_only(truth))


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
    if isinstance(content, CsvTable):
        return _column(content, path)
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
    if is_index(path):
        return _at(document, int(path))
    if isinstance(document, list) and not path.startswith("["):
        return [search(path.removeprefix("$."), each, key) for each in document]
    return search(path.removeprefix("$."), document, key)


def _at(answer: Any, index: int) -> Any:
    """The value at a place of an array, or of each array in an array; a lone value is at 0."""
    inner = answer
    if isinstance(inner, Mapping) and len(inner) == 1:
        inner = next(iter(inner.values()))
    if not isinstance(inner, list):
        return inner if index == 0 else None
    if inner and isinstance(inner[0], list):
        return [each[index] if index < len(each) else None for each in inner]
    return inner[index] if index < len(inner) else None


def stripped(field: str | None) -> str | None:
    """A field of CSV without spaces around it; None where nothing is left."""
    return (field.strip() or None) if field else None
