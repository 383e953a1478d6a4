"""Rows of a column of text by the hash of their values: what is known where there are too many to count each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import take_indices
from driftkit.native.arrow_arrays import array_of
from driftkit.native.hashing import BUCKETS, count_buckets, hash_texts_in_order
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.native.arrays import Hashes, Integers
    from driftkit.states.kernels.choice import Kernels

# Of the rows that are taken in at once: who leads by less is not worth a name.
_LEAST = 1 / 1024
# Longer texts are nobody's name.
_LONGEST = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Buckets:
    """Rows by the last nine bits of the hash of their values, and who leads in each bucket.

    A value that has more rows of a bucket than all others together leads it, whichever way the rows
    were split: rows of different values cancel each other out in pairs, and it has rows left (Boyer
    and Moore, MJRTY, 1981; Agarwal et al., Mergeable Summaries, 2013). Of other buckets it depends on
    the split who leads; so leaders are names for people, and no part of what makes two states equal.

    Attributes:
        counts: rows of each bucket; not to be changed in place.
        leaders: bucket -> the value that leads, and rows that it has left: so many or more of the
            bucket's are its own.
    """

    counts: Integers = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    leaders: Mapping[int, tuple[str, int]] = field(default_factory=dict)

    def __add__(self, other: Buckets) -> Buckets:
        leaders = dict(self.leaders)
        for bucket, (text, lead) in other.leaders.items():
            mine, more = leaders.get(bucket, (text, 0))
            if mine == text or more < lead:
                more = more + lead if mine == text else lead - more
                leaders[bucket] = text, more
            elif more > lead:
                leaders[bucket] = mine, more - lead
            else:
                del leaders[bucket]
        return Buckets(counts=self.counts + other.counts, leaders=leaders)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Buckets) and bool((self.counts == other.counts).all())

    def __hash__(self) -> int:
        return hash(self.counts.tobytes())

    @property
    def total(self) -> int:
        """Rows in all."""
        return int(self.counts.sum())

    def name_of(self, bucket: int) -> str:
        """The value that most rows of a bucket have; the empty text where there is none."""
        text, lead = self.leaders.get(bucket, ("", 0))
        return text if 2 * lead > self.counts[bucket] else ""

    @classmethod
    def of_counts(cls, counts: Mapping[str, int]) -> Buckets:
        """The buckets of rows that were counted value by value."""
        if not counts:
            return NONE
        texts = array_of(list(counts), pa.large_string())
        rows = np.fromiter(counts.values(), np.int64, len(counts))
        return cls.of_texts(texts, hash_texts_in_order(*buffers(texts)), rows=rows)

    @classmethod
    def of_texts(
        cls,
        texts: pa.Array,
        hashes: Hashes,
        loops: Kernels | None = None,
        rows: Integers | None = None,
    ) -> Buckets:
        """The buckets of texts.

        Args:
            texts: without nulls.
            hashes: of each.
            loops: over them; the plain ones if not given.
            rows: how many have each text; one each if not given.
        """
        counts, firsts, leads = (loops.count_buckets if loops else count_buckets)(
            hashes, _LEAST, rows
        )
        leading = np.flatnonzero(leads)
        names = texts.take(take_indices(firsts[leading])).to_pylist()
        found = zip(leading.tolist(), names, leads[leading].tolist(), strict=True)
        leaders = {bucket: (name, lead) for bucket, name, lead in found if len(name) <= _LONGEST}
        return cls(counts=counts, leaders=leaders)


NONE = Buckets()
"""Those of no rows."""
