"""How rows by the hash of their values are kept in a table of states, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.native.arrays import valid_of, values_of
from driftkit.native.hashing import BUCKETS, buckets_of, hash_texts_in_order
from driftkit.states.kernels.texts import buffers
from driftkit.states.profile.buckets import NONE, Buckets
from driftkit.states.profile.state_table import any_of, running
from driftkit.states.schemas import COUNTS, TEXTS, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding

BUCKET_FIELDS = (
    Field(name="buckets", type=COUNTS, nullable=True, since=3),
    Field(name="leaders", type=TEXTS, since=3),
    Field(name="leads", type=COUNTS, since=3),
)


def bucket_values(state: Buckets | None) -> list[Any]:
    """The values of the fields; no list of values that are not told apart by their hash."""
    if state is None:
        return [None, [], []]
    if not state.total:
        return [[], [], []]
    leaders = [state.leaders[bucket] for bucket in sorted(state.leaders)]
    return [state.counts.tolist(), [text for text, _ in leaders], [lead for _, lead in leaders]]


class BucketsTable:
    """The fields of many states, most of which have no rows in buckets."""

    def __init__(self, counts: pa.ListArray, leaders: pa.ListArray, leads: pa.ListArray) -> None:
        self._lists = counts, leaders, leads
        self._known = valid_of(counts)
        self._filled = np.diff(values_of(counts.offsets)) > 0

    def of(self, row: int, *, overflowed: bool) -> Buckets | None:
        """Those of a row; None of values that are not told apart, or were not by an earlier version."""
        if not self._known[row] or (overflowed and not self._filled[row]):
            return None
        if not self._filled[row]:
            return NONE
        counts, leaders, leads = (each[row].values for each in self._lists)
        indices = buckets_of(hash_texts_in_order(*buffers(leaders))).tolist()
        pairs = zip(leaders.to_pylist(), leads.to_pylist(), strict=True)
        return Buckets(
            counts=np.array(values_of(counts)), leaders=dict(zip(indices, pairs, strict=True))
        )


def bucket_findings(table: StateTable) -> Iterator[Finding]:
    """What no rows can have."""
    counted = table.numbers("counted")
    (counts, bounds), (_, ends), (leads, own_ends) = map(
        table.lists, ("buckets", "leaders", "leads")
    )
    lengths, leaders = np.diff(bounds), np.diff(ends)
    yield "buckets", f"none, or {BUCKETS} numbers", (lengths != 0) & (lengths != BUCKETS)
    gaps = np.full(len(lengths), bool(counts.null_count))
    yield "buckets", "a number for every bucket", gaps
    rows = values_of(counts)
    yield (
        "buckets",
        "0 or more, and no more than were counted",
        any_of((rows < 0) | (rows > np.repeat(counted, lengths)), bounds),
    )
    sums = np.diff(running(rows)[bounds])
    yield "buckets", "together as many as were counted", (lengths > 0) & (sums != counted)
    yield "buckets", "none where each value is counted", (lengths > 0) & ~table.truths("overflowed")
    yield "leads", "a number for each of the leaders", np.diff(own_ends) != leaders
    yield "leaders", "no more than buckets", leaders > lengths
    margins = values_of(leads)
    wrong = (margins <= 0) | (margins > np.repeat(counted, np.diff(own_ends)))
    yield "leads", "1 or more, and no more than were counted", any_of(wrong, own_ends)
