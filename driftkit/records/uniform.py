"""Captured records that all are laid out alike, as one endpoint writes them, read without a parse.

Where nothing is escaped, quotes are where strings begin and end. If every line has as many as the
first, and all text between payloads, identifiers and times is the same as there, then the lines
are records like the first, and what differs is cut out of the bytes by its places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Path = tuple[str, ...]

QUOTE = ord('"')
# Stands behind the last record, so that pieces can be joined by it.
COMMA = b","
# What differs from record to record: payloads, and all that is said of the request.
_PAYLOAD, _ABOUT = "data", "eventMetadata"
# Arrow's offsets of plain strings.
_MOST_BYTES = 2**31 - 1 - len(COMMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Records of one layout.

    Attributes:
        first: the first of them.
        free: paths of the strings that may differ.
        pieces: the text cut before and after each free string: what is between, string,
            between, ..., and at last a line's end and a comma.
        count: number of records.
    """

    first: Mapping[str, Any]
    free: tuple[Path, ...]
    pieces: pa.StringArray
    count: int

    def constant(self, *path: str) -> Any:
        """What stands at a path in every record; None if there is nothing."""
        value: Any = self.first
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def places(self, *path: str) -> NDArray[np.int64]:
        """Where the free strings at a path are among the pieces."""
        start = 2 * self.free.index(path) + 1
        return start + 2 * len(self.free) * np.arange(self.count)

    def strings(self, *path: str) -> pa.StringArray:
        """The free strings at a path."""
        return self.pieces.take(pa.array(self.places(*path)))

    def lines(self, *paths: Path) -> pa.Buffer:
        """A line for every record: its strings at the paths, between commas."""
        end, comma = len(self.pieces) - 2, len(self.pieces) - 1
        taken = np.full((self.count, 2 * len(paths)), comma)
        taken[:, -1] = end
        for number, path in enumerate(paths):
            taken[:, 2 * number] = self.places(*path)
        text = self.pieces.take(pa.array(taken.ravel()))
        length = int(np.frombuffer(text.buffers()[1], np.int32)[len(text)])
        return text.buffers()[2].slice(0, length)


def uniform(content: bytes) -> Uniform | None:
    """The records of some lines; None where they are not laid out alike.

    >>> record = '{"captureData":{"endpointInput":{"data":"%s","encoding":"CSV"}}}'
    >>> found = uniform((record % "1,2" + chr(10) + record % "3,4").encode())
    >>> found.strings("captureData", "endpointInput", "data").to_pylist()
    ['1,2', '3,4']
    """
    content = _without_line_ends(content)
    if not _is_plain(content):
        return None
    head = content[: content.find(b"\n")]
    first, paths = _layout(head)
    if first is None:
        return None
    count = content.count(b"\n")
    quotes = np.flatnonzero(np.frombuffer(content, np.uint8) == QUOTE)
    free = [place for place, path in enumerate(paths) if _differs(path)]
    if len(quotes) != count * 2 * len(paths) or not free:
        return None
    pieces = _pieces(content, quotes.reshape(count, -1), free)
    if not _same_between(pieces, head, count, len(free)):
        return None
    names = tuple(path for path in paths if path and _differs(path))
    return Uniform(first=first, free=names, pieces=pieces, count=count)


def _without_line_ends(content: bytes) -> bytes:
    """Without the escaped line end that closes most payloads, which says nothing."""
    if not content.endswith(b"\n"):
        content += b"\n"
    return content.replace(b'\\n"', b'"') if b"\\" in content else content


def _is_plain(content: bytes) -> bool:
    """Whether nothing is escaped or odd, so that the bytes can be taken as they are."""
    if b"\\" in content or b"\r" in content or len(content) > _MOST_BYTES:
        return False
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _layout(line: bytes) -> tuple[dict[str, Any] | None, list[Path | None]]:
    """A record and, for each of its strings in their order, its path; keys have none."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None, []
    if not isinstance(record, dict) or not isinstance(record.get("captureData"), dict):
        return None, []
    strings = list(_strings(record, ()))
    if [text for text, _ in strings] != line.decode("utf-8").split('"')[1::2]:
        return None, []
    return record, [path for _, path in strings]


def _strings(value: Any, path: Path) -> Iterator[tuple[str, Path | None]]:
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key, None
            yield from _strings(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, (*path, "*"))


def _differs(path: Path | None) -> bool:
    return path is not None and (path[-1] == _PAYLOAD or path[0] == _ABOUT) and "*" not in path


def _pieces(content: bytes, quotes: NDArray[np.int64], free: list[int]) -> pa.StringArray:
    starts, ends = quotes[:, 0::2][:, free] + 1, quotes[:, 1::2][:, free]
    offsets = np.empty(2 * starts.size + 4, np.int32)
    offsets[0] = 0
    offsets[1:-3:2], offsets[2:-3:2] = starts.ravel(), ends.ravel()
    offsets[-3:] = len(content) - 1, len(content), len(content) + 1
    buffers = pa.py_buffer(offsets), pa.py_buffer(content + COMMA)
    return pa.StringArray.from_buffers(len(offsets) - 1, *buffers)


def _same_between(pieces: pa.StringArray, head: bytes, count: int, free: int) -> bool:
    """Whether all between free strings is as in the first record."""
    between = [pieces[2 * number].as_py() for number in range(free)]
    start = sum(len(pieces[place].as_py().encode()) for place in range(2 * free))
    tail = head[start:].decode("utf-8")
    if pieces[len(pieces) - 3].as_py() != tail:
        return False
    # Before the first record there is none whose tail would come first.
    places = 2 * free * np.arange(count)
    expected = [(places[1:], f"{tail}\n{between[0]}")]
    expected += [(places + 2 * number, between[number]) for number in range(1, free)]
    return all(
        pc.all(pc.equal(pieces.take(pa.array(where)), text)).as_py() for where, text in expected
    )
