"""Folds the rows of arms into their sums."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.formats.deployment.plan_inputs import MISSING
from driftkit.native.arrays import valid_of, values_of, whole
from driftkit.states.deployment.arms import (
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
from driftkit.states.kernels.plain_units import Cells

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
        return self.summed(map(self.judged, chunks), in_parts=True)

    def judged(self, chunk: Chunk) -> JudgedRows:
        """The rows of a chunk."""
        return JudgedRows(chunk, self.names, self.judging)

    def summed(self, judged: Iterable[JudgedRows], *, in_parts: bool = False) -> ArmSums:
        """The sums of the rows of some chunks.

        Args:
            judged: the rows of each chunk.
            in_parts: whether some rows of a chunk may be looked at at a time, so that what is made of
                them stays in the processor's cache; to the same bits. Not where it is wanted again.
        """
        total, count = ArmSums.empty(self.layout), 0
        for rows in map(routed, judged):
            count += rows.rows
            found = ArmSums.empty(self.layout)
            if rows.rows:
                loops = kernels(count * len(self.sources))
                found = self._sums(rows, loops.ROWS_AT_ONCE if in_parts else rows.rows, loops)
            total += replace(found, rejected=rows.rejected)
        return total

    def blocks(self, rows: JudgedRows) -> Integers:
        """The block of each row; `UNKNOWN` where its time is not known."""
        return blocks_of_seconds(rows.seconds, self.changes)

    def _sums(self, rows: JudgedRows, size: int, loops: Kernels) -> ArmSums:
        """The sums of the rows of a chunk, of which so many are looked at at a time."""
        arms = [arms_of(part.values(ARM), self.layout.arms) for part in rows.parts(size)]
        blocks = list(map(self.blocks, rows.parts(size)))
        keys, codes = _keys(blocks, arms, len(self.layout.arms))
        every = _Keyed(sums=ArmSums.zeros(self.layout, keys), codes=codes)
        by_segment = {
            column: _Segmented.of(_named(rows.values(f"{COLUMN}{column}")), every)
            for column in self.segment_by
        }
        segments = [each.keyed for each in by_segment.values()]
        # What was made of a part is let go before the next one, which takes the same memory.
        for number, part in enumerate(rows.parts(size)):
            self._add(part, number, [every, *segments], loops)
        return replace(
            every.sums, segments={column: each.summed() for column, each in by_segment.items()}
        )

    def _add(self, rows: JudgedRows, number: int, keyed: Sequence[_Keyed], loops: Kernels) -> None:
        """Adds the rows of a part to the sums of all rows, which come first, and of segments."""
        labelled, buckets = self._labelled(rows), self._buckets(rows, loops)
        every, *segments = keyed
        cells = [
            every.cells(number, labelled, loops, buckets),
            *(each.cells(number, labelled, loops) for each in segments),
        ]
        for index, source in enumerate(self.sources):
            told = (*as_told(source, rows), self._covariate(rows, index))
            for where, each in zip(cells, keyed, strict=True):
                in_buckets = None if where.buckets is None else each.sums.buckets[:, index]
                loops.add_sums(where, told, each.sums.sums[:, index], in_buckets)
        codes = every.codes[number]
        if self.layout.scores:
            loops.count_scores(codes, rows.probability, rows.label_is_positive, every.sums.scores)
        if self.inputs:
            every.sums.inputs[:] += in_cells(self.inputs, rows, codes, len(every.sums.keys))

    def _labelled(self, rows: JudgedRows) -> Truths:
        """Whether each row has a label."""
        if not rows.has(LABEL):
            return np.zeros(rows.rows, np.bool_)
        return valid_of(whole(rows.values(LABEL)))

    def _covariate(self, rows: JudgedRows, index: int) -> Floats | None:
        name = self.covariates[index] if self.covariates else None
        return None if name is None else rows.column(name)

    def _buckets(self, rows: JudgedRows, loops: Kernels) -> Integers | None:
        count = self.layout.buckets
        return buckets_of(rows.values(UNIT), self.salt, count, loops) if count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keyed:
    """Sums that rows are added to.

    Attributes:
        sums: of so many keys.
        codes: of each part, which of the keys each row has.
    """

    sums: ArmSums
    codes: Sequence[Integers]

    def cells(
        self, number: int, labelled: Truths, loops: Kernels, buckets: Integers | None = None
    ) -> Cells:
        """The keys of the rows of a part, which are counted, and those of them with a label."""
        size, codes = len(self.sums.keys), self.codes[number]
        by_label = np.zeros((size, 2), np.int64)
        loops.count_rows(codes, labelled, by_label)
        count = by_label.sum(axis=1)
        self.sums.requests[:] += count
        self.sums.labelled[:] += by_label[:, 1]
        if buckets is None:
            return Cells(codes=codes, rows=count)
        in_buckets = np.zeros((size, self.sums.layout.buckets), np.int64)
        loops.count_rows(codes, buckets, in_buckets)
        return Cells(codes=codes, rows=count, buckets=buckets, in_buckets=in_buckets)


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
        width = len(every.sums.keys)
        codes = np.concatenate(every.codes)
        combined, of_row = np.unique(index * width + codes, return_inverse=True)
        of_segment, of_key = np.divmod(combined, width)
        of_parts = np.split(of_row.reshape(-1), np.cumsum([len(part) for part in every.codes])[:-1])
        sums = ArmSums.zeros(every.sums.layout.of_parts, every.sums.keys[of_key])
        keyed = _Keyed(sums=sums, codes=of_parts)
        return cls(keyed=keyed, of_key=of_segment, names=names)

    def summed(self) -> Mapping[str | None, ArmSums]:
        """The sums by segment."""
        together = self.keyed.sums
        found = np.unique(self.of_key).tolist()
        parts = {self.names[code]: together.chosen(self.of_key == code) for code in found}
        return most_frequent(parts, [])


def _keys(
    blocks: Sequence[Integers], arms: Sequence[Integers], width: int
) -> tuple[Integers, list[Integers]]:
    """The different pairs of block and arm, sorted, and for each row which of them it has.

    Args:
        blocks: of the rows of each part.
        arms: of the same rows, by their index.
        width: how many arms there are.
    """
    # Rows come in the order of time, about, so that blocks are runs of them.
    starts = [
        np.concatenate([[0], np.flatnonzero(each[1:] != each[:-1]) + 1]).astype(np.int64)
        for each in blocks
    ]
    runs = [each[at] for each, at in zip(blocks, starts, strict=True)]
    found, of_run = ranked(np.concatenate(runs))
    of_parts = np.split(of_run * width, np.cumsum([len(part) for part in runs])[:-1])
    combined = [
        np.repeat(of_runs, np.diff(at, append=len(part))) + part
        for of_runs, at, part in zip(of_parts, starts, arms, strict=True)
    ]
    size = len(found) * width
    present = np.flatnonzero(sum(np.bincount(part, minlength=size) for part in combined))
    of_block, of_arm = np.divmod(present, width)
    keys = np.column_stack([found[of_block], of_arm])
    if len(present) == size:
        return keys, combined
    index = np.empty(size, np.int64)
    index[present] = np.arange(len(present))
    return keys, [index[part] for part in combined]


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
    codes, indices = values_of(known).astype(np.int64), values_of(encoded.indices)
    if np.array_equal(codes, np.arange(len(codes))):
        # As where the arms have been told apart before.
        return indices.astype(np.int64)
    found: Integers = codes[indices]
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
