"""The rows of one model in a table with those of several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from driftkit.readers.mapped import mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.capture.models import OneModel
    from driftkit.columns.chunk import Chunk, Rejections, TimeKey
    from driftkit.readers.dataset import Dataset, FileDataset


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """Some rows of a chunk; see `driftkit.columns.chunk.Chunk`.

    Attributes:
        inner: the chunk.
        kept: whether each of its rows is among them.
        num_rows: how many are.
    """

    inner: Chunk
    kept: pa.Array
    num_rows: int

    @property
    def rejected(self) -> Rejections:
        """Rows that were set aside."""
        return self.inner.rejected

    @property
    def time_key(self) -> TimeKey | None:
        """That of the chunk."""
        return self.inner.time_key

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        return self.inner.column(index).filter(self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfModel:
    """Leaves rows of other models out; pickled and sent to the workers.

    Attributes:
        model: whose rows stay.
        index: of the column with models.
    """

    model: OneModel
    index: int

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[KeptRows]:  # noqa: ARG002  (of any file)
        """The rows of the model."""
        for chunk in chunks:
            mask = self.model.mask(chunk.column(self.index))
            yield KeptRows(inner=chunk, kept=pa.array(mask), num_rows=int(mask.sum()))


def rows_of_model(dataset: Dataset, model: OneModel, index: int) -> Dataset:
    """The table's rows of a model.

    Args:
        dataset: the table.
        model: whose rows stay.
        index: of the column with models.
    """
    found = mapped(dataset, dataset.columns, RowsOfModel(model=model, index=index))
    return replace(cast("FileDataset", found), name=model.told_of(dataset.name))
