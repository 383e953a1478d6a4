"""Slices the values out of JSON texts of one shape, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import end_of_text, same

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes: TypeAlias = npt.NDArray[np.uint8]
    Integers: TypeAlias = npt.NDArray[np.int64]
    Offsets: TypeAlias = npt.NDArray[np.int32]
    Found: TypeAlias = tuple[Offsets, Offsets, Bytes]
    FoundInJson: TypeAlias = tuple[Offsets, Offsets, Bytes, Bytes]

# Kinds of values: none that is known here, text that may be taken as it stands, a number that is
# written otherwise than Python would, null, text in which something is escaped, and text in which
# quotes are doubled.
UNKNOWN, PLAIN, NUMBER, NULL, ESCAPED, DOUBLED = (np.uint8(kind) for kind in range(6))

QUOTE, ESCAPE, _SPACE, _ZERO, _NINE = (np.uint8(ord(sign)) for sign in '"\\ 09')
_MINUS, _PLUS, _POINT, _E, _LOWER = (np.uint8(ord(sign)) for sign in "-+.e ")
_WORDS = np.frombuffer(b"truefalsenull", np.uint8)
# What stands for what after a backslash; 0 where it takes more than a look at the next byte.
MEANINGS = np.zeros(256, np.uint8)
for _escaped, _meant in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    MEANINGS[_escaped] = _meant
_T, _F, _N = (np.uint8(ord(sign)) for sign in "tfn")
_ONE, _FOUR, _NINTH = np.uint64(1), np.uint64(4), np.uint64(9)
# Integers of so many digits fit into 64 bits, decimals of so many are what repr gives of them.
_INTEGER_DIGITS, _DECIMAL_DIGITS = np.uint64(18), np.uint64(15)


@jit
def slice_texts(
    offsets: Offsets, data: Bytes, shape: tuple[Bytes, Integers], found: FoundInJson, fits: Bytes
) -> None:
    """Finds the values of all payloads.

    Args:
        offsets: payload i is data[offsets[i]:offsets[i + 1]].
        data: the payloads.
        shape: text around the values, and where in it they are cut out.
        found: starts, stops and kinds of the values, a row a value and a column a payload; and
            for each value a byte, set to 1 if it is something else than text or null anywhere.
        fits: set to 0 where a payload is of another shape, or has values of unknown kind.
    """
    for row in range(len(fits)):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        if fits[row] and not _cut_one(data, (start, stop), shape, found, row):
            fits[row] = 0


@inlined
def _cut_one(
    data: Bytes,
    span: tuple[np.uint64, np.uint64],
    shape: tuple[Bytes, Integers],
    found: FoundInJson,
    row: int,
) -> bool:
    index, stop = span
    text, ends = shape
    literal = np.uint64(0)
    for value in range(len(ends)):
        end = np.uint64(ends[value])
        if index + (end - literal) > stop:
            return False
        if not same(data, index, text, (literal, end)):
            return False
        index += end - literal
        literal = end
        if value + 1 < len(ends):
            after, kind = _value(data, index, stop)
            if kind == UNKNOWN:
                return False
            quoted = _ONE if data[index] == QUOTE else np.uint64(0)
            found[0][value, row] = index + quoted
            found[1][value, row] = after - quoted
            found[2][value, row] = kind
            if quoted == 0 and kind != NULL:
                found[3][value] = 1
            index = after
    return bool(index == stop)


@inlined
def _value(data: Bytes, index: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    """Where a value ends, and its kind."""
    if index >= stop:
        return index, UNKNOWN
    first = data[index]
    if first == QUOTE:
        return _text(data, index + _ONE, stop)
    if first == _T:
        return _word(data, index, stop, (np.uint64(0), _FOUR))
    if first == _F:
        return _word(data, index, stop, (_FOUR, _NINTH))
    if first == _N:
        after, kind = _word(data, index, stop, (_NINTH, np.uint64(13)))
        return after, (NULL if kind == PLAIN else UNKNOWN)
    return _number(data, index, stop)


@inlined
def _text(data: Bytes, index: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    kind = PLAIN
    index = end_of_text(data, index, stop)
    while index < stop and data[index] != QUOTE:
        if data[index] < _SPACE:
            return index, UNKNOWN
        index += _ONE
        if index >= stop or MEANINGS[data[index]] == 0:
            return index, UNKNOWN
        kind = ESCAPED
        index = end_of_text(data, index + _ONE, stop)
    return index + _ONE, (kind if index < stop else UNKNOWN)


@inlined
def _word(
    data: Bytes, index: np.uint64, stop: np.uint64, word: tuple[np.uint64, np.uint64]
) -> tuple[np.uint64, np.uint8]:
    letter, end = word
    while letter < end and index < stop and data[index] == _WORDS[letter]:
        letter += _ONE
        index += _ONE
    return index, (PLAIN if letter == end else UNKNOWN)


@inlined
def _digits(data: Bytes, index: np.uint64, stop: np.uint64) -> np.uint64:
    while index < stop and _ZERO <= data[index] <= _NINE:
        index += _ONE
    return index


@jit
def _number(data: Bytes, index: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    negative = data[index] == _MINUS
    start = index + (_ONE if negative else np.uint64(0))
    point = _digits(data, start, stop)
    zero = start < stop and data[start] == _ZERO
    if point == start or (zero and point - start > _ONE):
        return point, UNKNOWN
    if point < stop and data[point] == _POINT:
        after = _digits(data, point + _ONE, stop)
        if after == point + _ONE:
            return after, UNKNOWN
        kind = _decimal(data, (start, point, after))
    else:
        after = point
        whole = point - start <= _INTEGER_DIGITS and not (negative and zero)
        kind = PLAIN if whole else UNKNOWN
    if after < stop and data[after] | _LOWER == _E:
        return _exponent(data, after + _ONE, stop)
    return after, kind


@inlined
def _decimal(data: Bytes, indices: tuple[np.uint64, np.uint64, np.uint64]) -> np.uint8:
    """Whether Python writes a decimal so: in full from 0.0001 on, and no zero too many."""
    start, point, after = indices
    if after - start - _ONE > _DECIMAL_DIGITS:
        return NUMBER
    if after == point + np.uint64(2):
        return PLAIN
    if data[after - _ONE] == _ZERO:
        return NUMBER
    if data[start] != _ZERO:
        return PLAIN
    first = point + _ONE
    while data[first] == _ZERO:
        first += _ONE
    return PLAIN if first - point <= _FOUR else NUMBER


@inlined
def _exponent(data: Bytes, index: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint8]:
    if index < stop and (data[index] == _MINUS or data[index] == _PLUS):
        index += _ONE
    after = _digits(data, index, stop)
    return after, (NUMBER if after > index else UNKNOWN)
