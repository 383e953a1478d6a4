"""Parquet: row groups as units, one column in memory at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kind_of

from driftkit.columns.chunk import Rejections
from driftkit.io.finding import damaged, unreadable
from driftkit.io.locations import is_url
from driftkit.readers.arrow import CUT, in_nanoseconds, monitored, same_schema
from driftkit.readers.dataset import FILES_AT_ONCE, FileDataset, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.io.finding import File
    from driftkit.readers.dataset import Source

UNIT_BYTES = 128 * 1024 * 1024
# A small input has smaller units, so that several cores find work, but none that is not worth a task.
SMALL_UNIT_BYTES = 32 * 1024 * 1024
_SEVERAL = 8
# Mapped pages count as memory of the task, which a large row group must not fill.
MOST_MAPPED_BYTES = 128 * 1024 * 1024
# Of a text of a row group, if it is a code of a dictionary, and of the dictionary.
_CODE_BYTES = 4
_DICTIONARY_BYTES = 1024 * 1024
# What Arrow says of a damaged file; names that are not UTF-8 are a ValueError.
_DAMAGES = (pa.ArrowException, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """Where some rows are.

    Attributes:
        file: that holds them.
        number: of the row group in the file.
        size: compressed bytes.
    """

    file: File
    number: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroupChunk:
    """The rows of a row group; columns are read when they are asked for."""

    reader: pq.ParquetFile
    number: int
    names: tuple[str, ...]
    where: str
    rejected: Rejections = field(default_factory=Rejections)
    time_key: None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.reader.metadata.row_group(self.number).num_rows)

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column.

        Raises:
            InputError: the file is damaged.
        """
        name = self.names[index]
        try:
            table = self.reader.read_row_group(self.number, columns=[name], use_threads=False)
        except (OSError, *_DAMAGES) as error:
            raise damaged("Parquet", f"{self.where}, column {name}", error) from error
        return table.column(name)


def _chunks(names: tuple[str, ...], groups: Sequence[RowGroup]) -> Iterator[RowGroupChunk]:
    """A chunk a row group."""
    path, reader = "", None
    mapped = sum(group.size for group in groups) <= MOST_MAPPED_BYTES
    for group in groups:
        if reader is None or group.file.path != path:
            path, reader = group.file.path, opened(group.file, mapped=mapped)
        yield RowGroupChunk(reader=reader, number=group.number, names=names, where=path)


def read_parquet(source: Source) -> FileDataset:
    """A dataset of Parquet files of one schema.

    Raises:
        InputError: a file is damaged, or their schemas differ.
    """
    files = source.files
    groups: list[RowGroup] = []
    cut: set[str] = set()
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        (schema, _, _), *_ = footers = list(pool.map(_footer, files))
    for file, (found, some, fine) in zip(files, footers, strict=True):
        same_schema(schema, found, files[0].path, file.path)
        groups += some
        cut |= fine
    columns, set_aside = monitored(
        schema, source.name, lists=source.settings.deriving.embedding_columns
    )
    target = min(UNIT_BYTES, max(SMALL_UNIT_BYTES, sum(each.size for each in groups) // _SEVERAL))
    read = partial(_chunks, tuple(column.name for column in columns))
    return FileDataset(
        name=source.name,
        columns=columns,
        units=units_of(groups, target, read),
        set_aside=set_aside,
        remarks={column.name: CUT for column in columns if column.name in cut},
    )


def _footer(file: File) -> tuple[pa.Schema, list[RowGroup], set[str]]:
    with opened(file) as reader:
        try:
            schema, metadata = reader.schema_arrow, reader.metadata
            groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
            fine = {each.name for each in schema if in_nanoseconds(each.type)}
            return schema, _row_groups(file, groups), _cut(groups, fine) if fine else fine
        except _DAMAGES as error:
            raise damaged("Parquet", file.path, error) from error


def _cut(groups: Sequence[pq.RowGroupMetaData], names: set[str]) -> set[str]:
    """Those columns of times whose extremes have digits that Spark's times have not.

    The footer tells, without a look at the rows; where it has no extremes, nothing is known.
    """
    columns = (group.column(index) for group in groups for index in range(group.num_columns))
    times = ((each.path_in_schema, each) for each in columns)
    return {name for name, each in times if name in names and _is_cut(each.statistics)}


def _is_cut(extremes: pq.Statistics | None) -> bool:
    if extremes is None or not extremes.has_min_max:
        return False
    return any(
        isinstance(each, int) and each % 1000 for each in (extremes.min_raw, extremes.max_raw)
    )


def _row_groups(file: File, groups: Sequence[pq.RowGroupMetaData]) -> list[RowGroup]:
    sizes = (
        sum(group.column(index).total_compressed_size for index in range(group.num_columns))
        for group in groups
    )
    return [RowGroup(file=file, number=number, size=size) for number, size in enumerate(sizes)]


def opened(file: File, *, mapped: bool = True) -> pq.ParquetFile:
    """The file, its text columns as dictionaries where it has them so.

    Args:
        file: of this machine, or a URL.
        mapped: a file of this machine is mapped into memory, else read.

    Raises:
        InputError: it is no Parquet file, or is cut off.
    """
    source = file.open() if is_url(file.path) else file.path
    mapped = mapped and not is_url(file.path)
    try:
        metadata = pq.read_metadata(source, memory_map=mapped)
        schema = metadata.schema.to_arrow_schema()
        texts = {each.name for each in schema if kind_of.is_string(each.type)} - _plain(metadata)
        return pq.ParquetFile(
            source, metadata=metadata, read_dictionary=sorted(texts), memory_map=mapped
        )
    except OSError as error:
        raise unreadable(file.path, error) from error
    except _DAMAGES as error:
        raise damaged("Parquet", file.path, error) from error


def _plain(metadata: pq.FileMetaData) -> set[str]:
    """Columns of which most rows have a value of their own, as ids: the file has no dictionary of them.

    To make one takes ten times as long as to read them. Codes of a dictionary have a few bytes each, and
    writers give it up when it becomes large.
    """
    if not metadata.num_row_groups:
        return set()
    group = metadata.row_group(0)
    most = group.num_rows * _CODE_BYTES + _DICTIONARY_BYTES
    columns = map(group.column, range(group.num_columns))
    return {each.path_in_schema for each in columns if each.total_uncompressed_size > most}


def read_objects(file: File) -> list[dict[str, Any]]:
    """All rows of a file as objects.

    Raises:
        InputError: it is damaged.
    """
    with opened(file) as reader:
        try:
            rows: list[dict[str, Any]] = reader.read().to_pylist()
        # Times that Python has not are told of as OverflowErrors.
        except (OSError, OverflowError, *_DAMAGES) as error:
            raise damaged("Parquet", file.path, error) from error
    return rows


def table_of(file: File, schema: pa.Schema) -> pa.Table:
    """All rows of a file of driftkit's own.

    Args:
        file: to read.
        schema: its columns.

    Raises:
        InputError: it is damaged, or has other columns.
    """
    with file.open() as source:
        try:
            table = pq.read_table(source)
            table.validate(full=True)
        except (OSError, *_DAMAGES) as error:
            raise damaged("Parquet", file.path, error) from error
    same_schema(schema, table.schema, "driftkit's own", file.path)
    return table
