"""A program that profiles versions of a Delta table, whose jars a session needs from its start.

python -m tests.spark.on_delta FOLDER

Spark's own resolver fetches the jars, from where it is set up to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COORDINATE = "io.delta:delta-spark_2.12:3.3.2"
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    "spark.jars.packages": COORDINATE,
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}


def answers(folder: Path) -> dict[str, Any]:
    """What baselines of both versions say."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (the parent process has none)

    import driftkit  # noqa: PLC0415
    from tests.spark.test_sources import ROWS, SCHEMA  # noqa: PLC0415

    builder = SparkSession.builder.master("local[2]").appName("driftkit-delta")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    path = str(folder / "table")
    session.createDataFrame(ROWS, SCHEMA).coalesce(1).write.format("delta").save(path)
    session.sql(f"DELETE FROM delta.`{path}` WHERE id < 100")  # noqa: S608  (our own path)
    reader = session.read.format("delta")
    first = driftkit.data_quality.baseline(
        reader.option("versionAsOf", 0).load(path), engine="scan"
    )
    newest = driftkit.data_quality.baseline(session.read.format("delta").load(path), engine="scan")
    session.stop()
    assert first.run is not None
    assert newest.run is not None
    return {
        "engine": newest.run.engine,
        "rows": [first.run.rows, newest.run.rows],
        "constraints.json": newest.files["constraints.json"],
    }


if __name__ == "__main__":
    output = Path(sys.argv[1], "answers.json")
    output.write_text(json.dumps(answers(output.parent)))
