"""Writes a statistics.json with long curves in parts, without holding it in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.formats import jackson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.formats.model_quality.statistics import ModelStatistics, Numbers

_BLOCK = 65_536
# A text that cannot occur in the document, for it has no other text beside times and labels.
_MARK = "\u241farray of numbers\u241f"


def parts(statistics: ModelStatistics) -> Iterator[str]:
    """The text of the file, the same as `jackson.dumps(statistics.to_dict())` of plain lists."""
    arrays: list[Numbers] = []
    document = _without_arrays(statistics.to_dict(), arrays)
    pieces = jackson.dumps(document).split(f'"{_MARK}"')
    yield pieces[0]
    for array, piece in zip(arrays, pieces[1:], strict=True):
        yield from _array(array)
        yield piece


def _without_arrays(value: Any, arrays: list[Numbers]) -> Any:
    if isinstance(value, dict):
        return {key: _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, np.ndarray) or (isinstance(value, tuple) and len(value) > _BLOCK):
        arrays.append(value)
        return _MARK
    return value


def _array(values: Numbers) -> Iterator[str]:
    if not len(values):
        yield "[ ]"
        return
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        numbers = block.tolist() if isinstance(block, np.ndarray) else list(block)
        yield ", " if start else "[ "
        yield jackson.dumps(numbers)[2:-2]
    yield " ]"
