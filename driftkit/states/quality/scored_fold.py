"""Folds predictions that may lack labels, by block of time and by segment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.partitions.keys import runs
from driftkit.states.quality.fold import Classified, Observed, positives_among, rejections_of
from driftkit.states.quality.labels import ABOVE, canonical
from driftkit.states.quality.score_counts import (
    CLASS,
    KNOWN,
    OTHER,
    UNLABELLED,
    ScoredPart,
)
from driftkit.states.quality.score_tally import ScoreTally
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Bytes, Integers, Truths
    from driftkit.states.partitions.partition import PartitionOptions
    from driftkit.states.quality.scored_rows import ScoredRows, Slice
    from driftkit.states.quality.state import QualityRequest
    from driftkit.states.quality.values import Probabilities

# Runs of rows of one slice are sorted where they are shorter than this.
_LONG = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a chunk says what: indices of its columns.

    Attributes:
        label: what was true; None where nothing says it.
        prediction: what the model said; None where only probabilities do.
        probability: of the positive label, or a list of one for each.
    """

    label: int | None = None
    prediction: int | None = None
    probability: int | None = None

    @property
    def indices(self) -> set[int | None]:
        """Of the columns that are named."""
        return {self.label, self.prediction, self.probability}

    def observed(self, chunk: Chunk) -> Observed:
        """What the rows of a chunk say."""
        none = pa.chunked_array([pa.nulls(chunk.num_rows)])
        return Observed(
            labels=none if self.label is None else chunk.column(self.label),
            predictions=None if self.prediction is None else chunk.column(self.prediction),
            probabilities=None if self.probability is None else chunk.column(self.probability),
            rejected=chunk.rejected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFold:
    """Folds chunks of a dataset; pickled and sent to the workers.

    Attributes:
        judging: how rows are judged.
        columns: where they say what.
        names: of all columns of the dataset, by which rows are told apart.
        partitions: how.
    """

    judging: QualityRequest
    columns: Columns
    names: tuple[str, ...] = ()
    partitions: tuple[PartitionOptions, ...] = ()

    def __call__(self, chunks: Iterable[Chunk]) -> ScoredRows:
        """The state of some chunks; of none, the identity of `+`."""
        tally, rejected = self.tally(), Rejections()
        for chunk in chunks:
            rejected += self._add(chunk, tally) if chunk.num_rows else chunk.rejected
        return replace(tally.done(), rejected=rejected)

    def tally(self) -> ScoreTally:
        """What counts the rows of chunks."""
        every = (_kind(each) for each in self.partitions if each.keys is None)
        return ScoreTally(whole=next(every, None))

    def _add(self, chunk: Chunk, tally: ScoreTally) -> Rejections:
        """Counts the rows of one chunk, and gives those that cannot be.

        Raises:
            InputError: there is no probability, or no such column to tell rows apart by.
        """
        observed = self.columns.observed(chunk)
        if observed.probabilities is None:
            raise InputError(
                "there is no probability to estimate from",
                todo="Name the column with --probability-attribute",
            )
        rows = Classified.of(observed, self.judging)
        unusable = rows.unusable
        self.count(tally, chunk, rows, unusable)
        return observed.rejected + rejections_of(unusable)

    def count(
        self, tally: ScoreTally, chunk: Chunk, of: Classified, unusable: Mapping[str, Truths]
    ) -> None:
        """Counts the rows of one chunk that can be judged, by slice and class.

        Args:
            tally: that they are added to.
            chunk: by whose columns rows are told apart.
            of: what its rows say; they have probabilities.
            unusable: the rows that tell nothing, by reason.
        """
        assert of.told is not None  # noqa: S101  (a caller has looked)
        good = ~np.logical_or.reduce([*unusable.values()]) if unusable else None
        partitions = [*self._partitioned(chunk, good)]
        for name, score, column in self._by_class(of, of.told):
            rows = slice(None) if good is None else good
            scores, labelled = of.told.table[rows, score], bool(of.labels.names)
            every = ScoredPart.of(scores, column[rows], labelled=labelled)
            tally.add((ALL, name), every)
            for order, parts in partitions:
                ordered = every if order is None else every.take(order)
                for part, at in parts:
                    tally.add((part, name), ordered.take(at))

    def _by_class(self, of: Classified, told: Probabilities) -> Iterator[tuple[str, int, Bytes]]:
        """Each class with the index of its probability, and the column that each row counts in."""
        labels, predicted = of.labels, of.predictions
        if self.judging.problem is Problem.BINARY:
            wanted = canonical(self.judging.positive or "1")
            as_class = positives_among(predicted.names, self.judging)
            as_class |= np.array([name == ABOVE for name in predicted.names], dtype=np.bool_)
            known = positives_among(labels.names, self.judging)
            yield wanted, told.column, _columns(of, as_class, known)
            return
        for column, name in enumerate(told.names):
            as_class = np.array([each == name for each in predicted.names], dtype=np.bool_)
            known = np.array([each == name for each in labels.names], dtype=np.bool_)
            yield name, column, _columns(of, as_class, known)

    def _partitioned(
        self, chunk: Chunk, good: Truths | None
    ) -> Iterator[tuple[Integers | None, list[tuple[Slice, slice]]]]:
        """An order in which the rows of slices stand together, None for their own.

        Args:
            chunk: by whose columns rows are told apart.
            good: the rows that can be judged, which alone are meant; None for all.
        """
        for split in self.partitions:
            starts, codes, keys = runs(chunk, self.names, split)
            ends, order = np.append(starts[1:], chunk.num_rows), None
            if len(starts) * _LONG > chunk.num_rows:
                each = np.repeat(codes, ends - starts)
                each = each if good is None else each[good]
                # Numbers of two bytes are sorted in a few passes.
                each = each.astype(np.uint16 if len(keys) < 2**16 else np.int64)
                order = np.argsort(each, kind="stable")
                codes = np.arange(len(keys))
                ends = np.searchsorted(each[order], codes, "right")
            elif good is not None:
                ends = np.cumsum(good)[ends - 1]
            parts = [
                ((_kind(split), keys[code]), slice(start, end))
                for code, start, end in zip(
                    codes.tolist(), [0, *ends.tolist()], ends.tolist(), strict=False
                )
                if end > start and (split.keys is None or keys[code] in split.keys)
            ]
            yield order, parts


def _kind(split: PartitionOptions) -> str:
    """What its slices are."""
    return BLOCK if split.unit else SEGMENT


def _columns(of: Classified, as_class: Truths, known: Truths) -> Bytes:
    """In which column of its score each row is counted.

    Args:
        of: what the rows say.
        as_class: whether each name of predictions is that of the class.
        known: the same of labels.
    """
    columns = _is_any(of.predictions.codes, as_class).view(np.uint8) * np.uint8(KNOWN)
    if of.labels.names:
        labels = np.append(np.where(known, CLASS, OTHER), UNLABELLED).astype(np.uint8)
        columns += labels[of.labels.codes]
    return columns


def _is_any(codes: Integers, wanted: Truths) -> Truths:
    """Whether the code of each row is one of those that are wanted; -1 is none of them."""
    only = np.flatnonzero(wanted)
    # To compare with one code is sooner than to look each up.
    return codes == only[0] if len(only) == 1 else np.append(wanted, False)[codes]
