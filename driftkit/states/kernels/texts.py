"""Infers types and parses numbers of many strings at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import BOOLEAN, FRACTIONAL, INTEGRAL
from driftkit.native.arrays import values_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Floats, Integers

STRING_KIND, INTEGRAL_KIND, FRACTIONAL_KIND, BOOLEAN_KIND = range(4)
_PATTERNS = ((INTEGRAL_KIND, INTEGRAL), (FRACTIONAL_KIND, FRACTIONAL), (BOOLEAN_KIND, BOOLEAN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Types and numbers of some texts.

    Attributes:
        kinds: the type each looks like, as one of the four constants above.
        numbers: what Spark's cast makes of it: of integers a long and then a double, of others
            a double. NaN where it makes null, as of "+ 3", which looks like an integer all the
            same. Integers of more than 64 bits, null in Spark, are numbers here.
    """

    kinds: Bytes
    numbers: Floats

    @property
    def numeric(self) -> npt.NDArray[np.bool_]:
        """Which texts have a number."""
        return ~np.isnan(self.numbers)

    def only(self, used: npt.NDArray[np.intp]) -> Parsed:
        """Those of some of the texts."""
        return Parsed(kinds=self.kinds[used], numbers=self.numbers[used])


def buffers(texts: pa.Array) -> tuple[Integers, Bytes]:
    """Offsets and bytes of an array of strings without nulls; text i lies between two offsets."""
    width = np.dtype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    indices = np.frombuffer(offsets, width, len(texts) + 1, texts.offset * width.itemsize)
    return indices, np.frombuffer(data or b"", np.uint8)


def kinds(texts: pa.Array) -> Bytes:
    """The type that each text looks like, by the patterns themselves."""
    found = np.zeros(len(texts), np.uint8)
    for kind, pattern in _PATTERNS:
        matches = pc.indices_nonzero(pc.match_substring_regex(texts, pattern))
        found[values_of(matches)] = kind
    return found


def numbers(texts: pa.Array, *, integral: bool) -> Floats:
    """The numbers of texts that all look like integers, or all like fractions."""
    try:
        found = values_of(pc.cast(texts, pa.float64()))
    except pa.ArrowInvalid:
        found = np.array([number(text) for text in texts.to_pylist()], np.float64)
    # Integers pass through a long, which has no -0.
    return np.asarray(found + 0.0 if integral else found, np.float64)


def number(text: str) -> float:
    """The number of a text that looks like one; NaN for what Spark's cast refuses.

    >>> number("-1.5e3"), number(" 7"), number("+ 3")
    (-1500.0, 7.0, nan)
    """
    return nan if text[1:2] == " " else float(text)
