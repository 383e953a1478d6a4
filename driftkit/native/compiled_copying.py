"""Copies slices of a text into one buffer, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.compiled_slicing import ESCAPE, ESCAPED, MEANINGS, NULL
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import copy

if TYPE_CHECKING:
    from driftkit.native.compiled_slicing import Bytes, Found, Integers, Offsets

_ONE = np.uint64(1)


@jit
def copy_slices(data: Bytes, spans: Found, offsets: Offsets, texts: Bytes) -> None:
    """Copies values behind one another, escaped ones as they are meant.

    Args:
        data: that they are from.
        spans: starts, stops and kinds of the values.
        offsets: filled so that value i is texts[offsets[i]:offsets[i + 1]].
        texts: filled; has room for all, and for eight bytes more.
    """
    starts, stops, kinds = spans
    target = np.uint64(0)
    for row in range(len(starts)):
        span = np.uint64(starts[row]), np.uint64(stops[row])
        target = _copy(data, span, kinds[row], texts, target)
        offsets[row + 1] = target


@jit
def copy_all_slices(
    data: Bytes, spans: Found, counts: tuple[int, int], gathered: tuple[Offsets, Bytes, Integers]
) -> None:
    """Copies the values of all columns, some rows at a time: these stay in a core's cache.

    Args:
        data: that they are from.
        spans: starts, stops and kinds of the values, a row a column.
        counts: how many rows to copy, and how many of them at a time.
        gathered: offsets, a row a column, filled from its second place on; texts, filled, with
            room for the columns one behind the other and eight bytes behind each; and where each
            column begins in them, left where it ends.
    """
    starts, stops, kinds = spans
    offsets, texts, marks = gathered
    rows, tile = counts
    for first in range(0, rows, tile):
        for column in range(len(starts)):
            target = np.uint64(marks[column])
            begin = target - np.uint64(offsets[column, first])
            for row in range(first, min(first + tile, rows)):
                span = np.uint64(starts[column, row]), np.uint64(stops[column, row])
                target = _copy(data, span, kinds[column, row], texts, target)
                offsets[column, row + 1] = target - begin
            marks[column] = target


@inlined
def _copy(
    data: Bytes,
    span: tuple[np.uint64, np.uint64],
    kind: np.uint8,
    texts: Bytes,
    target: np.uint64,
) -> np.uint64:
    """Copies a value, and says where the next one goes."""
    source, stop = span
    if kind == ESCAPED:
        while source < stop:
            letter = data[source]
            if letter == ESCAPE:
                source += _ONE
                letter = MEANINGS[data[source]]
            texts[target] = letter
            source += _ONE
            target += _ONE
    elif kind != NULL:
        target = copy(data, span, texts, target)
    return target
