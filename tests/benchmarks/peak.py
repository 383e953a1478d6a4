"""The most memory that this process has held, or one that drives Spark."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path


def peak_megabytes() -> float:
    """Peak megabytes of this process alone.

    On Linux getrusage's figure is not below what the process that started this one held then.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def driver_megabytes(work: str, *arguments: str) -> float:
    """Peak megabytes of a Python process that does some work on two cores of Spark.

    Args:
        work: lines of code, for which `driftkit` and `sys` are imported.
        arguments: its `sys.argv`, from the second on.
    """
    ran = subprocess.run(
        [sys.executable, "-c", _DRIVER.format(work=work), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout.split()[-1])


_DRIVER = """
import sys
import driftkit
from driftkit.compute.session.spark import get_session
from tests.benchmarks.peak import peak_megabytes
get_session(master="local[2]")
{work}
print(peak_megabytes())
"""
