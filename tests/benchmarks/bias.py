"""Bias counted by driftkit, DuckDB and smclarify: the same table, the same columns."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from driftkit.monitors.bias import monitor as bias
from tests.benchmarks.tables import make_parts
from tests.benchmarks.timing import alternate

if TYPE_CHECKING:
    from pathlib import Path

CORES = 2
SMCLARIFY_ROWS = 1_000_000
FACETS = {"carrier": 16, "origin": 3, "region": 9}
COLUMNS = (*FACETS, "late", "predicted", "season")

CONFIG: dict[str, Any] = {
    "label": "late",
    "label_values_or_threshold": [1],
    "predicted_label": "predicted",
    "facet": [{"name_or_index": name, "value_or_threshold": [f"{name}-0"]} for name in FACETS],
    "group_variable": "season",
    "methods": {
        "pre_training_bias": {"methods": "all"},
        "post_training_bias": {
            "methods": [
                *("AD", "CDDPL", "DAR", "DCA", "DCR", "DI", "DPPL", "DRR", "GE", "RD", "SD", "TE")
            ]
        },
    },
}

_SMCLARIFY = """
import sys, time, pandas as pd
from smclarify.bias import report as r
frame = pd.read_parquet(sys.argv[1], columns=sys.argv[2].split(","))
began = time.perf_counter()
for facet in sys.argv[3].split(","):
    for stage, names in (("pre_training", ["all"]), ("post_training", sys.argv[4].split(","))):
        r.bias_report(
            frame, r.FacetColumn(facet, [facet + "-0"]),
            r.LabelColumn("late", frame["late"], [1]), r.StageType(stage),
            r.LabelColumn("predicted", frame["predicted"]), metrics=names,
            group_variable=frame["season"],
        )
print(time.perf_counter() - began)
"""


def part(rows: int, seed: int) -> pa.Table:
    """Three facets, label, prediction and group, and columns that nobody asks for."""
    random = np.random.default_rng(seed)
    late = random.random(rows) < 0.22
    wrong = random.random(rows) < 0.2
    columns: dict[str, Any] = {
        name: pa.DictionaryArray.from_arrays(
            random.integers(0, values, rows, dtype=np.int32),
            [f"{name}-{number}" for number in range(values)],
        ).cast(pa.string())
        for name, values in FACETS.items()
    }
    columns["late"] = late.astype(np.int64)
    columns["predicted"] = (late ^ wrong).astype(np.int64)
    columns["season"] = random.integers(1, 5, rows)
    columns["distance"] = random.normal(1000, 300, rows)
    return pa.table(columns)


def make(folder: Path, rows: int, files: int = 4) -> Path:
    """`rows` rows in so many Parquet files."""
    return make_parts(folder, files, lambda number: part(rows // files, number))


def driftkit(folder: Path, **settings: Any) -> float:
    """The whole monitor, report and intervals included; gives the seconds of its intervals."""
    result = bias.baseline(str(folder), analysis_config=CONFIG, **settings)
    assert result.run is not None
    return result.run.seconds


def duckdb_group_by(folder: Path) -> None:
    """One GROUP BY of the same columns, its few rows fetched."""
    columns = ", ".join(COLUMNS)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        query = f"SELECT {columns}, count(*) FROM '{folder}/*.parquet' GROUP BY {columns}"  # noqa: S608
        connection.execute(query).fetchall()


def smclarify(folder: Path, python: str) -> float:
    """Seconds of smclarify on pandas, reading left out, with a Python that has it."""
    metrics = ",".join(CONFIG["methods"]["post_training_bias"]["methods"])
    arguments = [
        python,
        "-c",
        _SMCLARIFY,
        str(folder),
        ",".join(COLUMNS),
        ",".join(FACETS),
        metrics,
    ]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])


def facets(data: Path, rows: int, rounds: int) -> str:
    """All bias metrics of Parquet beside DuckDB's GROUP BY, and smclarify where there is one."""
    folder = make(data / f"facets-{rows}", rows)
    measured = alternate(
        {
            "driftkit in this process, aws": lambda: driftkit(
                folder, runner="local", dialect="aws"
            ),
            "driftkit in this process, with intervals": lambda: driftkit(folder, runner="local"),
            "driftkit on Spark, with intervals": lambda: driftkit(folder, runner="spark"),
            "DuckDB GROUP BY of the columns": lambda: duckdb_group_by(folder),
        },
        rounds,
    )
    unit = measured["DuckDB GROUP BY of the columns"].median
    lines = [f"{rows:,} rows of Parquet, 3 facets, a group variable, two classes.", ""]
    lines += ["| job | seconds | to DuckDB (limit 2) |", "|---|---|---|"]
    lines += [f"| {name} | {each} | {each.median / unit:.2f} |" for name, each in measured.items()]
    python = os.environ.get("DRIFTKIT_BENCH_SMCLARIFY")
    if python:
        small = make(data / f"facets-{SMCLARIFY_ROWS}", SMCLARIFY_ROWS)
        driftkit(small, runner="local")
        began = time.perf_counter()
        driftkit(small, runner="local")
        ours, theirs = time.perf_counter() - began, smclarify(small, python)
        lines += [
            "",
            (
                f"{SMCLARIFY_ROWS:,} rows: smclarify on pandas {theirs:.1f} s, driftkit {ours:.2f} s, "
                f"{theirs / ours:.0f} times (limit 20)."
            ),
        ]
    return "\n".join(lines)
