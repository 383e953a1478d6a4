"""A metrics store in a folder of Delta tables, which Spark, Databricks and others read."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError, OutputError
from driftkit.extras import library
from driftkit.store.again import Again
from driftkit.store.parquet import ParquetStore
from driftkit.store.schema import OF_RUNS, PREFIX, RUNS, TABLES, fitted, schema_of
from driftkit.store.selecting import condition, of_whole_runs
from driftkit.store.sql import literal
from driftkit.store.store import EVERYTHING, Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import pyarrow as pa

_AGAIN = Again(tries=10, first=0.05, longest=12.8)


class DeltaStore:
    """A folder with a Delta table for each table, whose rows are those of one run a commit.

    The row in the table of runs is written last: a run without one is not there.

    Args:
        folder: a path or URL; made where it is missing.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder.rstrip("/")
        self._marked = ParquetStore(folder, kind="delta")
        self._delta = library("deltalake", "store-delta", "a store of this kind")

    def ensure(self) -> None:
        """Marks the folder; tables are made, and get new columns, as rows are written."""
        self._marked.ensure()

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Replaces the rows of each table in one commit, those of the table of runs last."""
        with self._reported("written", OutputError):
            for name in sorted(tables, key=lambda each: each == RUNS):
                there = self._opened(name)
                if tables[name].num_rows or there is not None:
                    # It may have been made meanwhile, too.
                    lost = self._delta.exceptions.DeltaError
                    _AGAIN(partial(self._replace, name, key, tables[name]), lost)

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of the table as it is now."""
        with self._reported("read", InputError):
            dataset = self.dataset(table)
            if dataset is None:
                return schema_of(table).empty_table()
            found = fitted(table, dataset.to_table(filter=condition(table, query)))
        return of_whole_runs(self, table, query, found)

    def dataset(self, table: str) -> Any:
        """The rows of a table as it is now, for pyarrow; None where there is none yet."""
        opened = self._opened(table) if self._marked.is_there() else None
        return None if opened is None else opened.to_pyarrow_dataset()

    def compact(self) -> int:
        """Puts small files together, and removes those that have been unused for a week."""
        files = 0
        with self._reported("written", OutputError):
            for table in TABLES:
                there = self._opened(table)
                if there is not None:
                    files += there.optimize.compact()["numFilesRemoved"]
                    there.vacuum(dry_run=False)
        return files

    def expire(self, before: datetime) -> int:
        """Removes them in one commit for each table, of the table of runs first."""
        runs = 0
        gone = f"window_end < {literal(before.isoformat())}"
        with self._reported("written", OutputError):
            for table in reversed(OF_RUNS):
                there = self._opened(table)
                if there is not None:
                    count = there.delete(gone)["num_deleted_rows"]
                    runs = count if table == RUNS else runs
        return runs

    def tidy(self, key: RunKey) -> None:
        """Nothing: a commit of its own would wait for those of other runs."""

    def path(self, table: str) -> str:
        """The folder of a table."""
        return f"{self._folder}/{PREFIX}{table}"

    def _opened(self, table: str) -> Any:
        """The table; None where there is none yet."""
        try:
            return self._delta.DeltaTable(self.path(table))
        except self._delta.exceptions.TableNotFoundError:
            return None

    def _replace(self, table: str, key: RunKey, rows: pa.Table) -> None:
        by = ["model"] if "model" in rows.column_names else None
        if self._opened(table) is None:
            # Rows that a table is made with are added without a look at those of another writer,
            # who makes it at the same time: so it is made without any.
            self._delta.DeltaTable.create(
                self.path(table), rows.schema, mode="ignore", partition_by=by
            )
        self._delta.write_deltalake(
            self.path(table),
            rows,
            mode="overwrite",
            schema_mode="merge",
            partition_by=by,
            predicate=f"run_id = {literal(key.run_id)}",
        )

    @contextmanager
    def _reported(self, how: str, error: type[InputError | OutputError]) -> Iterator[None]:
        try:
            yield
        except (self._delta.exceptions.DeltaError, OSError) as found:
            raise error(
                f"the metrics store cannot be {how}",
                where=self._folder,
                expected="a folder of driftkit's Delta tables",
                found=" ".join(str(found).split())[:300],
                todo="Check the path, its permissions and the credentials, and run it again",
            ) from found
