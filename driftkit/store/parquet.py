"""A metrics store in a folder of Parquet files: a file for each run and table."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from driftkit.errors import InputError, OutputError
from driftkit.io.journal import flush
from driftkit.io.locations import Remote, filesystem_of, locate
from driftkit.io.remote_files import STORES, put
from driftkit.store.mark import NAME, is_marked, mark_of
from driftkit.store.schema import RUNS, schema_of
from driftkit.store.selecting import condition, of_whole_runs
from driftkit.store.store import EVERYTHING, Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from driftkit.io.locations import PathOrUrl

ENDING = ".parquet"


class ParquetStore:
    """A folder, here or in object storage.

    Runs do not wait for each other, as each has files of its own. The file in the table of runs is
    written last: a run without one is not there.

    Args:
        folder: a path or URL; made where it is missing.
        kind: what its mark says.
    """

    def __init__(self, folder: PathOrUrl, kind: str = "parquet") -> None:
        self._kind = kind
        location = locate(folder)
        self._name = str(location)
        self._url = location.url if isinstance(location, Remote) else str(location.absolute())
        self.is_local = not isinstance(location, Remote)

    def ensure(self) -> None:
        """Makes the folder, and the file that says how it is laid out."""
        with self._writing():
            filesystem, root = self._opened()
            if not is_marked(filesystem, root, self._kind):
                mark = mark_of(self._kind)
                _write(filesystem, f"{root}/{NAME}", mark, local=self.is_local)

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Writes the files of a run, that of the table of runs last."""
        with self._writing():
            filesystem, root = self._opened()
            for name in sorted(tables, key=lambda each: each == RUNS):
                path = f"{root}/{_path(name, key)}"
                if tables[name].num_rows:
                    _write(filesystem, path, _parquet(tables[name]), local=self.is_local)
                elif filesystem.get_file_info(path).type == fs.FileType.File:
                    filesystem.delete_file(path)

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of the files in which they can be."""
        with self._reading():
            filesystem, root = self._opened()
            if not is_marked(filesystem, root, self._kind):
                return schema_of(table).empty_table()
            folder = f"{root}/{table}"
            if query.runs is not None:
                named = [f"{root}/{_path(table, each)}" for each in query.runs]
                return _rows(filesystem, _there(filesystem, named), table, query)
            found = _by_months(filesystem, folder, table, query)
            return of_whole_runs(self, table, query, found)

    def is_there(self) -> bool:
        """Whether the folder has the mark of a store of this kind."""
        with self._reading():
            return is_marked(*self._opened(), self._kind)

    def glob(self, table: str) -> str:
        """The files of a table, as a pattern for DuckDB."""
        return f"{self._url}/{table}/*/*/*{ENDING}"

    def has(self, table: str) -> bool:
        """Whether there is a file of a table."""
        with self._reading():
            filesystem, root = self._opened()
            return bool(_files(filesystem, f"{root}/{table}"))

    def _opened(self) -> tuple[fs.FileSystem, str]:
        return filesystem_of(self._url)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise OutputError(
                "the metrics store cannot be written",
                where=self._name,
                expected="a folder that can be written from this machine",
                found=str(error).splitlines()[0],
                todo="Check the path, its permissions and the room on the disk; the run can be "
                "made again",
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                "the metrics store cannot be read",
                where=self._name,
                expected="Parquet files of driftkit's tables",
                found=str(error).splitlines()[0],
                todo="Remove the file, or make its run again, which writes it anew",
            ) from error


def _path(table: str, key: RunKey) -> str:
    return f"{table}/{_of_model(key.model)}/{_of_month(key.window_start)}/{key.run_id}{ENDING}"


def _of_model(model: str) -> str:
    return f"model={quote(model, safe='')}"


def _of_month(moment: datetime) -> str:
    return f"month={moment:%Y-%m}"


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    # Files are found by their paths, so that statistics in them would help nobody.
    pq.write_table(rows, sink, compression="zstd", write_statistics=False, store_schema=False)
    return bytes(sink.getvalue())


def _write(filesystem: fs.FileSystem, path: str, content: bytes, *, local: bool) -> None:
    """Writes a file that is there as a whole or not at all."""
    if filesystem.type_name in STORES:
        put(filesystem, path, content)
        return
    folder, _, name = path.rpartition("/")
    staged = f"{folder}/.{name}.{secrets.token_hex(4)}"
    put(filesystem, staged, content)
    if local:
        flush([Path(staged)])
    filesystem.move(staged, path)
    if local:
        flush([Path(folder)])


def _by_months(filesystem: fs.FileSystem, folder: str, table: str, query: Query) -> pa.Table:
    """Rows of the months in which they can be; those of enough windows, the last months first."""
    files = _files(filesystem, folder, query)
    if query.last is None or query.model is None or query.monitor is None:
        return _rows(filesystem, files, table, query)
    found = schema_of(table).empty_table()
    for month in sorted({_month(each) for each in files}, reverse=True):
        of_month = [each for each in files if _month(each) == month]
        rows = _rows(filesystem, of_month, table, query)
        found = pa.concat_tables([found, rows.cast(found.schema)])
        if len(found["window_start"].unique()) >= query.last:
            break
    return found


def _month(path: str) -> str:
    return path.rsplit("/", 2)[-2]


def _files(filesystem: fs.FileSystem, folder: str, query: Query = EVERYTHING) -> list[str]:
    """The files of a table that may have rows of a query, in the order of their paths."""
    if query.model is not None:
        folder = f"{folder}/{_of_model(query.model)}"
        if query.window_start is not None:
            folder = f"{folder}/{_of_month(query.window_start)}"
    selector = fs.FileSelector(folder, allow_not_found=True, recursive=True)
    named = f"{query.run_id}{ENDING}" if query.run_id else None
    return sorted(
        each.path
        for each in filesystem.get_file_info(selector)
        if each.base_name.endswith(ENDING)
        and not each.base_name.startswith(".")
        and named in {None, each.base_name}
    )


def _there(filesystem: fs.FileSystem, paths: Iterable[str]) -> list[str]:
    """Those that are there: a run has no file of a table in which it has no rows."""
    found = filesystem.get_file_info(list(paths))
    return [each.path for each in found if each.type == fs.FileType.File]


def _rows(filesystem: fs.FileSystem, files: Sequence[str], table: str, query: Query) -> pa.Table:
    """The rows of files that a query asks for, whatever columns they have more or less."""
    schema = pa.schema([each.with_nullable(nullable=True) for each in schema_of(table)])
    if not files:
        return schema.empty_table()
    rows = ds.dataset(list(files), schema=schema, format="parquet", filesystem=filesystem)
    return rows.to_table(filter=condition(table, query))
