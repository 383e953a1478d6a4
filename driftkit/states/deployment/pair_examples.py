"""Chooses the ids of pairs, and of rows without one, that people may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import take_indices
from driftkit.states.deployment.pairs import IDS_SHOWN, Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from driftkit.native.arrays import Floats, Integers


def furthest(keys: pa.Array, rows: Integers, gaps: Floats, shown: int) -> Iterator[Example]:
    """The pairs whose scores differ most, of equals all.

    Args:
        keys: ids of all rows.
        rows: one of each pair.
        gaps: how far the scores of each pair differ.
        shown: how many are asked for.
    """
    chosen = _largest(gaps, shown)
    ids = keys.take(take_indices(rows[chosen])).to_pylist()
    for key, gap in zip(ids, gaps[chosen].tolist(), strict=True):
        yield Example(kind="score", id=key, weight=gap)


def first_ids(keys: pa.Array, rows: Integers, kind: str) -> Iterator[Example]:
    """The first ids of some rows by their texts."""
    ids = sorted(set(keys.take(take_indices(rows)).to_pylist()))
    yield from (Example(kind=kind, id=key) for key in ids[:IDS_SHOWN])


def _largest(values: Floats, count: int) -> Integers:
    """The indices of the largest values, of equals all."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.flatnonzero(values >= np.partition(values, -count)[-count])
