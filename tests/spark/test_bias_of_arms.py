"""The bias of two arms of a Spark data frame is that of a table in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import driftkit
from tests.monitors.deployment.test_bias import flights, planned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_frame_has_the_bias_of_its_rows(spark: SparkSession) -> None:
    rows = flights(2_000)
    rows.loc[::11, "carrier"] = None
    chosen = planned("bias:DRR:carrier=B", "bias:DPPL:distance>1500", unit="field:origin")
    frame = spark.createDataFrame(rows).repartition(3)

    there = driftkit.deployment.monitor(frame, chosen, time_column="at")

    here = driftkit.deployment.monitor(rows, chosen, time_column="at", runner="local")
    assert there.states is not None
    assert here.states is not None
    assert there.states.digest() == here.states.digest()
    assert there.verdict.to_dict() == here.verdict.to_dict()
