"""A bounded sample of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSample:
    """Rows, at most `limit` of them; samples add up.

    Beyond the limit those rows stay whose contents have the smallest hashes, so that the choice
    does not depend on how the input is cut.

    Attributes:
        limit: rows kept at most.
        rows: rows seen.
        table: the rows kept, in their order until there are too many, then by hash.
    """

    limit: int
    rows: int
    table: pa.Table

    def __add__(self, other: RowSample) -> RowSample:
        if not self.rows or not other.rows:
            return self if self.rows else other
        joined = pa.concat_tables([self.table, other.table], promote_options="permissive")
        return RowSample(limit=self.limit, rows=self.rows + other.rows, table=joined).cut()

    def cut(self) -> RowSample:
        """The same sample within its limit."""
        if self.rows <= self.limit:
            return self
        order = np.argsort(hashes(self.table), kind="stable")[: self.limit]
        return RowSample(limit=self.limit, rows=self.rows, table=self.table.take(order))


def sample(names: Sequence[str], chunks: Iterable[Chunk], limit: int) -> RowSample:
    """The sample of some chunks of all columns."""
    total = RowSample(limit=limit, rows=0, table=pa.table({}))
    for chunk in chunks:
        columns = [_plain(chunk.column(index)) for index in range(len(names))]
        # Names may occur twice; numbers do not.
        table = pa.table(columns, names=[str(index) for index in range(len(names))])
        part = RowSample(limit=limit, rows=chunk.num_rows, table=table)
        total = total + part.cut()
    return total


def hashes(table: pa.Table) -> NDArray[np.uint64]:
    """A hash of the content of each row."""
    # Loaded here because most runs need no sample.
    import pandas as pd  # noqa: PLC0415

    return np.asarray(pd.util.hash_pandas_object(table.to_pandas(), index=False).to_numpy())


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = values.type
    return values.cast(kind.value_type) if pa.types.is_dictionary(kind) else values
