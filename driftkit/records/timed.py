"""Captured records by the time at which they were answered, in the order in which they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.records.window import all_in_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.records.captured import Captured
    from driftkit.settings import TimeUnit

INFERENCE_TIME = "inferenceTime"
_LENGTH = {"day": 10, "hour": 13}
_TIME = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedChunk:
    """Rows that were answered in the same hour or on the same day.

    Attributes:
        chunk: the rows.
        moment: the day or hour, as 2024-03-18 or 2024-03-18T15; None if it is not known.
    """

    chunk: Chunk
    moment: str | None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.chunk.num_rows

    @property
    def rejected(self) -> Rejections:
        """Records that were set aside."""
        return self.chunk.rejected

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        return self.chunk.column(index)


def by_time(found: Captured, unit: TimeUnit) -> Iterator[tuple[str | None, Captured]]:
    """Neighbours of the same day or hour, in UTC."""
    times = all_in_utc(found.times())
    heads = pc.utf8_slice_codeunits(times, 0, _LENGTH[unit])
    known = pc.fill_null(pc.match_substring_regex(times, _TIME), fill_value=False)
    moments = pc.if_else(known, heads, pa.scalar(None, pa.string())).to_pylist()
    rejected, start = found.rejected, 0
    for place in range(1, len(moments) + 1):
        if place < len(moments) and moments[place] == moments[start]:
            continue
        records = found.records.slice(start, place - start)
        places = found.places[start:place]
        yield moments[start], replace(found, records=records, places=places, rejected=rejected)
        rejected, start = Rejections(), place
    if not moments:
        yield None, found
