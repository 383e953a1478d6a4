"""Fields of captured payloads that a user names, a value for each row of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.paths import place_of, searched, stripped
from driftkit.capture.payload import CsvTable
from driftkit.capture.plain_payloads import field_at, plain_lines
from driftkit.capture.record import INPUT, Record
from driftkit.columns.numbers import is_index
from driftkit.errors import SettingsError
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.record import Part
    from driftkit.capture.table import RecordTable


def own_fields(found: Any, paths: Sequence[str], rows: int) -> dict[str, list[Any]]:
    """The fields of a record by their paths, each from the request or else from the answer.

    Args:
        found: a record, whose payloads may be anything: what cannot be read has no fields. Or a JSON
            document that has all fields itself.
        paths: JMESPaths, or places in CSV.
        rows: of the record.
    """
    if not paths:
        return {}
    is_record = isinstance(found, Record)
    parts = [content_of(found.sent), content_of(found.answered)] if is_record else [found]
    return {
        path: next(
            (
                values
                for part in parts
                if part is not None and (values := _field_of(part, path, rows)) is not None
            ),
            [None] * rows,
        )
        for path in paths
    }


def own_at_once(found: RecordTable, paths: Sequence[str]) -> dict[str, pa.Array] | None:
    """The same of requests that all are a plain line of CSV; None of any others."""
    if not paths:
        return {}
    asked = plain_lines(found, INPUT)
    if asked is None:
        return None
    fields = {
        path: field_at(asked, path) if _is_column(path) else pa.nulls(len(asked), pa.string())
        for path in paths
    }
    return None if any(each is None for each in fields.values()) else fields


def names_in(content: Any) -> list[str]:
    """The fields of a payload that are a value for each row: columns of CSV, keys of JSON."""
    if isinstance(content, CsvTable):
        return [f"_c{index}" for index in range(len(content.rows[0]) if content.rows else 0)]
    if not isinstance(content, dict):
        return []
    return [name for name, value in content.items() if not isinstance(value, dict | list)]


def content_of(part: Part | None) -> Any:
    """The content of a part; None where there is none, or none that can be read."""
    if part is None or part.data is None:
        return None
    try:
        return part.content()
    except UnreadableError:
        return None


def _field_of(content: Any, path: str, rows: int) -> list[Any] | None:
    """A value for each row, or that of the record for each; None where there is none."""
    if isinstance(content, CsvTable):
        if not _is_column(path):
            return None
        index = place_of(path)
        found: Any = [stripped(row[index]) if index < len(row) else None for row in content.rows]
    elif isinstance(content, dict) and path in content:
        found = content[path]
    else:
        found = _searched(content, path)
    if found is None:
        return None
    many = isinstance(found, list) and len(found) == rows
    return [_written(each) for each in (found if many else [found] * rows)]


def _written(value: Any) -> Any:
    """The value, truth values as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else value


def _searched(content: Any, path: str) -> Any:
    try:
        return searched(content, path)
    except SettingsError:
        # The name of a column elsewhere, which need not be a path.
        return None


def _is_column(path: str) -> bool:
    return is_index(path.removeprefix("_c"))
