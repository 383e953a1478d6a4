"""Counts requests by span of time and model; counts add up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.native.arrays import values_of, whole
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.blocks import seconds_of
from driftkit.states.quality.values import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Integers

NO_TIME, NO_MODEL = "without a time", "without a model"
_NO_KEYS = np.empty((0, 2), np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCounts:
    """How many requests there were, when, and of which model.

    Attributes:
        models: names, sorted; one empty name where models are not told apart.
        keys: begin of the span in seconds since 1970 and index of the model, sorted and
            different, shape (keys, 2).
        counts: requests of each key, shape (keys,).
        unanswered: those of them that have no answer, as far as that is told.
        rejected: records and rows that were set aside.
    """

    models: tuple[str, ...] = ()
    keys: Integers = field(default_factory=_NO_KEYS.copy)
    counts: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    unanswered: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    rejected: Rejections = field(default_factory=Rejections)

    @property
    def rows(self) -> int:
        """Number of requests that were counted."""
        return int(self.counts.sum())

    def __add__(self, other: RequestCounts) -> RequestCounts:
        models = tuple(sorted({*self.models, *other.models}))
        indices = {name: index for index, name in enumerate(models)}
        keys = np.concatenate([_renumbered(each, indices) for each in (self, other)])
        order = np.lexsort((keys[:, 1], keys[:, 0]))
        keys = keys[order]
        is_first = np.ones(len(keys), bool)
        is_first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
        starts = np.flatnonzero(is_first)
        return RequestCounts(
            models=models,
            keys=keys[starts],
            counts=_sums([self.counts, other.counts], order, starts),
            unanswered=_sums([self.unanswered, other.unanswered], order, starts),
            rejected=self.rejected + other.rejected,
        )


def _sums(parts: Sequence[Integers], order: Integers, starts: Integers) -> Integers:
    """The sums of what belongs to the same key."""
    counts: Integers = np.concatenate(parts)[order]
    return np.add.reduceat(counts, starts) if len(starts) else counts


def _renumbered(counts: RequestCounts, indices: dict[str, int]) -> Integers:
    """The keys, with the models' indices among other names."""
    of_model = np.array([indices[name] for name in counts.models], np.int64)
    return np.column_stack([counts.keys[:, 0], of_model[counts.keys[:, 1]]])


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFold:
    """Counts the requests of chunks; pickled and sent to the workers.

    Attributes:
        time: index of the column with times.
        model: index of the column with names of models; None where they are not told apart.
        seconds: of the spans that are counted.
        answered: index of the column that says whether there is an answer; None for none.
    """

    time: int
    model: int | None = None
    seconds: int = 60
    answered: int | None = None

    def __call__(self, chunks: Iterable[Chunk]) -> RequestCounts:
        """The counts of some chunks; of none, the identity of `+`."""
        total = RequestCounts()
        for chunk in chunks:
            found = self._counts(chunk) if chunk.num_rows else RequestCounts()
            total += replace(found, rejected=chunk.rejected + found.rejected)
        return total

    def _counts(self, chunk: Chunk) -> RequestCounts:
        times = seconds_of(chunk.column(self.time))
        models, names = self._models(chunk)
        timed, named = times != UNKNOWN, models >= 0
        kept = timed & named
        set_aside = {NO_TIME: int((~timed).sum()), NO_MODEL: int((timed & ~named).sum())}
        spans = times[kept] - times[kept] % self.seconds
        each = RequestCounts(
            models=tuple(names),
            keys=np.column_stack([spans, models[kept]]),
            counts=np.ones(len(spans), np.int64),
            unanswered=self._unanswered(chunk)[kept],
            rejected=Rejections(counts={why: count for why, count in set_aside.items() if count}),
        )
        # Adding counts them.
        return each + RequestCounts()

    def _unanswered(self, chunk: Chunk) -> Integers:
        if self.answered is None:
            return np.zeros(chunk.num_rows, np.int64)
        answered = np.asarray(whole(chunk.column(self.answered)))
        return np.where(answered, 0, 1)

    def _models(self, chunk: Chunk) -> tuple[Integers, list[str]]:
        """The model of each row by index, -1 where it has none, and the models' names."""
        if self.model is None:
            return np.zeros(chunk.num_rows, np.int64), [""]
        column = joined(chunk.column(self.model))
        encoded = column.cast(pa.string()).dictionary_encode()
        indices: Integers = values_of(encoded.indices.fill_null(-1)).astype(np.int64)
        return indices, encoded.dictionary.to_pylist()
