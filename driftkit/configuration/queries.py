"""Opens queries that are named as inputs, with secrets looked up where they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.readers import queries
from driftkit.sinks.references import look_up, refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence


def data_of(inputs: Sequence[str]) -> Any:
    """What inputs are: paths as they stand, or the rows of a query.

    Raises:
        InputError: a query is not alone, or cannot be understood.
        SettingsError: its library is not installed, there is no such secret, or the address of a
            database has one.
    """
    return queries.data_of(inputs, _looked_up)


def told(inputs: Sequence[str]) -> str | None:
    """What the inputs are in words, if they are no files: the rows of a query, or a table.

    Raises:
        InputError: a table is one of several inputs.
    """
    if any(each.startswith((queries.DUCKDB, queries.ADBC)) for each in inputs):
        return "the rows of a query"
    from driftkit.readers.lake import lake_table  # noqa: PLC0415  (the help reads nothing)

    table = lake_table(inputs)
    return None if table is None else f"the {table.title} {table.address}"


def _looked_up(address: str) -> str:
    where = "the address of the database"
    refuse_secrets("password" if "password=" in address.lower() else where, address)
    return look_up(address)
