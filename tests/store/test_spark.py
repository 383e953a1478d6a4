"""A store of Spark's catalogue keeps the laws of all stores, and Spark reads tables as inputs."""

from __future__ import annotations

import os
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.compute import runtime
from driftkit.errors import DriftkitError, FormatError, SettingsError
from driftkit.store.opening import open_store
from driftkit.store.rows import key_of, tables_of
from driftkit.store.schema import OF_RUNS
from driftkit.store.store import RunKey, keep
from tests.readers.test_lake import DELTA, LEFT
from tests.store import test_stores as of_all
from tests.store.facts import facts, quality_facts
from tests.store.test_queries import DRIFT, PROFILE, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

# The libraries of Delta and Iceberg, by their coordinates: `make test-spark-tables` names them.
PACKAGES = "DRIFTKIT_TEST_SPARK_PACKAGES"
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(PACKAGES not in os.environ, reason=f"{PACKAGES} names no libraries"),
]
LAWS = [
    of_all.test_a_run_kept_twice_is_there_once,
    of_all.test_rows_come_back_as_they_were_given,
    of_all.test_late_labels_stand_beside_what_they_supersede,
    of_all.test_what_has_no_window_is_a_point_in_time,
    of_all.test_only_what_is_asked_for_is_read,
]
DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session of its own, in a time zone that is not UTC."""
    sql = pytest.importorskip("pyspark.sql")
    folder = tmp_path_factory.mktemp("warehouse")
    os.environ.update(runtime.session_environment())
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in {
        "spark.jars.packages": os.environ[PACKAGES],
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": DELTA_CATALOG,
        "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.lake.type": "hadoop",
        "spark.sql.catalog.lake.warehouse": str(folder / "lake"),
        "spark.sql.warehouse.dir": str(folder / "delta"),
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def namespace(session: SparkSession) -> str:
    """With tables and views, which take long to make."""
    assert session is not None
    name = f"monitoring_{secrets.token_hex(4)}"
    open_store(f"spark:{name}").ensure()
    return name


@pytest.fixture
def address(session: SparkSession, namespace: str) -> str:
    """The address of tables without rows."""
    for table in OF_RUNS:
        rows = session.table(f"{namespace}.driftkit_{table}")
        if not rows.isEmpty():
            session.sql(f"delete from {namespace}.driftkit_{table}")  # noqa: S608  (own names)
    return f"spark:{namespace}"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_laws_of_all_stores(law: Any, address: str) -> None:
    law(address)


def test_a_store_that_is_not_there_yet_is_empty(session: SparkSession) -> None:
    assert session is not None

    of_all.test_a_store_that_is_not_there_yet_is_empty("spark:nothing_here")


def test_writers_at_once_lose_nothing_and_double_nothing(address: str) -> None:
    open_store(address).ensure()
    made = [facts(hour=hour) for hour in (0, 1, 2, 0, 1, 2)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: keep(open_store(address), each), made))

    store = open_store(address)
    assert len(store.read("runs").to_pylist()) == 3
    assert len(store.read("profile_metrics").to_pylist()) == 9


def test_a_run_without_its_row_is_not_there(address: str) -> None:
    store = open_store(address)
    keep(store, facts())
    tables = {name: rows for name, rows in tables_of(facts(hour=1)).items() if name != "runs"}

    store.replace_run(RunKey.of(key_of(facts(hour=1))), tables)

    assert len(store.read("runs").to_pylist()) == 1
    assert len(store.read("profile_metrics").to_pylist()) == 3


def test_rows_are_put_together_and_old_runs_removed(address: str) -> None:
    store: Any = open_store(address)
    for hour in range(6):
        keep(store, facts(hour=hour))
    before = of_all.contents(store)

    assert store.compact() > 0
    assert of_all.contents(store) == before
    assert store.expire(facts(hour=5).subject.end) == 5
    assert len(store.read("profile_metrics").to_pylist()) == 3


def test_a_column_that_is_missing_is_added(address: str, session: SparkSession) -> None:
    store = open_store(address)
    keep(store, facts())
    runs = f"{address.removeprefix('spark:')}.driftkit_runs"
    session.sql(f"alter table {runs} set tblproperties ('delta.columnMapping.mode' = 'name')")
    session.sql(f"alter table {runs} drop column tags")

    keep(store, facts(hour=1))

    assert len(store.read("runs").to_pylist()) == 2
    assert "tags" in session.table(runs).columns


def test_a_later_layout_is_refused(address: str, session: SparkSession) -> None:
    runs = f"{address.removeprefix('spark:')}.driftkit_runs"
    session.sql(f"alter table {runs} set tblproperties ('driftkit.layout' = '99')")

    with pytest.raises(FormatError, match="found: layout 99"):
        keep(open_store(address), facts())

    session.sql(f"alter table {runs} set tblproperties ('driftkit.layout' = '2')")


def test_views_have_the_shape_of_databricks_tables(address: str, session: SparkSession) -> None:
    namespace = address.removeprefix("spark:")
    for labels, minute in ((80, 0), (100, 5)):
        keep(open_store(address), quality_facts(labels, minute))
    keep(open_store(address), facts(shift=50.0))

    latest = session.table(f"{namespace}.driftkit_runs_latest").collect()
    versions = session.table(f"{namespace}.driftkit_runs_versions").collect()

    assert len(latest) == 2
    assert sorted(row["version"] for row in versions) == [1, 1, 2]
    for name, expected in (("profile", PROFILE), ("drift", DRIFT)):
        view = session.table(f"{namespace}.databricks_{name}_metrics")
        found = [[each.name, each.dataType.simpleString()] for each in view.schema]
        assert found == columns(expected)
        assert view.collect()


@pytest.mark.parametrize("name", ["", "a b", "a;drop table x", "a`.b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="no name of a namespace"):
        open_store(f"spark:{name}")


def test_spark_reads_a_delta_table_as_its_log_says(session: SparkSession) -> None:
    assert session is not None
    table = str(DELTA / "deleted_and_renamed")

    found = driftkit.data_quality.baseline(table, runner="spark", engine="scan")

    assert found.run is not None
    assert (found.run.rows, found.run.engine) == (len(LEFT), "scan on Spark")
    assert found.run.inputs == (table,)
    with pytest.raises(DriftkitError, match=r"Spark cannot read|Spark job failed"):
        driftkit.data_quality.baseline(f"{table}@v9", runner="spark")


def test_spark_reads_an_iceberg_table(session: SparkSession) -> None:
    rows = session.range(20).selectExpr("id", "concat('n', id % 3) name")
    rows.writeTo("lake.inputs.t").using("iceberg").tableProperty(
        "write.delete.mode", "merge-on-read"
    ).create()
    session.sql("delete from lake.inputs.t where id in (3, 4, 7)")

    found = driftkit.data_quality.baseline("iceberg:lake.inputs.t", engine="scan")

    assert found.run is not None
    assert (found.run.rows, found.run.engine) == (len(LEFT), "scan on Spark")
