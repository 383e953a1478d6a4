"""Extracts a value from an endpoint's response by index or JMESPath."""

from __future__ import annotations

from typing import Any

import jmespath  # type: ignore[import-untyped]


def value_at(record: Any, path: int | str | None) -> Any:
    """What is at a place of the answer about a row; all that it has where there is no place.

    >>> value_at({"score": 0.9}, "score"), value_at([1, 0.9], 1), value_at({"score": 0.9}, None)
    (0.9, 0.9, 0.9)
    """
    if isinstance(path, str) and not (isinstance(record, list) and path.isdecimal()):
        return jmespath.search(path, record)
    values = _only(record)
    if path is None:
        return values[0] if isinstance(values, list) and len(values) == 1 else values
    if not isinstance(values, list):
        return values if int(path) == 0 else None
    return values[int(path)] if int(path) < len(values) else None


def values_at(document: Any, path: int | str | None) -> Any:
    """What is at a place of the answer about all rows; an index is one of each row's list.

    >>> values_at([[1, 0.9], [0, 0.2]], 1), values_at({"predictions": [0.9, 0.2]}, None)
    ([0.9, 0.2], [0.9, 0.2])
    """
    values = _only(document)
    numbered = isinstance(path, int) or (isinstance(path, str) and path.isdecimal())
    if numbered and isinstance(values, list) and any(isinstance(each, list) for each in values):
        return [value_at(each, path) for each in values]
    if path is not None:
        return value_at(document, path)
    return [*map(_only, values)] if isinstance(values, list) else values


def _only(record: Any) -> Any:
    """The value of an object that has no other; None of one with several."""
    if not isinstance(record, dict):
        return record
    return next(iter(record.values())) if len(record) == 1 else None
