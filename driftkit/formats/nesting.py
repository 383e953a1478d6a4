"""Rejects JSON documents that are nested too deep."""

from __future__ import annotations

from typing import Any

from driftkit.errors import FormatError

DEEPEST = 100
_FLAT = frozenset({bool, float, int, str, type(None)})


def require_shallow(document: Any, where: str) -> None:
    """Raises an error for a document that would exhaust the stack of whoever walks through it.

    Args:
        document: of dicts, lists and plain values.
        where: its file, for messages.

    Raises:
        FormatError: it has more than `DEEPEST` levels.
    """
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise too_deep(where)


def too_deep(where: str) -> FormatError:
    """The error of such a document."""
    return FormatError(
        "the JSON is nested too deep",
        where=where,
        expected=f"at most {DEEPEST} levels",
        found="more",
        todo="Write the file again",
    )


def _inside(value: Any) -> list[Any]:
    """The arrays and objects right inside a value."""
    if isinstance(value, dict):
        items: Any = value.values()
    elif isinstance(value, list | tuple):
        items = value
    else:
        return []
    # Sketches are long arrays of numbers, which need no second look.
    return [] if _FLAT.issuperset(map(type, items)) else [*items]
