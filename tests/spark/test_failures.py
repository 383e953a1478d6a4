"""A run that fails on Spark leaves nothing of it running."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.readers import parquet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of eight Parquet files, each a unit, the pages of whose first are no pages."""
    monkeypatch.setattr(parquet, "UNIT_BYTES", 1)
    draws = np.random.default_rng(5)
    for number in range(8):
        table = pa.table({"label": draws.integers(0, 2, 3_000), "p": draws.random(3_000)})
        path = tmp_path / f"{number}.parquet"
        pq.write_table(table, path, use_dictionary=False)
    first = bytearray((tmp_path / "0.parquet").read_bytes())
    first[4:20_000] = bytes(19_996)
    (tmp_path / "0.parquet").write_bytes(first)
    return str(tmp_path)


def _data_quality(data: str) -> Any:
    return driftkit.data_quality.baseline(data, runner="spark")


def _bias(data: str) -> Any:
    config = {
        "label": "label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "p", "value_or_threshold": [0.5]}],
        "methods": {"pre_training_bias": {"methods": "all"}},
    }
    return driftkit.bias.baseline(data, analysis_config=config, runner="spark")


def _model_quality(data: str) -> Any:
    return driftkit.model_quality.baseline(
        data, problem_type="binary", probability_attribute="p", runner="spark"
    )


@pytest.mark.parametrize("run", [_data_quality, _bias, _model_quality])
def test_jobs_end_before_the_error_is_told(
    spark: SparkSession, damaged: str, run: Callable[[str], Any]
) -> None:
    """The error holds the frames of its run; what these hold would be ended by the collector."""
    with pytest.raises(driftkit.DriftkitError) as raised:
        run(damaged)

    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("driftkit-")]
    assert raised.value is not None
    assert spark.version
