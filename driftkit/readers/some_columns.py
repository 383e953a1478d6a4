"""Takes some columns of a dataset; the others are not read where its format allows that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from driftkit.readers.mapped import MappedBatches, mapped
from driftkit.readers.spark import FrameDataset
from driftkit.readers.streams import StreamUnit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from driftkit.columns.chunk import Chunk, Column, Rejections, TimeKey
    from driftkit.readers.dataset import Dataset, FileDataset


@dataclass(frozen=True, slots=True, kw_only=True)
class _SomeColumns:
    """A chunk with some of the columns of another; see `driftkit.columns.chunk.Chunk`."""

    chunk: Chunk
    indices: tuple[int, ...]

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.chunk.num_rows

    @property
    def rejected(self) -> Rejections:
        """Records that were set aside."""
        return self.chunk.rejected

    @property
    def time_key(self) -> TimeKey | None:
        """The time of all rows."""
        return self.chunk.time_key

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        return self.chunk.column(self.indices[index])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """Makes the chunks; pickled and sent to the workers."""

    indices: tuple[int, ...]

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[Chunk]:
        """A chunk for each."""
        del path
        return (_SomeColumns(chunk=chunk, indices=self.indices) for chunk in chunks)


def without(dataset: Dataset, left_out: Mapping[str, str]) -> Dataset:
    """The dataset without some of its columns.

    Args:
        dataset: of files, tables in memory or a Spark data frame.
        left_out: names of the columns, and why; they count as set aside.
    """
    if not left_out:
        return dataset
    indices = tuple(
        index for index, column in enumerate(dataset.columns) if column.name not in left_out
    )
    columns = tuple(dataset.columns[index] for index in indices)
    aside = {**_but(dataset.set_aside, left_out), **left_out}
    remarks = _but(dataset.remarks, left_out)
    # All others are of files, or of tables in memory.
    some = cast("FileDataset", _only(cast("FileDataset", dataset), columns, indices))
    return replace(some, set_aside=aside, remarks=remarks)


def _only(
    dataset: FileDataset | FrameDataset, columns: tuple[Column, ...], indices: tuple[int, ...]
) -> Dataset:
    if isinstance(dataset, FrameDataset):
        # Columns that chunks are made with are not the frame's.
        if isinstance(dataset.chunks, MappedBatches):
            return mapped(dataset, columns, _Taking(indices=indices))
        return dataset.only(indices)
    streams = [unit for unit in dataset.units if isinstance(unit, StreamUnit)]
    if len(streams) < len(dataset.units):
        return mapped(dataset, columns, _Taking(indices=indices))
    names = tuple(column.name for column in columns)
    units = tuple(replace(unit, columns=names) for unit in streams)
    return replace(dataset, columns=columns, units=units)


def _but(said: Mapping[str, str], left_out: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in said.items() if name not in left_out}
