"""Datasets: named columns, and units that are read independently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import pyarrow as pa

from driftkit.columns.chunk import Column, Rejections
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from driftkit.columns.chunk import Chunk, TimeKey
    from driftkit.io.finding import File
    from driftkit.settings import Settings

# Few, large units are fastest: a task costs a tenth of a second to begin, and its states pass the
# driver. So the units of a larger input are larger, but bounded: beyond 64 GB there are more of
# them, so that more cores find work and a task that is lost is seconds of work.
FEW_UNITS = 64
MOST_BYTES = 1024 * 1024 * 1024
# Smaller chunks would cost more than their rows.
LEAST_BYTES = 4 * 1024 * 1024
# Of which the beginning or the end is looked at: a store takes its time to answer.
FILES_AT_ONCE = 8
# The states of a column take some kilobytes, however few rows there are.
MOST_COLUMNS = 250_000


class Unit(Protocol):
    """A part of a dataset that is read from first row to last; it can be pickled.

    Units depend on the input alone, never on the number of cores, so that results do not either.
    """

    @property
    def name(self) -> str:
        """What is read, for messages."""

    @property
    def size(self) -> int:
        """Bytes on disk or in memory."""

    def chunks(self) -> Iterator[Chunk]:
        """The rows in their order.

        Raises:
            InputError: the unit cannot be read.
        """


class Piece(Protocol):
    """Bytes of a file that are read together."""

    @property
    def file(self) -> File:
        """That holds them."""

    @property
    def size(self) -> int:
        """Bytes on disk."""


P = TypeVar("P", bound=Piece)
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUnit(Generic[P]):
    """Neighbouring pieces of files.

    Attributes:
        pieces: at least one.
        read: gives the rows of pieces in their order; can be pickled.
    """

    pieces: tuple[P, ...]
    read: Callable[[Sequence[P]], Iterator[Chunk]]

    @property
    def name(self) -> str:
        """The first of the files."""
        return self.pieces[0].file.path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(piece.size for piece in self.pieces)

    def chunks(self) -> Iterator[Chunk]:
        """The rows of the pieces."""
        return self.read(self.pieces)


def units_of(
    pieces: Sequence[P], target: int, read: Callable[[Sequence[P]], Iterator[Chunk]]
) -> tuple[FileUnit[P], ...]:
    """Units of neighbouring pieces, each of about `target` bytes, or larger where there is more."""
    ranges = grouped([piece.size for piece in pieces], target)
    return tuple(FileUnit(pieces=tuple(pieces[i:j]), read=read) for i, j in ranges)


class Dataset(Protocol):
    """An opened input."""

    @property
    def name(self) -> str:
        """The input, for messages."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns to be monitored, in their order."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """The parts, in order; none where Spark holds the rows."""

    @property
    def set_aside(self) -> Mapping[str, str]:
        """Columns that cannot be monitored, with the reason."""

    @property
    def remarks(self) -> Mapping[str, str]:
        """Columns that are monitored, but not quite as they are in the input, and in what way."""

    @property
    def one_by_one(self) -> bool:
        """Whether a process must read one unit after the other, as where a user's script reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDataset:
    """A dataset whose units read files or tables in memory.

    Attributes:
        hours: begin of the first and end of the last hour, where all files are of known hours.
        streamed: whether the rows come from elsewhere in this process while they are read.
    """

    name: str
    columns: tuple[Column, ...]
    units: tuple[Unit, ...]
    set_aside: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    one_by_one: bool = False
    hours: tuple[datetime, datetime] | None = None
    streamed: bool = False

    @property
    def size(self) -> int:
        """Bytes of all units."""
        return sum(unit.size for unit in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Files that are read as one input.

    Attributes:
        files: none of them empty.
        name: of the input, for messages.
        settings: how they are read.
        known: the baseline's column names, given to captured CSV columns by their place.
    """

    files: tuple[File, ...]
    name: str
    settings: Settings
    known: tuple[str, ...] = ()


def grouped(sizes: Sequence[int], target: int) -> list[tuple[int, int]]:
    """Ranges of neighbours, each of about `target` bytes; larger ones where there is more.

    There are at most 64, each larger where there is more, unless they would exceed 1 GB: only
    then their number grows.

    >>> grouped([4, 4, 4, 9], 8)
    [(0, 2), (2, 3), (3, 4)]
    """
    most = max(target, MOST_BYTES)
    limit = min(max(target, -(-sum(sizes) // FEW_UNITS)), most)
    while len(ranges := _filled(sizes, limit)) > FEW_UNITS and limit < most:
        limit = min(limit + limit // 8 + 1, most)
    return ranges


def _filled(sizes: Sequence[int], limit: int) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    first, held = 0, 0
    for index, size in enumerate(sizes):
        if held and held + size > limit:
            ranges.append((first, index))
            first, held = index, 0
        held += size
    return [*ranges, (first, len(sizes))] if sizes else []


def refuse_wide(columns: int, where: str) -> None:
    """Refuses more columns than memory is meant for.

    Raises:
        InputError: there are more.
    """
    if columns > MOST_COLUMNS:
        raise InputError(
            "there are too many columns",
            where=where,
            expected=f"at most {MOST_COLUMNS:,}",
            found=f"{columns:,}",
            todo="Check that rows and columns are not mixed up, or leave columns out",
        )


def unique(names: Sequence[str], where: str) -> tuple[str, ...]:
    """The names, if none stands twice.

    Raises:
        InputError: one does, or there are too many.
    """
    refuse_wide(len(names), where)
    often = Counter(names) if len(set(names)) < len(names) else {}
    twice = sorted(name for name, count in often.items() if count > 1)
    if twice:
        raise InputError(
            "column names stand more than once",
            where=where,
            expected="every name once",
            found=", ".join(repr(name) for name in twice[:5]),
            todo="Rename them, or read the file without its header",
        )
    return tuple(names)


def text_columns(names: Sequence[str], where: str) -> tuple[Column, ...]:
    """Columns of text.

    Raises:
        InputError: a name stands twice, or there are too many.
    """
    return tuple(Column(name=name) for name in unique(names, where))


def judge(dataset: Dataset, rejected: Rejections, rows: int) -> None:
    """Refuses a dataset that had no rows, or of which most records could not be read.

    Raises:
        InputError: so it was.
    """
    if rejected.total > rows:
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in rejected.counts.items())
        examples = "".join(f"\n  {example}" for example in rejected.examples)
        raise InputError(
            "more than half of the records cannot be read",
            where=dataset.name,
            expected=f"most of {rows + rejected.total:,} records",
            found=f"{rejected.total:,} bad ones: {reasons}",
            todo=f"Look at the first of them:{examples}" if examples else "Look at them",
        )
    if rows == 0:
        raise InputError(
            "there is not a single row",
            where=dataset.name,
            expected="at least one row",
            todo="Check that the input is the right one and not cut off after its header",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChunk:
    """Rows that are in memory already; see `driftkit.columns.chunk.Chunk`."""

    table: pa.Table
    rejected: Rejections = field(default_factory=Rejections)
    time_key: TimeKey | None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.table.num_rows)

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        return self.table.column(index)


def gathered(chunks: Iterable[TableChunk]) -> Iterator[TableChunk]:
    """Neighbouring small chunks, of many small files, as larger ones."""
    return map(_one, runs_of(chunks, lambda chunk: chunk.table.nbytes, LEAST_BYTES))


def runs_of(values: Iterable[V], size_of: Callable[[V], int], least: int) -> Iterator[list[V]]:
    """Runs of neighbours, each as short as its size allows; the last one may be smaller."""
    held: list[V] = []
    size = 0
    for value in values:
        held.append(value)
        size += size_of(value)
        if size >= least:
            yield held
            held, size = [], 0
    if held:
        yield held


def joined(chunks: list[TableChunk]) -> TableChunk:
    """The chunks as if their rows had been read at once, each column in one piece."""
    one = _one(chunks)
    if len(chunks) == 1:
        return one
    return TableChunk(table=one.table.combine_chunks(), rejected=one.rejected)


def _one(chunks: list[TableChunk]) -> TableChunk:
    if len(chunks) == 1:
        return chunks[0]
    return TableChunk(
        table=pa.concat_tables(chunk.table for chunk in chunks),
        rejected=sum((chunk.rejected for chunk in chunks), Rejections()),
    )
