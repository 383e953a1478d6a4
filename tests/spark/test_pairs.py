"""Pairs on Spark are those of this process, to the last bit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark")

from driftkit.compute.job import Job
from driftkit.compute.local import LocalRunner
from driftkit.compute.pairing import spark as pairing_on_spark
from driftkit.compute.spark import SparkRunner
from driftkit.errors import InputError
from driftkit.states.deployment import pair_sums
from tests.compute import test_pairing
from tests.compute.samples import BadUnit
from tests.monitors.deployment.opening import opened
from tests.monitors.deployment.test_inputs import SHADOW
from tests.monitors.deployment.test_pairs import ARMS, TABLE, fold_of, planned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.mark.parametrize("rows", [1 << 16, 64], ids=["one part", "many parts"])
@pytest.mark.usefixtures("spark")
def test_pairs_are_the_same_to_the_bit(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_sums, "PART_ROWS", rows)
    monkeypatch.setattr(pairing_on_spark, "TASK_ROWS", 4 * rows)
    data, job, pairing = test_pairing.dataset(), test_pairing.JOB, test_pairing.PAIRING

    found = SparkRunner().run_paired(data, job, pairing)

    assert found == LocalRunner().run_paired(data, job, pairing)
    assert found[1].pairs == 339


@pytest.mark.parametrize("start", [None, "2026-11-02T11:10:00Z"], ids=["all", "with lookback"])
@pytest.mark.usefixtures("spark")
def test_a_shadows_captures_are_paired_the_same(
    start: str | None, golden: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_sums, "PART_ROWS", 256)
    chosen = planned(SHADOW, "agreement", "auc", "positive_rate")
    data = str(golden("deployment/shadow/captures"))
    rows = opened(data, chosen, {"start": start}, lookback=timedelta(minutes=30))
    fold = fold_of(chosen, rows)

    sums, state = SparkRunner().run_paired(rows.dataset, Job(fold=fold), fold.pairing)

    here, expected = LocalRunner().run_paired(rows.dataset, Job(fold=fold), fold.pairing)
    assert state == expected
    assert sums.rows == here.rows
    assert (state.pairs == 1_211) == (start is None)


def test_rows_of_a_frame_are_paired_wherever_they_lie(spark: SparkSession) -> None:
    chosen = planned(ARMS, "accuracy", "f1", segment_by=("carrier",))
    frame = spark.createDataFrame(TABLE.to_pandas()).repartition(3)
    rows = opened(frame, chosen)
    fold = fold_of(chosen, rows)

    _, state = SparkRunner().run_paired(rows.dataset, Job(fold=fold), fold.pairing)

    table = opened(TABLE, chosen)
    assert table.names == rows.names
    assert state == LocalRunner().run_paired(table.dataset, Job(fold=fold), fold.pairing)[1]


@pytest.mark.usefixtures("spark")
def test_a_unit_that_cannot_be_read_is_an_error() -> None:
    data = test_pairing.dataset()
    broken = type(data)(
        name="x", columns=data.columns, units=(*data.units, BadUnit(how="is cut off"))
    )

    with pytest.raises(InputError):
        SparkRunner().run_paired(broken, test_pairing.JOB, test_pairing.PAIRING)
