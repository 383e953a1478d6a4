"""A connection of DuckDB with the tables and views of a metrics store, for SQL of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.extras import library
from driftkit.store.delta import DeltaStore
from driftkit.store.duck import DuckStore, make_views
from driftkit.store.opening import open_store
from driftkit.store.parquet import ParquetStore
from driftkit.store.run_files import ENDING, PACKED
from driftkit.store.schema import OF_RUNS, PREFIX, RUNS, TABLES
from driftkit.store.sql import DUCKDB, literal, quoted

if TYPE_CHECKING:
    from driftkit.io.locations import PathOrUrl


def connect(address: PathOrUrl) -> Any:
    """A connection of DuckDB with the tables and views of a store of files.

    Args:
        address: of the store, on this machine.

    Raises:
        SettingsError: duckdb is not installed, or the store is of another kind.
    """
    duckdb = library("duckdb", "store-duckdb", "a store of this kind")
    store = open_store(address)
    if isinstance(store, DuckStore):
        connection = duckdb.connect(store.file, read_only=True)
    elif isinstance(store, DeltaStore) or (isinstance(store, ParquetStore) and store.is_local):
        connection = duckdb.connect()
        connection.execute("set parquet_metadata_cache = true")
        _make_views(connection, store)
    else:
        raise SettingsError(
            "DuckDB does not read this store",
            where=str(address),
            expected="a folder of this machine, Delta tables, or a file of DuckDB",
            todo="Use psql for Postgres; copy a folder from object storage",
        )
    connection.execute("set timezone = 'UTC'")
    return connection


def _make_views(connection: Any, store: ParquetStore | DeltaStore) -> None:
    """Makes the tables of a store, and the views over them."""
    runs = quoted(PREFIX + RUNS)
    rows = {RUNS: _rows(connection, store, RUNS)}
    connection.execute(f"create view {runs} as {rows[RUNS]}")
    for table in (each for each in TABLES if each != RUNS):
        rows[table] = _rows(connection, store, table)
        there = f" and run_id in (select run_id from {runs})" if table in OF_RUNS else ""
        connection.execute(f"create view {quoted(PREFIX + table)} as {rows[table]}{there}")
    make_views(connection)
    # The latest runs are there: who asks for their rows need not look all runs up twice.
    for table in (each for each in OF_RUNS if each != RUNS):
        latest = f"select run_id from {quoted(f'{PREFIX}{RUNS}_latest')}"
        connection.execute(
            f"create or replace view {quoted(f'{PREFIX}{table}_latest')} as "
            f"{rows[table]} and run_id in ({latest})"
        )


def _rows(connection: Any, store: ParquetStore | DeltaStore, table: str) -> str:
    """The rows of a table, with NULL in columns that none of them has."""
    columns = TABLES[table]
    found = (_delta if isinstance(store, DeltaStore) else _parquet)(connection, store, table)
    if found is None:
        empty = ", ".join(f"null::{DUCKDB[each.kind]} as {quoted(each.name)}" for each in columns)
        return f"select {empty} where false"
    source, condition = found
    described = connection.execute(f"describe select * from {source}").fetchall()
    known = {each[0] for each in described}
    selected = ", ".join(
        f"{quoted(each.name) if each.name in known else 'null'}::{DUCKDB[each.kind]} "
        f"as {quoted(each.name)}"
        for each in columns
    )
    return f"select {selected} from {source} where {condition}"


def _parquet(_connection: Any, store: Any, table: str) -> tuple[str, str] | None:
    """The files of a table, and which of their rows count; None where there are none."""
    if not store.has(table):
        return None
    files = literal(store.glob(table))
    # Runs with a file of their own, which the file's name says, are read from there alone.
    own = f"select regexp_extract(file, '([^/.]+){ENDING}$', 1) from glob({files})"
    return (
        f"read_parquet({files}, union_by_name = true, hive_partitioning = false, filename = true)",
        f"not (ends_with(filename, '/{PACKED}') and run_id in ({own}))",
    )


def _delta(connection: Any, store: Any, table: str) -> tuple[str, str] | None:
    """The table as it is now; None where there is none."""
    rows = store.dataset(table)
    if rows is None:
        return None
    connection.register(f"delta_{table}", rows)
    return f"delta_{table}", "true"
