"""What is measured: one function a section, each giving the section's Markdown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks import competitors, tables
from tests.benchmarks.peak import driver_megabytes
from tests.benchmarks.timing import alternate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pyspark.sql import SparkSession

    from driftkit.settings import RunnerName
    from tests.benchmarks.timing import Measured

CORES = 2
MILLION = 1_000_000
WIDE_ROWS_SHARE = 10
DUCKDB = "DuckDB: ndjson, split, nine metrics"


def session() -> SparkSession:
    """A session of two cores, started before anything is measured."""
    from driftkit.compute.session.spark import get_session  # noqa: PLC0415

    return get_session(master=f"local[{CORES}]")


def scan(folder: Path, runner: RunnerName = "spark", **settings: Any) -> Callable[[], object]:
    """driftkit's scan engine over a folder, statistics.json included."""
    import driftkit  # noqa: PLC0415

    def job() -> object:
        baseline = driftkit.data_quality.baseline(
            str(folder), engine="scan", runner=runner, **settings
        )
        return baseline.files

    return job


def narrow(data: Path, rows: int, rounds: int) -> str:
    """Parquet, 30 columns, beside DuckDB, pyarrow's decode and Deequ."""
    folder = tables.make_narrow(data / f"narrow-{rows}", rows, files=10)
    spark = session()
    measured = alternate(
        {
            "driftkit scan on Spark, textbook": scan(folder),
            "driftkit scan on Spark, aws (row order)": scan(folder, dialect="aws"),
            "DuckDB nine-metric SQL": lambda: competitors.nine_metrics(folder),
            "pyarrow's bare decode": lambda: competitors.bare_decode(folder),
        },
        rounds,
    )
    lines = [f"`narrow`: {rows:,} rows x 30 columns of Parquet.", ""]
    lines += _beside(measured, limited="driftkit scan on Spark, textbook")
    return "\n".join(lines) + "\n\n" + _beside_deequ(folder, spark)


def _beside(measured: Mapping[str, Measured], limited: str) -> list[str]:
    """The rows of a table with the ratios to DuckDB and to pyarrow, and their limits."""
    metrics = measured["DuckDB nine-metric SQL"].median
    decode = measured["pyarrow's bare decode"].median
    return [
        "| job | seconds | to DuckDB | limit | to the decode | limit |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {each} | {each.median / metrics:.2f} | {'0.40' if name == limited else ''} "
            f"| {each.median / decode:.2f} | {'2.2' if name == limited else ''} |"
            for name, each in measured.items()
        ),
    ]


def _beside_deequ(folder: Path, spark: SparkSession) -> str:
    part = min(folder.glob("*.parquet"))
    # Each after a run of its own: Spark ends workers that waited for as long as Deequ takes.
    measured = alternate({"driftkit scan on Spark": scan(part)}, 3)
    measured |= alternate(
        {"Deequ analyzers and KLLSketch": lambda: competitors.deequ_profile(spark, part)}, 1
    )
    ours, theirs = (each.median for each in measured.values())
    lines = ["One file of it, side by side with Deequ.", ""]
    lines += ["| job | seconds |", "|---|---|"]
    lines += [f"| {name} | {each} |" for name, each in measured.items()]
    lines += [f"| Deequ to driftkit | {theirs / ours:.0f} times (limit 50) |"]
    return "\n".join(lines)


def wide(data: Path, rows: int, rounds: int) -> str:
    """Parquet, 300 columns, and the memory of one task."""
    folder = tables.make_wide(data / f"wide-{rows // WIDE_ROWS_SHARE}", rows // WIDE_ROWS_SHARE, 4)
    session()
    measured = alternate(
        {
            "driftkit scan on Spark": scan(folder),
            "DuckDB nine-metric SQL": lambda: competitors.nine_metrics(folder),
            "pyarrow's bare decode": lambda: competitors.bare_decode(folder),
        },
        rounds,
    )
    peak, imports = task_memory(folder)
    lines = [f"`wide`: {rows // WIDE_ROWS_SHARE:,} rows x 300 columns of Parquet.", ""]
    lines += _beside(measured, limited="driftkit scan on Spark")
    lines += [
        "",
        (
            f"Peak memory of a task: {peak:.0f} MB, of which {imports:.0f} MB are Python and "
            "libraries (limit 300 MB)."
        ),
    ]
    return "\n".join(lines)


TASK = """
import json, sys
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.readers.opening import opened
from driftkit.states.profile.table import FoldOptions, fold
from tests.benchmarks.peak import peak_megabytes
before = peak_megabytes()
dataset = opened(sys.argv[1], Settings())
fold(dataset.columns, dataset.units[0].chunks(), FoldOptions())
print(json.dumps([peak_megabytes(), before]))
"""


def task_memory(folder: Path) -> tuple[float, float]:
    """Peak megabytes of a process like a worker's that folds a unit, and those before it began."""
    from driftkit.compute.session.spark import WORKER_ENVIRONMENT  # noqa: PLC0415

    ran = subprocess.run(
        [sys.executable, "-c", TASK, str(folder)],
        env={**os.environ, **WORKER_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    peak, before = json.loads(ran.stdout)
    return float(peak), float(before)


def captures(data: Path, rows: int, rounds: int) -> str:
    """Captured JSONL, parsed, typed and profiled on two cores."""
    records = rows // WIDE_ROWS_SHARE
    folder = tables.make_captures(data / f"captures-{records}", records)
    as_json = tables.make_captures(data / f"json-captures-{records}", records, "JSON")
    session()
    measured = alternate(
        {
            "driftkit scan on Spark": scan(folder),
            "driftkit in this process": scan(folder, "local"),
            DUCKDB: lambda: competitors.captured_metrics(folder, tables.CAPTURE_FIELDS),
            "driftkit scan on Spark, JSON payloads": scan(as_json),
            "driftkit in this process, JSON payloads": scan(as_json, "local"),
        },
        rounds,
    )
    limits = {name: "150,000" if "JSON" in name else "300,000" for name in measured}
    limits[DUCKDB] = ""
    ratios = {name: "1.5" if limits[name] == "300,000" else "" for name in measured}
    unit = measured[DUCKDB].median
    lines = [f"{records:,} captured records of 30 fields (560 bytes of CSV, 900 of JSON).", ""]
    lines += [
        "| job | seconds | records/s | limit | to DuckDB | limit |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {each} | {records / each.median:,.0f} | {limits[name]} "
        f"| {each.median / unit:.2f} | {ratios[name]} |"
        for name, each in measured.items()
    ]
    return "\n".join(lines)


def memory(data: Path, rows: int, rounds: int) -> str:
    """The driver's memory at a tenth of the rows and at all of them."""
    del rounds
    lines = ["Peak memory of the driver's Python process.", ""]
    lines += ["| rows | MB |", "|---|---|"]
    for share in (rows // 10, rows):
        folder = tables.make_narrow(data / f"narrow-{share}", share, files=10)
        lines.append(f"| {share:,} | {driver_megabytes(OF_NARROW, str(folder)):.0f} |")
    return "\n".join(lines)


OF_NARROW = """
driftkit.data_quality.baseline(sys.argv[1], engine="scan", runner="spark")
"""


def shell(data: Path, rows: int, rounds: int) -> str:
    """From the shell to files on disk: 2,333 rows x 70 columns of CSV."""
    del rows
    source = _small_csv(data / "small.csv")
    lines = ["2,333 rows x 70 columns of CSV, from the shell to the files, start-up included.", ""]
    lines += ["| runner | seconds | limit |", "|---|---|---|"]
    for runner, limit in (("local", 3), ("spark", 15)):
        seconds = min(_shell_seconds(source, data / f"out-{runner}", runner) for _ in range(rounds))
        lines.append(f"| {runner} | {seconds:.2f} | {limit} |")
    return "\n".join(lines)


def _small_csv(path: Path) -> Path:
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(3)
    columns = {f"c{n}": tables.numeric_column(n, 2333, random) for n in range(70)}
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def _shell_seconds(source: Path, output: Path, runner: str) -> float:
    command = [sys.executable, "-m", "driftkit", "data-quality", "baseline", str(source)]
    began = time.perf_counter()
    subprocess.run(
        [*command, "--output", str(output), "--runner", runner, "--engine", "scan"],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


__all__ = ["captures", "memory", "narrow", "shell", "wide"]
