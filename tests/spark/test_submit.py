"""The jobs: one under a real spark-submit, and the command lines of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyspark")

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.spark
def test_the_job_runs_under_spark_submit(tmp_path: Path) -> None:
    import pyspark  # noqa: PLC0415

    from driftkit.compute.runtime import session_environment  # noqa: PLC0415

    (tmp_path / "data.csv").write_text("a,b\n" + "1,x\n2,y\n" * 50)
    environment = {**os.environ, **session_environment(os.environ), "PYTHONPATH": str(ROOT)}
    environment["COLUMNS"] = "200"
    submit = Path(pyspark.__file__).parent / "bin/spark-submit"
    job = [
        str(submit),
        "--master",
        "local[2]",
        "--conf",
        "spark.ui.enabled=false",
        str(ROOT / "jobs/data_quality.py"),
    ]
    arguments = ["baseline", str(tmp_path / "data.csv"), "--output", str(tmp_path / "out")]

    ran = subprocess.run(
        [*job, *arguments, "--engine", "scan"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "scan on Spark" in ran.stdout
    written = json.loads((tmp_path / "out/statistics.json").read_text())
    assert written["dataset"]["item_count"] == 100


@pytest.mark.parametrize("job", sorted((ROOT / "jobs").glob("*.py")), ids=lambda job: job.stem)
def test_a_job_that_is_asked_wrongly_says_so(job: Path) -> None:
    asked = subprocess.run(
        [sys.executable, job, "--nonsense"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 2
    assert "No such option: --nonsense" in asked.stderr
