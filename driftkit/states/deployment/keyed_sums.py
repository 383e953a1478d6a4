"""Sums by keys of integers, sparse: of each key that occurs some numbers, which add up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from driftkit.native.arrays import Integers, Values

_NO_KEYS = np.zeros((0, 0), np.int64)
# Keys of several integers are packed into one of so many bits where they fit.
_BITS = 62
# So few different values are looked up sooner than all of them are sorted.
_FEW = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyedSums:
    """Sums by key.

    Attributes:
        keys: shape (keys, integers of a key), each once, ascending.
        values: shape (keys, numbers of a key), all integers or all doubles.
    """

    keys: Integers = field(default_factory=lambda: _NO_KEYS)
    values: Values = field(default_factory=lambda: _NO_KEYS)

    @classmethod
    def of(cls, keys: Integers, values: Values) -> KeyedSums:
        """The sums of rows.

        Numbers of a key are added up one after the other, as their rows stand, so that sums of
        parts in this order have the same bits.

        Args:
            keys: of each row, shape (rows, integers of a key).
            values: of each row, shape (rows, numbers of a key).
        """
        if not len(keys):
            return cls()
        different, indices = _different(keys)
        return cls(keys=different, values=_sums(values, indices, len(different)))

    @classmethod
    def together(cls, parts: Iterable[KeyedSums]) -> KeyedSums:
        """The sums of many parts, as if they were added from left to right."""
        filled = [part for part in parts if len(part.keys)]
        if len(filled) < 2:
            return filled[0] if filled else cls()
        keys = np.concatenate([part.keys for part in filled])
        return cls.of(keys, np.concatenate([part.values for part in filled]))

    def __add__(self, other: KeyedSums) -> KeyedSums:
        return self.together((self, other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyedSums):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    def where(self, column: int, value: int) -> KeyedSums:
        """Those whose key has a value at one of its indices, without that one."""
        if not len(self.keys):
            return self
        chosen = self.keys[:, column] == value
        keys = np.delete(self.keys[chosen], column, axis=1)
        return KeyedSums(keys=keys, values=self.values[chosen])


def _different(keys: Integers) -> tuple[Integers, npt.NDArray[np.intp]]:
    """The different keys, ascending, and for each row which of them it has."""
    low = keys.min(axis=0)
    high = keys.max(axis=0).tolist()
    sizes = [most - least + 1 for most, least in zip(high, low.tolist(), strict=True)]
    if sum(size.bit_length() for size in sizes) > _BITS:
        found, indices = np.unique(keys, axis=0, return_inverse=True)
        return found, indices.reshape(-1)
    packed = np.zeros(len(keys), np.int64)
    for column, size in enumerate(sizes):
        packed = packed * size + (keys[:, column] - low[column])
    codes, indices = ranked(packed)
    different = np.empty((len(codes), keys.shape[1]), np.int64)
    for column in reversed(range(len(sizes))):
        codes, different[:, column] = np.divmod(codes, sizes[column])
    return different + low, indices


def ranked(values: Integers) -> tuple[Integers, npt.NDArray[np.intp]]:
    """The different values, ascending, and for each value its index among them."""
    firsts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1))
    if len(firsts) < len(values) // 2:
        codes, indices = ranked(values[firsts])
        return codes, np.repeat(indices, np.diff(firsts, append=len(values)))
    different = np.unique(values)
    if len(different) <= _FEW:
        return different, np.searchsorted(different, values)
    found, indices = np.unique(values, return_inverse=True)
    return found, indices


def _sums(values: Values, indices: npt.NDArray[np.intp], count: int) -> Values:
    # Integers pass through doubles, which are exact for as many rows as there will ever be.
    columns = [np.bincount(indices, each, count) for each in values.T]
    return np.column_stack(columns).astype(values.dtype)
