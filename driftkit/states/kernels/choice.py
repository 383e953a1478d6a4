"""Chooses between plain and compiled kernels."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, cast

from driftkit.states.kernels import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa
    from numpy import int32, uint16

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers, Truths, Values
    from driftkit.states.kernels.plain_units import Cells, Told
    from driftkit.states.kernels.texts import Parsed
    from driftkit.states.profile.kll import KllSketch, SketchStack
    from driftkit.states.profile.moments import Moments

_COMPILED = "driftkit.states.kernels.compiled"
# Loading numba takes about as long as the plain kernels take for so many values.
_WORTH_COMPILING = 2_000_000
# The same of sketches' values that are added up on two threads: those of five weeks of hours.
_WORTH_MERGING = 90_000_000
_THREADS = 2


class Kernels(Protocol):
    """The loops over values; `registers` are changed in place."""

    ROWS_AT_ONCE: int
    """Of which values are best made for `add_sums` at a time; more than that is all of them."""

    def dense(self, array: pa.Array) -> Values:
        """The values of an array of numbers, those that are null left out."""

    def known_strings(self, texts: pa.Array) -> pa.Array:
        """The strings of an array that are not null."""

    def encoded(self, texts: pa.Array) -> pa.DictionaryArray:
        """The texts as a dictionary, in the order in which they come first; there are no nulls."""

    def in_groups(
        self, array: pa.Array, codes: npt.NDArray[uint16], sizes: Integers
    ) -> list[Values]:
        """The values of an array of numbers by group, in their order; no nulls.

        Args:
            array: of numbers.
            codes: the number of each row's group.
            sizes: how many rows each group has.
        """

    def sequential(self, values: Floats, before: Moments) -> Moments:
        """Sum and Welford's update, value by value."""

    def touch_doubles(self, values: Floats, registers: Bytes) -> None:
        """Raises registers by doubles."""

    def touch_longs(self, values: Integers, registers: Bytes) -> None:
        """Raises registers by integers of 8 bytes."""

    def touch_ints(self, values: npt.NDArray[int32], registers: Bytes) -> None:
        """Raises registers by integers of 4 bytes."""

    def touch_texts(self, texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> None:
        """Raises registers by texts and fills their hashes; the array has no nulls."""

    def read_texts(self, texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> Parsed:
        """Types and numbers of texts, raising registers and filling hashes; the array has no nulls."""

    def count_buckets(
        self, hashes: Hashes, least: float, rows: Integers | None = None
    ) -> tuple[Integers, Integers, Integers]:
        """What `count_buckets` of `driftkit.native.hashing` does.

        How many more rows a hash has than all others may come out too large, as where rows of
        different hashes cancel each other out.
        """

    def extended(self, sketch: KllSketch, values: Values) -> KllSketch:
        """The sketch after more values, in their order."""

    def count_rows(self, codes: Integers, values: Integers | Truths, counts: Integers) -> None:
        """Counts rows by cell and value, to be added to `counts`, shape (cells, values)."""

    def add_sums(self, cells: Cells, told: Told, sums: Floats, in_buckets: Floats | None) -> None:
        """Sums rows by cell, one after the other.

        Args:
            cells: of the rows.
            told: S, N and X of each row. A row of which S or N is not finite is left out. N may be
                None for 1, and X for 0, which it also is where it is not finite or N is not above 0.
            sums: to which are added the rows whose N is above 0 and S, S^2, N, N^2, S N, X, X^2,
                X S; shape (cells, 9). Zeros, but after `ROWS_AT_ONCE` rows.
            in_buckets: the same of S, N and X by bucket; shape (cells, 3, buckets), or (cells, 2,
                buckets) without X. None where that is not asked for.
        """

    def count_scores(
        self, codes: Integers, scores: Floats, positive: Floats, counts: Integers
    ) -> None:
        """Counts rows by cell, class and bin of their score.

        Args:
            codes: the cell of each row.
            scores: from 0 to 1; rows whose is NaN are left out.
            positive: the class of each row, 0 or 1; the last one where it is NaN.
            counts: to which rows are added; shape (cells, classes, bins).
        """

    def salted_hashes(self, salt: str, ids: pa.Array) -> Hashes:
        """XXH64 of the salt and each id as text; one that is null is the empty text."""

    def merged(self, stacks: Sequence[SketchStack]) -> list[KllSketch]:
        """The sum of each stack's sketches from left to right."""


def kernels(values: int) -> Kernels:
    """The compiled kernels where numba is there and pays for so many values, else the plain."""
    if values >= _WORTH_COMPILING or _COMPILED in sys.modules:
        return compiled() or plain_kernels()
    return plain_kernels()


def merging_kernels(values: int) -> tuple[Kernels, int]:
    """The kernels to add up sketches with so many values, and on how many threads.

    Only one for the plain kernels: several would wait for Python's lock between many short sorts,
    for longer than they work.
    """
    if values >= _WORTH_MERGING or _COMPILED in sys.modules:
        found = compiled()
        return (found, _THREADS) if found else (plain_kernels(), 1)
    return plain_kernels(), 1


def plain_kernels() -> Kernels:
    """The kernels in numpy and Python."""
    return cast("Kernels", plain)


def compiled() -> Kernels | None:
    """The compiled kernels; None without numba."""
    return cast("Kernels", import_module(_COMPILED)) if find_spec("numba") else None
