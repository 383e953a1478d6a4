"""Delta and Iceberg tables as inputs, read as their logs say, without Spark."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from pyarrow import fs

from driftkit.errors import DriftkitError, InputError
from driftkit.extras import library
from driftkit.io.finding import beside
from driftkit.io.locations import Remote, filesystem_of, is_url, locate, with_one_scheme
from driftkit.io.tables import ICEBERG_METADATA, LOG
from driftkit.readers.streams import RowSource, streamed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from driftkit.readers.dataset import FileDataset

CATALOG = "iceberg:"
_DELTA_VERSION = re.compile(r"(?P<path>.+)@v(?P<version>[0-9]+)", re.DOTALL)
_NUMBER = re.compile(r"v?([0-9]+)[.-]")
# Rows come in the order of the log then, and a file's batches are in memory but once.
_IN_ORDER = {
    "datafusion.execution.target_partitions": "1",
    "datafusion.execution.batch_size": "65536",
}
_TITLES = {"delta": "Delta", "iceberg": "Iceberg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeTable:
    """A table that is more than its files.

    Attributes:
        kind: the format of its log.
        address: its folder, here or as a URL; of Iceberg also a file of metadata, or a table's
            name in a catalogue.
        version: of Delta; None for the last one.
    """

    kind: Literal["delta", "iceberg"]
    address: str
    version: int | None = None

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{_TITLES[self.kind]} table"


def lake_table(paths: Sequence[str]) -> LakeTable | None:
    """The table that is named; None where files are.

    Args:
        paths: of an input.

    Raises:
        InputError: it is one of several inputs.
    """
    for path in paths:
        table = _named(path)
        if table is not None and len(paths) > 1:
            raise InputError(
                f"a {table.title} is an input of its own",
                where=path,
                expected="one table, and nothing else",
                found=f"{len(paths)} inputs",
                todo="Monitor them apart",
            )
        if table is not None:
            return table
    return None


def _named(path: str) -> LakeTable | None:
    if path.startswith(CATALOG):
        return LakeTable(kind="iceberg", address=path)
    if path.endswith(ICEBERG_METADATA) and PurePosixPath(path).parent.name == "metadata":
        return LakeTable(kind="iceberg", address=path)
    kind = _kind_of(path)
    if kind is not None:
        return LakeTable(kind=kind, address=path)
    past = _DELTA_VERSION.fullmatch(path)
    if past and _kind_of(past["path"]) == "delta":
        return LakeTable(kind="delta", address=past["path"], version=int(past["version"]))
    return None


def _kind_of(path: str) -> Literal["delta", "iceberg"] | None:
    # Storage is not asked about what is called as files are; those of a table are refused later.
    if not path or (is_url(path) and PurePosixPath(path).suffix):
        return None
    folder = locate(path)
    if not folder.is_dir():
        return None
    if (folder / LOG).is_dir():
        return "delta"
    return "iceberg" if _metadata_files(folder) else None


def _metadata_files(folder: Path | Remote) -> list[str]:
    """The files that describe an Iceberg table, one for each change of it."""
    filesystem, path = filesystem_of(str(folder / "metadata"))
    found = filesystem.get_file_info(fs.FileSelector(path, allow_not_found=True))
    return [each.path for each in found if each.path.endswith(ICEBERG_METADATA)]


def read_table(table: LakeTable, lists: Collection[str] = ()) -> FileDataset:
    """The rows of a table, read in this process as a stream.

    Args:
        table: Delta's or Iceberg's.
        lists: columns of vectors.

    Raises:
        SettingsError: its library is not installed.
        InputError: it cannot be read.
    """
    source = (_delta if table.kind == "delta" else _iceberg)(table)
    return streamed(table.address, source, lists)


def _delta(table: LakeTable) -> RowSource:
    deltalake = library("deltalake", table.kind, f"the {table.title} {table.address}")
    if not hasattr(deltalake.DeltaTable, "deletion_vectors"):
        raise InputError(
            "this deltalake does not know rows that were deleted",
            where=table.address,
            expected="deltalake 1.6 or later",
            found=deltalake.__version__,
            todo="pip install 'driftkit-spark[delta]'",
        )
    with _reported(table):
        opened = deltalake.DeltaTable(_plain(table.address), version=table.version)
    return RowSource(open=partial(_delta_rows, table, opened, deltalake), chooses=True)


def _delta_rows(
    table: LakeTable, opened: Any, deltalake: Any, columns: list[str] | None
) -> pa.RecordBatchReader:
    quoted = ", ".join('"' + each.replace('"', '""') + '"' for each in columns or ())
    with _reported(table):
        engine = deltalake.QueryBuilder(_IN_ORDER).register("rows", opened)
        reader = engine.execute(f"SELECT {quoted or '*'} FROM rows")  # noqa: S608  (own words)
        return _watched(table, pa.RecordBatchReader.from_stream(reader))


def _iceberg(table: LakeTable) -> RowSource:
    module = "pyiceberg.catalog" if table.address.startswith(CATALOG) else "pyiceberg.table"
    found = library(module, table.kind, f"the {table.title} {table.address}")
    with _reported(table):
        if table.address.startswith(CATALOG):
            catalog, _, name = table.address.removeprefix(CATALOG).partition(".")
            opened = found.load_catalog(catalog).load_table(name)
        else:
            opened = found.StaticTable.from_metadata(_metadata_of(table.address))
    return RowSource(open=partial(_iceberg_rows, table, opened), chooses=True)


def _iceberg_rows(table: LakeTable, opened: Any, columns: list[str] | None) -> pa.RecordBatchReader:
    """The rows, a file of data in memory at a time: pyiceberg itself would read ahead of us."""
    from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow  # noqa: PLC0415  (an extra)

    with _reported(table):
        scan = opened.scan(selected_fields=tuple(columns) if columns else ("*",))
        projected = scan.projection()
        schema = schema_to_pyarrow(projected, include_field_ids=False)
        reader = ArrowScan(opened.metadata, opened.io, projected, scan.row_filter)
        files = list(scan.plan_files())
    tables = (
        pa.Table.from_batches([batch]).cast(schema)
        for file in files
        for batch in reader.to_record_batches([file])
    )
    batches = (batch for each in tables for batch in each.to_batches())
    return _watched(table, pa.RecordBatchReader.from_batches(schema, batches))


def _metadata_of(address: str) -> str:
    """The file that describes the table as it is now.

    A folder says which one it is, if its writer needs no catalogue; else it is the one with the
    highest number.

    Raises:
        InputError: several are.
    """
    if address.endswith(ICEBERG_METADATA):
        return _plain(address)
    folder = locate(_plain(address))
    hint = folder / "metadata" / "version-hint.text"
    if hint.exists():
        said = hint.read_text().strip().removesuffix(ICEBERG_METADATA)
        name = f"v{said}" if said.isdecimal() else said
        return str(folder / "metadata" / f"{name}{ICEBERG_METADATA}")
    files = _metadata_files(folder)
    highest = max(map(_number, files), default=None)
    last = [path for path in files if _number(path) == highest]
    if len(last) > 1:
        raise InputError(
            "only the table's catalogue knows which of these files describes it",
            where=address,
            expected="one file of metadata with the highest number",
            found=", ".join(sorted(PurePosixPath(each).name for each in last)),
            todo=f"Name the table as its catalogue does, {CATALOG}CATALOG.NAMESPACE.TABLE",
        )
    return beside(str(folder), last[0]) if isinstance(folder, Remote) else last[0]


def _number(path: str) -> int:
    found = _NUMBER.match(PurePosixPath(path).name)
    return int(found[1]) if found else -1


def _plain(address: str) -> str:
    """The address in a form that the libraries take."""
    named = locate(address)
    return with_one_scheme(named.url) if isinstance(named, Remote) else str(named.absolute())


def _watched(table: LakeTable, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(reader.schema, _batches(table, reader))


def _batches(table: LakeTable, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    with _reported(table):
        yield from reader


@contextmanager
def _reported(table: LakeTable) -> Iterator[None]:
    """Whatever the libraries raise, of many kinds, as an error of the input."""
    try:
        yield
    except DriftkitError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        raise InputError(
            f"the {table.title} cannot be read",
            where=table.address,
            expected="a table that is whole, with features that its library knows",
            found=text or type(error).__name__,
            todo="Check that all of it is there, or read it on Spark with --runner spark",
        ) from error
