"""Several instances are one Spark cluster, of which the first host runs the job."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark")

from driftkit.compute import runtime
from driftkit.errors import EngineError
from driftkit.sagemaker import cluster
from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, HOUR, SCHEDULED, Box

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.spark, pytest.mark.cluster]

ROOT = Path(__file__).resolve().parents[2]
# A net of this process's own: another run of the tests on this machine has a cluster, too.
NET = f"127.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
HOSTS = (f"{NET}.2", f"{NET}.3")
INPUTS = "/opt/ml/processing/input/endpoint"
CODE = "/opt/ml/processing/code/preprocessing/p.py"
JOB = {
    **SCHEDULED,
    "dataset_source": INPUTS,
    "dataset_format": CAPTURE,
    "record_preprocessor_script": CODE,
}
# Fails everywhere but where Spark's workers run; the driver looks at the first lines itself.
SCRIPT = """
import os
def preprocess_handler(record):
    sent = record.endpoint_input.data.split(",")
    return {"first": sent[0], "address": os.environ.get("SPARK_LOCAL_IP", "none")}
"""


def _instance(root: Path, host: str) -> subprocess.Popen[bytes]:
    """An instance: its own folders, its own address."""
    box = Box(root=root)
    box.put(
        "/opt/ml/config/resourceconfig.json",
        json.dumps({"current_host": host, "hosts": list(HOSTS)}),
    )
    return subprocess.Popen(
        [sys.executable, "-m", "driftkit", "container", "--root", str(root)],
        cwd=ROOT,
        env={**os.environ, **JOB, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.fixture
def inputs(tmp_path: Path) -> Box:
    if runtime.java_home() is None or sys.platform != "linux":
        pytest.skip("needs Java 17 and addresses such as 127.0.0.2")
    box = Box(root=tmp_path / "shared")
    box.put(CODE, SCRIPT)
    for number in range(4):
        records = [record(f"{number},{i}", "0.5\n") for i in range(50)]
        box.put_lines(f"{INPUTS}/e/v/{HOUR}/{number}.jsonl", records)
    return box


@pytest.fixture
def instances(
    inputs: Box, tmp_path: Path
) -> Iterator[dict[str, tuple[Path, subprocess.Popen[bytes]]]]:
    """The hosts, each with a folder that holds what SageMaker replicates to it."""
    started = {}
    processing = inputs.root / "opt/ml/processing"
    try:
        for host in HOSTS:
            root = tmp_path / host
            (root / "opt/ml").mkdir(parents=True)
            shutil.copytree(processing, root / "opt/ml/processing")
            started[host] = (root, _instance(root, host))
        yield started
    finally:
        for _, process in started.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=900)


def test_the_first_host_drives_and_the_others_work(
    instances: dict[str, tuple[Path, subprocess.Popen[bytes]]],
) -> None:
    said, failed = {}, {}
    for host, (root, process) in instances.items():
        _, err = process.communicate(timeout=900)
        said[host] = err.decode()
        if process.returncode:
            failed[host] = Box(root=root).message

    assert not failed
    assert f"{HOSTS[1]} works for {HOSTS[0]}" in said[HOSTS[1]]
    driver, worker = (Box(root=instances[host][0]) for host in HOSTS)
    assert driver.message == "Completed: Job completed successfully with no violations."
    assert worker.outputs == set()
    statistics = driver.json("statistics.json")
    assert statistics["dataset"]["item_count"] == 200
    addresses = statistics["features"][1]["string_statistics"]["distribution"]["categorical"]
    assert {each["value"] for each in addresses["buckets"]} <= set(HOSTS)


def test_a_driver_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 0)

    driver, current = f"{NET}.4", f"{NET}.5"

    with pytest.raises(EngineError, match=f"the driver {re.escape(driver)} does not answer"):
        cluster.Cluster(current=current, hosts=(driver, current)).serve()
