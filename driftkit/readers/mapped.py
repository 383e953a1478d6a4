"""Datasets whose chunks are made of another dataset's, unit by unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol, cast

from driftkit.readers.dataset import FileUnit
from driftkit.readers.spark import FrameDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk, Column
    from driftkit.readers.dataset import Dataset, FileDataset, Unit


class ChunkMaker(Protocol):
    """Makes chunks of others; pickled and sent to the workers."""

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[Chunk]:
        """The chunks that are made.

        Args:
            chunks: neighbouring ones, of one file.
            path: of the file; empty where rows are in memory, or Spark's.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedRows:
    """Reads pieces of files file by file, and makes other chunks of them."""

    read: Callable[[Sequence[Any]], Iterator[Chunk]]
    make: ChunkMaker

    def __call__(self, pieces: Sequence[Any]) -> Iterator[Chunk]:
        """The chunks made of some pieces."""
        for path, some in groupby(pieces, lambda piece: str(piece.file.path)):
            yield from self.make(self.read(tuple(some)), path)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedBatches:
    """Reads a partition of a Spark data frame, and makes other chunks of its own."""

    read: Callable[[Iterable[Any]], Iterator[Chunk]]
    make: ChunkMaker

    def __call__(self, batches: Iterable[Any]) -> Iterator[Chunk]:
        """The chunks made of a partition's batches."""
        return self.make(self.read(batches), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedUnit:
    """A unit in memory of which other chunks are made."""

    unit: Unit
    make: ChunkMaker

    @property
    def name(self) -> str:
        """As the unit is called."""
        return self.unit.name

    @property
    def size(self) -> int:
        """Bytes of the unit."""
        return self.unit.size

    def chunks(self) -> Iterator[Chunk]:
        """The chunks made of the unit's."""
        return self.make(self.unit.chunks(), "")


def mapped(dataset: Dataset, columns: tuple[Column, ...], make: ChunkMaker) -> Dataset:
    """The dataset of the chunks that are made of another one's.

    Args:
        dataset: of files, tables in memory or a Spark data frame.
        columns: of the chunks that are made.
        make: makes them.
    """
    if isinstance(dataset, FrameDataset):
        return replace(
            dataset, columns=columns, chunks=MappedBatches(read=dataset.chunks, make=make)
        )
    # All others are of files, or of tables in memory.
    of_units = cast("FileDataset", dataset)
    units = tuple(_mapped(unit, make) for unit in of_units.units)
    return replace(of_units, columns=columns, units=units)


def _mapped(unit: Unit, make: ChunkMaker) -> Unit:
    if isinstance(unit, FileUnit):
        return replace(unit, read=MappedRows(read=unit.read, make=make))
    return MappedUnit(unit=unit, make=make)
