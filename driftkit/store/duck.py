"""A metrics store in a DuckDB file, and any store as tables and views of DuckDB."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError, OutputError
from driftkit.extras import library
from driftkit.store import databricks
from driftkit.store.schema import (
    LAYOUT,
    OF_RUNS,
    PREFIX,
    SCHEMA_VERSION,
    TABLES,
    fitted,
    schema_of,
)
from driftkit.store.sql import DUCKDB, add_columns, create_table, quoted, views
from driftkit.store.store import EVERYTHING, Query, RunKey, refuse_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import pyarrow as pa


_MARK = f"{PREFIX}store"
_POLL_SECONDS = 0.1
PATIENCE_SECONDS = 60.0


class DuckStore:
    """A file of DuckDB, for one machine: processes wait for each other.

    Args:
        file: its path; made where it is missing.
        patience: seconds to wait for another process that has it open.
    """

    def __init__(self, file: str, patience: float = PATIENCE_SECONDS) -> None:
        self.file = file
        self._patience = patience
        self._duckdb = library("duckdb", "store-duckdb", "a store of this kind")

    def ensure(self) -> None:
        """Makes the file with tables and views, or adds the columns that they lack."""
        with self._open("written", OutputError) as connection:
            version = self._version(connection)
            if version is not None and version >= SCHEMA_VERSION:
                return
            for table in TABLES:
                connection.execute(create_table(table, DUCKDB, PREFIX))
                for statement in add_columns(table, DUCKDB, PREFIX):
                    connection.execute(statement)
            make_views(connection)
            connection.execute(f"create or replace table {_MARK} (layout int, schema_version int)")
            connection.execute(f"insert into {_MARK} values ({LAYOUT}, {SCHEMA_VERSION})")

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Replaces the rows in one transaction."""
        with self._open("written", OutputError) as connection:
            for name, rows in tables.items():
                target = quoted(PREFIX + name)
                connection.execute(f"delete from {target} where run_id = ?", [key.run_id])
                connection.register("given", rows)
                connection.execute(f"insert into {target} by name select * from given")
                connection.unregister("given")

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows by one query."""
        if not Path(self.file).exists():
            return schema_of(table).empty_table()
        with self._open("read", InputError, read_only=True) as connection:
            if self._version(connection) is None:
                return schema_of(table).empty_table()
            where, values = conditions(table, query, "?", "list_contains(?, run_id)")
            source = quoted(PREFIX + table)
            asked = f"select * from {source}{where}"
            found = connection.sql(asked, params=values).to_arrow_table()
            return fitted(table, found)

    def compact(self) -> int:
        """There is nothing to do: it is one file."""
        return 0

    def expire(self, before: datetime) -> int:
        """Removes them in one transaction; the file uses their room again."""
        runs = 0
        with self._open("written", OutputError) as connection:
            for table in OF_RUNS:
                gone = f"delete from {quoted(PREFIX + table)} where window_end < ?"
                runs = connection.execute(gone, [before]).fetchall()[0][0]
        return runs

    def tidy(self, key: RunKey) -> None:
        """There is nothing to do."""

    def _version(self, connection: Any) -> int | None:
        """The schema of what is there; None where nothing is."""
        named = "select count(*) from information_schema.tables where table_name = ?"
        if not connection.execute(named, [_MARK]).fetchall()[0][0]:
            return None
        layout, version = connection.execute(f"select * from {_MARK}").fetchall()[0]
        refuse_layout(layout, self.file)
        return int(version)

    @contextmanager
    def _open(
        self, how: str, error: type[InputError | OutputError], *, read_only: bool = False
    ) -> Iterator[Any]:
        """A connection with one transaction, which is undone if the block fails."""
        try:
            connection = self._connected(read_only=read_only)
            try:
                connection.execute("set timezone = 'UTC'")
                connection.execute("begin")
                yield connection
                connection.execute("commit")
            finally:
                connection.close()
        except (self._duckdb.Error, OSError) as found:
            raise error(
                f"the metrics store cannot be {how}",
                where=self.file,
                expected="a file of DuckDB that no other process keeps open",
                found=" ".join(str(found).split())[:300],
                todo="Check the path and its permissions, end what has it open, and run it again",
            ) from found

    def _connected(self, *, read_only: bool) -> Any:
        """Waits for the process that writes at the moment: there is room for one."""
        end = time.monotonic() + self._patience
        while True:
            try:
                return self._duckdb.connect(self.file, read_only=read_only)
            except self._duckdb.IOException as found:
                if "lock" not in str(found).lower() or time.monotonic() >= end:
                    raise
                time.sleep(_POLL_SECONDS)


def conditions(table: str, query: Query, mark: str, among: str) -> tuple[str, list[Any]]:
    """The condition of a query in SQL, with its values.

    Args:
        table: that is read.
        query: which rows.
        mark: what stands for a value.
        among: the condition that a run is one of a list.
    """
    equal = query.equal_in(table)
    parts = [f"{quoted(name)} = {mark}" for name in equal]
    values = list(equal.values())
    if query.runs is not None:
        parts.append(among)
        values.append([each.run_id for each in query.runs])
    return (f" where {' and '.join(parts)}" if parts else ""), values


def make_views(connection: Any) -> None:
    """Makes the views over driftkit's tables and those in the shape of Databricks'."""
    for name, query in {**views(PREFIX), **databricks.views(PREFIX)}.items():
        connection.execute(f"create or replace view {quoted(name)} as {query}")
