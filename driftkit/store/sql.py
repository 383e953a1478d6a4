"""The SQL of the store: its tables in the types of an engine, and the views over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.store.schema import OF_RUNS, RUNS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DUCKDB: Mapping[str, str] = {
    "string": "varchar",
    "bigint": "bigint",
    "int": "integer",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamptz",
    "json": "varchar",
    "double[]": "double[]",
    "string[]": "varchar[]",
    "items": "struct(item varchar, count bigint)[]",
}
POSTGRES: Mapping[str, str] = {
    **DUCKDB,
    "string": "text",
    "double": "double precision",
    "json": "jsonb",
    "double[]": "double precision[]",
    "string[]": "text[]",
    "items": "jsonb",
}
SPARK: Mapping[str, str] = {
    **DUCKDB,
    "string": "string",
    "int": "int",
    "timestamp": "timestamp",
    "json": "string",
    "double[]": "array<double>",
    "string[]": "array<string>",
    "items": "array<struct<item: string, count: bigint>>",
}
_OF_A_WINDOW = "model, variant, monitor, window_start, window_end, granularity"
_OF_A_SERIES = "model, variant, monitor"


def quoted(name: str) -> str:
    """A name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def create_table(table: str, types: Mapping[str, str], prefix: str) -> str:
    """The statement that makes a table where it is missing."""
    return f"create table if not exists {quoted(prefix + table)} ({columns_of(table, types)})"


def columns_of(table: str, types: Mapping[str, str]) -> str:
    """The columns of a table, as the statement that makes it has them."""
    return ", ".join(
        f"{quoted(each.name)} {types[each.kind]}{' not null' if each.needed else ''}"
        for each in TABLES[table]
    )


def add_columns(table: str, types: Mapping[str, str], prefix: str) -> Iterator[str]:
    """The statements that add the columns which an earlier driftkit did not know."""
    for each in TABLES[table]:
        column = f"{quoted(each.name)} {types[each.kind]}"
        yield f"alter table {quoted(prefix + table)} add column if not exists {column}"


def views(prefix: str) -> dict[str, str]:
    """Name -> query of each view, in an order in which they can be made.

    A window's latest rows are those of its latest run, so that what that run no longer found is
    gone from them.

    Args:
        prefix: of the names of tables and views.
    """
    runs = prefix + RUNS
    made = {
        f"{runs}_latest": _first(RUNS, runs, _OF_A_WINDOW, "evaluated_at desc, run_id desc"),
        f"{runs}_versions": f"select *, row_number() over (partition by {_OF_A_WINDOW} "
        f"order by evaluated_at, run_id) as version from {runs}",
        f"{prefix}verdicts_latest": _first(
            *(RUNS, f"{runs}_latest", _OF_A_SERIES),
            "window_start desc, window_end desc, evaluated_at desc, run_id desc",
        ),
    }
    for each in OF_RUNS:
        if each != RUNS:
            rows = prefix + each
            ids = f"select run_id from {runs}_latest"
            made[f"{rows}_latest"] = f"select * from {rows} where run_id in ({ids})"
            made[f"{rows}_versions"] = (
                f"select t.*, v.version from {rows} t join {runs}_versions v on v.run_id = t.run_id"
            )
    return made


def _first(table: str, source: str, group: str, order: str) -> str:
    columns = ", ".join(quoted(each.name) for each in TABLES[table])
    numbered = f"row_number() over (partition by {group} order by {order}) as newest"
    return (
        f"select {columns} from (select *, {numbered} from {source}) as numbered where newest = 1"
    )
