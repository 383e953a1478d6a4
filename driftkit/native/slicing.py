"""Slices texts of one layout into their values."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Offsets = npt.NDArray[np.int32]

_COMPILED = "driftkit.native.compiled_slicing"
# Arrow's offsets of plain strings.
MOST_BYTES = 2**31 - 1
# Of the text that is copied at a time: a share of the cache that a core has for itself.
_TILE_BYTES = 256 * 1024
# Texts are copied eight bytes at a time: what is behind the last may be written to.
_SPARE = 8
# Loading the compiler takes about as long as parsing so many bytes.
_WORTH_COMPILING = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """Where the values of some texts are: a row a value and a column a text.

    Attributes:
        data: the texts.
        starts: of the values.
        stops: likewise.
        kinds: of the values, as `compiled_slicing` names them.
        unquoted: for each value, whether it is anything but text or null anywhere.
    """

    data: Bytes
    starts: Offsets
    stops: Offsets
    kinds: Bytes
    unquoted: Bytes

    def texts(self, value: int, kept: Any = slice(None)) -> pa.Array:
        """One of the values of the texts that are kept, as it is written."""
        starts, stops, kinds = self.starts[value][kept], self.stops[value][kept], self.kinds[value]
        kinds = kinds[kept]
        offsets = np.zeros(len(starts) + 1, np.int32)
        size = int((stops - starts).sum())
        texts = np.empty(size + _SPARE, np.uint8)
        _module("copying").copy_slices(self.data, (starts, stops, kinds), offsets, texts)
        return _strings(offsets, texts[:size], kinds)

    def columns(self, rows: int) -> list[pa.Array]:
        """All values of the first texts, as they are written; a column a value."""
        values = len(self.starts)
        lengths = (self.stops[value, :rows] - self.starts[value, :rows] for value in range(values))
        sizes = [int(length.sum()) + _SPARE for length in lengths]
        marks = np.array([0, *accumulate(sizes)], np.int64)
        indices = marks.copy()
        texts = np.empty(int(marks[-1]), np.uint8)
        offsets = np.zeros((values, rows + 1), np.int32)
        tile = max(_TILE_BYTES * rows // max(len(self.data), 1), 1)
        found = self.starts, self.stops, self.kinds
        _module("copying").copy_all_slices(
            self.data, found, (rows, tile), (offsets, texts, indices)
        )
        return [
            _strings(offsets[value], texts[marks[value] : indices[value]], self.kinds[value, :rows])
            for value in range(values)
        ]

    def numbers(self, value: int, kept: Any = slice(None)) -> npt.NDArray[np.bool_]:
        """Where one of the values is a number that Python would write otherwise."""
        return np.asarray(self.kinds[value][kept] == _module("slicing").NUMBER)

    def is_quoted(self, value: int) -> bool:
        """Whether one of the values is text, or null, everywhere."""
        return not self.unquoted[value]


def _strings(offsets: Offsets, texts: Bytes, kinds: Bytes) -> pa.Array:
    known = kinds != _module("slicing").NULL
    valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = pa.py_buffer(offsets), pa.py_buffer(texts), valid
    return pa.StringArray.from_buffers(len(kinds), *buffers)


def is_worth_cutting(size: int) -> bool:
    """Whether so many bytes are worth the compiler's start, if it is there."""
    # A module that could not be loaded for want of numba may be known as well.
    wanted = size >= _WORTH_COMPILING or _COMPILED in sys.modules
    return wanted and find_spec("numba") is not None


def offsets_and_data(texts: pa.Array) -> tuple[Offsets, Bytes]:
    """The buffers of an array of strings; a null has no length."""
    _, offsets, data = texts.buffers()
    indices = np.frombuffer(offsets, np.int32, len(texts) + 1, 4 * texts.offset)
    return indices, np.frombuffer(data or b"", np.uint8)


def slice_json(
    offsets: Offsets, data: Bytes, around: tuple[bytes, Sequence[int]], fits: Bytes
) -> Slices:
    """The values of JSON texts of one shape; clears `fits` for those of others.

    Args:
        offsets: text i is data[offsets[i]:offsets[i + 1]].
        data: the texts.
        around: what stands around the values, and where in it they are cut out, and its end.
        fits: the texts to look at.
    """
    text, stops = around
    slices = _empty(data, len(stops) - 1, len(fits))
    shape, found = (np.frombuffer(text, np.uint8), np.array(stops)), (slices.starts, slices.stops)
    _module("slicing").slice_texts(
        offsets, data, shape, (*found, slices.kinds, slices.unquoted), fits
    )
    return slices


def lines_in(data: Bytes) -> int:
    """How many lines end in some bytes."""
    return int(_module("scanning").line_ends(data))


def line_offsets(data: Bytes) -> Offsets:
    """Where lines begin, and where the last one ends."""
    offsets = np.zeros(lines_in(data) + 1, np.int32)
    _module("scanning").after_lines(data, offsets[1:])
    return offsets


def still_open(content: bytes, before: bytes, last: bytes, *, is_open: bool) -> bool | None:
    """Whether a quote is open after some CSV; None where one opens within a field.

    Args:
        content: the CSV.
        before: the bytes that a quote which opens a field may follow.
        last: the byte before the CSV.
        is_open: whether a quote is open there.
    """
    allowed = np.zeros(256, np.uint8)
    allowed[list(before)] = 1
    data = np.frombuffer(content, np.uint8)
    found = _module("scanning").still_open(data, allowed, np.uint8(last[0]), np.uint8(is_open))
    return None if found < 0 else bool(found)


def records_end(content: bytes, delimiter: str) -> int:
    """Where the whole records end that some CSV begins with, whatever quotes stand in them."""
    fields = _module("scanning")
    return int(fields.records_end(np.frombuffer(content, np.uint8), fields.field_ends(delimiter)))


def is_utf8(content: bytes, end: int | None = None) -> bool:
    """Whether a text, or its beginning up to an end, is UTF-8."""
    try:
        return content.isascii() or bool(str(memoryview(content)[:end], "utf-8")) or end == 0
    except UnicodeDecodeError:
        return False


def _empty(data: Bytes, values: int, texts: int) -> Slices:
    size = values, texts
    return Slices(
        data=data,
        starts=np.empty(size, np.int32),
        stops=np.empty(size, np.int32),
        kinds=np.zeros(size, np.uint8),
        unquoted=np.zeros(values, np.uint8),
    )


def _module(name: str) -> Any:
    return import_module(f"driftkit.native.compiled_{name}")
