"""Sums of metrics by cell, and hashes of units' ids, in numpy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Hashes, Integers

    Told = tuple[Floats, Floats | None, Floats | None]


ROWS_AT_ONCE = sys.maxsize
"""All at once: the sums of some rows and of the next ones have not the bits of those of all."""


def add_sums(codes: Integers, told: Told, sums: Floats) -> None:
    """Sums S, N and X of rows, and their squares and products, by cell."""
    s, n, x = _counted(told)
    for column, values in enumerate((n > 0, s, s * s, n, n * n, s * n, x, x * x, x * s)):
        sums[:, column] = np.bincount(codes, values, len(sums))


def add_in_buckets(codes: Integers, buckets: Integers, told: Told, sums: Floats) -> None:
    """Sums S, N and, where there is room, X of rows by cell and bucket."""
    cells, width, count = sums.shape
    combined = codes * count + buckets
    for column, values in enumerate(_counted(told)[:width]):
        sums[:, column] = np.bincount(combined, values, cells * count).reshape(cells, count)


def count_scores(codes: Integers, scores: Floats, positive: Floats, counts: Integers) -> None:
    """Counts rows by cell, class and bin of their score."""
    cells, classes, bins = counts.shape
    kinds = np.nan_to_num(positive, nan=classes - 1).astype(np.int64)
    known = ~np.isnan(scores)
    if not known.all():
        codes, scores, kinds = codes[known], scores[known], kinds[known]
    of_bins = np.minimum((scores * bins).astype(np.int64), bins - 1)
    combined = (codes * classes + kinds) * bins + of_bins
    counts += np.bincount(combined, minlength=counts.size).reshape(cells, classes, bins)


def _counted(told: Told) -> tuple[Floats, Floats, Floats]:
    s, n, x = told
    known = np.isfinite(s) if n is None else np.isfinite(s) & np.isfinite(n)
    n = np.where(known, 1.0 if n is None else n, 0.0)
    x = np.zeros(len(s)) if x is None else np.where((n > 0) & np.isfinite(x), x, 0.0)
    return np.where(known, s, 0.0), n, x


def salted_hashes(salt: str, ids: pa.Array) -> Hashes:
    """The hash of the salt and each id as text; one that is null is the empty text."""
    encoded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    texts = pc.fill_null(encoded.dictionary.cast(pa.string()), "")
    salted = pc.binary_join_element_wise(
        pa.scalar(salt), pa.concat_arrays([texts, pa.array([""])]), ""
    )
    offsets, data = buffers(salted)
    hashes = hash_texts_in_order(offsets.astype(np.int64), data)
    indices = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    found: Hashes = hashes[indices]
    return found
