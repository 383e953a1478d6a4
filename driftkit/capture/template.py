"""Splits JSON lines that share a template into their values, vectorised, without a parser.

An endpoint writes its records with the same keys in the same order and with the same spaces; only
what stands between quotes changes. What such lines become is learned from the first of them, whose
text values are replaced by marks, with the functions that read one record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.payload import parsed_json
from driftkit.native.slicing import MOST_BYTES, is_utf8, is_worth_cutting, line_offsets, slice_json
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.readers.json_values import JsonRow

# A string before a colon is a key. What a quantifier with + took is not tried again shorter, which
# of long texts would take many times their memory.
_STRING = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(\s*:)?')
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_VALUE = re.compile(rf"{_TEXT}\s*:|({_TEXT}|-?[0-9][0-9.eE+-]*|true|false|null)", re.DOTALL)
# In the first line, the number of a value stands for it between two of these.
_MARK = "\ue000"
_MARKED = re.compile(f"{_MARK}(.*?){_MARK}".encode())
_QUOTE, _BACKSLASH, _SPACE = ord('"'), ord("\\"), ord(" ")
# Other escapes are read, but not written, as they stand: not every value has one spelling.
_MEANINGS = {r"\"": '"', r"\n": "\n", r"\r": "\r", r"\t": "\t"}
_KEPT_ESCAPES = np.isin(np.arange(256), np.frombuffer(b'"\\nrt', np.uint8))


def mark(name: object) -> str:
    """What stands in a template for something that each line has for itself."""
    return f"{_MARK}{name}{_MARK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonShape:
    """What payloads of one row have in common.

    Attributes:
        row: the fields of the payload that it is the shape of, in the order of its text.
        text: what stands before, between and after the values.
        stops: where in the text each value is cut out, and its end.
    """

    row: JsonRow
    text: bytes
    stops: tuple[int, ...]


class LineTemplate(NamedTuple):
    """The first line of many.

    Attributes:
        line: with marks, `mark(0)` and so on, instead of its text values.
        between: what stands before, between and after the values.
        strings: number of its strings, keys included.
        values: which of the strings are values.
    """

    line: bytes
    between: tuple[bytes, ...]
    strings: int
    values: tuple[int, ...]

    @classmethod
    def from_line(cls, line: bytes) -> LineTemplate | None:
        """The template of a line; None if it is no JSON, or cannot be one."""
        try:
            orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        found = list(_STRING.finditer(line))
        values = tuple(number for number, each in enumerate(found) if not each[2])
        between = _without(line, [found[number].span(1) for number in values])
        fixed = b"".join(between)
        if not values or b"\\" in fixed or _MARK.encode() in fixed:
            return None
        marks = [*(mark(number).encode() for number in range(len(values))), b""]
        marked = b"".join(chain.from_iterable(zip(between, marks, strict=True)))
        return cls(marked, tuple(between), len(found), values)

    def around(self) -> tuple[bytes, tuple[int, ...]]:
        """The text around the values and their quotes, and where in it they are cut out."""
        first, *inner = self.between
        texts = [first[:-1], *(text[1:-1] for text in inner[:-1]), inner[-1][1:] + b"\n"]
        return b"".join(texts), tuple(accumulate(map(len, texts)))


def _without(line: bytes, spans: Iterable[tuple[int, int]]) -> list[bytes]:
    cuts = [0, *chain.from_iterable(spans), len(line)]
    return [line[start:stop] for start, stop in zip(cuts[::2], cuts[1::2], strict=True)]


class Pieces(NamedTuple):
    """The text of lines, cut before and after every text value.

    Attributes:
        lines: how many there are.
        width: how many values a line has.
        cut: what is between, value, between, ..., of one line after the other.
    """

    lines: int
    width: int
    cut: pa.Array

    @classmethod
    def from_content(cls, content: bytes, template: LineTemplate) -> Pieces | None:
        """The pieces of lines of a template; None of any others."""
        text = np.frombuffer(content, np.uint8)
        quotes = _quotes(content, text)
        if quotes is None or quotes.size % (2 * template.strings):
            return None
        ends = quotes.astype(np.int32).reshape(-1, template.strings, 2)
        ends = ends[:, list(template.values), :]
        ends[:, :, 0] += 1
        pieces = _cut(content, ends.ravel())
        # Every other piece is no value: together they are the template, again and again.
        fixed = (b"".join(template.between) + b"\n") * len(ends)
        fixed = fixed if content.endswith(b"\n") else fixed[:-1]
        if _text_of(pieces.take(pa.array(np.arange(0, len(pieces), 2)))) != fixed:
            return None
        if np.count_nonzero(text < _SPACE) != len(ends) - (not content.endswith(b"\n")):
            return None
        return cls(len(ends), len(template.values), pieces)

    def texts(self, value: int) -> pa.Array:
        """One of the values of every line, without escapes."""
        values = self.cut.take(pa.array(self._indices(value, np.arange(self.lines))))
        text, texts = _text_of(values), values.view(pa.string())
        if b"\\" not in text:
            return texts
        if b"\\\\" in text:
            return pa.array(
                orjson.loads(b'["' + b'","'.join(values.to_pylist()) + b'"]'), texts.type
            )
        for escaped, meant in _MEANINGS.items():
            if escaped.encode() in text:
                texts = pc.replace_substring(texts, escaped, meant)
        return texts

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
        parts = _MARKED.split(marked)
        fixed = list(dict.fromkeys(parts[::2]))
        sources = [self.cut, pa.array(fixed, pa.binary())]
        sources += [texts.cast(pa.binary()) for texts in others.values()]
        starts = np.cumsum([0, *map(len, sources)])
        of_other = dict(zip(others, starts[2:], strict=False))
        indices = np.empty((rows.size, len(parts)), np.int64)
        for number, part in enumerate(parts):
            if number % 2 == 0:
                indices[:, number] = starts[1] + fixed.index(part)
            elif part.decode() in of_other:
                indices[:, number] = of_other[part.decode()] + np.arange(rows.size)
            else:
                indices[:, number] = self._indices(int(part), rows)
        pieces = pa.concat_arrays(sources).take(pa.array(indices.ravel()))
        offsets = np.frombuffer(pieces.buffers()[1], np.int32)[: len(pieces) + 1 : len(parts)]
        whole = [None, pa.py_buffer(offsets.copy()), pieces.buffers()[2]]
        return pa.Array.from_buffers(pa.binary(), rows.size, whole)

    def _indices(self, value: int, rows: np.ndarray) -> np.ndarray:
        return rows * (2 * self.width) + 2 * value + 1


class Values(Protocol):
    """The text values of lines."""

    def texts(self, value: int) -> pa.Array:
        """One of the values of every line, without escapes."""


class SameShape(NamedTuple):
    """Lines of one template.

    Attributes:
        template: of all of them.
        lines: how many there are.
        values: that they have in the places of the marks.
    """

    template: LineTemplate
    lines: int
    values: Values

    def texts(self, marked: str) -> pa.Array:
        """What a value of the template's line is in every line: a text for a mark, or itself."""
        found = _MARKED.fullmatch(marked.encode())
        if found is None:
            return pa.repeat(pa.scalar(marked), self.lines)
        return self.values.texts(int(found[1]))


def same_shape(content: bytes) -> SameShape | None:
    """Whole lines of one template, without blank ones; None of any other text.

    Few lines are cut at their quotes. Many are cut by compiled code, which takes half of the time
    for captures of CSV, and a third for those of JSON.

    >>> lines = same_shape(b'{"a": "x", "b": 1}' + chr(10).encode() + b'{"a": "y", "b": 1}')
    >>> lines.template.line.decode().replace(mark(0), "(0)"), lines.texts(mark(0)).to_pylist()
    ('{"a": "(0)", "b": 1}', ['x', 'y'])
    """
    template = LineTemplate.from_line(_first_line(content))
    if template is None:
        return None
    if is_worth_cutting(len(content)):
        return _compiled(content if content.endswith(b"\n") else content + b"\n", template)
    # Where many quotes are escaped, as in payloads of JSON, a parser is faster.
    pieces = None if b'\\"' in _first_line(content) else Pieces.from_content(content, template)
    return None if pieces is None else SameShape(template, pieces.lines, pieces)


def cut_at_quotes(content: bytes) -> tuple[SameShape, Pieces] | None:
    """Whole lines of one template, and what new lines can be put together from."""
    template = LineTemplate.from_line(_first_line(content))
    pieces = None if template is None else Pieces.from_content(content, template)
    if template is None or pieces is None:
        return None
    return SameShape(template, pieces.lines, pieces), pieces


def _compiled(content: bytes, template: LineTemplate) -> SameShape | None:
    if len(content) > MOST_BYTES or not is_utf8(content):
        return None
    data = np.frombuffer(content, np.uint8)
    offsets = line_offsets(data)
    fits = np.ones(len(offsets) - 1, np.uint8)
    cut = slice_json(offsets, data, template.around(), fits)
    if not fits.all() or not all(map(cut.is_quoted, range(len(template.values)))):
        return None
    return SameShape(template, len(fits), cut)


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
    indices: np.ndarray = found[of_run % 2 == 0] + 1
    if indices[-1] == text.size or not _KEPT_ESCAPES[text[indices]].all():
        return None
    return indices


def _cut(content: bytes, indices: np.ndarray) -> pa.Array:
    offsets = np.concatenate([[0], indices, [len(content)]]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.binary(), offsets.size - 1, buffers)


def _text_of(values: pa.Array) -> bytes:
    return values.buffers()[2].to_pybytes() if len(values) else b""


def shape_of(payload: str) -> JsonShape | None:
    """The shape of a payload; None if it has not exactly one row, or a field twice.

    >>> shape_of('{"a": 1, "b": ["x"]}')
    JsonShape(row={'a': '1', 'b.0': 'x'}, text=b'{"a": , "b": []}', stops=(6, 14, 16))
    """
    try:
        rows = parsed_json(payload)
    except UnreadableError:
        return None
    indices = [found.span(1) for found in _VALUE.finditer(payload) if found[1]]
    if len(rows) != 1 or len(rows[0]) != len(indices):
        return None
    starts = [0, *(stop for _, stop in indices)]
    stops = [*(start for start, _ in indices), len(payload)]
    between = [payload[i:j].encode() for i, j in zip(starts, stops, strict=True)]
    return JsonShape(
        row=rows[0], text=b"".join(between), stops=tuple(accumulate(map(len, between)))
    )
