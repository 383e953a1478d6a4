"""A metrics store in a folder of Parquet files: a file for each run and table."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from driftkit.errors import InputError, OutputError
from driftkit.io.journal import flush
from driftkit.io.locations import Remote, filesystem_of, locate
from driftkit.io.locking import writer_lock
from driftkit.io.remote_files import STORES, delete, put
from driftkit.io.remote_publishing import claimed
from driftkit.store.mark import NAME, Mark, mark_in
from driftkit.store.packing import due, expire, months_of, pack
from driftkit.store.run_files import ENDING, Folder, month_of
from driftkit.store.schema import LAYOUT, RUNS, schema_of
from driftkit.store.selecting import of_whole_runs
from driftkit.store.store import EVERYTHING, Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from driftkit.io.locations import PathOrUrl

# For another run that packs.
_WAIT_SECONDS = 60.0


class ParquetStore:
    """A folder, here or in object storage.

    Runs do not wait for each other, as each has files of its own until they are packed. The file in
    the table of runs is written last: a run without one is not there.

    Args:
        folder: a path or URL; made where it is missing.
        kind: what its mark says.
    """

    def __init__(self, folder: PathOrUrl, kind: str = "parquet") -> None:
        self._kind = kind
        location = locate(folder)
        self._name = str(location)
        self._url = str(location.absolute())
        self.is_local = not isinstance(location, Remote)
        self._has_first_names = True

    def ensure(self) -> None:
        """Makes the folder, and the file that says how it is laid out."""
        with self._writing():
            folder = self.folder
            found = mark_in(folder.filesystem, folder.root, self._kind)
            if found is None or found.layout != LAYOUT:
                mark = Mark(kind=self._kind, since=found.since if found else LAYOUT)
                self._write({f"{folder.root}/{NAME}": mark.content})
            self._has_first_names = found is not None and found.since != LAYOUT

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Writes the files of a run, that of the table of runs last."""
        with self._writing():
            folder = self.folder
            paths = {name: self._path_of(folder, name, key) for name in tables}
            made = {
                name: _parquet(rows)
                for name, rows in tables.items()
                if not self._is_nothing(folder, name, key, rows)
            }
            before, last = (
                {paths[name]: made[name] for name in made if (name == RUNS) is is_last}
                for is_last in (False, True)
            )
            self._write(before, last)
            for name in tables.keys() - made.keys():
                delete(folder.filesystem, paths[name])

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of the files in which they can be."""
        with self._reading():
            folder = self.folder
            if mark_in(folder.filesystem, folder.root, self._kind) is None:
                return schema_of(table).empty_table()
            return of_whole_runs(self, table, query, folder.rows(table, query))

    def compact(self) -> int:
        """Packs the files of each month into one."""
        with self._writing(), self._alone(_WAIT_SECONDS):
            folder = self.folder
            return sum(pack(folder, month, self._write_one) for month in months_of(folder))

    def expire(self, before: datetime) -> int:
        """Removes the months that ended before."""
        with self._writing(), self._alone(_WAIT_SECONDS):
            return expire(self.folder, before)

    def tidy(self, key: RunKey) -> None:
        """Packs a month with many files, on this machine, unless another run is doing so."""
        if not self.is_local:
            return
        with self._writing():
            folder = self.folder
            months = due(folder, key)
            if not months:
                return
            with suppress(OutputError), self._alone() as is_alone:
                for month in months if is_alone else ():
                    pack(folder, month, self._write_one)

    def is_there(self) -> bool:
        """Whether the folder has the mark of a store of this kind."""
        with self._reading():
            folder = self.folder
            return mark_in(folder.filesystem, folder.root, self._kind) is not None

    def glob(self, table: str) -> str:
        """The files of a table, as a pattern for DuckDB."""
        return f"{self._url}/{table}/*/*/*{ENDING}"

    def has(self, table: str) -> bool:
        """Whether there is a file of a table."""
        with self._reading():
            return bool(self.folder.files(table).all)

    @property
    def folder(self) -> Folder:
        """The folder of its tables."""
        filesystem, root = filesystem_of(self._url)
        return Folder(filesystem=filesystem, root=root)

    def _path_of(self, folder: Folder, table: str, key: RunKey) -> str:
        """The file of a run: that which it has by its first name already, or a new one."""
        first = folder.first_path(table, key)
        if self._has_first_names and folder.is_there(first):
            return first
        return folder.path(table, key)

    def _is_nothing(self, folder: Folder, table: str, key: RunKey, rows: pa.Table) -> bool:
        """Whether a file says nothing: without rows, unless the month's file may have some."""
        return not rows.num_rows and not folder.is_there(folder.packed_path(table, month_of(key)))

    def _write_one(self, path: str, content: bytes) -> None:
        self._write({path: content})

    def _write(self, *steps: Mapping[str, bytes]) -> None:
        """Writes files, step by step, each of which is there as a whole or not at all."""
        filesystem = self.folder.filesystem
        if filesystem.type_name in STORES:
            for path, content in chain.from_iterable(each.items() for each in steps):
                put(filesystem, path, content)
            return
        staged = [{path: _staged(path) for path in each} for each in steps]
        for names, step in zip(staged, steps, strict=True):
            for path, content in step.items():
                put(filesystem, names[path], content)
        # All at once: the first brings most of the others along.
        self._flush(name for names in staged for name in names.values())
        for names in staged:
            for path, name in names.items():
                filesystem.move(name, path)
            self._flush({path.rpartition("/")[0] for path in names})

    def _flush(self, paths: Iterable[str]) -> None:
        if self.is_local:
            flush(map(Path, paths))

    @contextmanager
    def _alone(self, wait: float = 0.0) -> Iterator[bool]:
        """Keeps others from packing, and says whether that is sure."""
        if self.is_local:
            with writer_lock(Path(self.folder.root), wait) as is_sure:
                yield is_sure
            return
        folder = self.folder
        with claimed(folder.filesystem, folder.root, Remote(url=self._url), wait):
            yield True

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


def _staged(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}.{secrets.token_hex(4)}"


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    # Files are found by their paths, so that statistics in them would help nobody.
    pq.write_table(rows, sink, compression="zstd", write_statistics=False, store_schema=False)
    return bytes(sink.getvalue())
