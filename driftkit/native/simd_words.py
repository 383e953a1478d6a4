"""SIMD within a register: eight bytes at a time, for compiled loops.

Looking for a byte in all eight at once is a known trick: of x with a byte's pattern taken away,
(x - 0x01...) & ~x & 0x80... has its lowest bit in the first byte that is zero (Henry S. Warren,
"Hacker's Delight", 2nd edition 2012, 6-1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.native.jit import inlined

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes: TypeAlias = npt.NDArray[np.uint8]
    Signs: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

WORD = np.uint64(8)
_ONE, _BITS, _TOP, _LOWEST = np.uint64(1), np.uint64(7), np.uint64(56), np.uint64(255)
_ONES = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)
_QUOTE, _ESCAPE, _SPACE = (np.uint8(ord(sign)) for sign in '"\\ ')
_QUOTES, _ESCAPES, _SPACES = (_ONES * np.uint64(ord(sign)) for sign in '"\\ ')


def repeated_bytes(letters: str) -> Signs:
    """What `find` looks for: four letters of ASCII."""
    one, two, three, four = (_ONES * np.uint64(ord(letter)) for letter in letters)
    return one, two, three, four


def ceiling_of(letter: str) -> np.uint64:
    """What `find_below` looks for: letters before this one of ASCII."""
    return np.uint64(_ONES * np.uint64(ord(letter)))


@inlined
def word_at(data: Bytes, index: np.uint64, width: int) -> np.uint64:
    """Some bytes as a little-endian number; the compiler makes one load of it."""
    word = np.uint64(data[index])
    for byte in range(1, width):
        word |= np.uint64(data[index + np.uint64(byte)]) << np.uint64(8 * byte)
    return word


@inlined
def put_word(data: Bytes, index: np.uint64, word: np.uint64) -> None:
    """Writes eight bytes; the compiler makes one store of it."""
    for byte in range(8):
        data[index + np.uint64(byte)] = np.uint8(word >> np.uint64(8 * byte))


@inlined
def zeros(word: np.uint64) -> np.uint64:
    """A number whose lowest bit tells the first byte that is zero; 0 if there is none."""
    return (word - _ONES) & ~word & _TOPS


@inlined
def controls(word: np.uint64) -> np.uint64:
    """The same for the first byte below a space."""
    return (word - _SPACES) & ~word & _TOPS


@inlined
def first(found: np.uint64) -> np.uint64:
    """Which of eight bytes the lowest bit tells, from 0."""
    below = (found & (~found + _ONE)) - _ONE
    return (((below >> _BITS) & _ONES) * _ONES) >> _TOP


@inlined
def find(data: Bytes, index: np.uint64, stop: np.uint64, letters: Signs) -> np.uint64:
    """The first place from which on one of four letters is; `stop` if there is none before it."""
    while index < stop:
        if index + WORD > np.uint64(len(data)):
            letter = _ONES * np.uint64(data[index])
            if letter == letters[0] or letter == letters[1]:
                return index
            if letter == letters[2] or letter == letters[3]:
                return index
            index += _ONE
            continue
        word = word_at(data, index, 8)
        found = zeros(word ^ letters[0]) | zeros(word ^ letters[1])
        found |= zeros(word ^ letters[2]) | zeros(word ^ letters[3])
        if found != np.uint64(0):
            index += first(found)
            break
        index += WORD
    return min(index, stop)


@inlined
def find_below(data: Bytes, index: np.uint64, stop: np.uint64, ceiling: np.uint64) -> np.uint64:
    """The first place from which on a byte below a ceiling is; `stop` if none is before it.

    The ceiling is such a byte eight times, at most 128.
    """
    while index < stop:
        if index + WORD > np.uint64(len(data)):
            if np.uint64(data[index]) < ceiling & _LOWEST:
                return index
            index += _ONE
            continue
        word = word_at(data, index, 8)
        found = (word - ceiling) & ~word & _TOPS
        if found != np.uint64(0):
            index += first(found)
            break
        index += WORD
    return min(index, stop)


@inlined
def copy(
    data: Bytes, span: tuple[np.uint64, np.uint64], target: Bytes, index: np.uint64
) -> np.uint64:
    """Copies data[span[0]:span[1]] to a place of the target, and gives the place behind it.

    The target has eight bytes more behind it; what is in them is lost.
    """
    source, stop = span
    end = index + (stop - source)
    while index < end and source + WORD <= np.uint64(len(data)):
        put_word(target, index, word_at(data, source, 8))
        source += WORD
        index += WORD
    while index < end:
        target[index] = data[source]
        source += _ONE
        index += _ONE
    return end


@inlined
def end_of_text(data: Bytes, index: np.uint64, stop: np.uint64) -> np.uint64:
    """The first place from which on a quote, a backslash or a control is; `stop` if none is before it."""
    while index < stop:
        if index + WORD > np.uint64(len(data)):
            if data[index] == _QUOTE or data[index] == _ESCAPE or data[index] < _SPACE:
                return index
            index += _ONE
            continue
        word = word_at(data, index, 8)
        found = zeros(word ^ _QUOTES) | zeros(word ^ _ESCAPES) | controls(word)
        if found != np.uint64(0):
            index += first(found)
            break
        index += WORD
    return min(index, stop)


@inlined
def same(data: Bytes, index: np.uint64, text: Bytes, span: tuple[np.uint64, np.uint64]) -> bool:
    """Whether what is in data from a place on is text[span[0]:span[1]]; both have room for it."""
    start, stop = span
    while start + WORD <= stop:
        if word_at(data, index, 8) != word_at(text, start, 8):
            return False
        start += WORD
        index += WORD
    while start < stop:
        if data[index] != text[start]:
            return False
        start += _ONE
        index += _ONE
    return True
