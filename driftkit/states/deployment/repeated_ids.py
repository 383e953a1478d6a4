"""Leaves out rows whose id an arm has many times: it pairs nothing, however often it occurs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import take_indices, valid_of, values_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from driftkit.native.arrays import Integers

# Rows of one id and arm that stay: more than one says that it is ambiguous.
KEPT = 2
# An id is looked for where one in so many rows has the same bits of its hash.
_SHARE = 32
_LEAST = 64


def repeated(
    keys: pa.Array, bits: npt.NDArray[np.uint16], arms: Integers, blocks: Integers
) -> Integers:
    """The rows that can be left out, for their arm has two others with their id; the latest stay.

    Only ids of a good part of the rows are looked for: a constant in place of an id would bring all
    rows together in one task.

    Args:
        keys: ids of rows; null where a row is paired by something else.
        bits: some bits of the hash of each id.
        arms: of the rows, 2 more for ids of another kind.
        blocks: of the rows.
    """
    counts = np.bincount(bits)
    limit = max(len(bits) // _SHARE, _LEAST)
    if counts.max() <= limit:
        return np.zeros(0, np.int64)
    rows = np.flatnonzero((counts > limit)[bits] & valid_of(keys))
    codes = values_of(keys.take(take_indices(rows)).dictionary_encode().indices)
    arms, blocks = arms[rows], blocks[rows]
    order = np.lexsort((-blocks, arms, codes))
    begins = np.flatnonzero(np.diff(codes[order] * 4 + arms[order], prepend=-1))
    ranks = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    return rows[order[ranks >= KEPT]]
