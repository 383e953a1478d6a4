"""The Parquet files of runs in a folder: their names, which a query needs, and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import fs

from driftkit.store.schema import schema_of
from driftkit.store.selecting import condition
from driftkit.store.store import EVERYTHING, Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ENDING = ".parquet"
# The file of a month with the rows of many runs.
PACKED = f"packed{ENDING}"
_READINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files of a table.

    A run's rows are those of its own file; without one, those in the file of its month. So a run
    may be in both, as while its month is packed.

    Attributes:
        own: with the rows of one run each.
        packed: with those of many.
    """

    own: tuple[fs.FileInfo, ...]
    packed: tuple[fs.FileInfo, ...]

    def of_month(self, month: str) -> Files:
        """Those of a month."""
        return Files(
            own=tuple(each for each in self.own if _month(each.path) == month),
            packed=tuple(each for each in self.packed if _month(each.path) == month),
        )

    @property
    def months(self) -> list[str]:
        """The months of which there are files, the oldest first."""
        return sorted({_month(each.path) for each in self.all})

    @property
    def all(self) -> tuple[fs.FileInfo, ...]:
        """Those of one run and those of many."""
        return (*self.own, *self.packed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of tables.

    Attributes:
        filesystem: where it is.
        root: its path there.
    """

    filesystem: fs.FileSystem
    root: str

    def files(self, table: str, query: Query = EVERYTHING) -> Files:
        """The files of a table that may have rows of a query, in the order of their paths."""
        is_wanted = _wanted(query)
        top = f"{self.root}/{table}"
        found = [
            file
            for below, is_deep in _folders(query)
            for file in self._listed(f"{top}{below}", recursive=is_deep)
            if file.base_name == PACKED or is_wanted(file)
        ]
        return _sorted(found)

    def files_in(self, table: str, month: str) -> Files:
        """The files of a table in a model's month."""
        return _sorted(self._listed(f"{self.root}/{table}/{month}", recursive=False))

    def rows(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """The rows of a table that a query asks for.

        They are read again where files were packed meanwhile.

        Raises:
            OSError: a file cannot be read, or they change whenever they are read.
            pa.ArrowException: a file is damaged.
        """
        files = self.files(table, query)
        for _ in range(_READINGS):
            try:
                rows = self._of_months(table, query, files)
            except (OSError, pa.ArrowException):
                again = self.files(table, query)
                if _states(again.own) == _states(files.own) and not self._has_changed(files):
                    raise
                files = again
                continue
            if not self._has_changed(files):
                return rows
            files = self.files(table, query)
        what = f"the files of {table} change whenever they are read"
        raise OSError(what)

    def rows_of(self, table: str, files: Files, query: Query = EVERYTHING) -> pa.Table:
        """The rows of files that a query asks for, whatever columns they have more or less."""
        asked = condition(table, query)
        parts = [self._read(files.own, table, asked)] if files.own else []
        if files.packed:
            names = pa.array([run_of(each.base_name) for each in files.own], pa.string())
            others = ~pc.field("run_id").isin(names)
            asked = asked if not files.own else others if asked is None else asked & others
            parts.insert(0, self._read(files.packed, table, asked))
        return pa.concat_tables(parts) if parts else _loose(table).empty_table()

    def is_there(self, path: str) -> bool:
        """Whether there is such a file."""
        (found,) = self.filesystem.get_file_info([path])
        return bool(found.type == fs.FileType.File)

    def path(self, table: str, key: RunKey) -> str:
        """The file of a run."""
        return (
            f"{self.root}/{table}/{month_of(key)}/{_stamp(key.window_start)}.{key.run_id}{ENDING}"
        )

    def first_path(self, table: str, key: RunKey) -> str:
        """Its file as the first layout named it."""
        return f"{self.root}/{table}/{month_of(key)}/{key.run_id}{ENDING}"

    def packed_path(self, table: str, month: str) -> str:
        """The file of a model's month with the rows of many runs."""
        return f"{self.root}/{table}/{month}/{PACKED}"

    def _listed(self, folder: str, *, recursive: bool) -> list[fs.FileInfo]:
        selector = fs.FileSelector(folder, allow_not_found=True, recursive=recursive)
        return [
            each
            for each in self.filesystem.get_file_info(selector)
            if each.base_name.endswith(ENDING) and not each.base_name.startswith(".")
        ]

    def _of_months(self, table: str, query: Query, files: Files) -> pa.Table:
        """Rows of all months; of enough windows where a number is said, the last months first."""
        if query.last is None or query.model is None or query.monitor is None:
            return self.rows_of(table, files, query)
        found = _loose(table).empty_table()
        for month in reversed(files.months):
            found = pa.concat_tables([found, self.rows_of(table, files.of_month(month), query)])
            if len(found["window_start"].unique()) >= query.last:
                break
        return found

    def _read(self, files: Sequence[fs.FileInfo], table: str, asked: pc.Expression) -> pa.Table:
        paths = [each.path for each in files]
        form = {"schema": _loose(table), "format": "parquet", "filesystem": self.filesystem}
        return ds.dataset(paths, **form).to_table(filter=asked)

    def _has_changed(self, files: Files) -> bool:
        """Whether a month of these files was packed since they were listed."""
        known = _states(files.packed)
        folders = {each.path.rpartition("/")[0] for each in files.all}
        now = self.filesystem.get_file_info([f"{folder}/{PACKED}" for folder in sorted(folders)])
        return any(known.get(each.path) != state_of(each) for each in now)


def run_of(name: str) -> str:
    """The run of a file's name, of any layout."""
    return name.removesuffix(ENDING).rpartition(".")[2]


def state_of(file: fs.FileInfo) -> tuple[int | None, int | None] | None:
    """What is another one when the file was written again; None where there is no file."""
    return (file.size, file.mtime_ns) if file.type == fs.FileType.File else None


def month_of(key: RunKey) -> str:
    """The part of a path that says model and month."""
    return f"{_of_model(key.model)}/{_of_month(key.window_start)}"


def month_before(key: RunKey) -> str:
    """That of the month before."""
    at = key.window_start.astimezone(UTC)
    year, month = (at.year, at.month - 1) if at.month > 1 else (at.year - 1, 12)
    return f"{_of_model(key.model)}/month={year:04}-{month:02}"


def has_ended(month: str, moment: datetime) -> bool:
    """Whether a month, as paths have it, has ended before a time."""
    return month.rpartition("/")[2] < _of_month(moment)


def _of_model(model: str) -> str:
    return f"model={quote(model, safe='')}"


def _of_month(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"month={at.year:04}-{at.month:02}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _month(path: str) -> str:
    return path.rsplit("/", 2)[-2]


def _sorted(files: Iterable[fs.FileInfo]) -> Files:
    found = sorted(files, key=lambda each: each.path)
    return Files(
        own=tuple(each for each in found if each.base_name != PACKED),
        packed=tuple(each for each in found if each.base_name == PACKED),
    )


def _folders(query: Query) -> list[tuple[str, bool]]:
    """The folders of a table in which files can be, and whether those in folders below count."""
    if query.runs is not None:
        return [(f"/{month}", False) for month in dict.fromkeys(map(month_of, query.runs))]
    if query.model is None:
        return [("", True)]
    folder = f"/{_of_model(query.model)}"
    if query.window_start is None:
        return [(folder, True)]
    return [(f"{folder}/{_of_month(query.window_start)}", False)]


def _wanted(query: Query) -> Callable[[fs.FileInfo], bool]:
    """Whether a file of one run may be of a query, by its name."""
    runs = None if query.runs is None else {each.run_id for each in query.runs}
    stamp = None if query.window_start is None else _stamp(query.window_start)

    def is_wanted(file: fs.FileInfo) -> bool:
        run, time = run_of(file.base_name), file.base_name.partition(".")[0]
        # The first layout's names have no time.
        is_first = file.base_name == f"{run}{ENDING}"
        return (
            (runs is None or run in runs)
            and (query.run_id is None or run == query.run_id)
            and (stamp is None or is_first or time == stamp)
        )

    return is_wanted


def _states(files: Iterable[fs.FileInfo]) -> dict[str, object]:
    return {each.path: state_of(each) for each in files}


def _loose(table: str) -> pa.Schema:
    """A table's schema, in which anything may be missing."""
    return pa.schema([each.with_nullable(nullable=True) for each in schema_of(table)])
