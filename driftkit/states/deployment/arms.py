"""Sums of metrics by hour and arm, which add up; from them every deployment is decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.native.arrays import Floats, Integers, Truths, Values

    Segments = Mapping[str | None, "ArmSums"]

A = TypeVar("A", bound="Values")
SUMS = ("counted", "s", "ss", "n", "nn", "sn", "x", "xx", "xs")
"""Of each metric: rows that count, and the sums of S, S^2, N, N^2, S N, X, X^2, X S over them."""
IN_BUCKETS = ("s", "n", "x")
"""Of each metric in each bucket: the sums of S and N, and of X where there are covariates."""
UNKNOWN = -1
"""The block of rows whose time is not known."""
SEGMENTS_KEPT = 200
SCORE_BINS = 1024
SCORE_CLASSES = 3
"""Rows whose label is negative, those whose label is positive, and those without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLayout:
    """What is summed up; states of one layout add up.

    Attributes:
        arms: names, in the order of the plan.
        metrics: names, in the order of the plan.
        buckets: into which users are hashed; 0 where every request is a unit of its own.
        scores: whether probabilities are counted by class, for the area under the curve and for
            answers without labels.
        covariates: whether any metric has one.
        cells: of each column of inputs, in the order of the plan, how many it has.
    """

    arms: tuple[str, ...]
    metrics: tuple[str, ...]
    buckets: int = 0
    scores: bool = False
    covariates: bool = False
    cells: tuple[int, ...] = ()

    @property
    def of_scores(self) -> tuple[int, int]:
        """The shape of each key's scores."""
        return (SCORE_CLASSES, SCORE_BINS) if self.scores else (2, 0)

    @property
    def of_parts(self) -> ArmLayout:
        """What is summed up of segments."""
        return replace(self, buckets=0, scores=False, cells=())

    @property
    def in_buckets(self) -> int:
        """Sums of each metric in each bucket."""
        return len(IN_BUCKETS) if self.covariates else len(IN_BUCKETS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSums:
    """The sums of some rows. Keys are sorted and different; all arrays have a row for each key.

    Attributes:
        layout: what is summed up.
        keys: begin of the block in seconds since 1970, and the arm's index; shape (keys, 2).
        requests: rows of each key.
        labelled: those of them that have a label.
        sums: shape (keys, metrics, `SUMS`).
        buckets: shape (keys, metrics, `IN_BUCKETS`, buckets); no buckets where units are requests.
        scores: rows by `SCORE_CLASSES` and 1/1024 of the probability; shape (keys, 3, 1024), or
            (keys, 2, 0) where they are not counted.
        inputs: rows by the cells of each column of inputs, one column behind the other; shape
            (keys, cells).
        segments: column -> value -> the sums of the rows with it, without buckets, scores and inputs;
            those of None are all others, where there are too many.
        rejected: records that were set aside.
    """

    layout: ArmLayout
    keys: Integers
    requests: Integers
    labelled: Integers
    sums: Floats
    buckets: Floats
    scores: Integers
    inputs: Integers
    segments: Mapping[str, Segments] = field(default_factory=dict)
    rejected: Rejections = field(default_factory=Rejections)

    @classmethod
    def empty(cls, layout: ArmLayout) -> ArmSums:
        """Of no rows: the identity of `+`."""
        return cls.zeros(layout, np.empty((0, 2), np.int64))

    @classmethod
    def zeros(cls, layout: ArmLayout, keys: Integers) -> ArmSums:
        """Of keys whose rows are still to be added."""
        size, width = len(keys), len(layout.metrics)
        return cls(
            layout=layout,
            keys=keys,
            requests=np.zeros(size, np.int64),
            labelled=np.zeros(size, np.int64),
            sums=np.zeros((size, width, len(SUMS))),
            buckets=np.zeros((size, width, layout.in_buckets, layout.buckets)),
            scores=np.zeros((size, *layout.of_scores), np.int64),
            inputs=np.zeros((size, sum(layout.cells)), np.int64),
        )

    @property
    def rows(self) -> int:
        """Rows that it is of."""
        return int(self.requests.sum())

    @property
    def blocks(self) -> Integers:
        """The blocks that have rows, in the order of time; the unknown one is none of them."""
        found = np.unique(self.keys[:, 0])
        blocks: Integers = found[found != UNKNOWN]
        return blocks

    def of_arm(self, arm: str) -> Floats:
        """The sums of an arm, of all blocks together; shape (metrics, sums)."""
        found: Floats = self.sums[self.keys[:, 1] == self.layout.arms.index(arm)].sum(axis=0)
        return found

    def chosen(self, keys: Truths) -> ArmSums:
        """The sums of some of the keys, without segments."""
        if keys.all():
            # Buckets of a month are many, and are copied for nothing.
            return replace(self, segments={})
        return replace(
            self,
            keys=self.keys[keys],
            requests=self.requests[keys],
            labelled=self.labelled[keys],
            sums=self.sums[keys],
            buckets=self.buckets[keys],
            scores=self.scores[keys],
            inputs=self.inputs[keys],
            segments={},
        )

    def by_block(
        self, values: Floats | Integers, blocks: Integers, arms: Sequence[int] | None = None
    ) -> Floats:
        """Values of the keys by block and arm, 0 where there is no key; shape (blocks, arms, ...).

        Args:
            values: shape (keys, ...).
            blocks: their begins, sorted; neighbours among those of all keys.
            arms: the indices of those that are asked for; None for all.
        """
        width = len(self.layout.arms)
        asked = range(width) if arms is None else arms
        first, last = (
            np.searchsorted(self.keys[:, 0], blocks[[0, -1]] + [0, 1]) if len(blocks) else (0, 0)
        )
        keys, values = self.keys[first:last], values[first:last]
        if len(keys) == width * len(blocks):
            # Every arm has rows in every block, so that keys need not be looked up.
            dense = values.reshape(len(blocks), width, *values.shape[1:])
            return np.stack([dense[:, arm] for arm in asked], axis=1, dtype=np.float64)
        found = np.zeros((len(blocks), len(asked), *values.shape[1:]))
        at = np.searchsorted(blocks, keys[:, 0])
        for column, arm in enumerate(asked):
            chosen = keys[:, 1] == arm
            found[at[chosen], column] = values[chosen]
        return found

    def __add__(self, other: ArmSums) -> ArmSums:
        return added([self, other])


def added(parts: Sequence[ArmSums]) -> ArmSums:
    """The sums of all rows, from left to right; many at once sooner than one by one.

    Args:
        parts: at least one.

    Raises:
        InputError: they sum up different things.
    """
    first = parts[0]
    for other in parts[1:]:
        _refuse_other(first.layout, other.layout)
    filled = [part for part in parts if len(part.keys)]
    rejected = sum((part.rejected for part in parts), Rejections())
    if len(filled) < 2:
        return replace(filled[0] if filled else first, rejected=rejected)
    keys, index = np.unique(np.concatenate([p.keys for p in filled]), axis=0, return_inverse=True)
    index = index.reshape(-1)
    return ArmSums(
        layout=first.layout,
        keys=keys,
        requests=_summed([p.requests for p in filled], index, len(keys)),
        labelled=_summed([p.labelled for p in filled], index, len(keys)),
        sums=_summed([p.sums for p in filled], index, len(keys)),
        buckets=_summed([p.buckets for p in filled], index, len(keys)),
        scores=_summed([p.scores for p in filled], index, len(keys)),
        inputs=_summed([p.inputs for p in filled], index, len(keys)),
        segments={
            column: _segments([part.segments[column] for part in filled if column in part.segments])
            for column in dict.fromkeys(chain.from_iterable(part.segments for part in filled))
        },
        rejected=rejected,
    )


def _summed(arrays: Sequence[A], index: Integers, size: int) -> A:
    """The arrays' rows added up by their index among so many keys."""
    if len(index) == size:
        # No two parts have a key in common, as those of hours have not: nothing is to be added.
        together = np.concatenate(arrays)
        return cast("A", together if (np.diff(index) > 0).all() else together[np.argsort(index)])
    total = np.zeros((size, *arrays[0].shape[1:]), arrays[0].dtype)
    start = 0
    for array in arrays:
        # The keys of a part are different: no index stands twice in it, and all are in their order.
        total[... if len(array) == size else index[start : start + len(array)]] += array
        start += len(array)
    return cast("A", total)


def _segments(listed: Sequence[Segments]) -> Segments:
    """Segment by segment; one that a part has among its others goes to the others with all rows."""
    together = {name for part in listed for name in part if name is not None}
    lost = {name for name in together for part in listed if None in part and name not in part}
    named = {
        name: added([part[name] for part in listed if name in part])
        for name in sorted(together - lost)
    }
    gone = (*sorted(lost), None)
    others = [part[name] for part in listed for name in gone if name in part]
    return most_frequent(named, others)


def most_frequent(named: Mapping[str, ArmSums], others: Sequence[ArmSums]) -> Segments:
    """The segments with most rows; all others as that of None."""
    ranked = sorted(named, key=lambda name: (-named[name].rows, name))
    rest = [*others, *(named[name] for name in ranked[SEGMENTS_KEPT:])]
    kept: dict[str | None, ArmSums] = {name: named[name] for name in sorted(ranked[:SEGMENTS_KEPT])}
    return {**kept, None: added(rest)} if rest else kept


def _refuse_other(one: ArmLayout, other: ArmLayout) -> None:
    if one != other:
        raise InputError(
            "states of different plans do not add up",
            expected=str(one),
            found=str(other),
            todo="Combine states of one deployment plan",
        )
