"""Tables that tasks cannot open themselves: views, saved tables, JDBC, Delta, Iceberg."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

pytest.importorskip("pyspark")

import pyspark

import driftkit
from driftkit.compute import runtime
from driftkit.compute.session.spark import in_hadoop
from tests.spark import on_delta, on_iceberg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

ROWS = [(n, f"v{n % 4}", None if n % 9 == 0 else n / 8) for n in range(400)]
SCHEMA = "id bigint, text string, number double"
DERBY = "org.apache.derby.jdbc.EmbeddedDriver"


def of_view(spark: SparkSession, frame: DataFrame, folder: Path) -> DataFrame:
    del folder
    frame.createOrReplaceTempView("flights")
    return spark.table("flights")


def of_saved_table(spark: SparkSession, frame: DataFrame, folder: Path) -> DataFrame:
    path = folder / "saved"
    frame.write.mode("overwrite").option("path", str(path)).saveAsTable("flights_saved")
    return spark.table("flights_saved")


def of_jdbc(spark: SparkSession, frame: DataFrame, folder: Path) -> DataFrame:
    """A table of Derby, the database in Spark's own jars, read in four partitions."""
    assert spark._jvm is not None
    spark._jvm.System.setProperty("derby.stream.error.file", str(folder / "derby.log"))
    where = {"url": f"jdbc:derby:{folder / 'derby'};create=true", "dbtable": "flights"}
    options = {**where, "driver": DERBY}
    frame.write.format("jdbc").options(**options).save()
    parts = {"partitionColumn": "id", "lowerBound": "0", "upperBound": "400", "numPartitions": "4"}
    return spark.read.format("jdbc").options(**options, **parts).load()


@pytest.fixture
def tables(spark: SparkSession) -> Iterator[SparkSession]:
    yield spark
    spark.sql("DROP TABLE IF EXISTS flights_saved")


@pytest.mark.parametrize("source", [of_view, of_saved_table, of_jdbc])
def test_a_source_has_the_baseline_of_its_rows(
    tables: SparkSession, tmp_path: Path, source: Callable[..., DataFrame]
) -> None:
    frame = tables.createDataFrame(ROWS, SCHEMA).coalesce(1)
    here = driftkit.data_quality.baseline(rows_of(ROWS), runner="local")

    found = driftkit.data_quality.baseline(source(tables, frame, tmp_path), engine="scan")

    assert found.run is not None
    assert found.run.engine == "scan on Spark"
    assert found.run.rows == len(ROWS)
    assert lower(found.files["constraints.json"]) == lower(here.files["constraints.json"])


def test_addresses_of_s3_have_the_scheme_that_the_session_knows(spark: SparkSession) -> None:
    addresses = ("s3://bucket/t", "s3a://bucket/t", "/here/t", "catalog.db.t")

    plain = [in_hadoop(each, spark) for each in addresses]
    spark.conf.set("fs.s3.impl", "com.amazon.ws.emr.hadoop.fs.EmrFileSystem")
    own = [in_hadoop(each, spark) for each in addresses]
    spark.conf.unset("fs.s3.impl")

    assert plain == ["s3a://bucket/t", *addresses[1:]]
    assert own == [*addresses]


@pytest.fixture(scope="module")
def delta(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process found out whose session has Delta's jars."""
    return answers_of(on_delta, tmp_path_factory.mktemp("delta"))


@pytest.fixture(scope="module")
def iceberg(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process found out whose session has Iceberg's jar."""
    return answers_of(on_iceberg, tmp_path_factory.mktemp("iceberg"))


def answers_of(program: ModuleType, folder: Path) -> dict[str, Any]:
    if not os.environ.get("DRIFTKIT_TEST_SPARK_PACKAGES"):
        pytest.skip("`make test-spark-tables` fetches what this needs")
    if not pyspark.__version__.startswith("3.5"):
        pytest.skip(f"{program.COORDINATE} is built for Spark 3.5")
    if runtime.java_home() is None:
        pytest.skip("there is no Java")
    said = ended(program.__name__, folder)
    if not (folder / "answers.json").exists():
        unresolved = "unresolved dependency" in said or "Server access error" in said
        assert unresolved, said[-3000:]
        pytest.skip(
            f"{program.COORDINATE} cannot be fetched: no repository that Spark asks can be reached"
        )
    found: dict[str, Any] = json.loads((folder / "answers.json").read_text())
    return found


def ended(program: str, folder: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", program, str(folder)],
        cwd=on_delta.ROOT,
        env={**os.environ, **runtime.session_environment(), "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return ran.stdout + ran.stderr


def test_a_delta_table_is_read_at_its_newest_version(delta: dict[str, Any]) -> None:
    """Reading the Parquet files in its folder would count deleted rows too."""
    kept = [row for row in ROWS if row[0] >= 100]
    here = driftkit.data_quality.baseline(rows_of(kept), runner="local")

    assert delta["engine"] == "scan on Spark"
    assert delta["rows"] == [len(ROWS), len(kept)]
    assert delta["constraints.json"] == json.loads(json.dumps(here.files["constraints.json"]))


def test_an_iceberg_table_is_read_at_the_snapshot_that_is_asked_for(
    iceberg: dict[str, Any],
) -> None:
    kept = [row for row in ROWS if row[0] >= 100]
    older = driftkit.data_quality.baseline(rows_of(ROWS), runner="local")
    newest = driftkit.data_quality.monitor(rows_of(kept), older, runner="local")

    assert iceberg["engines"] == ["scan on Spark"] * 2
    assert iceberg["rows"] == [len(ROWS), len(kept)]
    statistics = [each.files["statistics.json"] for each in (older, newest)]
    assert iceberg["statistics.json"] == json.loads(json.dumps(statistics))
    assert iceberg["constraints.json"] == json.loads(json.dumps(older.files["constraints.json"]))


def rows_of(rows: list[tuple[int, str, float | None]]) -> pa.Table:
    identifiers, texts, numbers = (list(column) for column in zip(*rows, strict=True))
    return pa.table({"id": identifiers, "text": texts, "number": numbers})


def lower(constraints: Any) -> Any:
    """The constraints with names in small letters: Derby writes them in capitals."""
    text = json.dumps(constraints)
    return text.replace('"ID"', '"id"').replace('"TEXT"', '"text"').replace('"NUMBER"', '"number"')
