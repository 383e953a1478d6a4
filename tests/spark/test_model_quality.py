"""Model quality and merging on Spark give what this process gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.compute.scores import ranges
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from driftkit.formats.model_quality.problems import PRECISION_RECALL, ROC
from tests.monitors.merging import capture, label, put, raw
from tests.monitors.model_quality import test_models as models
from tests.monitors.model_quality import test_regression_estimates as regression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
ROWS = 40_000


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ranges of scores so small that there are many of them."""
    monkeypatch.setattr(ranges.bounds_of, "__defaults__", (1_500,))
    monkeypatch.setattr(ranges, "HELD_POINTS", 1_000)
    return iter(())


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    draws = np.random.default_rng(8)
    scores = draws.random(ROWS).round(5)
    labels = draws.random(ROWS) < scores
    table = pa.table(
        {"label": labels.astype(int), "p": scores, "y": scores * 3 + draws.random(ROWS)}
    )
    for part in range(4):
        start, size = part * ROWS // 4, ROWS // 4
        pq.write_table(table.slice(start, size), tmp_path / f"{part}.parquet")
    return tmp_path


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_binary_statistics_are_the_same_to_the_bit(
    spark: SparkSession, rows: Path, dialect: str
) -> None:
    asked: dict[str, Any] = {
        "problem_type": "binary",
        "probability_attribute": "p",
        "dialect": dialect,
    }

    here = driftkit.model_quality.baseline(str(rows), runner="local", **asked)
    there = driftkit.model_quality.baseline(str(rows), runner="spark", **asked)

    assert there.run is not None
    assert "Spark" in there.run.engine
    assert here.intervals == there.intervals
    assert here.statistics is not None
    assert there.statistics is not None
    for key in (ROC, PRECISION_RECALL):
        for first, second in zip(
            here.statistics.curves[key], there.statistics.curves[key], strict=True
        ):
            np.testing.assert_array_equal(first, second)
    assert _plain(here.statistics) == _plain(there.statistics)
    assert spark.sparkContext.defaultParallelism


def _plain(statistics: Any) -> Any:
    return replace(statistics, curves={}, evaluation_time=None)


def test_a_regression_is_the_same_to_the_bit(spark: SparkSession, rows: Path) -> None:
    asked: dict[str, Any] = {
        "problem_type": "Regression",
        "inference_attribute": "p",
        "ground_truth_attribute": "y",
    }

    here, there = (
        driftkit.model_quality.baseline(str(rows), runner=runner, **asked)
        for runner in ("local", "spark")
    )

    assert _plain(here.statistics) == _plain(there.statistics)
    assert here.intervals == there.intervals
    assert spark.version


def test_a_spark_data_frame(spark: SparkSession, rows: Path) -> None:
    frame = spark.read.parquet(str(rows))
    asked: dict[str, Any] = {"problem_type": "binary", "probability_attribute": "p"}

    found = driftkit.model_quality.baseline(frame, **asked).statistics
    here = driftkit.model_quality.baseline(str(rows), runner="local", **asked).statistics

    assert found is not None
    assert here is not None
    assert found.matrix == here.matrix
    assert found.metrics["auc"] == here.metrics["auc"]


def test_an_error_of_the_input_reaches_the_user(spark: SparkSession, rows: Path) -> None:
    with pytest.raises(driftkit.InputError, match="too many classes"):
        driftkit.model_quality.baseline(
            str(rows), problem_type="multiclass", inference_attribute="y", runner="spark"
        )
    assert spark.version


def test_spark_connect_is_refused_with_what_to_do(
    spark: SparkSession, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.compute.session.spark.is_classic", lambda _: False)

    with pytest.raises(driftkit.EngineError, match=r"Spark Connect.*--runner local"):
        driftkit.model_quality.baseline(
            str(rows), problem_type="binary", inference_attribute="y", runner="spark"
        )
    assert spark.version


def test_a_merge_does_not_need_a_session_of_its_own(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark Connect has no RDDs; what a merge asks for is there in both kinds of sessions."""
    captures = put(tmp_path / "captured" / "churn" / "A", "2024/03/18/01", [capture("a")])
    truth = put(tmp_path / "truth", "2024/03/19/00", [label("a")])
    monkeypatch.setattr("driftkit.compute.truth_join.spark.is_classic", lambda _: False)

    merged = driftkit.merge(captures, truth, tmp_path / "merged", runner="spark")

    assert merged.report.captures["matched"] == 1
    assert spark.version


def test_rows_are_read_once(spark: SparkSession, rows: Path, tmp_path: Path) -> None:
    """Each unit writes a line when it is read; Spark must not read it again for the curves."""
    log = tmp_path / "reads.log"
    frame = spark.read.parquet(str(rows)).rdd.mapPartitions(_logged(str(log))).toDF()

    driftkit.model_quality.baseline(
        frame, problem_type="binary", probability_attribute="p", dialect="aws"
    )

    # One more for the schema, which Spark looks at when the frame is made.
    assert len(log.read_text().splitlines()) <= frame.rdd.getNumPartitions() + 1


def _logged(path: str) -> Any:
    def pass_on(records: Iterator[Any]) -> Iterator[Any]:
        with Path(path).open("a") as file:
            file.write("read\n")
        return records

    return pass_on


def test_merged_files_are_the_same_byte_for_byte(spark: SparkSession, tmp_path: Path) -> None:
    captures = tmp_path / "captured" / "churn" / "AllTraffic"
    for hour in range(5):
        records = [capture(f"{hour}-{i}", inference=f"i{i % 40}") for i in range(60)]
        put(captures, f"2024/03/18/{hour:02d}", [*records, records[0]])
    for hour in range(3):
        labels = [label(f"i{i}", str((i + hour) % 2)) for i in range(hour, 45, hour + 1)]
        put(tmp_path / "truth", f"2024/03/19/{hour:02d}", labels)

    here, there = (
        driftkit.merge(captures, tmp_path / "truth", tmp_path / runner, runner=runner)
        for runner in ("local", "spark")
    )

    assert raw(tmp_path / "local") == raw(tmp_path / "spark")
    assert here.report == there.report
    assert here.report.captures["duplicates"] == 5
    assert spark.version


def test_an_update_on_spark(spark: SparkSession, tmp_path: Path) -> None:
    captures = put(
        tmp_path / "captured" / "churn" / "A", "2024/03/18/01", [capture("a"), capture("b")]
    )
    first = put(tmp_path / "first", "2024/03/19/00", [label("a")])
    late = put(tmp_path / "late", "2024/03/19/05", [label("b"), label("a", "0")])
    whole = put(tmp_path / "whole", "2024/03/19/00", [label("a")])
    put(whole, "2024/03/19/05", [label("a", "0"), label("b")])

    driftkit.merge(captures, first, tmp_path / "pieces", runner="spark")
    driftkit.merge(captures, late, tmp_path / "pieces", runner="spark", update=True)
    driftkit.merge(captures, whole, tmp_path / "whole-out", runner="local")

    assert raw(tmp_path / "pieces") == raw(tmp_path / "whole-out")
    assert spark.version


@pytest.mark.parametrize("kind", ["frame", "csv"])
def test_rows_of_a_model_are_the_same(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    data = models.rows({"a": 0.9, "b": 0.6})
    data.to_csv(tmp_path / "rows.csv", index=False)
    handed_in = spark.createDataFrame(data) if kind == "frame" else str(tmp_path / "rows.csv")
    asked: dict[str, Any] = {"problem_type": "binary", "inference_attribute": "prediction"}

    there = driftkit.model_quality.baseline(handed_in, model="b", runner="spark", **asked)

    assert models.confusion(there) == models.confusion(models.judged(data, model="b", **asked))


def test_estimates_are_those_of_this_process(spark: SparkSession, rows: Path) -> None:
    frame = spark.read.parquet(str(rows))
    asked: dict[str, Any] = {"probability_attribute": "p"}
    learnt: dict[str, Any] = {"problem_type": "binary", "segment_by": "segment", **asked}
    with_segments = frame.selectExpr("*", "if(label = 1 or p > 0.5, 'a', 'b') AS segment")
    with_segments.write.parquet(str(rows / "segments"))
    read = str(rows / "segments")
    ways: list[tuple[Any, dict[str, Any]]] = [
        (read, {"runner": "local"}),
        (read, {"runner": "spark"}),
        (with_segments, {"runner": "spark"}),
    ]

    normals = [driftkit.model_quality.baseline(data, **how, **learnt) for data, how in ways]
    found = [
        driftkit.model_quality.estimate(data, normals[0], **how, **asked) for data, how in ways
    ]

    assert normals[0].calibration == normals[1].calibration == normals[2].calibration
    assert found[0].files == found[1].files == found[2].files
    assert [each.name for each in found[0].estimate.segments] == ["segment=a"]


def test_errors_that_are_expected_are_those_of_this_process(
    spark: SparkSession, tmp_path: Path
) -> None:
    for part in range(3):
        some = regression.rows(part, 1_500, days=4)
        some.to_parquet(tmp_path / f"{part}.parquet", index=False)
    read = str(tmp_path)
    asked: dict[str, Any] = {"time_column": "at", **regression.OF_WINDOW}
    ways: list[tuple[Any, dict[str, Any]]] = [
        (read, {"runner": "local"}),
        (read, {"runner": "spark"}),
        (spark.read.parquet(read), {"runner": "spark"}),
    ]

    normals = [
        driftkit.model_quality.baseline(
            data, problem_type="Regression", segment_by="carrier", **how, **asked
        ).calibration
        for data, how in ways
    ]
    normal = driftkit.model_quality.baseline(
        read, problem_type="Regression", segment_by="carrier", **asked
    )
    found = [driftkit.model_quality.estimate(data, normal, **how, **asked) for data, how in ways]

    first = normals[0]
    assert isinstance(first, LossCalibration)
    for other in normals:
        assert isinstance(other, LossCalibration)
        assert (other.model, other.groups) == (first.model, first.groups)
    assert found[0].blocks_table()["block"].nunique() == 4
    for other_found in found[1:]:
        pd.testing.assert_frame_equal(other_found.blocks_table(), found[0].blocks_table())
        for one, other_metric in zip(found[0].metrics(), other_found.metrics(), strict=True):
            assert other_metric.value == pytest.approx(one.value, rel=1e-12)
