"""A program that profiles snapshots of an Iceberg table, whose jar a session needs from its start.

python -m tests.spark.on_iceberg FOLDER

Spark's own resolver fetches the jar, from where it is set up to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COORDINATE = "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0"
TABLE = "lake.demo.flights"
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    "spark.jars.packages": COORDINATE,
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type": "hadoop",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}


def answers(folder: Path) -> dict[str, Any]:
    """What a baseline of the older snapshot says, and monitoring the newest against it."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (the parent process has none)

    import driftkit  # noqa: PLC0415
    from tests.spark.test_sources import ROWS, SCHEMA  # noqa: PLC0415

    builder = SparkSession.builder.master("local[2]").appName("driftkit-iceberg")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.sql.catalog.lake.warehouse", str(folder / "warehouse"))
    session = builder.getOrCreate()
    session.createDataFrame(ROWS, SCHEMA).coalesce(1).writeTo(TABLE).create()
    first = session.sql(f"SELECT snapshot_id FROM {TABLE}.snapshots").first()  # noqa: S608  (our own)
    session.sql(f"DELETE FROM {TABLE} WHERE id < 100")  # noqa: S608
    assert first is not None
    older = session.read.option("snapshot-id", first.snapshot_id).table(TABLE)
    baseline = driftkit.data_quality.baseline(older, engine="scan")
    window = driftkit.data_quality.monitor(session.table(TABLE), baseline)
    session.stop()
    found = baseline, window
    return {
        "engines": [each.run.engine if each.run else "" for each in found],
        "rows": [each.run.rows if each.run else 0 for each in found],
        "statistics.json": [each.files["statistics.json"] for each in found],
        "constraints.json": baseline.files["constraints.json"],
    }


if __name__ == "__main__":
    output = Path(sys.argv[1], "answers.json")
    output.write_text(json.dumps(answers(output.parent)))
