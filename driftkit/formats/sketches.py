"""Reads files of statistics with their sketches, which are nearly all of their bytes, as doubles."""

from __future__ import annotations

from array import array
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.errors import FormatError
from driftkit.formats import files, jackson
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    Sketch = tuple[array[float], ...]

_AT_ONCE = 1 << 23
_KEY = b'"data"'
_NUMBERS = {float, int}
# Stands for a sketch; the parser asks what it means.
_MARK = b"NaN"


def read_document(path: str | PathLike[str]) -> dict[str, Any]:
    """The JSON object of a file, in which the values at a sketch's levels are arrays of doubles.

    As plain objects of Python, the sketches of thousands of features would take gigabytes.

    Raises:
        FormatError: the file is missing, cannot be read, or is not a JSON object.
    """
    sketches: list[Sketch] = []
    marks: list[str] = []

    def sketch(mark: str) -> Sketch | float:
        marks.append(mark)
        return sketches[len(marks) - 1] if len(marks) <= len(sketches) else float(mark)

    with suppress(FormatError, OSError):
        rest = b"".join(_without_sketches(_parts(path), sketches))
        document = jackson.loads(rest, str(path), constants=sketch)
        if len(marks) == len(sketches):
            return document
    # What is wrong, and in which line, only the whole text says.
    return files.read_document(path)


def _parts(path: str | PathLike[str]) -> Iterator[bytes]:
    where = locate(path)
    if not isinstance(where, Path):
        yield files.content_of(path)
        return
    with where.open("rb") as file:
        while part := file.read(_AT_ONCE):
            yield part


def _without_sketches(parts: Iterator[bytes], sketches: list[Sketch]) -> Iterator[bytes]:
    """The text with a mark in place of each sketch, which is added to the list."""
    held = b""
    for part in parts:
        held += part
        done = end = 0
        while (key := held.find(_KEY, end)) >= 0 and (end := held.find(b"}", key)) >= 0:
            start = held.find(b"[", key, end)
            found = _sketch(held[start:end]) if start >= 0 and _is_key(held[key:start]) else None
            if found is not None:
                sketches.append(found)
                yield held[done:start] + _MARK
                done = end
        # A sketch may end in the next part, and its key too.
        kept = key if key >= 0 else max(done, len(held) - len(_KEY))
        yield held[done:kept]
        held = held[kept:]
    yield held


def _is_key(text: bytes) -> bool:
    return text.removeprefix(_KEY).strip(b" \t\r\n") == b":"


def _sketch(text: bytes) -> Sketch | None:
    try:
        levels = orjson.loads(text)
        if all(_NUMBERS.issuperset(map(type, level)) for level in levels):
            return tuple(array("d", level) for level in levels)
    except (ValueError, TypeError, OverflowError):
        pass
    return None
