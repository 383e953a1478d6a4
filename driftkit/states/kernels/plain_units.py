"""Sums of metrics by cell, and hashes of units' ids, in numpy."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Hashes, Integers, Truths

    Told = tuple[Floats, Floats | None, Floats | None]


ROWS_AT_ONCE = sys.maxsize
"""All at once: the sums of some rows and of the next ones have not the bits of those of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells to which rows are added.

    Attributes:
        codes: the cell of each row.
        rows: of each cell.
        buckets: the bucket of each row; None where there are none.
        in_buckets: rows of each cell by bucket, shape (cells, buckets).
    """

    codes: Integers
    rows: Integers
    buckets: Integers | None = None
    in_buckets: Integers | None = None


def count_rows(codes: Integers, values: Integers | Truths, counts: Integers) -> None:
    """Counts rows by cell and value."""
    combined = codes * counts.shape[1] + values
    counts += np.bincount(combined, minlength=counts.size).reshape(counts.shape)


def add_sums(cells: Cells, told: Told, sums: Floats, in_buckets: Floats | None) -> None:
    """Sums S, N and X of rows, and their squares and products, by cell; S, N and X by bucket too."""
    s, n, x = known = _counted(told)
    for column, values in enumerate((n > 0, s, s * s, n, n * n, s * n, x, x * x, x * s)):
        sums[:, column] = np.bincount(cells.codes, values, len(sums))
    if in_buckets is not None:
        size, width, count = in_buckets.shape
        combined = cells.codes * count + cells.buckets
        for column, values in enumerate(known[:width]):
            of_all = np.bincount(combined, values, size * count)
            in_buckets[:, column] = of_all.reshape(size, count)


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
