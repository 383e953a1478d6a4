"""Columns that are made of others are the same on Spark as in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import driftkit
from tests.monitors.data_quality import test_embedding_columns as of_vectors
from tests.monitors.data_quality import test_joint_columns as of_pairs
from tests.monitors.data_quality.test_derived_columns import made_of, table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_spark_makes_the_same_columns(spark: SparkSession, tmp_path: Path) -> None:
    table().to_parquet(tmp_path / "in.parquet")
    file = str(tmp_path / "in.parquet")
    frame = spark.createDataFrame(table()).coalesce(1)

    here = driftkit.data_quality.baseline(file, text_columns="review", runner="local")
    of_file = driftkit.data_quality.baseline(file, text_columns="review", runner="spark")
    of_frame = driftkit.data_quality.baseline(frame, text_columns="review")

    assert made_of(of_file) == made_of(of_frame) == made_of(here) != []
    assert of_frame.derivation == of_file.derivation == here.derivation


@pytest.mark.spark
def test_spark_measures_the_same_vectors(spark: SparkSession, tmp_path: Path) -> None:
    rows = of_vectors.table(of_vectors.vectors(rows=50))
    rows.to_parquet(tmp_path / "in.parquet")
    file = str(tmp_path / "in.parquet")
    frame = spark.createDataFrame(
        [(s, e.tolist()) for s, e in rows.to_numpy()], "stars int, e array<double>"
    )

    here = driftkit.data_quality.baseline(file, embedding_columns="e", runner="local")
    of_file = driftkit.data_quality.baseline(file, embedding_columns="e", runner="spark")
    of_frame = driftkit.data_quality.baseline(
        frame.coalesce(1), embedding_columns="e", ignore="stars,e.norm"
    )

    expected = of_vectors.made_of(here)
    assert of_vectors.made_of(of_file) == expected != []
    assert of_vectors.made_of(of_frame) == [each for each in expected if each.name != "e.norm"]


@pytest.mark.spark
def test_spark_finds_the_same_cells(spark: SparkSession, tmp_path: Path) -> None:
    of_pairs.table(rows=300).to_parquet(tmp_path / "in.parquet")
    file = str(tmp_path / "in.parquet")
    frame = spark.createDataFrame(of_pairs.table(rows=300))

    here = driftkit.data_quality.baseline(file, joint_columns=of_pairs.PAIR, runner="local")
    of_frame = driftkit.data_quality.baseline(frame, joint_columns=of_pairs.PAIR)

    assert of_frame.derivation == here.derivation
    assert of_pairs.joint_of(of_frame) == of_pairs.joint_of(here)
