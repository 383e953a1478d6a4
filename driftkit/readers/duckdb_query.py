"""The rows of a DuckDB query, named as an input is: duckdb:QUERY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEME = "duckdb:"
_LACKING = "Install driftkit-spark[store-duckdb]"


def data_of(inputs: Sequence[str]) -> Any:
    """What the inputs of a command are: paths as they stand, or the rows of a query.

    Raises:
        InputError: a query is not alone, cannot be understood, or DuckDB is not installed.
    """
    queries = [each for each in inputs if each.startswith(SCHEME)]
    if not queries:
        return inputs
    if len(inputs) > 1:
        raise InputError(
            "a query is an input of its own",
            where=queries[0],
            expected="one query, and nothing else",
            found=f"{len(inputs)} inputs",
            todo="Name the files in the query, for example with UNION ALL",
        )
    return _relation(queries[0].removeprefix(SCHEME))


def _relation(query: str) -> Any:
    try:
        import duckdb  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError(
            "DuckDB is not installed", where=f"{SCHEME}{query}", todo=_LACKING
        ) from error
    try:
        relation = duckdb.connect().sql(query)
    except duckdb.Error as error:
        raise InputError(
            "DuckDB does not take the query",
            where=f"{SCHEME}{query}",
            expected="a query that gives rows, for example SELECT * FROM 'today.parquet'",
            found=str(error).strip().partition("\n")[0],
            todo="Correct it",
        ) from error
    if relation is None:
        raise InputError(
            "the statement gives no rows",
            where=f"{SCHEME}{query}",
            expected="a query, for example SELECT * FROM 'today.parquet'",
            todo="End with one that does",
        )
    return relation
