"""Measures texts: how long they are, of what they consist, and what was left in them by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.native.arrays import Bytes, Integers, Truths

MEASURES: Mapping[str, InferredType] = {
    "length": InferredType.INTEGRAL,
    "words": InferredType.INTEGRAL,
    "digits_share": InferredType.FRACTIONAL,
    "non_ascii_share": InferredType.FRACTIONAL,
    "script": InferredType.STRING,
    "markup": InferredType.INTEGRAL,
    "mojibake": InferredType.INTEGRAL,
}
"""What is measured of a text, and the type of what is found."""

# By the first and last character of blocks of Unicode; whatever is not here is no letter, or other.
_BLOCKS = (
    ("latin", 0xC0, 0x24F),
    ("latin", 0x1E00, 0x1EFF),
    ("greek", 0x370, 0x3FF),
    ("cyrillic", 0x400, 0x52F),
    ("hebrew", 0x590, 0x5FF),
    ("arabic", 0x600, 0x6FF),
    ("devanagari", 0x900, 0x97F),
    ("thai", 0xE00, 0xE7F),
    ("kana", 0x3040, 0x30FF),
    ("han", 0x3400, 0x4DBF),
    ("han", 0x4E00, 0x9FFF),
    ("hangul", 0xAC00, 0xD7A3),
    # Armenian, the scripts of India and of South-East Asia that are not named above, ...
    ("other", 0x530, 0x58F),
    ("other", 0x700, 0x7FF),
    ("other", 0x800, 0x8FF),
    ("other", 0x980, 0xDFF),
    ("other", 0xE80, 0x1DFF),
)
SCRIPTS = ("none", *dict.fromkeys(name for name, _, _ in _BLOCKS))
_LATIN = SCRIPTS.index("latin")
_LETTER, _DIGIT, _SPACE, _CONTINUATION, _LEADING, _OPENING = (1 << bit for bit in range(6))
_THREE_BYTES = 0x800
_BLOCK_BYTES = 4 * 1024 * 1024
_MARKUP = r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]{2,}|#[0-9]+|#x[0-9A-Fa-f]+);"
# Bytes of UTF-8 that were read as Windows-1252 or Latin-1, and what stands for bytes that nobody
# could read. Letters before quotation marks and dashes, as in good texts, are none of these.
_MARKS = "\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
_SIGNS = "\u0080-\u009f\u00a1-\u00ba\u00bc-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192"
_MOJIBAKE = (
    f"\ufffd|[\u00c2-\u00c5\u00d0\u00d1][\u00a0\u00bb{_SIGNS}{_MARKS}]|\u00e2\u20ac|\u00f0\u0178"
    f"|[\u00e2-\u00ef](?:[{_SIGNS}{_MARKS}][{_SIGNS}]|[{_SIGNS}][{_MARKS}])"
)


def measured_texts(values: pa.ChunkedArray) -> pa.Table:
    """The measures of each text; null where the text is, and shares of nothing.

    Args:
        values: texts, plain or as dictionaries.
    """
    chunks = values.chunks or [pa.nulls(0, pa.string())]
    return pa.concat_tables([_of_array(each) for each in chunks])


def _of_array(values: pa.Array) -> pa.Table:
    if pa.types.is_dictionary(values.type):
        # Texts that stand there often are measured once.
        return _of_array(values.dictionary).take(values.indices)
    texts = values.cast(pa.large_string())
    filled = texts.fill_null("")
    parts = [_of_block(filled.slice(first, rows)) for first, rows in _blocks(filled)]
    table = pa.concat_tables(parts or [_of_block(filled)])
    if not texts.null_count:
        return table
    missing = pa.scalar(None, pa.null())
    present = texts.is_valid()
    columns = [
        pc.if_else(present, each.combine_chunks(), missing.cast(each.type))
        for each in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _blocks(texts: pa.Array) -> Iterator[tuple[int, int]]:
    """Rows whose bytes are few enough for several numbers to be held of each byte."""
    offsets = _offsets(texts)
    first = 0
    while first < len(texts):
        end = int(np.searchsorted(offsets, offsets[first] + _BLOCK_BYTES))
        after = max(min(end, len(texts)), first + 1)
        yield first, after - first
        first = after


def _offsets(texts: pa.Array) -> Integers:
    return np.frombuffer(texts.buffers()[1], np.int64, len(texts) + 1, texts.offset * 8)


def _of_block(texts: pa.Array) -> pa.Table:
    bytes_ = _Bytes(texts)
    characters = bytes_.lengths - bytes_.count(_CONTINUATION)
    leading = bytes_.count(_LEADING)
    columns = {
        "length": pa.array(characters),
        "words": pa.array(bytes_.words()),
        "digits_share": _share(bytes_.count(_DIGIT), characters),
        "non_ascii_share": _share(leading, characters),
        "script": bytes_.scripts(),
        "markup": _found(texts, _MARKUP, bytes_.count(_OPENING) > 0),
        "mojibake": _found(texts, _MOJIBAKE, leading > 0),
    }
    return pa.table({name: columns[name] for name in MEASURES})


def _share(part: Integers, whole: Integers) -> pa.Array:
    return pa.array(part / np.maximum(whole, 1), mask=whole == 0)


def _found(texts: pa.Array, pattern: str, likely: Truths) -> pa.Array:
    """How often a pattern is found in each text; only those texts are looked at that may have it."""
    counts = np.zeros(len(texts), np.int64)
    if likely.any():
        some = texts.filter(pa.array(likely))
        counts[likely] = pc.count_substring_regex(some, pattern).to_numpy(zero_copy_only=False)
    return pa.array(counts)


class _Bytes:
    """The bytes of some texts, and what each of them is."""

    def __init__(self, texts: pa.Array) -> None:
        offsets = _offsets(texts)
        size = int(offsets[-1] - offsets[0])
        data = texts.buffers()[2] if size else pa.py_buffer(b"")
        self._bytes = np.frombuffer(data, np.uint8, size, int(offsets[0]) if size else 0)
        self.lengths = np.diff(offsets)
        self._filled = self.lengths > 0
        self._starts = (offsets[:-1] - offsets[0])[self._filled]
        self._kinds = _KINDS[self._bytes]

    def count(self, kind: int) -> Integers:
        """How many bytes of a kind each text has."""
        return self._sums((self._kinds & kind) != 0)

    def words(self) -> Integers:
        """How many runs of bytes that are no white space each text has."""
        inside = (self._kinds & _SPACE) == 0
        begins = inside.copy()
        begins[1:] &= ~inside[:-1]
        begins[self._starts] = inside[self._starts]
        return self._sums(begins)

    def scripts(self) -> pa.Array:
        """The script of most letters of each text."""
        counts = np.zeros((len(self.lengths), len(SCRIPTS)), np.int64)
        indices = np.flatnonzero(self._kinds & _LEADING)
        if len(indices):
            after = np.minimum(indices + 1, len(self._bytes) - 1)
            pairs = self._bytes[indices].astype(np.intp) << 8 | self._bytes[after]
            rows = np.flatnonzero(self._filled)[np.searchsorted(self._starts, indices, "right") - 1]
            cells = rows * len(SCRIPTS) + _SCRIPT_OF[pairs]
            counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)
        counts[:, 0] = 0
        counts[:, _LATIN] += self.count(_LETTER)
        return pa.DictionaryArray.from_arrays(pa.array(counts.argmax(1), pa.int32()), SCRIPTS)

    def _sums(self, flags: Truths) -> Integers:
        counts = np.zeros(len(self.lengths), np.int64)
        if flags.any():
            counts[self._filled] = np.add.reduceat(flags, self._starts, dtype=np.int64)
        return counts


def _kinds() -> Bytes:
    table = np.zeros(256, np.uint8)
    for kind, members in (
        (_LETTER, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        (_DIGIT, b"0123456789"),
        (_SPACE, b" \t\n\r\f\v"),
        (_CONTINUATION, bytes(range(0x80, 0xC0))),
        (_LEADING, bytes(range(0xC0, 0x100))),
        (_OPENING, b"<&"),
    ):
        table[list(members)] |= kind
    return table


def _script_of() -> Bytes:
    """By the first two bytes of a character, which tell blocks of Unicode apart well enough."""
    table = np.zeros(1 << 16, np.uint8)
    for name, first, last in _BLOCKS:
        # From here on a character has three bytes, of which the first two are those of 64.
        for code in range(first, last + 1, 64 if first >= _THREE_BYTES else 1):
            head = chr(code).encode()
            table[head[0] << 8 | head[1]] = SCRIPTS.index(name)
    return table


_KINDS, _SCRIPT_OF = _kinds(), _script_of()
