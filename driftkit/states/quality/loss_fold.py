"""Folds predictions of numbers: those with labels to learn their errors, others to expect them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.loss_fit import group_of
from driftkit.comparison.estimation.loss_model import expected_of
from driftkit.native.arrays import take_indices
from driftkit.states.partitions.keys import coded
from driftkit.states.quality import loss_sample
from driftkit.states.quality.expected_losses import ExpectedLosses, known_of, summed
from driftkit.states.quality.feature_values import feature_values
from driftkit.states.quality.fold import (
    NO_PREDICTION,
    NOT_A_NUMBER,
    nulls,
    predicted,
    rejections_of,
)
from driftkit.states.quality.loss_sample import LossSample, marks_of, most_rows
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, day_of
from driftkit.states.quality.values import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.comparison.estimation.loss_parts import Group, LossModel
    from driftkit.native.arrays import Floats, Integers, Truths
    from driftkit.states.partitions.partition import Key, PartitionOptions
    from driftkit.states.quality.scored_fold import Columns
    from driftkit.states.quality.scored_rows import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """How rows are told apart.

    Attributes:
        names: of all columns of the dataset.
        partitions: by time, or by values.
    """

    names: tuple[str, ...]
    partitions: tuple[PartitionOptions, ...] = ()

    def parts(
        self, chunk: Chunk, good: Truths
    ) -> Iterator[tuple[str, Integers, Sequence[Key], PartitionOptions]]:
        """Of each partition the kind of its slices, the good rows' numbers of keys, and the keys."""
        for split in self.partitions:
            codes, keys = coded(chunk, self.names, split)
            yield (BLOCK if split.unit else SEGMENT), codes[good], keys, split


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFold:
    """Folds chunks of labelled rows; pickled and sent to the workers.

    Attributes:
        columns: where they say what.
        features: indices of the columns by which errors may be expected.
        apart: how rows are told apart.
    """

    columns: Columns
    features: tuple[int, ...]
    apart: Apart

    def of(self, chunk: Chunk) -> LossSample:
        """The state of one chunk, of the rows with a label and a prediction."""
        observed = self.columns.observed(chunk)
        labels, predictions = numbers(observed.labels), numbers(predicted(observed))
        good = np.isfinite(labels) & np.isfinite(predictions)
        labels, predictions = labels[good], predictions[good]
        if not labels.size:
            return LossSample()
        with np.errstate(over="ignore", invalid="ignore"):
            errors = np.abs(labels - predictions)
            powers = np.array([np.ones(len(errors)), errors, errors**2, errors**4])
            sums = {ALL: powers.sum(axis=1)}
        days = np.full(len(errors), np.nan)
        for kind, codes, keys, _ in self.apart.parts(chunk, good):
            table = [np.bincount(codes, each, len(keys)) for each in powers]
            for key, each in zip(keys, np.transpose(table), strict=True):
                if each[loss_sample.ROWS]:
                    sums[kind, key] = each
            if kind == BLOCK:
                # Rows of neighbouring hours are as alike as those of one.
                names = [day_of(key) or "NaT" for (key,) in keys]
                dates = np.array(names, "M8[D]")
                days = np.where(np.isnat(dates), np.nan, dates.astype(np.float64))[codes]
        return self._sampled(chunk, good, [days, labels, predictions], sums)

    def _sampled(
        self, chunk: Chunk, good: Truths, first: list[Floats], sums: dict[Slice, Floats]
    ) -> LossSample:
        """The rows with the smallest hashes; one column is in memory at a time."""
        columns = (feature_values(chunk.column(at))[good] for at in self.features)
        marks, at, counts = np.unique(
            marks_of([*first, *columns]), return_index=True, return_counts=True
        )
        kept = slice(most_rows(len(first) + len(self.features)))
        at = at[kept]
        rows = take_indices(np.flatnonzero(good)[at])
        few = (feature_values(chunk.column(each).take(rows)) for each in self.features)
        table = np.column_stack([*(each[at] for each in first), *few])
        return LossSample(marks=marks[kept], table=table, counts=counts[kept], sums=sums)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFold:
    """Folds chunks of predictions, with labels or without; pickled and sent to the workers.

    Attributes:
        columns: where they say what.
        model: of the errors.
        groups: of rows of which similar errors are expected.
        apart: how rows are told apart.
    """

    columns: Columns
    model: LossModel
    groups: tuple[Group, ...]
    apart: Apart

    def __call__(self, chunks: Iterable[Chunk]) -> ExpectedLosses:
        """The state of some chunks; of none, the identity of `+`."""
        total = ExpectedLosses()
        for chunk in chunks:
            total += self.of(chunk) if chunk.num_rows else ExpectedLosses(rejected=chunk.rejected)
        return total

    def of(self, chunk: Chunk) -> ExpectedLosses:
        """The state of one chunk.

        Raises:
            InputError: there is no prediction, or no such column to tell rows apart by.
        """
        observed = self.columns.observed(chunk)
        told = predicted(observed)
        labels, predictions = numbers(observed.labels), numbers(told)
        good = np.isfinite(predictions)
        rejected = chunk.rejected + rejections_of({NO_PREDICTION: nulls(told), NOT_A_NUMBER: ~good})
        if not good.any():
            return ExpectedLosses(rejected=rejected)
        names = self.apart.names
        features = [chunk.column(names.index(each.name)) for each in self.model.features[1:]]
        columns = [predictions[good], *(feature_values(each)[good] for each in features)]
        expected = expected_of(self.model, columns)
        with np.errstate(over="ignore"):
            known = known_of(expected, labels[good] - predictions[good])
        groups, count = group_of(self.groups, expected.absolute.mean(axis=0)), len(self.groups)
        sums: dict[Slice, Floats] = {ALL: summed(known, groups, count, 1)[0]}
        for kind, codes, keys, split in self.apart.parts(chunk, good):
            tables = summed(known, codes * count + groups, count, len(keys))
            for key, each in zip(keys, tables, strict=True):
                if each.any() and (split.keys is None or key in split.keys):
                    sums[kind, key] = each
        return ExpectedLosses(sums=sums, rejected=rejected)
