"""What others need for the deployment monitor's sums: DuckDB, tea-tasting, gbstats."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

CORES = 2
_MEANS = {
    "correct": "(label = prediction)::INT::DOUBLE",
    "slow": "(ms > 250)::INT::DOUBLE",
    "squared": "(probability - label) ** 2",
    "ms": "ms",
    "paid": "paid",
}
_ROWS = ", ".join(f"{value} AS {name}" for name, value in _MEANS.items())
_COMPARED = ("correct", "squared", "ms")
_JOINED = ", ".join(f"{_MEANS[name]} AS {name}" for name in _COMPARED)
_SUMS = ", ".join(f"count({name}), sum({name}), sum({name} * {name})" for name in _MEANS)


def group_by(folder: Path, keys: str) -> None:
    """DuckDB: the sums, squares and products of all metrics by arm, bucket and what else is asked."""
    ratio = ", ".join(
        f"sum({each})"
        for each in ("clicks", "clicks * clicks", "views", "views * views", "clicks * views")
    )
    own = f'version, "user", "at", label, {_ROWS}, clicks::DOUBLE AS clicks, views::DOUBLE AS views'
    _run(
        f'SELECT {keys}, version, hash("user") % 512 AS bucket, count(*), count(label), '  # noqa: S608
        f"{_SUMS}, {ratio} FROM (SELECT {own} FROM '{folder}/*.parquet') GROUP BY ALL"
    )


def join(folder: Path) -> None:
    """DuckDB: the champion's rows joined with the shadow's, and the sums of their differences."""
    rows = f"SELECT id, prediction, {_JOINED} FROM '{folder}/{{}}-*.parquet'"  # noqa: S608
    differences = ", ".join(
        f"count(b.{each} - a.{each}), sum(b.{each} - a.{each}), sum((b.{each} - a.{each}) ** 2)"
        for each in _COMPARED
    )
    _run(
        f"SELECT a.correct, b.correct, count(*), {differences}, "  # noqa: S608
        "count(*) FILTER (a.prediction = b.prediction) "
        f"FROM ({rows.format('champion')}) a JOIN ({rows.format('shadow')}) b USING (id) GROUP BY ALL"
    )


def _run(query: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(query).fetchall()


_USERS = """
import sys, time, warnings
import pandas as pd
warnings.simplefilter("ignore")
began = time.perf_counter()
frame = pd.read_parquet(sys.argv[1])
read = time.perf_counter()
frame["correct"] = (frame["label"] == frame["prediction"]).where(frame["label"].notna()).astype(float)
frame["squared"] = (frame["probability"] - frame["label"]) ** 2
frame["slow"] = (frame["ms"] > 250).astype(float)
for name in ("correct", "squared"):
    frame["n_" + name] = frame[name].notna().astype(float)
frame["n"] = 1.0
pairs = [("correct", "n_correct"), ("squared", "n_squared"), ("slow", "n"), ("ms", "n"), ("paid", "n"),
         ("clicks", "views")]
columns = sorted({name for pair in pairs for name in pair})
users = frame.groupby(["version", "user"], as_index=False)[columns].sum()
arms = ["champion", "smaller", "larger"]
"""
TEA_TASTING = f"""{_USERS}
import tea_tasting as tt
users["arm"] = users["version"].map(arms.index)
experiment = tt.Experiment({{s: tt.RatioOfMeans(s, n) for s, n in pairs}}, variant="arm")
experiment.analyze(users, control=0, all_variants=True)
print(time.perf_counter() - began, read - began)
"""
GBSTATS = f"""{_USERS}
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import RatioStatistic, SampleMeanStatistic
def moments(part, name):
    values = part[name].to_numpy()
    return SampleMeanStatistic(
        n=len(values), sum=float(values.sum()), sum_squares=float((values * values).sum())
    )
def statistic(part, s, n):
    product = float((part[s] * part[n]).sum())
    return RatioStatistic(
        n=len(part), m_statistic=moments(part, s), d_statistic=moments(part, n),
        m_d_sum_of_products=product,
    )
of_arm = {{arm: part for arm, part in users.groupby("version")}}
for s, n in pairs:
    base, *others = (statistic(of_arm[arm], s, n) for arm in arms)
    for other in others:
        SequentialTwoSidedTTest(base, other, SequentialConfig()).compute_result()
print(time.perf_counter() - began, read - began)
"""


def of_users(script: str, folder: Path, python: str) -> tuple[float, float]:
    """Seconds of a script from Parquet to intervals, and of reading alone, in a Python that has it.

    Requests are summed up by user with pandas first: users come back, and both take rows for
    independent.
    """
    done = subprocess.run(
        [python, "-c", script, str(folder)], capture_output=True, text=True, check=True
    )
    whole, reading = done.stdout.split()[-2:]
    return float(whole), float(reading)
