"""Folds the rows of arms into their sums."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.formats.deployment.plan_inputs import MISSING
from driftkit.native.arrays import values_of, whole
from driftkit.states.deployment.arms import (
    SCORE_BINS,
    SCORE_CLASSES,
    SUMS,
    ArmLayout,
    ArmSums,
    most_frequent,
)
from driftkit.states.deployment.blocks import blocks_of_seconds
from driftkit.states.deployment.forced import routed
from driftkit.states.deployment.input_cells import in_cells, texts_of
from driftkit.states.deployment.judging import COLUMN, LABEL, JudgedRows, Judging
from driftkit.states.deployment.keyed_sums import ranked
from driftkit.states.deployment.metrics import MetricSource, as_told
from driftkit.states.kernels.choice import kernels, plain_kernels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.formats.deployment.plan_inputs import PlannedInput
    from driftkit.native.arrays import Floats, Integers, Truths
    from driftkit.states.kernels.choice import Kernels

ARM, UNIT = "arm", "unit"


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
        inputs: the columns whose cells are counted.
    """

    names: tuple[str, ...]
    layout: ArmLayout
    sources: tuple[MetricSource, ...]
    judging: Judging = field(default_factory=Judging)
    covariates: tuple[str | None, ...] = ()
    changes: tuple[int, ...] = ()
    salt: str = ""
    segment_by: tuple[str, ...] = ()
    inputs: tuple[PlannedInput, ...] = ()

    def __call__(self, chunks: Iterable[Chunk]) -> ArmSums:
        """The sums of some chunks; of none, the identity of `+`."""
        return self.summed(map(self.judged, chunks))

    def judged(self, chunk: Chunk) -> JudgedRows:
        """The rows of a chunk."""
        return JudgedRows(chunk, self.names, self.judging)

    def summed(self, judged: Iterable[JudgedRows]) -> ArmSums:
        """The sums of the rows of some chunks."""
        total, count = ArmSums.empty(self.layout), 0
        for rows in map(routed, judged):
            count += rows.rows
            found = ArmSums.empty(self.layout)
            if rows.rows:
                found = self._sums(rows, kernels(count * len(self.sources)))
            total += replace(found, rejected=rows.rejected)
        return total

    def blocks(self, rows: JudgedRows) -> Integers:
        """The block of each row; `UNKNOWN` where its time is not known."""
        return blocks_of_seconds(rows.seconds, self.changes)

    def _sums(self, rows: JudgedRows, loops: Kernels) -> ArmSums:
        labelled = self._labelled(rows)
        arms = arms_of(rows.values(ARM), self.layout.arms)
        keys, codes = _keys(self.blocks(rows), arms, len(self.layout.arms))
        every = _Keyed.empty(self.layout, keys, codes)
        by_segment = {
            column: _Segmented.of(_named(rows.values(f"{COLUMN}{column}")), every)
            for column in self.segment_by
        }
        buckets = self._empty_buckets(len(keys))
        bucket = self._bucket(rows, loops)
        for index, source in enumerate(self.sources):
            told = (*as_told(source, rows), self._covariate(rows, index))
            for keyed in (every, *(each.keyed for each in by_segment.values())):
                loops.add_sums(keyed.codes, told, keyed.sums[:, index])
            if bucket is not None:
                loops.add_in_buckets(codes, bucket, told, buckets[:, index])
        return replace(
            every.summed(labelled),
            layout=self.layout,
            buckets=buckets,
            scores=self._by_score(rows, codes, len(keys)),
            inputs=in_cells(self.inputs, rows, codes, len(keys)),
            segments={column: each.summed(labelled) for column, each in by_segment.items()},
        )

    def _labelled(self, rows: JudgedRows) -> Truths:
        """Whether each row has a label."""
        if not rows.has(LABEL):
            return np.zeros(rows.rows, np.bool_)
        return np.asarray(whole(rows.values(LABEL)).is_valid())

    def _covariate(self, rows: JudgedRows, index: int) -> Floats | None:
        name = self.covariates[index] if self.covariates else None
        return None if name is None else rows.column(name)

    def _empty_buckets(self, keys: int) -> Floats:
        layout = self.layout
        return np.zeros((keys, len(layout.metrics), layout.in_buckets, layout.buckets))

    def _bucket(self, rows: JudgedRows, loops: Kernels) -> Integers | None:
        count = self.layout.buckets
        return buckets_of(rows.values(UNIT), self.salt, count, loops) if count else None

    def _by_score(self, rows: JudgedRows, codes: Integers, size: int) -> Integers:
        if not self.layout.scores:
            return np.empty((size, 2, 0), np.int64)
        scores, positive = rows.probability, rows.label_is_positive
        classes = np.nan_to_num(positive, nan=SCORE_CLASSES - 1).astype(np.int64)
        known = ~np.isnan(scores)
        if not known.all():
            scores, classes, codes = scores[known], classes[known], codes[known]
        bins = np.minimum((scores * SCORE_BINS).astype(np.int64), SCORE_BINS - 1)
        combined = (codes * SCORE_CLASSES + classes) * SCORE_BINS + bins
        counts = np.bincount(combined, minlength=size * SCORE_CLASSES * SCORE_BINS)
        return counts.reshape(size, SCORE_CLASSES, SCORE_BINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keyed:
    """Keys, which of them each row has, and the sums that its values are added to."""

    layout: ArmLayout
    keys: Integers
    codes: Integers
    sums: Floats

    @classmethod
    def empty(cls, layout: ArmLayout, keys: Integers, codes: Integers) -> _Keyed:
        """Before any metric is added."""
        return cls(
            layout=layout.of_parts,
            keys=keys,
            codes=codes,
            sums=np.zeros((len(keys), len(layout.metrics), len(SUMS))),
        )

    def summed(self, labelled: Truths) -> ArmSums:
        """The sums without buckets and scores."""
        size = len(self.keys)
        return ArmSums(
            layout=self.layout,
            keys=self.keys,
            requests=np.bincount(self.codes, minlength=size),
            labelled=np.bincount(self.codes, labelled, size).astype(np.int64),
            sums=self.sums,
            buckets=np.empty((size, *self.sums.shape[1:2], self.layout.in_buckets, 0)),
            scores=np.empty((size, 2, 0), np.int64),
            inputs=np.empty((size, 0), np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segmented:
    """The keys of segments, one behind the other.

    Attributes:
        keyed: of all segments.
        of_key: the segment of each key.
        names: of segments.
    """

    keyed: _Keyed
    of_key: Integers
    names: list[str]

    @classmethod
    def of(cls, segments: tuple[Integers, list[str]], every: _Keyed) -> _Segmented:
        """Of the index of each row's segment, and names."""
        index, names = segments
        width = len(every.keys)
        combined, of_row = np.unique(index * width + every.codes, return_inverse=True)
        of_segment, of_key = np.divmod(combined, width)
        keyed = _Keyed.empty(every.layout, every.keys[of_key], of_row.reshape(-1))
        return cls(keyed=keyed, of_key=of_segment, names=names)

    def summed(self, labelled: Truths) -> Mapping[str | None, ArmSums]:
        """The sums by segment."""
        together = self.keyed.summed(labelled)
        found = np.unique(self.of_key).tolist()
        parts = {self.names[code]: together.chosen(self.of_key == code) for code in found}
        return most_frequent(parts, [])


def _keys(blocks: Integers, arms: Integers, width: int) -> tuple[Integers, Integers]:
    """The different pairs of block and arm, sorted, and for each row which of them it has."""
    # Rows come in the order of time, about, so that blocks are runs of them.
    starts = np.concatenate([[0], np.flatnonzero(blocks[1:] != blocks[:-1]) + 1])
    found, of_run = ranked(blocks[starts])
    lengths = np.diff(starts, append=len(blocks))
    combined = np.repeat(of_run * width, lengths) + arms
    present = np.flatnonzero(np.bincount(combined, minlength=len(found) * width))
    index = np.empty(len(found) * width, np.int64)
    index[present] = np.arange(len(present))
    of_block, of_arm = np.divmod(present, width)
    return np.column_stack([found[of_block], of_arm]), index[combined]


def _named(values: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """The segment of each row by index, and the segments' names."""
    column = texts_of(values)
    listed = [MISSING if name is None else str(name) for name in column.dictionary.to_pylist()]
    # A dictionary may have a text twice, and null besides its nulls.
    names = [*dict.fromkeys([*listed, MISSING])]
    index = np.array([names.index(name) for name in [*listed, MISSING]], np.int64)
    codes: Integers = index[column.indices.fill_null(len(listed)).to_numpy(zero_copy_only=False)]
    return codes, names


def arms_of(column: pa.ChunkedArray, arms: Sequence[str]) -> Integers:
    """The index of each row's arm.

    Args:
        column: names of arms, all of them among those.
        arms: in the order of the plan.
    """
    encoded = whole(column)
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    known = pc.index_in(encoded.dictionary.cast(pa.string()), value_set=pa.array(arms, pa.string()))
    found: Integers = values_of(known).astype(np.int64)[values_of(encoded.indices)]
    return found


def buckets_of(
    units: pa.ChunkedArray, salt: str, count: int, loops: Kernels | None = None
) -> Integers:
    """The bucket of each row: XXH64 of the salt and the unit's id as text, modulo so many.

    Rows without an id are one unit, that of the empty text.
    """
    hashes = (loops or plain_kernels()).salted_hashes(salt, whole(units))
    # Quotients take longer than bits.
    of_bits = count & (count - 1) == 0
    buckets = hashes & np.uint64(count - 1) if of_bits else hashes % np.uint64(count)
    return buckets.view(np.int64)
