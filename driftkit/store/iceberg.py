"""A metrics store in the tables of an Iceberg catalogue, which many engines read."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from driftkit.errors import DriftkitError, InputError, OutputError
from driftkit.extras import library
from driftkit.store.again import Again
from driftkit.store.schema import LAYOUT, OF_RUNS, PREFIX, RUNS, TABLES, fitted, schema_of
from driftkit.store.selecting import of_whole_runs
from driftkit.store.store import EVERYTHING, Query, RunKey, refuse_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

T = TypeVar("T")
_MARK = "driftkit.layout"
_AGAIN = Again(tries=20, first=0.1, longest=3.0)


class IcebergStore:
    """Tables of a namespace, whose rows are those of one run a commit.

    The row in the table of runs is written last: a run without one is not there.

    Args:
        address: CATALOG.NAMESPACE; pyiceberg's configuration says where the catalogue is.

    Raises:
        SettingsError: pyiceberg is not installed.
    """

    def __init__(self, address: str) -> None:
        self._catalog, _, self._namespace = address.partition(".")
        self._name = f"iceberg:{address}"
        self._catalogues = library("pyiceberg.catalog", "iceberg", "a store of this kind")
        self._errors = library("pyiceberg.exceptions", "iceberg", "a store of this kind")

    def ensure(self) -> None:
        """Makes the namespace and the table of runs; the others are made as rows are written."""
        with self._reported("written", OutputError):
            catalog = self._opened()
            catalog.create_namespace_if_not_exists(self._namespace)
            if self._table(catalog, RUNS) is None:
                self._make(catalog, RUNS)

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Replaces the rows of each table in one commit, those of the table of runs last."""
        with self._reported("written", OutputError):
            catalog = self._opened()
            for name in sorted(tables, key=lambda each: each == RUNS):
                self._again(partial(self._replace, catalog, name, key, tables[name]))

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of the table as it is now."""
        with self._reported("read", InputError):
            opened = self._table(self._opened(), table)
            if opened is None:
                return schema_of(table).empty_table()
            scan = opened.scan(row_filter=_condition(table, query))
            found = fitted(table, _with_nulls(scan.to_arrow()))
        return of_whole_runs(self, table, query, found)

    def compact(self) -> int:
        """Puts the files of each table and model together; those of earlier snapshots stay."""
        with self._reported("written", OutputError):
            catalog = self._opened()
            return sum(self._again(partial(self._rewrite, catalog, name)) for name in TABLES)

    def expire(self, before: datetime) -> int:
        """Removes them in one commit for each table, of the table of runs first."""
        with self._reported("written", OutputError):
            catalog = self._opened()
            removed = [
                self._again(partial(self._remove, catalog, name, before))
                for name in reversed(OF_RUNS)
            ]
            return removed[0]

    def tidy(self, key: RunKey) -> None:
        """Nothing: a commit of its own would wait for those of other runs."""

    def _rewrite(self, catalog: Any, name: str) -> int:
        table = self._table(catalog, name)
        files = [] if table is None else list(table.scan().plan_files())
        if len(files) <= len({str(each.file.partition) for each in files}):
            return 0
        rows = table.scan().to_arrow()
        table.overwrite(rows.sort_by("window_start") if name in OF_RUNS else rows)
        return len(files)

    def _remove(self, catalog: Any, name: str, before: datetime) -> int:
        from pyiceberg.expressions import LessThan  # noqa: PLC0415  (an extra)

        table = self._table(catalog, name)
        if table is None:
            return 0
        ended = LessThan("window_end", before.isoformat())
        count = int(table.scan(row_filter=ended).count())
        table.delete(ended)
        return count

    def _opened(self) -> Any:
        return self._catalogues.load_catalog(self._catalog)

    def _named(self, table: str) -> str:
        return f"{self._namespace}.{PREFIX}{table}"

    def _table(self, catalog: Any, name: str) -> Any:
        """The table; None where there is none yet.

        Raises:
            FormatError: a later driftkit has laid it out in another way.
        """
        try:
            found = catalog.load_table(self._named(name))
        except (self._errors.NoSuchTableError, self._errors.NoSuchNamespaceError):
            return None
        refuse_layout(int(found.properties.get(_MARK, 0)), self._named(name))
        return found

    def _make(self, catalog: Any, name: str) -> None:
        schema = schema_of(name)
        try:
            with catalog.create_table_transaction(
                self._named(name), schema, properties={_MARK: str(LAYOUT)}
            ) as made:
                if "model" in schema.names:
                    with made.update_spec() as spec:
                        spec.add_identity("model")
        except (self._errors.TableAlreadyExistsError, self._errors.CommitFailedException):
            # By another run, meanwhile.
            if self._table(catalog, name) is None:
                raise

    def _replace(self, catalog: Any, name: str, key: RunKey, rows: pa.Table) -> None:
        table = self._table(catalog, name)
        if table is None:
            if not rows.num_rows:
                return
            self._make(catalog, name)
            table = self._table(catalog, name)
        if not set(table.schema().column_names).issuperset(rows.column_names):
            with table.update_schema() as changed:
                changed.union_by_name(rows.schema)
        # By model and time the catalogue passes over the files of others.
        of_run = Query(run_id=key.run_id, model=key.model, window_start=key.window_start)
        table.overwrite(rows, overwrite_filter=_condition(name, of_run))

    def _again(self, change: Callable[[], T]) -> T:
        lost = (self._errors.CommitFailedException, self._errors.ValidationException)
        with warnings.catch_warnings():
            # That there was nothing to replace.
            warnings.simplefilter("ignore")
            return _AGAIN(change, lost)

    @contextmanager
    def _reported(self, how: str, error: type[InputError | OutputError]) -> Iterator[None]:
        """Whatever a catalogue or its storage raises, of many kinds, as an error of the store."""
        try:
            yield
        except DriftkitError:
            raise
        except Exception as found:
            raise error(
                f"the metrics store cannot be {how}",
                where=self._name,
                expected="a namespace of an Iceberg catalogue that pyiceberg is configured for",
                found=" ".join(str(found).split())[:300] or type(found).__name__,
                todo="Check the catalogue's configuration and credentials, and run it again",
            ) from found


def _with_nulls(rows: pa.Table) -> pa.Table:
    """The rows with NULL for empty lists of pairs: pyiceberg writes those that are NULL so."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_nested(field.type) and pa.types.is_struct(field.type.value_type):
            column = rows.column(index)
            is_empty = pc.equal(pc.list_value_length(column), 0)
            kept = pc.if_else(is_empty, pa.scalar(None, field.type), column)
            rows = rows.set_column(index, field, kept)
    return rows


def _condition(table: str, query: Query) -> Any:
    """A filter of pyiceberg."""
    from pyiceberg import expressions as ex  # noqa: PLC0415  (an extra)

    parts = [
        ex.EqualTo(name, value.isoformat() if name == "window_start" else value)
        for name, value in query.equal_in(table).items()
    ]
    if query.runs is not None:
        parts.append(ex.In("run_id", {each.run_id for each in query.runs}))
    return reduce(ex.And, parts, ex.AlwaysTrue())
