"""Segments and blocks of time on Spark: the bits of the local runner, from files and frames."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

pytest.importorskip("pyspark")

import driftkit
from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.compute.spark import SparkRunner
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.profile.table import FoldOptions
from tests.compute.samples import of_tables, typed_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

SPLITS = (
    PartitionOptions(by=("texts", "few ints")),
    PartitionOptions(by=("few ints",), keys=(("1",), ("7",))),
    PartitionOptions(by=("moments",), unit="hour"),
    PartitionOptions(by=("moments",), unit="day", columns=("moments", "few ints")),
)


def test_units_are_told_apart_as_in_this_process(spark: SparkSession) -> None:
    del spark
    dataset = of_tables([typed_table(3000, 1), typed_table(0, 2), typed_table(2000, 3)])
    options = FoldOptions(partitions=SPLITS, known={"texts": ("a",)})

    assert Scan(runner=SparkRunner()).profile(dataset, options) == Scan(
        runner=LocalRunner()
    ).profile(dataset, options)


def test_a_frames_rows_are_told_apart(spark: SparkSession) -> None:
    rows = typed_table(2000, 5).select(["few ints", "with nan", "texts", "days"])
    schema = "`few ints` int, `with nan` double, texts string, days date"
    values = [tuple(row.values()) for row in rows.to_pylist()]
    frame = spark.createDataFrame(values, schema).coalesce(1)
    asked: dict[str, Any] = {"segment_by": ["texts"], "time_column": "days"}

    of_frame = driftkit.data_quality.baseline(frame, **asked)

    of_rows = driftkit.data_quality.baseline(rows, runner="local", **asked)
    assert of_frame.states is not None
    assert of_rows.states is not None
    for one, other in zip(
        of_frame.states.table.partitions, of_rows.states.table.partitions, strict=True
    ):
        assert list(one.parts) == list(other.parts)
        assert [part.rows for part in one.parts.values()] == [
            part.rows for part in other.parts.values()
        ]
    assert of_frame.files["segment_constraints.json"] == of_rows.files["segment_constraints.json"]


def test_seconds_since_1970_are_times(spark: SparkSession) -> None:
    first = 1_710_723_600
    rows = [(first + 3600 * n, float(n)) for n in range(60)]
    frame = spark.createDataFrame(rows, "at long, x double").coalesce(1)
    texts = [(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}", x) for at, x in rows]

    of_frame = driftkit.data_quality.baseline(frame, time_column="at")

    of_texts = driftkit.data_quality.baseline(
        pd.DataFrame(texts, columns=["at", "x"]), runner="local", time_column="at"
    )
    assert of_frame.cells is not None
    assert of_texts.cells is not None
    assert of_frame.cells.dumps() == of_texts.cells.dumps()
