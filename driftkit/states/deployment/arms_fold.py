"""Folds the rows of arms into their sums."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.arrays import values_of, whole
from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.deployment.arms import (
    MISSING,
    SCORE_BINS,
    SCORE_CLASSES,
    SUMS,
    UNKNOWN,
    ArmLayout,
    ArmSums,
    most_frequent,
)
from driftkit.states.deployment.blocks import blocks_of
from driftkit.states.deployment.forced import routed
from driftkit.states.deployment.judging import COLUMN, LABEL, JudgedRows, Judging
from driftkit.states.deployment.metrics import MetricSource, matrices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Floats, Integers

ARM, TIME, UNIT = "arm", "time", "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFold:
    """Sums the rows of chunks up; pickled and sent to the workers.

    Attributes:
        names: of the chunks' columns.
        layout: what is summed up.
        sources: what each metric is computed from.
        judging: how labels and predictions are read.
        covariates: for each metric the column that reduces its variance; None for none.
        changes: seconds since 1970 in which weights changed, sorted.
        salt: hashed before the id of a unit.
        segment_by: the columns whose values are segments.
    """

    names: tuple[str, ...]
    layout: ArmLayout
    sources: tuple[MetricSource, ...]
    judging: Judging = field(default_factory=Judging)
    covariates: tuple[str | None, ...] = ()
    changes: tuple[int, ...] = ()
    salt: str = ""
    segment_by: tuple[str, ...] = ()

    def __call__(self, chunks: Iterable[Chunk]) -> ArmSums:
        """The sums of some chunks; of none, the identity of `+`."""
        total = ArmSums.empty(self.layout)
        for chunk in (routed(each, self.names) for each in chunks):
            found = self._sums(chunk) if chunk.num_rows else ArmSums.empty(self.layout)
            total += replace(found, rejected=chunk.rejected)
        return total

    def _sums(self, chunk: Chunk) -> ArmSums:
        rows = JudgedRows(chunk, self.names, self.judging)
        s, n = matrices(self.sources, rows)
        values = _Values(
            layout=self.layout,
            s=s,
            n=n,
            x=self._covariates(rows, n),
            labelled=self._labelled(rows),
        )
        keys, codes = _keys(self._blocks(rows), self._arms(rows), len(self.layout.arms))
        return replace(
            values.summed(keys, codes),
            buckets=self._by_bucket(rows, values, codes, len(keys)),
            scores=self._by_score(rows, codes, len(keys)),
            segments={
                column: _by_segment(_named(rows.values(f"{COLUMN}{column}")), values, keys, codes)
                for column in self.segment_by
            },
        )

    def _blocks(self, rows: JudgedRows) -> Integers:
        if not rows.has(TIME):
            return np.full(rows.rows, UNKNOWN)
        return blocks_of(rows.values(TIME), self.changes)

    def _arms(self, rows: JudgedRows) -> Integers:
        arms = pa.array(self.layout.arms, pa.string())
        column = whole(rows.values(ARM))
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        known = pc.index_in(column.dictionary.cast(pa.string()), value_set=arms)
        arm: Integers = values_of(known.take(column.indices)).astype(np.int64)
        return arm

    def _labelled(self, rows: JudgedRows) -> Floats:
        if not rows.has(LABEL):
            return np.zeros(rows.rows)
        column = rows.values(LABEL)
        return np.asarray(whole(column).is_valid(), np.float64)

    def _covariates(self, rows: JudgedRows, n: Floats) -> Floats:
        found = np.zeros_like(n)
        for index, name in enumerate(self.covariates):
            if name is not None:
                known = np.nan_to_num(rows.column(name), nan=0.0)
                found[index] = np.where(n[index] > 0, known, 0.0)
        return found

    def _by_bucket(self, rows: JudgedRows, values: _Values, codes: Integers, size: int) -> Floats:
        count = self.layout.buckets
        width = self.layout.in_buckets
        shape = (size, count, len(self.layout.metrics), width)
        if not count:
            return np.empty(shape)
        combined = codes * count + buckets_of(rows.values(UNIT), self.salt, count)
        columns = [
            np.bincount(combined, each, size * count)
            for metric in zip(values.s, values.n, values.x, strict=True)
            for each in metric[:width]
        ]
        found: Floats = np.stack(columns, axis=1).astype(np.float64).reshape(shape)
        return found

    def _by_score(self, rows: JudgedRows, codes: Integers, size: int) -> Integers:
        if not self.layout.scores:
            return np.empty((size, 2, 0), np.int64)
        scores, positive = rows.probability, rows.label_is_positive
        classes = np.where(np.isnan(positive), SCORE_CLASSES - 1, positive).astype(np.int64)
        known = ~np.isnan(scores)
        bins = np.minimum((scores[known] * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
        combined = (codes[known] * SCORE_CLASSES + classes[known]) * SCORE_BINS + bins
        counts = np.bincount(combined, minlength=size * SCORE_CLASSES * SCORE_BINS)
        return counts.reshape(size, SCORE_CLASSES, SCORE_BINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """What each row adds; S, N and X have the shape (metrics, rows)."""

    layout: ArmLayout
    s: Floats
    n: Floats
    x: Floats
    labelled: Floats

    def summed(self, keys: Integers, codes: Integers) -> ArmSums:
        """The sums by key; codes are the rows' keys by index."""
        size = len(keys)
        sums = np.zeros((size, len(self.s), len(SUMS)))
        for index, (s, n, x) in enumerate(zip(self.s, self.n, self.x, strict=True)):
            added = (n > 0, s, s * s, n, n * n, s * n, x, x * x, x * s)
            for column, values in enumerate(added):
                sums[:, index, column] = np.bincount(codes, values, size)
        return replace(
            ArmSums.empty(self.layout),
            keys=keys,
            requests=np.bincount(codes, minlength=size),
            labelled=np.bincount(codes, self.labelled, size).astype(np.int64),
            sums=sums,
            buckets=np.empty((size, 0, len(self.s), self.layout.in_buckets)),
            scores=np.empty((size, 2, 0), np.int64),
        )


def _by_segment(
    segments: tuple[Integers, list[str]], values: _Values, keys: Integers, codes: Integers
) -> Mapping[str | None, ArmSums]:
    """The sums by segment: its index for each row, and names."""
    index, names = segments
    layout = replace(values.layout, buckets=0, scores=False)
    combined, of_row = np.unique(index * len(keys) + codes, return_inverse=True)
    of_segment, of_key = np.divmod(combined, len(keys))
    together = replace(values.summed(keys[of_key], of_row.reshape(-1)), layout=layout)
    found = np.unique(of_segment).tolist()
    return most_frequent({names[code]: together.chosen(of_segment == code) for code in found}, [])


def _keys(blocks: Integers, arms: Integers, width: int) -> tuple[Integers, Integers]:
    """The different pairs of block and arm, sorted, and for each row which of them it has."""
    encoded = pa.array(blocks).dictionary_encode()
    found = values_of(encoded.dictionary)
    order = np.argsort(found)
    rank = np.empty(len(found), np.int64)
    rank[order] = np.arange(len(found))
    combined = rank[values_of(encoded.indices)] * width + arms
    present = np.flatnonzero(np.bincount(combined, minlength=len(found) * width))
    index = np.empty(len(found) * width, np.int64)
    index[present] = np.arange(len(present))
    of_block, of_arm = np.divmod(present, width)
    return np.column_stack([found[order][of_block], of_arm]), index[combined]


def _named(values: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """The segment of each row by index, and the segments' names."""
    column = whole(values)
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    listed = [MISSING if name is None else str(name) for name in column.dictionary.to_pylist()]
    # A dictionary may have a text twice, and null besides its nulls.
    names = [*dict.fromkeys([*listed, MISSING])]
    index = np.array([names.index(name) for name in [*listed, MISSING]], np.int64)
    codes: Integers = index[column.indices.fill_null(len(listed)).to_numpy(zero_copy_only=False)]
    return codes, names


def buckets_of(units: pa.ChunkedArray, salt: str, count: int) -> Integers:
    """The bucket of each row: XXH64 of the salt and the unit's id as text, modulo so many.

    Rows without an id are one unit, that of the empty text.
    """
    column = whole(units)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts = column.dictionary.cast(pa.string())
    ids = pa.concat_arrays([pc.fill_null(texts, ""), pa.array([""])])
    salted = pc.binary_join_element_wise(pa.scalar(salt), ids, "")
    _, offsets, data = salted.buffers()
    ends = np.frombuffer(offsets, np.int32, len(salted) + 1).astype(np.int64)
    hashes = hash_texts_in_order(ends, np.frombuffer(data or b"", np.uint8))
    buckets = (hashes % np.uint64(count)).astype(np.int64)
    indices = column.indices.fill_null(len(ids) - 1).to_numpy(zero_copy_only=False)
    found: Integers = buckets[indices]
    return found
