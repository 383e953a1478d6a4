"""Infers types and parses numbers of strings, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.compiled_decimal import nearest
from driftkit.native.compiled_hash import hash_text, touch
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import word_at
from driftkit.states.kernels.texts import BOOLEAN_KIND, FRACTIONAL_KIND, INTEGRAL_KIND, STRING_KIND

if TYPE_CHECKING:
    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers

# A double holds integers up to 2**53 and powers of ten up to 10**22 exactly, so that one
# multiplication or division of the two rounds correctly (Clinger 1990).
_EXACT = np.uint64(1 << 53)
_LARGEST_POWER = 22
_POWERS = 10.0 ** np.arange(_LARGEST_POWER + 1)
# As many digits as always fit into 64 bits.
_DIGITS = 19
_FAR = 1 << 40

_ZERO, _NINE = np.uint8(ord("0")), np.uint8(9)
_PLUS, _MINUS, _SPACE, _POINT = (np.uint8(ord(sign)) for sign in "+- .")
_E, _LOWER = np.uint8(ord("e")), np.uint8(0x20)
_TRUE, _FALS = (np.uint64(int.from_bytes(word, "little")) for word in (b"true", b"fals"))
_ONE, _FOUR, _FIVE, _TEN = np.uint64(1), np.uint64(4), np.uint64(5), np.uint64(10)
_NONE, _EIGHT = np.uint64(0), np.uint64(8)
_TENS = np.array([10**power for power in range(9)], np.uint64)
# Added to a byte over "9", or taken from one below "0", these set its top bit.
_ABOVE_NINE, _ZEROS = np.uint64(0x4646464646464646), np.uint64(0x3030303030303030)
_TOPS = np.uint64(0x8080808080808080)
# The first two digits of each half, and what they and the others count in the upper half.
_PAIRS = np.uint64(0x000000FF000000FF)
_UPPER, _LOWER_PAIRS = (np.uint64(high << 32 | low) for high, low in ((10**6, 100), (10**4, 1)))

# Marks the kind of a number that needs a careful reader.
HARD = 8


@inlined
def _is_boolean(data: Bytes, start: np.uint64, stop: np.uint64) -> bool:
    if stop - start == _FOUR:
        return bool(word_at(data, start, 4) == _TRUE)
    if stop - start == _FIVE:
        return bool(word_at(data, start, 4) == _FALS and data[start + _FOUR] == _E)
    return False


@inlined
def _number_of(digits: np.uint64) -> np.uint64:
    """The number of eight digits, the first in the lowest byte.

    Neighbours are put together at once, to two, four and eight digits (Lemire, Number parsing at
    a gigabyte per second, Software: Practice and Experience 51, 2021).
    """
    pairs = digits * _TEN + (digits >> _EIGHT)
    upper, lower = (pairs & _PAIRS) * _UPPER, ((pairs >> np.uint64(16)) & _PAIRS) * _LOWER_PAIRS
    return (upper + lower) >> np.uint64(32)


@inlined
def _digits(
    data: Bytes, index: np.uint64, stop: np.uint64, mantissa: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Goes on while there are digits; gives the next place and the number that they make."""
    while index + _EIGHT <= stop:
        lane = word_at(data, index, 8)
        if ((lane + _ABOVE_NINE) | (lane - _ZEROS)) & _TOPS != _NONE:
            break
        mantissa = mantissa * _TENS[8] + _number_of(lane - _ZEROS)
        index += _EIGHT
    while index < stop and np.uint8(data[index] - _ZERO) <= _NINE:
        mantissa = mantissa * _TEN + np.uint64(data[index] - _ZERO)
        index += _ONE
    return index, mantissa


@inlined
def _exponent(data: Bytes, index: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint64, int]:
    """Reads the exponent after its letter; gives its first digit's place, the next and it."""
    down = index < stop and data[index] == _MINUS
    if index < stop and (down or data[index] == _PLUS):
        index += _ONE
    after, exponent = _digits(data, index, stop, np.uint64(0))
    # Longer exponents may have wrapped around; nothing is finite or nonzero there.
    size = int(np.int64(exponent)) if after - index < _TEN else _FAR
    return index, after, (-size if down else size)


@inlined
def _scaled(kind: int, mantissa: np.uint64, digits: int, scale: int) -> tuple[int, float]:
    """The number mantissa * 10**scale, exactly rounded."""
    if digits > _DIGITS:
        return kind | HARD, np.nan
    if scale == 0:
        return kind, np.float64(mantissa)
    if mantissa <= _EXACT and abs(scale) <= _LARGEST_POWER:
        value = np.float64(mantissa)
        return kind, (value * _POWERS[scale] if scale > 0 else value / _POWERS[-scale])
    rounded = nearest(mantissa, scale)
    return (kind | HARD if np.isnan(rounded) else kind), rounded


@inlined
def parse(data: Bytes, start: np.uint64, stop: np.uint64) -> tuple[int, float]:
    """Kind and number of data[start:stop], by the grammar of the three patterns."""
    index = start
    negative = index < stop and data[index] == _MINUS
    signed = negative or (index < stop and data[index] == _PLUS)
    index += np.uint64(signed)
    spaced = index < stop and data[index] == _SPACE
    index += np.uint64(spaced)
    begin = index
    index, mantissa = _digits(data, index, stop, np.uint64(0))
    if index == begin:
        return (BOOLEAN_KIND if _is_boolean(data, start, stop) else STRING_KIND), np.nan
    kind, digits, scale = INTEGRAL_KIND, int(np.int64(index - begin)), 0
    if index < stop and data[index] == _POINT:
        kind, begin = FRACTIONAL_KIND, index + _ONE
        index, mantissa = _digits(data, begin, stop, mantissa)
        if index == begin:
            return STRING_KIND, np.nan
        scale = -int(np.int64(index - begin))
        digits -= scale
    if index < stop and data[index] | _LOWER == _E:
        kind = FRACTIONAL_KIND
        begin, index, exponent = _exponent(data, index + _ONE, stop)
        scale += exponent
        if index == begin:
            return STRING_KIND, np.nan
    if index != stop:
        return STRING_KIND, np.nan
    if signed and spaced:
        return kind, np.nan
    kind, number = _scaled(kind, mantissa, digits, scale)
    # Integers pass through a long, which has no -0.
    return kind, (-number if negative and (kind != INTEGRAL_KIND or number != 0.0) else number)


@jit
def read_texts(
    texts: tuple[Integers, Bytes], registers: Bytes, hashes: Hashes, kinds: Bytes, numbers: Floats
) -> int:
    """Fills kinds and numbers, raises registers; returns how many need a careful reader.

    Keeps hashes, where there is room for them.
    """
    offsets, data = texts
    hard = 0
    for row in range(len(kinds)):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        kind, number = parse(data, start, stop)
        kinds[row] = kind
        numbers[row] = number
        hard += kind >= HARD
        value = hash_text(data, start, stop)
        touch(registers, value)
        if row < len(hashes):
            hashes[row] = value
    return hard
