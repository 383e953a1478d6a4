"""Lines of JSON that differ in their text values only, taken apart all at once.

Captures of an endpoint, and labels, mostly have the same keys in the same order with the same
spaces; only what stands between quotes changes. Such lines need no parser: the places of all
quotes say where every value is. Whatever a line becomes is learned from its first one, by the
very functions that read record by record.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"(\s*:)?')
# In the first line, the number of a value stands for it between two of these.
_MARK = "\ue000"
_MARKED = re.compile(f"{_MARK}(.*?){_MARK}".encode())
_QUOTE, _BACKSLASH, _SPACE = ord('"'), ord("\\"), ord(" ")
# Other escapes are read, but not written, as they stand: not every value has one spelling.
_KEPT_ESCAPES = np.isin(np.arange(256), np.frombuffer(b'"\\nrt', np.uint8))


def mark(name: object) -> str:
    """What stands in a template for something that each line has for itself."""
    return f"{_MARK}{name}{_MARK}"


class Template(NamedTuple):
    """The first line of many.

    Attributes:
        line: with marks, `mark(0)` and so on, instead of its text values.
        fixed: what is left of it without them.
        strings: number of its strings, keys included.
        values: which of the strings are values.
    """

    line: bytes
    fixed: bytes
    strings: int
    values: tuple[int, ...]

    @classmethod
    def of(cls, line: bytes) -> Template | None:
        """The template of a line; None if it is no JSON, or cannot be one."""
        try:
            orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        found = list(_STRING.finditer(line))
        values = tuple(number for number, each in enumerate(found) if not each[2])
        spans = [found[number].span(1) for number in values]
        rest = _without(line, spans)
        fixed = b"".join(rest)
        if not values or b"\\" in fixed or _MARK.encode() in fixed:
            return None
        marks = [*(mark(number).encode() for number in range(len(values))), b""]
        marked = b"".join(chain.from_iterable(zip(rest, marks, strict=True)))
        return cls(marked, fixed, len(found), values)


def _without(line: bytes, spans: Iterable[tuple[int, int]]) -> list[bytes]:
    cuts = [0, *chain.from_iterable(spans), len(line)]
    return [line[start:stop] for start, stop in zip(cuts[::2], cuts[1::2], strict=True)]


class Uniform(NamedTuple):
    """Lines of one template.

    Attributes:
        template: of all of them.
        lines: how many there are.
        pieces: the text, cut before and after every value.
    """

    template: Template
    lines: int
    pieces: pa.Array

    @classmethod
    def of(cls, content: bytes) -> Uniform | None:
        """Whole lines of one template, without blank ones; None of any other text."""
        template = Template.of(_first_line(content))
        if template is None:
            return None
        text = np.frombuffer(content, np.uint8)
        quotes = _quotes(content, text)
        if quotes is None or quotes.size % (2 * template.strings):
            return None
        ends = quotes.astype(np.int32).reshape(-1, template.strings, 2)
        ends = ends[:, list(template.values), :]
        ends[:, :, 0] += 1
        pieces = _cut(content, ends.ravel())
        # Every other piece is no value: together they are the template, again and again.
        fixed = (template.fixed + b"\n") * len(ends)
        fixed = fixed if content.endswith(b"\n") else fixed[:-1]
        if _text_of(pieces.take(pa.array(np.arange(0, len(pieces), 2)))) != fixed:
            return None
        if np.count_nonzero(text < _SPACE) != len(ends) - (not content.endswith(b"\n")):
            return None
        return cls(template, len(ends), pieces)

    def texts(self, marked: str) -> pa.Array | None:
        """What a marked text is in every line; None where a value has an escape in it."""
        found = _MARKED.fullmatch(marked.encode())
        if found is None:
            return pa.repeat(pa.scalar(marked), self.lines)
        values = self.pieces.take(pa.array(self._places(int(found[1]), np.arange(self.lines))))
        return None if b"\\" in _text_of(values) else values.view(pa.string())

    def each(self, marked: str) -> pa.Array:
        """What a marked text becomes in every line, escapes left as they are."""
        return self.filled(marked.encode(), np.arange(self.lines), {}).view(pa.string())

    def filled(self, marked: bytes, rows: np.ndarray, others: dict[str, pa.Array]) -> pa.Array:
        """What a marked text becomes in some lines, escapes left as they are.

        Args:
            marked: the text, with marks of values and of `others`.
            rows: numbers of the lines, from 0.
            others: texts by their marks' names, one for each of the rows.
        """
        pieces, width = self._filling(marked, rows, others)
        offsets = np.frombuffer(pieces.buffers()[1], np.int32)[: len(pieces) + 1 : width]
        whole = [None, pa.py_buffer(offsets.copy()), pieces.buffers()[2]]
        return pa.Array.from_buffers(pa.binary(), rows.size, whole)

    def _filling(
        self, marked: bytes, rows: np.ndarray, others: dict[str, pa.Array]
    ) -> tuple[pa.Array, int]:
        """The pieces that the text consists of, and how many there are in a line."""
        parts = _MARKED.split(marked)
        fixed = list(dict.fromkeys(parts[::2]))
        sources = [self.pieces, pa.array(fixed, pa.binary())]
        sources += [texts.cast(pa.binary()) for texts in others.values()]
        starts = np.cumsum([0, *map(len, sources)])
        of_other = dict(zip(others, starts[2:], strict=False))
        places = np.empty((rows.size, len(parts)), np.int64)
        for number, part in enumerate(parts):
            if number % 2 == 0:
                places[:, number] = starts[1] + fixed.index(part)
            elif part.decode() in of_other:
                places[:, number] = of_other[part.decode()] + np.arange(rows.size)
            else:
                places[:, number] = self._places(int(part), rows)
        return pa.concat_arrays(sources).take(pa.array(places.ravel())), len(parts)

    def _places(self, value: int, rows: np.ndarray) -> np.ndarray:
        return rows * (2 * len(self.template.values)) + 2 * value + 1


def _first_line(content: bytes) -> bytes:
    end = content.find(b"\n")
    return content if end < 0 else content[:end]


def _quotes(content: bytes, text: np.ndarray) -> np.ndarray | None:
    """Places of the quotes that begin and end strings; None where text could be spelled anew."""
    there = text == _QUOTE
    if b"\\" in content:
        escaped = _escaped(text)
        if escaped is None:
            return None
        there[escaped] = False
    try:
        content.isascii() or content.decode()
    except UnicodeDecodeError:
        return None
    return np.flatnonzero(there)


def _escaped(text: np.ndarray) -> np.ndarray | None:
    """Places of escaped characters; None where one is not the only spelling of its value."""
    found = np.flatnonzero(text == _BACKSLASH)
    begins = np.append(True, np.diff(found) != 1)
    of_run = np.arange(found.size) - np.maximum.accumulate(
        np.where(begins, np.arange(found.size), 0)
    )
    places: np.ndarray = found[of_run % 2 == 0] + 1
    if places[-1] == text.size or not _KEPT_ESCAPES[text[places]].all():
        return None
    return places


def _cut(content: bytes, places: np.ndarray) -> pa.Array:
    offsets = np.concatenate([[0], places, [len(content)]]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.binary(), offsets.size - 1, buffers)


def _text_of(values: pa.Array) -> bytes:
    return values.buffers()[2].to_pybytes() if len(values) else b""
