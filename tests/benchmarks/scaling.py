"""How cost grows: with rows, with tasks, with kinds of columns and with windows added up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from tests.benchmarks import tables

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

MILLION = 1_000_000
SIZES = (MILLION, 3 * MILLION, 10 * MILLION, 20 * MILLION, 100 * MILLION)
TASKS = (1, 2, 4, 8)
CORES = os.cpu_count() or 1
COLUMNS = 30
MERGES = 200
KIND_ROWS = 500_000
KINDS = {
    "float64, all values different": ("n0",),
    "int64, up to a million values": ("n3",),
    "int64, few values": ("n5",),
    "text, 5 to 50 values": ("s0", "s1", "s2"),
    "text, 200 to 10,000 values": ("s3", "s4", "s5", "s6", "s7"),
    "Boolean": ("b",),
    "timestamp": ("t",),
}


def scaling(data: Path, rows: int, rounds: int) -> str:
    """Rows and tasks against time, the driver's memory and the share of merging."""
    del rounds
    sizes = [each for each in SIZES if each <= rows] or [rows]
    lines = [
        "`narrow` on Spark, files of a million rows, each line in a process of its own after a"
    ]
    lines += ["small warm-up; merging is the driver's processor time for adding states up, while"]
    lines += ["tasks run, as a share of the time of all cores that run them."]
    lines += ["", "| rows | tasks at once | seconds | ns a value | driver MB | merging | limit |"]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [_line(data, some, 2) for some in sizes]
    middle = sizes[len(sizes) // 2]
    lines += [_line(data, middle, tasks) for tasks in TASKS if tasks != 2]
    return "\n".join(lines)


def _line(data: Path, rows: int, tasks: int) -> str:
    folder = tables.make_narrow(data / f"narrow-{rows}", rows, files=max(rows // MILLION, 1))
    small = tables.make_narrow(data / "narrow-10000", 10_000, files=1)
    command = [sys.executable, "-c", _ON_SPARK, str(tasks), str(small), str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, merging, megabytes = json.loads(ran.stdout.splitlines()[-1])
    return (
        f"| {rows:,} | {tasks} | {seconds:.2f} | {seconds / rows / COLUMNS * 1e9:.1f} "
        f"| {megabytes:.0f} | {merging / seconds / min(tasks, CORES):.2%} | 2 % |"
    )


_ON_SPARK = """
import json, sys, time
from driftkit.compute.engine import profile_job
from driftkit.compute.session.spark import get_session
from driftkit.compute.tasks.spark import packed_states
from driftkit.compute.worker import unpacked
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.profile.table import FoldOptions
from tests.benchmarks.peak import peak_megabytes

def profile(folder):
    began, merging = time.perf_counter(), 0.0
    dataset = open_dataset([folder], Settings())
    job = profile_job(dataset.columns, FoldOptions())
    total = job.fold(())
    for packed in packed_states(dataset, job)[1]:
        before = time.thread_time()
        total = total + unpacked(packed)
        merging += time.thread_time() - before
    return time.perf_counter() - began, merging

session = get_session(master=f"local[{sys.argv[1]}]")
profile(sys.argv[2])
seconds, merging = profile(sys.argv[3])
session.stop()
print(json.dumps([seconds, merging, peak_megabytes()]))
"""


def costs(data: Path, rows: int, rounds: int) -> str:
    """What a value, a state and a merge cost, by kind of column."""
    del data
    some = min(rows, KIND_ROWS)
    table = tables.narrow_part(some, 0)
    lines = [
        f"{some:,} rows in memory, processor time, best of {rounds}; decoding files comes on top."
    ]
    lines += ["A state is what it takes in states.arrow; a merge adds two of them up.", ""]
    lines += ["| kind of column | ns a value | kB a state | ms a merge |", "|---|---|---|---|"]
    lines += [_kind(name, table.select(names), rounds) for name, names in KINDS.items()]
    return "\n".join(lines)


def _kind(name: str, table: pa.Table, rounds: int) -> str:
    from driftkit.compute.engine import Scan  # noqa: PLC0415
    from driftkit.compute.local import LocalRunner  # noqa: PLC0415
    from driftkit.readers.arrow import from_table  # noqa: PLC0415
    from driftkit.states.profile.table import FoldOptions  # noqa: PLC0415
    from driftkit.states.states import States  # noqa: PLC0415
    from driftkit.states.storage import dumps  # noqa: PLC0415

    dataset, seconds = from_table(table), []
    state = Scan(runner=LocalRunner()).profile(dataset, FoldOptions())  # not counted: it warms up
    for _ in range(rounds):
        began = time.process_time()
        state = Scan(runner=LocalRunner()).profile(dataset, FoldOptions())
        seconds.append(time.process_time() - began)
    began = time.process_time()
    reduce(add, [state] * MERGES)
    merge = (time.process_time() - began) / (MERGES - 1) / table.num_columns
    size = len(dumps(States.of(state))) / table.num_columns
    value = min(seconds) / table.num_rows / table.num_columns
    return f"| {name} | {value * 1e9:.1f} | {size / 1000:.1f} | {merge * 1000:.3f} |"


__all__ = ["costs", "scaling"]
