"""The jobs: two under a real spark-submit, and the command lines of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.monitors.deployment.every_verb import STAGES, called, lay_out

pytest.importorskip("pyspark")

ROOT = Path(__file__).resolve().parents[2]


DEPLOYMENT = ROOT / "jobs/deployment.py"
# The verbs that read rows, and those that need no session.
ON_SPARK: dict[str, str] = {
    "baseline": "rows --arm old=field:version=old --arm new=field:version=new "
    "--goal rate:ok:0.01:higher --guardrail column:ok:0.02:higher --weight old=0.7 --weight new=0.3 "
    "--strategy ab --minimum-days 0.5 --horizon-units 4000 --segment-by carrier --time-column at",
    "monitor": "rows --baseline plan --time-column at",
    "evaluate": "rows --baseline plan --policy-file policies/equal.json "
    "--policy-file policies/new.json --time-column at",
    "scaling": "captures --policy-file scaling.json --sampling-percentage 50 --max-rps 0.2",
    "traffic": "captures --model-by folder --models champion,idle --cold-seconds 60",
    "pipeline": " ".join(
        f"{option} {name}={folder}/{name}.csv"
        for option, folder in (("--stage", "after"), ("--baseline-stage", "before"))
        for name in STAGES
    ),
}
WITHOUT: dict[str, str] = {
    "weights": "earlier/2026-11-02 earlier/2026-11-03 --baseline plan --floor 0.1 --policy ucb1 "
    "--weights-file weights.json",
    "simulate": "plan --rates old=0.1,new=0.12 --runs 3 --requests 900 --looks 3",
}


def submitted(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """What spark-submit did in a folder."""
    import pyspark  # noqa: PLC0415

    from driftkit.compute.runtime import session_environment  # noqa: PLC0415

    environment = {**os.environ, **session_environment(os.environ), "PYTHONPATH": str(ROOT)}
    submit = Path(pyspark.__file__).parent / "bin/spark-submit"
    settings = ("--master", "local[2]", "--conf", "spark.ui.enabled=false")
    return subprocess.run(
        [submit, *settings, *line],
        env={**environment, "COLUMNS": "200"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


@pytest.mark.spark
def test_the_job_runs_under_spark_submit(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n" + "1,x\n2,y\n" * 50)

    ran = submitted(
        *(tmp_path, str(ROOT / "jobs/data_quality.py"), "baseline", "data.csv"),
        *("--output", "out", "--engine", "scan"),
    )

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "scan on Spark" in ran.stdout
    written = json.loads((tmp_path / "out/statistics.json").read_text())
    assert written["dataset"]["item_count"] == 100


def told(folder: Path) -> dict[str, Any]:
    """The JSON files in a folder."""
    return {each.name: json.loads(each.read_text()) for each in folder.glob("*.json")}


@pytest.mark.spark
def test_every_verb_of_a_deployment_runs_under_spark_submit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path)
    lines = [
        json.dumps([verb, *line.split(), "--output", f"out/{verb}"])
        for verb, line in ON_SPARK.items()
    ]

    ran = submitted(tmp_path, str(ROOT / "tests/spark/on_submit.py"), str(DEPLOYMENT), *lines)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert (ran.stdout + ran.stderr).count(" on Spark") == len(ON_SPARK)
    monkeypatch.chdir(tmp_path)
    for verb in ON_SPARK:
        assert told(tmp_path / "out" / verb) == called(verb, Path()), verb


@pytest.mark.parametrize("verb", WITHOUT)
def test_a_verb_of_a_deployment_that_reads_no_rows_needs_no_session(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path)
    line = [*WITHOUT[verb].split(), "--output", "out"]

    ran = subprocess.run(
        [sys.executable, DEPLOYMENT, verb, *line],
        env={**os.environ, "PYTHONPATH": str(ROOT), "JAVA_HOME": "/nowhere"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    monkeypatch.chdir(tmp_path)
    assert told(tmp_path / "out") == called(verb, Path())


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
