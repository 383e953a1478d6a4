"""Rows of a query, named as an input is: duckdb:QUERY or adbc:DATABASE QUERY."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.extras import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

DUCKDB, ADBC = "duckdb:", "adbc:"
_EXAMPLES = {
    DUCKDB: "duckdb:SELECT * FROM 'today.parquet'",
    ADBC: "adbc:postgresql://USER@HOST/DATABASE SELECT * FROM scores",
}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*(?=:)")
_DRIVERS = {"postgres": "postgresql"}


def data_of(inputs: Sequence[str], look_up: Callable[[str], str]) -> Any:
    """What the inputs of a command are: paths as they stand, or the rows of a query.

    Args:
        inputs: as they were named.
        look_up: puts secrets in place of their names, and refuses those that are written out.

    Raises:
        InputError: a query is not alone, or cannot be understood.
        SettingsError: its library is not installed, there is no such secret, or the address of a
            database has one.
    """
    queries = [each for each in inputs if each.startswith((DUCKDB, ADBC))]
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
    (text,) = queries
    if text.startswith(DUCKDB):
        return _relation(text)
    address, _, query = text.removeprefix(ADBC).strip().partition(" ")
    if not query.strip() or not address:
        raise _not_taken(
            text, ADBC, "no query behind the address", "Write both, with a space between"
        )
    resolved = look_up(address)
    return AdbcQuery(name=text, address=resolved, query=query, is_secret=resolved != address)


def _relation(text: str) -> Any:
    duckdb = library("duckdb", "store-duckdb", "a query of DuckDB")
    try:
        relation = duckdb.connect().sql(text.removeprefix(DUCKDB))
    except duckdb.Error as error:
        raise _not_taken(text, DUCKDB, _first_line(error), "Correct it") from error
    if relation is None:
        raise _no_rows(text, DUCKDB)
    return relation


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbcQuery:
    """The rows of a query to a database, by a driver of ADBC; it is asked anew for each reading.

    Attributes:
        name: as it was given, without secrets.
        address: of the database: its scheme names the driver.
        query: that gives the rows.
        is_secret: whether the address holds something that must not be shown.
    """

    name: str
    address: str
    query: str
    is_secret: bool

    def __repr__(self) -> str:
        return f"AdbcQuery({self.name!r})"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows, as they come.

        Raises:
            InputError: the database does not answer, or refuses.
            SettingsError: ADBC is not installed.
        """
        return self._reader().__arrow_c_stream__(requested_schema)

    def _reader(self) -> pa.RecordBatchReader:
        # The help of commands, which knows queries, loads no such library.
        import pyarrow as pa  # noqa: PLC0415

        connection = self._connected()
        cursor = connection.cursor()
        try:
            cursor.execute(self.query)
            reader = cursor.fetch_record_batch()
        except Exception as error:
            _close(cursor, connection)
            raise _not_taken(self.name, ADBC, _first_line(error), "Correct it") from error
        if not reader.schema.names:
            _close(cursor, connection)
            raise _no_rows(self.name, ADBC)
        rows = _to_the_end(reader, cursor, connection)
        return pa.RecordBatchReader.from_batches(reader.schema, rows)

    def _connected(self) -> Any:
        connect = self._driver()
        try:
            return connect()
        except Exception as error:  # noqa: BLE001  (each driver has errors of its own)
            # Drivers repeat addresses in their messages, passwords too.
            status = getattr(getattr(error, "status_code", None), "name", type(error).__name__)
            raise InputError(
                "the database cannot be reached",
                where=self.name,
                expected="an address at which it answers, and a user who may read",
                found=status if self.is_secret else _first_line(error),
                todo="Check address, user and password",
            ) from (None if self.is_secret else error)

    def _driver(self) -> Callable[[], Any]:
        """Connects by the package of the driver, else by the name under which it is registered."""
        found = _SCHEME.match(self.address)
        if found is None:
            expected = "an address that begins with the driver, as sqlite:FILE"
            raise _not_taken(self.name, ADBC, expected, "Name the driver")
        manager = library("adbc_driver_manager.dbapi", "adbc", "a query to a database")
        scheme = _DRIVERS.get(found[0].lower(), found[0].lower())
        try:
            connect = import_module(f"adbc_driver_{scheme}.dbapi").connect
        except ImportError:
            return lambda: manager.connect(self.address)
        # A file that is not there would be made.
        path = self.address.removeprefix("sqlite:").removeprefix("//")
        address = f"file:{path}?mode=ro" if scheme == "sqlite" else self.address
        return lambda: connect(address)


def _to_the_end(reader: pa.RecordBatchReader, *opened: Any) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    finally:
        _close(reader, *opened)


def _close(*opened: Any) -> None:
    for each in opened:
        each.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _no_rows(text: str, kind: str) -> InputError:
    return InputError(
        "the statement gives no rows",
        where=text,
        expected=f"a query, for example {_EXAMPLES[kind]}",
        todo="End with one that does",
    )


def _not_taken(text: str, kind: str, found: str, todo: str) -> InputError:
    return InputError(
        f"{'DuckDB' if kind == DUCKDB else 'the database'} does not take the query",
        where=text,
        expected=f"a query that gives rows, for example {_EXAMPLES[kind]}",
        found=found,
        todo=todo,
    )
