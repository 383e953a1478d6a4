"""Rows of arms of a Spark DataFrame, as workers see them, are those of a table in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.monitors.deployment.opening import opened, plan, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark.sql import SparkSession

    from driftkit.monitors.deployment.inputs import ArmRows

pytestmark = pytest.mark.spark

TABLE = pd.DataFrame(
    {
        "unread": ["x"] * 6,
        "my.latency": [5.0, 7.0, 6.0, 8.0, 9.0, 1.0],
        "model": [1, 2, 2, 3, 1, None],
        "user": [10, 20, 30, 40, 50, 60],
        "score": [0.9, 0.2, 0.6, 0.1, 0.7, 0.3],
        "label": ["1", "0", "1", "0", None, "1"],
        "forced": [True, False, False, False, False, False],
    }
)


def seen_by_workers(rows: ArmRows) -> list[dict[str, Any]]:
    dataset: Any = rows.dataset
    chunks, names = dataset.chunks, rows.names

    def as_text(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for chunk in chunks(batches):
            columns = [chunk.column(index).to_pylist() for index in range(len(names))]
            texts = [repr(row) for row in zip(*columns, strict=True)]
            yield pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], names=["row"])

    found = dataset.frame.mapInArrow(as_text, "row string").collect()
    return [dict(zip(names, eval(row["row"]), strict=True)) for row in found]  # noqa: S307


def test_arms_of_a_frame(spark: SparkSession) -> None:
    planned = plan(
        {"old": "field:model=1", "new": "field:model=2"}, columns=("my.latency",), unit="field:user"
    )
    frame = spark.createDataFrame(TABLE).repartition(3)

    found = opened(frame, planned, probability="score")

    expected, _ = read(opened(TABLE, planned, probability="score"))
    key = "column:my.latency"
    assert sorted(seen_by_workers(found), key=lambda row: row[key]) == sorted(
        expected, key=lambda row: row[key]
    )
    assert "unread" not in {column.name for column in found.dataset.columns}
