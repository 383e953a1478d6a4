"""Attributions on Spark: the same as here, however the rows are partitioned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from tests.monitors.attribution.data import CONFIG, model_file, rows

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.mark.parametrize("partitions", [1, 2, 17])
def test_partitions_change_nothing(spark: SparkSession, tmp_path: Path, partitions: int) -> None:
    model, data = model_file(tmp_path), rows(500)
    here = driftkit.attribution.baseline(data, model, analysis_config=CONFIG, runner="local")
    frame = spark.createDataFrame(data).repartition(partitions)

    there = driftkit.attribution.baseline(frame, model, analysis_config=CONFIG)

    (ours,), (theirs,) = here.explanations.labels.values(), there.explanations.labels.values()
    assert theirs.global_shap_values == pytest.approx(ours.global_shap_values, rel=1e-12)
    assert there.run is not None
    assert "on Spark" in there.run.engine
    assert there.explained is not None
    assert here.explained is not None
    drawn = here.explained.resampled["label0"]
    assert there.explained.resampled["label0"] == pytest.approx(drawn, rel=1e-9)


def test_a_sample_is_the_same_on_spark(spark: SparkSession, tmp_path: Path) -> None:
    model, data = model_file(tmp_path), rows(500)
    frame = spark.createDataFrame(data).repartition(5)
    settings: dict[str, Any] = {"analysis_config": CONFIG, "sample": 50}

    here = driftkit.attribution.baseline(data, model, runner="local", **settings)
    there = driftkit.attribution.baseline(frame, model, **settings)

    (ours,), (theirs,) = here.explanations.labels.values(), there.explanations.labels.values()
    assert theirs.global_shap_values == pytest.approx(ours.global_shap_values, rel=1e-12)


def test_states_kept_on_spark_are_those_of_the_rows(spark: SparkSession, tmp_path: Path) -> None:
    model, data = model_file(tmp_path), rows(500)
    settings: dict[str, Any] = {"analysis_config": CONFIG}
    parts = [
        driftkit.attribution.states(spark.createDataFrame(part).repartition(3), model, **settings)
        for part in (data[:200], data[200:])
    ]
    for number, part in enumerate(parts):
        driftkit.attribution.save_states(part, tmp_path / f"{number}")

    there = driftkit.attribution.baseline([tmp_path / "0", tmp_path / "1"], **settings)

    here = driftkit.attribution.baseline(data, model, runner="local", **settings)
    (ours,), (theirs,) = here.explanations.labels.values(), there.explanations.labels.values()
    assert theirs.global_shap_values == pytest.approx(ours.global_shap_values, rel=1e-12)
    assert there.run is not None
    assert there.run.rows == 500
