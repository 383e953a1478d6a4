"""Leaves out rows whose caller chose the arm: they did not come there by the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.readers.dataset import TableChunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.columns.chunk import Chunk

FORCED = "forced"
REASON = "forced to an arm by the caller"


def routed(chunk: Chunk, names: Sequence[str]) -> Chunk:
    """The rows that came to their arms by the weights; the others are counted as set aside.

    Args:
        chunk: the rows.
        names: of its columns; where `forced` is none of them, all rows are left as they are.
    """
    if FORCED not in names or not chunk.num_rows:
        return chunk
    forced = pc.fill_null(chunk.column(names.index(FORCED)), fill_value=False)
    count = pc.sum(forced).as_py() or 0
    if not count:
        return chunk
    kept = pc.invert(forced)
    columns = [chunk.column(index).filter(kept) for index in range(len(names))]
    return TableChunk(
        table=pa.Table.from_arrays(columns, names=list(names)),
        rejected=chunk.rejected + Rejections(counts={REASON: count}),
    )
