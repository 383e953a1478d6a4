"""Spark DataFrames become datasets whose partitions are read where they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.monitors.data_quality import monitor as data_quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

SCHEMA = """
    tiny tinyint, small smallint, whole int, long bigint, single float, double double,
    price decimal(9,2), flag boolean, text string, day date, moment timestamp,
    list array<int>, inner struct<x: int>, bytes binary
"""
ROW = (
    *(1, 2, 3, 2**60, 0.5, 0.25, Decimal("1.50"), True, "x"),
    *(dt.date(2024, 3, 18), dt.datetime(2024, 3, 18, 15, tzinfo=dt.UTC), [1], (1,), b"x"),
)


@pytest.fixture
def frame(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([ROW, (None,) * len(ROW)], SCHEMA).coalesce(1)


def read(frame: DataFrame) -> list[tuple[Any, ...]]:
    """The rows that workers see, gathered through chunks."""
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    dataset = from_frame(frame)
    chunks, width = dataset.chunks, len(dataset.columns)

    def as_text(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for chunk in chunks(batches):
            columns = [chunk.column(place).to_pylist() for place in range(width)]
            texts = [repr(row) for row in zip(*columns, strict=True)]
            yield pa.RecordBatch.from_arrays([pa.array(texts)], names=["row"])

    found = dataset.frame.mapInArrow(as_text, "row string").collect()
    names = {"Decimal": Decimal, "datetime": dt}
    return [eval(row["row"], names) for row in found]  # noqa: S307  (what repr wrote)


def test_columns_declare_their_types(frame: DataFrame) -> None:
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    declared = {column.name: column.declared for column in from_frame(frame).columns}

    assert declared == {
        **dict.fromkeys(("tiny", "small", "whole", "long"), InferredType.INTEGRAL),
        **dict.fromkeys(("single", "double", "price"), InferredType.FRACTIONAL),
        "flag": InferredType.BOOLEAN,
        **dict.fromkeys(("text", "day", "moment"), InferredType.STRING),
    }


def test_nested_and_binary_columns_are_set_aside_under_their_own_types(frame: DataFrame) -> None:
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    assert dict(from_frame(frame).set_aside) == {
        "list": "values of type array<int> are nested or binary",
        "inner": "values of type struct<x:int> are nested or binary",
        "bytes": "values of type binary are nested or binary",
    }


def test_workers_see_the_rows_in_their_order(spark: SparkSession) -> None:
    frame = spark.range(0, 30_000, 1, 3).selectExpr("id", "cast(id as string) text")

    assert read(frame) == [(number, str(number)) for number in range(30_000)]


def test_workers_see_typed_values(frame: DataFrame) -> None:
    (first, second) = read(frame.drop("moment"))

    assert first == (*ROW[:10],)
    assert second == (None,) * 10


@pytest.mark.parametrize("name", ["a.b", "`a`", "a b", "日本", "x" * 300])
def test_odd_names_are_read(name: str, spark: SparkSession) -> None:
    frame = spark.createDataFrame([(1, 2)], ["a", name])

    assert read(frame) == [(1, 2)]


def test_names_that_stand_twice_are_refused(spark: SparkSession) -> None:
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    with pytest.raises(InputError, match="'a'"):
        from_frame(spark.createDataFrame([(1, 2)], ["a", "a"]))


def test_names_that_differ_in_case_alone_are_two_columns(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(1, 2.5, "x"), (3, 4.5, "y")], ["A", "a", "B"])

    assert read(frame) == [(1, 2.5, "x"), (3, 4.5, "y")]


def test_intervals_are_set_aside_legacy_ones_too(spark: SparkSession) -> None:
    from driftkit.readers.spark import from_frame  # noqa: PLC0415  (needs Spark)

    frame = spark.sql(
        "select 1 k, make_interval(1, 2) legacy, interval '1' month months, "
        "interval '1' day days, cast(1.5 as decimal(9,2)) price"
    )

    dataset = from_frame(frame)

    assert [column.name for column in dataset.columns] == ["k", "price"]
    why = "neither numbers, text, truth values nor times"
    assert dict(dataset.set_aside) == {
        "legacy": f"values of type interval are {why}",
        "months": f"values of type interval month are {why}",
        "days": f"values of type interval day are {why}",
    }
    assert read(frame) == [(1, Decimal("1.50"))]


def test_a_stream_is_refused(spark: SparkSession) -> None:
    with pytest.raises(InputError, match=r"stream.*foreachBatch"):
        data_quality.baseline(spark.readStream.format("rate").load())


def test_a_frame_is_learnt_from_where_a_baseline_belongs(spark: SparkSession) -> None:
    table = pa.table({"A": [1, 2, 3], "a": ["x", "y", "z"]})
    frame = spark.createDataFrame(table.to_pandas())

    found = data_quality.monitor(frame, frame)

    expected = data_quality.monitor(table, table, runner="local")
    assert found.files == expected.files


def test_columns_that_are_left_out_are_not_handed_on(spark: SparkSession) -> None:
    rows = [(1.0, "x", 2.0), (3.0, "y", 4.0)]
    frame = spark.createDataFrame(rows, "age double, code string, `tmp.a` double").coalesce(1)
    table = pa.table({"age": [1.0, 3.0], "code": ["x", "y"]})

    some = data_quality.baseline(frame, ignore="tmp*", engine="scan")
    whole = data_quality.baseline(table, engine="scan")

    assert some.files == whole.files
    assert some.run is not None
    assert list(some.run.set_aside) == ["tmp.a"]
