"""A metrics store in a Postgres database, each run in one transaction."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from driftkit.errors import InputError, OutputError, SettingsError
from driftkit.extras import library
from driftkit.store.duck import conditions
from driftkit.store.schema import (
    LAYOUT,
    OF_RUNS,
    PREFIX,
    SCHEMA_VERSION,
    TABLES,
    fitted,
    schema_of,
    table_of,
)
from driftkit.store.sql import POSTGRES, add_columns, create_table, quoted, views
from driftkit.store.store import EVERYTHING, Query, RunKey, refuse_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import pyarrow as pa

_MARK = f"{PREFIX}store"
# Of advisory locks: what makes the tables, and what keeps a run. Any numbers that others lack.
_MAKING, _KEEPING = 0x64726966, 0x746B6974
_INDEX = "(model, monitor, column_name, window_start desc)"


class PostgresStore:
    """Tables in a database that many machines write at once.

    Args:
        url: postgresql://USER@HOST/DATABASE; the password comes from PGPASSWORD, PGPASSFILE or
            PGSERVICE, as for all of Postgres' programs.

    Raises:
        SettingsError: the URL has a password, or psycopg is not installed.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.password or "password=" in parts.query:
            raise SettingsError(
                "the address of the metrics store has a password",
                where="--store",
                expected="postgresql://USER@HOST/DATABASE",
                todo="Give the password by the environment, PGPASSWORD or PGPASSFILE",
            )
        self._url = url
        self._name = f"{parts.hostname or 'localhost'}{parts.path}"
        self._psycopg = library("psycopg", "store-postgres", "a store of this kind")

    def ensure(self) -> None:
        """Makes tables, indexes and views, or adds the columns that they lack."""
        with self._open("written", OutputError) as cursor:
            version = self._version(cursor)
            if version is not None and version >= SCHEMA_VERSION:
                return
            cursor.execute("select pg_advisory_xact_lock(%s)", [_MAKING])
            for statement in _definitions():
                cursor.execute(statement)
            cursor.execute(f"delete from {_MARK}")
            cursor.execute(f"insert into {_MARK} values (%s, %s)", [LAYOUT, SCHEMA_VERSION])

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Replaces the rows in one transaction; the same run at the same time waits for it."""
        with self._open("written", OutputError) as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [_KEEPING, key.run_id])
            for name, rows in tables.items():
                target = quoted(PREFIX + name)
                cursor.execute(f"delete from {target} where run_id = %s", [key.run_id])
                columns = ", ".join(map(quoted, rows.column_names))
                with cursor.copy(f"copy {target} ({columns}) from stdin") as copy:
                    for row in rows.to_pylist():
                        copy.write_row([_given(row[each.name], each.kind) for each in TABLES[name]])

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows by one query."""
        with self._open("read", InputError) as cursor:
            if self._version(cursor) is None:
                return schema_of(table).empty_table()
            where, values = conditions(table, query, "%s", "run_id = any(%s)")
            names = [each.name for each in TABLES[table]]
            columns = ", ".join(map(quoted, names))
            cursor.execute(f"select {columns} from {quoted(PREFIX + table)}{where}", values)
            rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
            return fitted(table, table_of(table, (_taken(table, row) for row in rows)))

    def compact(self) -> int:
        """There is nothing to do: the server looks after its tables."""
        return 0

    def expire(self, before: datetime) -> int:
        """Removes them in one transaction."""
        runs = 0
        with self._open("written", OutputError) as cursor:
            for table in OF_RUNS:
                gone = f"delete from {quoted(PREFIX + table)} where window_end < %s"
                runs = cursor.execute(gone, [before]).rowcount
        return runs

    def tidy(self, key: RunKey) -> None:
        """There is nothing to do."""

    def _version(self, cursor: Any) -> int | None:
        """The schema of what is there; None where nothing is."""
        cursor.execute("select to_regclass(%s)", [_MARK])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"select layout, schema_version from {_MARK}")
        layout, version = cursor.fetchone() or (LAYOUT, -1)
        refuse_layout(layout, self._name)
        return int(version)

    @contextmanager
    def _open(self, how: str, error: type[InputError | OutputError]) -> Iterator[Any]:
        """A cursor with one transaction, which is undone if the block fails."""
        try:
            with (
                self._psycopg.connect(self._url, connect_timeout=10) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute("set time zone 'UTC'")
                yield cursor
        except self._psycopg.Error as found:
            raise error(
                f"the metrics store cannot be {how}",
                where=self._name,
                expected="a Postgres database that this user may write",
                found=" ".join(str(found).split())[:300],
                todo="Check host, database, user and password (PGPASSWORD, PGPASSFILE)",
            ) from found


def _definitions() -> Iterator[str]:
    yield f"create table if not exists {_MARK} (layout integer, schema_version integer)"
    for table in TABLES:
        name = PREFIX + table
        yield create_table(table, POSTGRES, PREFIX)
        yield from add_columns(table, POSTGRES, PREFIX)
        yield f"create index if not exists {name}_run on {name} (run_id)"
        if any(each.name == "column_name" for each in TABLES[table]):
            yield f"create index if not exists {name}_column on {name} {_INDEX}"
    made = views(PREFIX)
    # A view's columns are those of the tables when it was made.
    for name in reversed(made):
        yield f"drop view if exists {name}"
    for name, query in made.items():
        yield f"create view {name} as {query}"


def _given(value: Any, kind: str) -> Any:
    return json.dumps(value) if kind == "items" and value is not None else value


def _taken(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as it was given: lists of values with their counts are pairs."""
    for each in TABLES[table]:
        value = row[each.name]
        if each.kind == "items" and value is not None:
            row[each.name] = [(item["item"], item["count"]) for item in value]
    return row
