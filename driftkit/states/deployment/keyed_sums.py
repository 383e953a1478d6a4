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
_SAMPLED = 4_000
# A table of so many places is filled sooner still.
_TABLE = 1 << 17


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
    def counted(cls, keys: Integers) -> KeyedSums:
        """How many rows have each key."""
        if not len(keys):
            return cls()
        packing = _Packing.of(keys)
        if packing is None:
            return cls.of(keys, np.ones((len(keys), 1), np.int64))
        packed = packing.packed(keys)
        packed.sort()
        firsts = np.flatnonzero(np.diff(packed, prepend=packed[:1] - 1))
        counts = np.diff(firsts, append=len(packed))
        return cls(keys=packing.unpacked(packed[firsts]), values=counts[:, np.newaxis])

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packing:
    """Several integers as one, in whose order keys ascend too.

    Attributes:
        low: the least of each integer of a key.
        sizes: how many there are from the least to the greatest.
    """

    low: list[int]
    sizes: list[int]

    @classmethod
    def of(cls, keys: Integers) -> _Packing | None:
        """How some keys are packed; None where they do not fit into 64 bits."""
        low = [int(column.min()) for column in keys.T]
        high = [int(column.max()) for column in keys.T]
        sizes = [most - least + 1 for most, least in zip(high, low, strict=True)]
        fits = sum(size.bit_length() for size in sizes) <= _BITS
        return cls(low=low, sizes=sizes) if fits else None

    def packed(self, keys: Integers) -> Integers:
        packed = keys[:, 0] - self.low[0]
        for column, (low, size) in enumerate(zip(self.low, self.sizes, strict=True)):
            if column:
                packed *= size
                packed += keys[:, column] - low
        return packed

    def unpacked(self, codes: Integers) -> Integers:
        keys = np.empty((len(codes), len(self.sizes)), np.int64)
        for column in reversed(range(len(self.sizes))):
            codes, keys[:, column] = np.divmod(codes, self.sizes[column])
        return keys + self.low


def _different(keys: Integers) -> tuple[Integers, npt.NDArray[np.intp]]:
    """The different keys, ascending, and for each row which of them it has."""
    packing = _Packing.of(keys)
    if packing is None:
        found, indices = np.unique(keys, axis=0, return_inverse=True)
        return found, indices.reshape(-1)
    codes, indices = ranked(packing.packed(keys))
    return packing.unpacked(codes), indices


def ranked(values: Integers) -> tuple[Integers, npt.NDArray[np.intp]]:
    """The different values, ascending, and for each value its index among them."""
    firsts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1))
    if len(firsts) < len(values) // 2:
        codes, indices = ranked(values[firsts])
        return codes, np.repeat(indices, np.diff(firsts, append=len(values)))
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low < max(len(values), _TABLE):
        return _looked_up(values - low, low)
    if len(np.unique(values[:: len(values) // _SAMPLED + 1])) <= _FEW:
        different = np.unique(values)
        return different, np.searchsorted(different, values)
    found, indices = np.unique(values, return_inverse=True)
    return found, indices


def _looked_up(above: Integers, low: int) -> tuple[Integers, npt.NDArray[np.intp]]:
    """The same of values that are so far above the lowest."""
    there = np.bincount(above) > 0
    ranks = np.cumsum(there) - 1
    return np.flatnonzero(there) + low, ranks[above]


def _sums(values: Values, indices: npt.NDArray[np.intp], count: int) -> Values:
    # Integers pass through doubles, which are exact for as many rows as there will ever be.
    columns = [np.bincount(indices, each, count) for each in values.T]
    return np.column_stack(columns).astype(values.dtype)
