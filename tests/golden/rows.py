"""Rows of text as a chunk, for golden files that are read without driftkit's readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All rows as one chunk of text columns."""

    rows: Sequence[Sequence[str]]
    rejected: Rejections = field(default_factory=Rejections)
    time_key: None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def column(self, index: int) -> pa.ChunkedArray:
        """The column as text."""
        return pa.chunked_array([pa.array([row[index] for row in self.rows], pa.string())])
