"""Folds predictions that may lack labels, by block of time and by segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.partitions.keys import coded
from driftkit.states.quality.fold import Classified, Observed, positives_among, rejections_of
from driftkit.states.quality.labels import ABOVE, canonical
from driftkit.states.quality.score_counts import CLASS, OTHER, UNLABELLED, ScoreCounts
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, ScoredRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Integers, Truths
    from driftkit.states.partitions.partition import PartitionOptions
    from driftkit.states.quality.fold import Codes
    from driftkit.states.quality.scored_rows import Slice
    from driftkit.states.quality.state import QualityRequest
    from driftkit.states.quality.values import Probabilities


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

    def observed(self, chunk: Chunk) -> Observed:
        """What the rows of a chunk say."""
        none = pa.chunked_array([pa.nulls(chunk.num_rows, pa.string())])
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
        total = ScoredRows()
        for chunk in chunks:
            total += self.of(chunk) if chunk.num_rows else ScoredRows(rejected=chunk.rejected)
        return total

    def of(self, chunk: Chunk) -> ScoredRows:
        """The state of one chunk.

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
        rejected = observed.rejected + rejections_of(rows.unusable)
        return ScoredRows(counts=self.counts(chunk, rows), rejected=rejected)

    def counts(self, chunk: Chunk, of: Classified) -> dict[tuple[Slice, str], ScoreCounts]:
        """The rows of one chunk that can be judged, by slice and class.

        Args:
            chunk: by whose columns rows are told apart.
            of: what its rows say; they have probabilities.
        """
        assert of.told is not None  # noqa: S101  (a caller has looked)
        good = ~np.logical_or.reduce(list(of.unusable.values()))
        judged = [*self._by_class(of, of.told)]
        counts = {}
        for part, rows in self._slices(chunk, good):
            for name, column, as_class, labels in judged:
                scores = of.told.table[rows, column]
                counts[part, name] = ScoreCounts.from_rows(scores, as_class[rows], labels[rows])
        return counts

    def _by_class(
        self, of: Classified, told: Probabilities
    ) -> Iterator[tuple[str, int, Truths, Integers]]:
        """Each class with the index of its probability, and predictions and labels of the rows."""
        labels, predicted = of.labels, of.predictions
        if self.judging.problem is Problem.BINARY:
            wanted = canonical(self.judging.positive or "1")
            as_class = positives_among(predicted.names, self.judging)
            as_class |= np.array([name == ABOVE for name in predicted.names], dtype=np.bool_)
            known = positives_among(labels.names, self.judging)
            yield wanted, told.column, as_class[predicted.codes], _known(labels, known)
            return
        for column, name in enumerate(told.names):
            as_class = np.array([each == name for each in predicted.names], dtype=np.bool_)
            known = np.array([each == name for each in labels.names], dtype=np.bool_)
            yield name, column, as_class[predicted.codes], _known(labels, known)

    def _slices(self, chunk: Chunk, good: Truths) -> Iterator[tuple[Slice, Truths | Integers]]:
        """The rows of each slice that can be judged; of all rows a mask is sooner than indices."""
        yield ALL, (slice(None) if good.all() else good)  # type: ignore[misc]
        for split in self.partitions:
            codes, keys = coded(chunk, self.names, split)
            kind = BLOCK if split.unit else SEGMENT
            if len(keys) == 1:
                yield (kind, keys[0]), np.flatnonzero(good)
                continue
            order = np.argsort(np.where(good, codes, len(keys)), kind="stable")
            ends = np.cumsum(np.bincount(codes[good], minlength=len(keys)))
            for key, rows in zip(keys, np.split(order, ends)[:-1], strict=True):
                if rows.size and (split.keys is None or key in split.keys):
                    yield (kind, key), rows


def _known(labels: Codes, of_class: Truths) -> Integers:
    """Whether each row has a label, and which."""
    meanings: Sequence[int] = [*np.where(of_class, CLASS, OTHER).tolist(), UNLABELLED]
    return np.array(meanings, dtype=np.int64)[labels.codes]
