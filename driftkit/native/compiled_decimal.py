"""Decimal numbers rounded to the nearest double, compiled.

The algorithm is Lemire's (Number parsing at a gigabyte per second, Software: Practice and
Experience 51, 2021): the number is multiplied by the first 128 bits of a power of five, and only
where these do not tell to which side it is rounded it is left to a careful reader.
"""

from __future__ import annotations

import numpy as np

from driftkit.native.jit import inlined

# Outside of these powers of ten every number is rounded to zero, or to infinity, or has fewer bits.
LOWEST, HIGHEST = -307, 288
_MOST = (1 << 64) - 1


def _powers_of_five() -> tuple[np.ndarray, np.ndarray]:
    """The first 128 bits of each power; those of negative ones are rounded up."""
    bits = []
    for power in range(LOWEST, HIGHEST + 1):
        size = 5 ** abs(power)
        length = size.bit_length()
        if power >= 0:
            bits.append(size << (128 - length) if length <= 128 else size >> (length - 128))
        else:
            whole = (1 << (length + 127)) // size + 1
            bits.append(whole >> (whole.bit_length() - 128))
    high = np.array([each >> 64 for each in bits], np.uint64)
    return high, np.array([each & _MOST for each in bits], np.uint64)


_HIGH, _LOW = _powers_of_five()
_TWOS = 2.0 ** np.arange(-1022, 1024)
_SMALLEST_TWO = 1022

_ZERO, _ONE, _THREE, _NINE = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(9)
_HALF, _ALL, _LOWER = np.uint64(32), np.uint64(_MOST), np.uint64(0xFFFFFFFF)
_TOP, _UPPER_BYTE, _BYTE = np.uint64(1 << 63), np.uint64(1 << 56), np.uint64(8)
_UNTOLD, _SIXTY_THREE = np.uint64(0x1FF), np.uint64(63)
# Of these powers the 128 bits are exact enough whatever was cut off.
_LEAST_EXACT, _MOST_EXACT = -27, 55
# The logarithm of ten to base two, times 2**16.
_LOG = 217_706


@inlined
def nearest(mantissa: np.uint64, power: int) -> np.float64:
    """The double nearest to mantissa * 10**power, ties to even; NaN where that takes more care."""
    if mantissa == _ZERO:
        return np.float64(0.0)
    if power < LOWEST or power > HIGHEST:
        return np.float64(np.nan)
    mantissa, shift = _shifted(mantissa)
    low, high = _product(mantissa, _HIGH[power - LOWEST])
    if high & _UNTOLD == _UNTOLD:
        _, more = _product(mantissa, _LOW[power - LOWEST])
        low += more
        high += np.uint64(low < more)
    if low == _ALL and (power < _LEAST_EXACT or power > _MOST_EXACT):
        return np.float64(np.nan)
    found, upper = _rounded(low, high, power)
    two = ((_LOG * power) >> 16) + int(np.int64(upper)) - shift + 11 + _SMALLEST_TWO
    if two < 0 or two >= len(_TWOS):
        return np.float64(np.nan)
    return np.float64(np.float64(found) * _TWOS[two])


@inlined
def _shifted(mantissa: np.uint64) -> tuple[np.uint64, int]:
    """The number with its first bit set, and by how many bits it was shifted."""
    shift = 0
    while mantissa < _UPPER_BYTE:
        mantissa <<= _BYTE
        shift += 8
    while mantissa < _TOP:
        mantissa <<= _ONE
        shift += 1
    return mantissa, shift


@inlined
def _rounded(low: np.uint64, high: np.uint64, power: int) -> tuple[np.uint64, np.uint64]:
    """The 53 bits to which a product is rounded, and its first bit."""
    upper = high >> _SIXTY_THREE
    cut = upper + _NINE
    found = high >> cut
    # Half way between two doubles, if nothing was cut off; only small powers of five come so near.
    halves = low <= _ONE and -4 <= power <= 23 and found & _THREE == _ONE
    if halves and found << cut == high:
        found &= ~_ONE
    return (found + (found & _ONE)) >> _ONE, upper


@inlined
def _product(first: np.uint64, second: np.uint64) -> tuple[np.uint64, np.uint64]:
    """The lower and the upper 64 bits of a product."""
    a, b = first >> _HALF, first & _LOWER
    c, d = second >> _HALF, second & _LOWER
    middle = a * d + ((b * d) >> _HALF)
    other = b * c + (middle & _LOWER)
    return first * second, a * c + (middle >> _HALF) + (other >> _HALF)
