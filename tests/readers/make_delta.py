"""Writes the Delta tables of the tests, which only Spark can: `python -m tests.readers.make_delta FOLDER`.

Needs pyspark 3.5, and Delta's library among Spark's packages:
PYSPARK_SUBMIT_ARGS="--packages io.delta:delta-spark_2.12:3.3.2 pyspark-shell".
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import SparkSession

TABLES = {
    "deleted_and_renamed": "'delta.columnMapping.mode'='id','delta.enableDeletionVectors'='true'",
    "unknown_feature": "'delta.enableTypeWidening'='true','delta.enableDeletionVectors'='false'",
}
ROWS = (
    "id",
    "concat('n', id % 3) name",
    "cast(id as double) / 2 amount",
    "timestamp_seconds(1700000000 + id) at",
    "concat('d', id % 2) day",
)


def main(folder: Path) -> None:
    """Makes the tables below a folder."""
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
        .getOrCreate()
    )
    for name, properties in TABLES.items():
        table = f"delta.`{folder.absolute() / name}`"
        session.sql(
            f"create table {table} (id bigint, name string, amount double, at timestamp, day string) "
            f"using delta partitioned by (day) tblproperties ({properties})"
        )
        rows = session.range(20).selectExpr(*ROWS).coalesce(1)
        rows.write.format("delta").mode("append").save(str(folder / name))
    changed = f"delta.`{folder.absolute() / 'deleted_and_renamed'}`"
    session.sql(f"alter table {changed} rename column amount to sum")
    session.sql(f"delete from {changed} where id in (3, 4, 7)")  # noqa: S608  (own words)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
