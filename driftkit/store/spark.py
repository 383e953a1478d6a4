"""A metrics store in Delta tables of Spark's catalogue, with views over them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from driftkit.compute.failures import reason
from driftkit.compute.session.spark import JOB_FAILURES, get_session
from driftkit.errors import InputError, OutputError, SettingsError
from driftkit.store import databricks
from driftkit.store.again import Again
from driftkit.store.schema import LAYOUT, OF_RUNS, PREFIX, RUNS, TABLES, fitted, schema_of
from driftkit.store.selecting import of_whole_runs
from driftkit.store.sql import SPARK, columns_of, literal, views
from driftkit.store.store import EVERYTHING, Query, RunKey, refuse_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pyspark.sql import Column, DataFrame, SparkSession

_MARK = "driftkit.layout"
_NAMESPACE = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_AGAIN = Again(tries=12, first=0.1, longest=3.0)
# What Delta says where another run was quicker.
_LOST = re.compile(r"Concurrent\w*Exception|DELTA_CONCURRENT")


class SparkStore:
    """Tables of a namespace, whose rows are those of one run a commit.

    The row in the table of runs is written last: a run without one is not there.

    Args:
        namespace: as Spark calls it, NAMESPACE or CATALOG.NAMESPACE.

    Raises:
        SettingsError: it is no such name.
    """

    def __init__(self, namespace: str) -> None:
        if _NAMESPACE.fullmatch(namespace) is None:
            raise SettingsError(
                "this is no name of a namespace",
                where=f"spark:{namespace}",
                expected="letters, digits and _, as in spark:main.monitoring",
                todo="Name the catalogue and the namespace in which the tables shall be",
            )
        self._prefix = f"{namespace}.{PREFIX}"
        self._namespace = namespace

    def ensure(self) -> None:
        """Makes the tables and views, that of runs last: without it they are made again."""
        with self._reported("written", OutputError) as session:
            if self._layout(session) is not None:
                return
            session.sql(f"create namespace if not exists {self._namespace}")
            for name in TABLES:
                session.sql(_create(self._prefix + name, name))
            self._make_views(session)

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Replaces the rows of each table in one commit, those of the table of runs last."""
        of_run = (F.col("run_id") == key.run_id) & (F.col("model") == key.model)
        with self._reported("written", OutputError) as session:
            for name in sorted(tables, key=lambda each: each == RUNS):
                rows = _frame(session, name, tables[name])
                self._add_columns(session, name)
                _AGAIN(partial(self._overwrite, name, rows, of_run), JOB_FAILURES, _LOST)

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of the table as it is now."""
        with self._reported("read", InputError) as session:
            if self._layout(session) is None:
                return schema_of(table).empty_table()
            frame = session.table(self._prefix + table)
            for each in _conditions(table, query):
                frame = frame.where(each)
            found = fitted(table, _collected(table, frame))
        return of_whole_runs(self, table, query, found)

    def compact(self) -> int:
        """Puts small files together; those of earlier versions stay until VACUUM removes them."""
        with self._reported("written", OutputError) as session:
            done = [session.sql(f"optimize {self._prefix}{name}").collect()[0] for name in TABLES]
            return sum(int(each["metrics"]["numFilesRemoved"]) for each in done)

    def expire(self, before: datetime) -> int:
        """Removes them in one commit for each table, of the table of runs first."""
        old = f"window_end < timestamp {literal(before.isoformat())}"
        with self._reported("written", OutputError) as session:
            count = session.table(self._prefix + RUNS).where(old).count()
            for name in reversed(OF_RUNS):
                session.sql(f"delete from {self._prefix}{name} where {old}")
        return count

    def tidy(self, key: RunKey) -> None:
        """Nothing: a commit of its own would wait for those of other runs."""

    def _overwrite(self, name: str, rows: DataFrame, of_run: Column) -> None:
        rows.writeTo(self._prefix + name).overwrite(of_run)

    def _layout(self, session: SparkSession) -> int | None:
        """That of the tables; None where there are none yet.

        Raises:
            FormatError: a later driftkit has laid them out in another way.
        """
        runs = self._prefix + RUNS
        if not session.catalog.tableExists(runs):
            return None
        said = {
            row["key"]: row["value"] for row in session.sql(f"show tblproperties {runs}").collect()
        }
        layout = int(said.get(_MARK, 0))
        refuse_layout(layout, runs)
        return layout

    def _make_views(self, session: SparkSession) -> None:
        shaped = databricks.views(self._prefix, databricks.named_struct)
        qualified = {f"{self._namespace}.{name}": query for name, query in shaped.items()}
        for name, query in {**views(self._prefix), **qualified}.items():
            session.sql(f"create or replace view {name} as {_quoted_by_spark(query)}")

    def _add_columns(self, session: SparkSession, name: str) -> None:
        """Adds the columns that an earlier driftkit did not know."""
        known = set(session.table(self._prefix + name).columns)
        new = [
            f"`{each.name}` {SPARK[each.kind]}" for each in TABLES[name] if each.name not in known
        ]
        if new:
            session.sql(f"alter table {self._prefix}{name} add columns ({', '.join(new)})")

    @contextmanager
    def _reported(self, how: str, error: type[InputError | OutputError]) -> Iterator[SparkSession]:
        session = get_session()
        try:
            yield session
        except JOB_FAILURES as found:
            raise error(
                f"the metrics store cannot be {how}",
                where=f"spark:{self._namespace}",
                expected="a namespace of Spark's catalogue whose tables are Delta's",
                found=reason(str(found))[:300],
                todo="Start Spark with Delta's library, and check that it may write there",
            ) from found


def _quoted_by_spark(text: str) -> str:
    """SQL with its names quoted as Spark quotes them; the text has no other double quotes."""
    return text.replace('"', "`")


def _create(name: str, table: str) -> str:
    columns = _quoted_by_spark(columns_of(table, SPARK))
    by_model = any(each.name == "model" for each in TABLES[table])
    return (
        f"create table if not exists {name} ({columns}) using delta "
        f"{'partitioned by (model) ' if by_model else ''}tblproperties ({literal(_MARK)} = '{LAYOUT}')"
    )


def _frame(session: SparkSession, table: str, rows: pa.Table) -> DataFrame:
    schema = ", ".join(f"`{each.name}` {SPARK[each.kind]}" for each in TABLES[table])
    names = [each.name for each in TABLES[table]]
    return session.createDataFrame(
        [tuple(row.get(name) for name in names) for row in rows.to_pylist()], schema
    )


def _conditions(table: str, query: Query) -> Iterator[Column]:
    yield from (F.col(name) == value for name, value in query.equal_in(table).items())
    if query.runs is not None:
        yield F.col("run_id").isin([each.run_id for each in query.runs])


def _collected(table: str, frame: DataFrame) -> pa.Table:
    """The rows, their times as numbers on the way: Python would have them in its own time zone."""
    there = set(frame.columns)
    kinds = {each.name: each.kind for each in TABLES[table] if each.name in there}
    asked = [
        f"unix_micros(`{name}`) as `{name}`" if kind == "timestamp" else f"`{name}`"
        for name, kind in kinds.items()
    ]
    rows = [row.asDict(recursive=True) for row in frame.selectExpr(*asked).collect()]
    schema = schema_of(table)
    on_the_way = {"timestamp": pa.int64()}
    return pa.table(
        {
            name: pa.array(
                [row[name] for row in rows], on_the_way.get(kind, schema.field(name).type)
            )
            for name, kind in kinds.items()
        }
    )
