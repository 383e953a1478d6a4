"""On a standalone cluster of two workers: the bits of the local runner, whoever dies meanwhile."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")

import pyspark

import driftkit
from driftkit.compute import runtime
from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.states.storage import loads
from tests.compute.samples import typed_table
from tests.spark.on_cluster import OPTIONS, PATIENCE, ROOT, dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.spark, pytest.mark.cluster]

PROGRAMS = Path(pyspark.__file__).parent / "bin"
SPARK_CLASS = PROGRAMS / "spark-class"
MASTER = re.compile(r"Starting Spark master at (spark://\S+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A master and its workers, each with a folder in which its tasks run."""

    master: str
    workers: tuple[tuple[subprocess.Popen[bytes], Path], ...]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        **runtime.session_environment(),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
    }


def started(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [str(SPARK_CLASS), *arguments],
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            # Its own group, so that a worker dies with its executors.
            start_new_session=True,
        )


def killed(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE)


def wait_for(what: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, log.read_text()[-2000:]
        time.sleep(0.1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    if runtime.java_home() is None or not SPARK_CLASS.exists():
        pytest.skip("there is no Spark that can be started")
    log = tmp_path / "master.log"
    processes = [
        started(
            log,
            "org.apache.spark.deploy.master.Master",
            *("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
        )
    ]
    try:
        wait_for(lambda: MASTER.search(log.read_text()) is not None, log)
        master = MASTER.findall(log.read_text())[0]
        workers = []
        for number in range(2):
            folder = tmp_path / f"worker-{number}"
            worker = started(
                tmp_path / f"worker-{number}.log",
                "org.apache.spark.deploy.worker.Worker",
                *("--host", "127.0.0.1", "--cores", "1", "--memory", "1g"),
                *("--webui-port", "0", "--work-dir", str(folder), master),
            )
            processes.append(worker)
            workers.append((worker, folder))
        wait_for(lambda: log.read_text().count("Registering worker") == 2, log)
        yield Cluster(master=master, workers=tuple(workers))
    finally:
        for process in processes:
            killed(process)


@pytest.fixture
def skewed(tmp_path: Path) -> Path:
    """A large file of many row groups, and many tiny ones."""
    folder = tmp_path / "skewed"
    folder.mkdir()
    names = [name for name in typed_table(0, 1).column_names if name != "nothing"]
    pq.write_table(
        typed_table(9000, 1).select(names), folder / "large.parquet", row_group_size=1500
    )
    for number in range(12):
        table = typed_table(80, 10 + number).select(names)
        pq.write_table(table, folder / f"tiny-{number:02d}.parquet")
    return folder


def drive(cluster: Cluster, folder: Path, output: Path, *doomed: Path) -> subprocess.Popen[bytes]:
    arguments = [cluster.master, folder, output, *doomed]
    with output.with_suffix(".log").open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.spark.on_cluster", *map(str, arguments)],
            cwd=ROOT,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def both_work(cluster: Cluster, log: Path) -> bool:
    """Whether the log names folders of both workers."""
    read = log.read_text()
    return all(str(folder) in read for _, folder in cluster.workers)


def test_a_cluster_gives_the_bits_of_the_local_runner_though_a_worker_is_killed(
    cluster: Cluster, skewed: Path, tmp_path: Path
) -> None:
    log, output = tmp_path / "read.log", tmp_path / "states.arrow"
    log.touch()
    worker, dead = cluster.workers[0]
    driver = drive(cluster, skewed, output, dead, log)
    driver_log = output.with_suffix(".log")

    # Both workers are at work when one of them dies in the middle of a unit.
    try:
        wait_for(lambda: driver.poll() is not None or both_work(cluster, log), driver_log)
        killed(worker)
        assert driver.wait(timeout=PATIENCE) == 0, driver_log.read_text()[-3000:]
    finally:
        if driver.poll() is None:
            driver.kill()

    dataset = dataset_of(skewed)
    assert loads(output.read_bytes(), "states").table == Scan(runner=LocalRunner()).profile(
        dataset, OPTIONS
    )
    read = log.read_text().splitlines()
    # What the dead worker had under way was read again by the other.
    assert len(read) > len(dataset.units)
    assert {str(dead) in place for place in read} == {True, False}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The package as `make dist` zips it."""
    pytest.importorskip("hatchling", reason="hatchling builds the package")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    return wheel.rename(tmp_path / "driftkit.zip")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of a few units."""
    draws = np.random.default_rng(3)
    table = pa.table({f"n{number}": draws.random(1_000_000) for number in range(12)})
    pq.write_table(table, tmp_path / "large.parquet", row_group_size=100_000)
    return tmp_path / "large.parquet"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python with the packages of this one, but without the working tree.

    It tells in which folders it was started: `places.log` beside it.
    """
    program = tmp_path / "python"
    packages = sysconfig.get_path("purelib")
    program.write_text(
        f"#!/bin/sh\npwd >> {shlex.quote(str(tmp_path / 'places.log'))}\n"
        f'PYTHONPATH="$PYTHONPATH:{packages}" exec {shlex.quote(sys.executable)} -S "$@"\n'
    )
    program.chmod(0o755)
    return program


def test_a_zip_is_all_that_a_cluster_needs_of_driftkit(
    cluster: Cluster, large: Path, archive: Path, python: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    bare |= {"PYSPARK_PYTHON": str(python), "DRIFTKIT_ENGINE": "scan", "COLUMNS": "200"}
    without = subprocess.run([python, "-c", "import driftkit"], cwd=empty, env=bare, check=False)
    assert without.returncode != 0

    ran = subprocess.run(
        [
            *(str(PROGRAMS / "spark-submit"), "--master", cluster.master),
            *("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false"),
            *("--conf", "spark.executor.memory=512m", "--py-files", str(archive)),
            *(str(ROOT / "jobs" / "data_quality.py"), "baseline", str(large)),
            *("--output", str(tmp_path / "out")),
        ],
        cwd=empty,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "scan on Spark" in ran.stdout
    assert both_work(cluster, tmp_path / "places.log")
    driftkit.data_quality.baseline(str(large), engine="scan", runner="local").write(
        tmp_path / "local"
    )
    for name in ("statistics.json", "constraints.json"):
        assert (tmp_path / "out" / name).read_text() == (tmp_path / "local" / name).read_text()
