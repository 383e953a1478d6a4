"""The deployment monitor: sums by arm and bucket, pairs of a shadow, a verdict from kept hours, memory.

`deployment` is a section for run.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import driftkit
from driftkit.states.deployment.storage import DeploymentStates
from tests.benchmarks import deployment_rivals as rivals
from tests.benchmarks.peak import driver_megabytes
from tests.benchmarks.tables import ROW_GROUP, make_parts
from tests.benchmarks.timing import alternate

if TYPE_CHECKING:
    from collections.abc import Iterable

ARMS = ("champion", "smaller", "larger")
# Users come back: so many requests each, on average.
REQUESTS_A_USER = 10
BEGIN, HOUR, DAY = 1_793_577_600, 3_600, 86_400
HOURS = 720
MILLION = 1_000_000
METRICS = (
    *("ms_slo:0.02", "brier:0.01", "column:ms:5:lower", "column:paid:1:higher"),
    "ratio:clicks/views:0.01:higher",
)
READ: dict[str, Any] = {"time_column": "at", "runner": "local"}


def deployment(data: Path, rows: int, rounds: int) -> str:
    """Everything that the deployment monitor is measured by."""
    folder = make(data / f"arms-{rows}", rows)
    small = make(data / f"arms-{MILLION}", MILLION)
    plan = planned(small)
    parts = (
        _sums(folder, plan, rows, rounds),
        _statistics(folder, plan, rows),
        _pairs(data, rounds),
        _month(data, plan, small, rounds),
        _memory((small, folder), plan, data),
    )
    return "\n\n".join(parts)


def planned(folder: Path) -> driftkit.deployment.DeploymentPlan:
    """Three arms, six metrics, 512 buckets of users."""
    return driftkit.deployment.baseline(
        str(folder),
        goals="accuracy",
        guardrails=METRICS,
        limits={"ms_slo": 250},
        arms={arm: f"field:version={arm}" for arm in ARMS},
        weights=dict.fromkeys(ARMS, 1 / len(ARMS)),
        strategy="ab",
        unit="field:user",
        # No look decides, so that all are evaluated.
        horizon_units=10**9,
        maximum_days=60,
        **READ,
    )


def _sums(folder: Path, plan: driftkit.deployment.DeploymentPlan, rows: int, rounds: int) -> str:
    measured = alternate(
        {
            "driftkit in this process, to the verdict": lambda: driftkit.deployment.monitor(
                str(folder), plan, **READ
            ),
            "DuckDB GROUP BY arm, bucket": lambda: rivals.group_by(folder, "1"),
            "DuckDB GROUP BY hour, arm, bucket, as driftkit has them": lambda: rivals.group_by(
                folder, "date_trunc('hour', \"at\")"
            ),
        },
        rounds,
    )
    units = [each.median for name, each in measured.items() if name.startswith("DuckDB")]
    lines = [
        f"{rows:,} requests of a day in Parquet, {len(ARMS)} arms, 6 metrics, 512 buckets of",
        f"{rows // REQUESTS_A_USER:,} users.",
        "",
        "| job | seconds | to arm, bucket (limit 1.5) | to hour, arm, bucket |",
        "|---|---|---|---|",
    ]
    for name, each in measured.items():
        ratios = " | ".join(f"{each.median / unit:.2f}" for unit in units)
        lines.append(f"| {name} | {each} | {ratios} |")
    return "\n".join(lines)


def _statistics(folder: Path, plan: driftkit.deployment.DeploymentPlan, rows: int) -> str:
    """Beside packages of statistics, each in a Python that the environment names."""
    ours = alternate({"": lambda: driftkit.deployment.monitor(str(folder), plan, **READ)}, 3)[""]
    lines = [
        f"{rows:,} of them from Parquet to intervals; the others sum up by user with pandas.",
        "",
        "| by | seconds | of which reading | driftkit, times (limit 20) |",
        "|---|---|---|---|",
        f"| driftkit | {ours} | | |",
    ]
    for name, script in (("tea-tasting", rivals.TEA_TASTING), ("gbstats", rivals.GBSTATS)):
        python = os.environ.get(f"DRIFTKIT_BENCH_{name.upper().replace('-', '_')}")
        if python:
            runs = sorted(rivals.of_users(script, folder, python) for _ in range(3))
            whole, reading = runs[1]
            times = whole / ours.median
            lines.append(f"| {name} | {whole:.2f} | {reading:.2f} | {times:.1f} |")
    return "\n".join(lines)


def _pairs(data: Path, rounds: int) -> str:
    folder = make_shadow(data / f"shadow-{MILLION}", MILLION)
    plan = driftkit.deployment.baseline(
        str(folder),
        goals="accuracy",
        guardrails=["brier:0.01", "column:ms:5:lower"],
        information="agreement",
        arms={"champion": "field:version=champion", "shadow": "field:version=shadow"},
        strategy="shadow",
        pair_by="field:id",
        **READ,
    )
    measured = alternate(
        {
            "driftkit in this process, to the verdict": lambda: driftkit.deployment.monitor(
                str(folder), plan, **READ
            ),
            "DuckDB join": lambda: rivals.join(folder),
        },
        rounds,
    )
    unit = measured["DuckDB join"].median
    lines = [f"{MILLION:,} pairs of a shadow by an id of 36 letters, joined and compared.", ""]
    lines += ["| job | seconds | to DuckDB (limit 2) |", "|---|---|---|"]
    lines += [f"| {name} | {each} | {each.median / unit:.2f} |" for name, each in measured.items()]
    return "\n".join(lines)


def _month(data: Path, plan: driftkit.deployment.DeploymentPlan, folder: Path, rounds: int) -> str:
    files = make_hours(data / "deployment-hours", plan, folder)
    plan.write(str(data / "deployment-plan"))

    def anew() -> object:
        command = [sys.executable, "-c", _VERDICT, str(data / "deployment-plan"), *files]
        return subprocess.run(command, check=True)

    measured = alternate(
        {
            f"{HOURS} hours to a verdict": lambda: driftkit.deployment.monitor(files, plan),
            "in a process of its own, from its start": anew,
        },
        rounds,
    )
    size = Path(files[0]).stat().st_size / 1000
    lines = [f"{HOURS} kept hours, {size:.0f} kB each, with every hour a look.", ""]
    lines += ["| job | seconds | limit |", "|---|---|---|"]
    limits = ("1", "")
    pairs = zip(measured.items(), limits, strict=True)
    lines += [f"| {name} | {each} | {limit} |" for (name, each), limit in pairs]
    return "\n".join(lines)


_VERDICT = """
import sys
import driftkit
driftkit.deployment.monitor(sys.argv[2:], sys.argv[1])
"""


def _memory(folders: Iterable[Path], plan: driftkit.deployment.DeploymentPlan, data: Path) -> str:
    plan.write(str(data / "deployment-plan"))
    lines = [
        "Peak memory of the driver's Python process, on Spark.",
        "",
        "| rows | MB |",
        "|---|---|",
    ]
    for folder in folders:
        peak = driver_megabytes(_OF_ARMS, str(folder), str(data / "deployment-plan"))
        lines.append(f"| {int(folder.name.split('-')[1]):,} | {peak:.0f} |")
    return "\n".join(lines)


_OF_ARMS = """
driftkit.deployment.monitor(sys.argv[1], sys.argv[2], time_column="at", runner="spark")
"""


def part(rows: int, seed: int, users: int) -> pa.Table:
    """Requests of one day: who, when, answered by which arm, and what came of it."""
    random = np.random.default_rng(seed)
    arm = random.integers(0, len(ARMS), rows)
    views = random.integers(1, 8, rows)
    seconds = BEGIN + np.sort(random.integers(0, DAY, rows))
    return pa.table(
        {
            "version": _text(arm, ARMS),
            "at": pa.array(seconds * 1_000_000, pa.timestamp("us")),
            "user": random.integers(0, users, rows),
            **_answers(random, 0.8 + 0.01 * arm),
            "paid": np.round(random.exponential(20.0, rows) * (random.random(rows) < 0.2), 2),
            "views": views,
            "clicks": random.binomial(views, 0.1),
        }
    )


def make(folder: Path, rows: int, files: int = 4) -> Path:
    """`rows` rows in so many Parquet files."""
    users = rows // REQUESTS_A_USER
    return make_parts(folder, files, lambda number: part(rows // files, number, users))


def make_shadow(folder: Path, pairs: int, files: int = 4) -> Path:
    """The champion's rows and the shadow's, which come in another order, in files of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        rows = pairs // files
        random = np.random.default_rng(number)
        seconds = BEGIN + np.sort(random.integers(0, DAY, rows))
        ids = pa.array(f"{number:08x}-0000-4000-8000-{each:012x}" for each in range(rows))
        for version in ("champion", "shadow"):
            path = folder / f"{version}-{number:05d}.parquet"
            if path.exists():
                continue
            columns = {
                "version": _text(np.zeros(rows, np.int64), (version,)),
                "at": pa.array(seconds * 1_000_000, pa.timestamp("us")),
                "id": ids,
                **_answers(random, np.full(rows, 0.8)),
            }
            order = np.arange(rows) if version == "champion" else random.permutation(rows)
            pq.write_table(pa.table(columns).take(pa.array(order)), path, row_group_size=ROW_GROUP)
    return folder


def make_hours(folder: Path, plan: driftkit.deployment.DeploymentPlan, rows: Path) -> list[str]:
    """States of a month: those of the hours of a day, again and again."""
    folder.mkdir(parents=True, exist_ok=True)
    states = driftkit.deployment.monitor(str(rows), plan, **READ).states
    assert states is not None
    paths = [folder / f"{number:03d}.arrow" for number in range(HOURS)]
    begins = states.state.blocks
    for number, path in enumerate(paths):
        hour = states.state.chosen(states.state.keys[:, 0] == begins[number % len(begins)])
        keys = np.column_stack([np.full(len(hour.keys), BEGIN + HOUR * number), hour.keys[:, 1]])
        kept = DeploymentStates(state=replace(hour, keys=keys), plan=plan.plan.sha256)
        path.write_bytes(kept.dumps())
    return list(map(str, paths))


def _answers(random: np.random.Generator, share: np.ndarray) -> dict[str, Any]:
    """Labels, a tenth of them missing, and answers of which such a share is right."""
    rows = len(share)
    label = random.random(rows) < 0.3
    right = random.random(rows) < share
    probability = np.where(label == right, 0.5, 0.0) + random.random(rows) / 2
    return {
        "label": pa.array(label.astype(np.int64), mask=random.random(rows) < 0.1),
        "prediction": (probability > 0.5).astype(np.int64),
        "probability": probability,
        "ms": random.gamma(2.0, 60.0, rows),
    }


def _text(codes: np.ndarray, names: tuple[str, ...]) -> pa.Array:
    indices = pa.array(codes, pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array(names)).cast(pa.string())


__all__ = ["deployment"]
