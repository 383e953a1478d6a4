"""Quality without labels beside NannyML: `estimates` is a section for run.py.

NannyML runs where DRIFTKIT_BENCH_NANNYML names the Python of an environment that has it. Seconds are
the processor's, so that two programs with other numbers of threads can be compared, and those of the
clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Times = tuple[float, float]
DAYS = 100
ROW_GROUP = 500_000
LEARNT_SHARE = 10
COLUMNS: dict[str, Any] = {
    "inference_attribute": "prediction",
    "probability_attribute": "probability",
    "time_column": "day",
    "runner": "local",
}
# It would send what it was asked for over the network.
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1"}
NANNYML = """
import json, sys, time
import nannyml
import pandas as pd

names = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy", "average_precision"]
reference, window = (pd.read_parquet(path) for path in sys.argv[1:])
times = [(time.process_time(), time.perf_counter())]
estimator = nannyml.CBPE(
    problem_type="classification_binary", y_pred_proba="probability", y_pred="prediction",
    y_true="label", metrics=names, timestamp_column_name="day", chunk_period="D",
)
estimator.fit(reference)
times.append((time.process_time(), time.perf_counter()))
found = estimator.estimate(window).filter(period="analysis").to_df()
times.append((time.process_time(), time.perf_counter()))
fit, estimate = ([b - a for a, b in zip(*each)] for each in zip(times, times[1:]))
auc = found[("roc_auc", "value")].tolist()
print(json.dumps({"fit": fit, "estimate": estimate, "auc": auc}))
"""


def estimates(data: Path, rows: int, rounds: int) -> str:
    """A calibration of a tenth of the rows, and estimates of all of them by day."""
    import driftkit  # noqa: PLC0415

    learnt = make(data / f"estimates-{rows}", rows // LEARNT_SHARE, 1, labelled=True)
    window = make(data / f"estimates-{rows}", rows, 2, labelled=False)
    quality, made = driftkit.model_quality, data / f"estimates-{rows}" / "kept"

    def baseline() -> Any:
        return quality.baseline(str(learnt), problem_type="BinaryClassification", **COLUMNS)

    def estimate() -> Any:
        return quality.estimate(str(window), normal, **COLUMNS)

    normal = baseline()
    found = quality.estimate(str(window), normal, keep_states=True, **COLUMNS)
    found.write(made)
    ours = {
        f"calibrate {rows // LEARNT_SHARE:,} labelled rows": _seconds(baseline, rounds),
        f"estimate {rows:,} rows by day": _seconds(estimate, rounds),
        "estimate the same from kept states": _seconds(
            lambda: quality.estimate(str(made), normal), rounds
        ),
    }
    return "\n".join(_table(ours, learnt, window, found, rows))


def _table(ours: dict[str, Times], learnt: Path, window: Path, found: Any, rows: int) -> list[str]:
    said = (
        f"{rows // LEARNT_SHARE:,} labelled rows and {rows:,} without labels, {DAYS} days each, a "
        "probability of its own for each row; driftkit reads Parquet, NannyML data frames in "
        "memory. Seconds of the processor, and by the clock."
    )
    lines = [said, ""]
    theirs = nannyml(NANNYML, learnt, window)
    if theirs is None:
        lines += ["| job | driftkit |", "|---|---|"]
        return [*lines, *(f"| {name} | {_shown(each)} |" for name, each in ours.items())]
    times = [theirs["fit"], theirs["estimate"], theirs["estimate"]]
    lines += ["| job | driftkit | NannyML | ratio |", "|---|---|---|---|"]
    for (name, own), their in zip(ours.items(), times, strict=True):
        ratios = ", ".join(f"{b / a:.0f}" for a, b in zip(own, their, strict=True))
        lines.append(f"| {name} | {_shown(own)} | {_shown(their)} | {ratios} |")
    table = found.blocks_table()
    auc = table[table["metric"] == "auc"]["estimate"].to_numpy()
    apart = float(np.abs(auc - np.array(theirs["auc"])).max())
    return [*lines, "", f"The AUCs of the days differ by at most {apart:.1e}."]


def _seconds(job: Callable[[], object], rounds: int) -> Times:
    """Of the processor and of the clock, the medians; one round before warms up."""
    taken = []
    for turn in range(rounds + 1):
        began = time.process_time(), time.perf_counter()
        job()
        if turn:
            taken.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    processor, clock = map(median, zip(*taken, strict=True))
    return processor, clock


def _shown(times: Times) -> str:
    return ", ".join(f"{each:.2f}" for each in times)


def nannyml(program: str, *arguments: object) -> dict[str, Any] | None:
    """The numbers and times that a program prints last; None where there is no NannyML."""
    python = os.environ.get("DRIFTKIT_BENCH_NANNYML")
    if python is None:
        return None
    done = subprocess.run(
        [python, "-c", program, *map(str, arguments)],
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def make(folder: Path, rows: int, seed: int, *, labelled: bool) -> Path:
    """Rows of prediction, probability and day; with labels that depend on a score otherwise."""
    path = folder / f"{seed}.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    probability = 1 / (1 + np.exp(-x))
    days = np.datetime64("2024-01-01") + (np.arange(rows) * DAYS // rows).astype("m8[D]")
    columns = {
        "prediction": (probability > 0.5).astype(np.int64),
        "probability": probability,
        "day": days,
    }
    if labelled:
        columns["label"] = (random.random(rows) < 1 / (1 + np.exp(0.2 - 1.3 * x))).astype(np.int64)
    pq.write_table(pa.table(columns), path, row_group_size=ROW_GROUP)
    return path
