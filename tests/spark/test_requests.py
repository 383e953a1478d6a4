"""Requests are counted on Spark as in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from tests.monitors.deployment.test_joined_steps import with_ids
from tests.monitors.deployment.test_late_labels import merged, monitored, states_of
from tests.monitors.deployment.test_pipeline import ROWS, way
from tests.monitors.deployment.test_scaling import POLICY

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def table(rows: int = 3_000) -> pd.DataFrame:
    """Requests to three models within two hours, one of them without a time."""
    random = np.random.default_rng(6)
    seconds = np.sort(random.integers(0, 7_200, rows))
    times = pd.Series(pd.Timestamp("2026-11-02") + pd.to_timedelta(seconds, unit="s"))
    times[0] = None
    return pd.DataFrame({"x": 1.0, "time": times, "model": random.choice(["a", "b", "c"], rows)})


def test_a_frame_has_the_minutes_of_its_rows(spark: SparkSession) -> None:
    rows = table()
    frame = spark.createDataFrame(rows).repartition(3)

    there = driftkit.deployment.scaling(frame, POLICY).replay

    assert there == driftkit.deployment.scaling(rows, POLICY, runner="local").replay


def test_a_frame_has_the_models_of_its_rows(spark: SparkSession) -> None:
    rows = table()
    frame = spark.createDataFrame(rows).repartition(3)

    there = driftkit.deployment.traffic(frame).traffic

    assert there == driftkit.deployment.traffic(rows, runner="local").traffic


@pytest.mark.usefixtures("spark")
def test_requests_whose_labels_may_still_come_are_left_out(tmp_path: Path) -> None:
    folder = merged(tmp_path)

    there = monitored(folder, runner="spark")

    here = monitored(folder, runner="local")
    assert there.verdict == here.verdict
    assert states_of(there).digest() == states_of(here).digest()


def test_ids_of_steps_are_joined_the_same(spark: SparkSession, tmp_path: Path) -> None:
    tables = with_ids(way(2))
    tables["prepared"] = tables["prepared"].iloc[: ROWS // 2]
    files = {name: str(tmp_path / f"{name}.csv") for name in tables}
    for name, rows in tables.items():
        rows.to_csv(files[name], index=False)
    frames = {name: spark.createDataFrame(rows).repartition(3) for name, rows in tables.items()}

    there = [
        driftkit.deployment.pipeline(each, with_ids(way(1)), runner="spark").pipeline
        for each in (files, frames)
    ]

    here = driftkit.deployment.pipeline(tables, with_ids(way(1)), runner="local").pipeline
    assert [[step.ids for step in each.steps] for each in there] == [
        [step.ids for step in here.steps]
    ] * 2
    assert here.steps[0].lost == 0.5
