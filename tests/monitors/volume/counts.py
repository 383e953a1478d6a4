"""Rows by the hour or day: a state that adds up and can be kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.states import state_files
from driftkit.states.partitions.keys import coded
from driftkit.states.partitions.partition import PartitionOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.settings import TimeUnit

VERSION = 1
_SCHEMA = pa.schema({"time": pa.string(), "rows": pa.int64()})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """How many rows each hour or day has.

    Attributes:
        unit: "day" or "hour".
        blocks: rows by the hour or day; by None those whose time is not known.
        rejected: records that were set aside.
    """

    unit: TimeUnit
    blocks: Mapping[str | None, int] = field(default_factory=dict)
    rejected: Rejections = field(default_factory=Rejections)

    @property
    def known(self) -> dict[str, int]:
        """Rows by the hour or day, in the order of time."""
        return {time: self.blocks[time] for time in sorted(filter(None, self.blocks))}

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.blocks.values())

    def __add__(self, other: RowCounts) -> RowCounts:
        blocks = Counter(self.blocks) + Counter(other.blocks)
        return replace(self, blocks=dict(blocks), rejected=self.rejected + other.rejected)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        columns = {"time": [*self.blocks], "rows": [*self.blocks.values()]}
        batch = pa.RecordBatch.from_pydict(columns, schema=_SCHEMA)
        return state_files.written_alone(_kind(self.unit), VERSION, {}, batch)


def _kind(unit: TimeUnit) -> str:
    """The monitor as a file of states says it: hours and days do not add up."""
    return f"volume by the {unit}"


def loads(content: bytes | pa.Buffer, where: str, unit: TimeUnit) -> RowCounts:
    """The state of a file.

    Raises:
        FormatError: it is another file, of another unit, or damaged.
    """
    _, batch = state_files.read_alone(content, where, _kind(unit), {VERSION: _SCHEMA})
    columns: dict[str, list[Any]] = batch.to_pydict()
    blocks = dict(zip(columns["time"], columns["rows"], strict=True))
    return RowCounts(unit=unit, blocks=blocks)


def count(names: Sequence[str], column: str, unit: TimeUnit, chunks: Iterable[Chunk]) -> RowCounts:
    """The rows of some chunks."""
    total = RowCounts(unit=unit)
    options = PartitionOptions(by=(column,), unit=unit)
    for chunk in chunks:
        codes, keys = coded(chunk, names, options) if chunk.num_rows else (np.zeros(0, int), [])
        rows = np.bincount(codes, minlength=len(keys)).tolist()
        blocks = {key: number for (key,), number in zip(keys, rows, strict=True)}
        total += RowCounts(unit=unit, blocks=blocks, rejected=chunk.rejected)
    return total
