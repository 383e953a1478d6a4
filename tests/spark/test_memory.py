"""What the driver holds does not grow with the rows, as its process is measured."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")

from driftkit.compute import runtime
from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.profile.table import FoldOptions
from tests.spark.on_cluster import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.spark

FEW, MANY = 10, 80
ROWS, COLUMNS = 20_000, 40


@pytest.fixture
def file(tmp_path: Path) -> Path:
    random = np.random.default_rng(5)
    table = pa.table({f"n{place}": random.normal(size=ROWS) for place in range(COLUMNS)})
    pq.write_table(table, tmp_path / "numbers.parquet")
    return tmp_path / "numbers.parquet"


def test_eight_times_the_rows_take_no_more_memory_of_the_driver(file: Path) -> None:
    if runtime.java_home() is None:
        pytest.skip("there is no Java")
    once = Scan(runner=LocalRunner()).profile(open_dataset([str(file)], Settings()), FoldOptions())
    state = len(pickle.dumps(once)) / 2**20

    ran = subprocess.run(
        [sys.executable, "-m", "tests.spark.on_driver", str(file), str(FEW), str(MANY)],
        cwd=ROOT,
        env={**os.environ, **runtime.session_environment()},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr[-3000:]
    (few_rows, few), (many_rows, many) = (map(float, x.split()) for x in ran.stdout.splitlines())
    assert (few_rows, many_rows) == (FEW * ROWS, MANY * ROWS)
    # A driver that kept the states until the last of them is made would hold this much more.
    kept = (MANY - FEW) * state
    assert many - few < kept / 4
