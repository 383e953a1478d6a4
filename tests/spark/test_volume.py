"""A monitor that is none of driftkit's own runs on Spark as it does in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.monitors.volume import monitor as volume
from tests.monitors.volume.test_volume import table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_rows_are_counted_as_in_this_process(spark: SparkSession, tmp_path: Path) -> None:
    files = [str(tmp_path / f"{hours}.parquet") for hours in (5, 9)]
    for file, hours in zip(files, (5, 9), strict=True):
        table([7] * hours).to_parquet(file)
    frame = spark.createDataFrame(table([7] * 5)).repartition(3)

    counted = volume.baseline(files, time_column="at", runner="spark")
    framed = volume.baseline(frame, time_column="at")

    assert counted == volume.baseline(files, time_column="at", runner="local")
    assert counted.run is not None
    assert counted.run.engine == "one pass on Spark"
    assert framed.states.known == volume.baseline(files[0], time_column="at").states.known
