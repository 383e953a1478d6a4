"""Attributions by driftkit and by the libraries that compute them: the same model, the same rows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shap
import xgboost
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import driftkit
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import Rows
from tests.benchmarks.jobs import CORES, session
from tests.benchmarks.timing import Measured, alternate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

# The published notebook's rate, and how many times it is to be beaten.
CLARIFY_RATE, TIMES_CLARIFY, TIMES_SHAP = 109, 50, 20
KERNEL_FEATURES, KERNEL_SAMPLES = 14, 100
TREE_FEATURES, TREES = 30, 100
ON_SPARK = "driftkit on Spark, LightGBM"
MOST_ROWS, SHAP_ROWS, TREE_ROWS = 100_000, 500, 20_000
LONG_ROWS, LONG_PART, LONG_LIMIT_MB = 1_000_000, 50_000, 1024


class Linear:
    """A linear model that only says what it predicts.

    Args:
        weights: one a feature.
    """

    def __init__(self, weights: NDArray[np.float64]) -> None:
        self.weights = weights

    def predict(self, rows: Any) -> NDArray[np.float64]:
        """Predictions."""
        return np.asarray(np.asarray(rows) @ self.weights, dtype=np.float64)


def rows(count: int, features: int, seed: int = 0) -> Rows:
    """Normal features."""
    values = np.random.default_rng(seed).normal(size=(count, features))
    return Rows(names=tuple(f"f{place}" for place in range(features)), values=values)


def kernel(count: int, rounds: int) -> str:
    """KernelSHAP: 14 features, 100 samples, one background row, a linear model."""
    data = rows(count, KERNEL_FEATURES)
    few = min(count, SHAP_ROWS)
    model = Linear(np.arange(1.0, KERNEL_FEATURES + 1))
    options = ExplainOptions(samples=KERNEL_SAMPLES, explainer="kernel")
    background = rows(1, KERNEL_FEATURES, seed=1)
    ours = choose_explainer(predictor(model), background, options)
    theirs = shap.KernelExplainer(model.predict, background.values)

    def ask_shap() -> None:
        theirs.shap_values(data.values[:few], nsamples=KERNEL_SAMPLES, l1_reg=False, silent=True)

    measured = alternate(
        {"driftkit": lambda: ours.explain(data), "shap.KernelExplainer": ask_shap}, rounds
    )
    rates = {
        "driftkit": count / measured["driftkit"].median,
        "shap.KernelExplainer": few / measured["shap.KernelExplainer"].median,
    }
    lines = [
        (
            f"KernelSHAP, {KERNEL_FEATURES} features, {KERNEL_SAMPLES} samples, one background "
            f"row, a linear model; {count:,} rows, of which shap explains {few:,}."
        ),
        "",
        "| by | rows a second | driftkit, times (limit) |",
        "|---|---|---|",
        f"| driftkit | {rates['driftkit']:,.0f} | |",
        _rate("shap.KernelExplainer", rates["shap.KernelExplainer"], rates["driftkit"], TIMES_SHAP),
        _rate("Clarify's published notebook", CLARIFY_RATE, rates["driftkit"], TIMES_CLARIFY),
    ]
    return "\n".join(lines)


def _rate(name: str, theirs: float, ours: float, limit: int) -> str:
    return f"| {name} | {theirs:,.0f} | {ours / theirs:,.0f} ({limit}) |"


def trees(folder: Path, count: int, rounds: int) -> str:
    """TreeSHAP of the same models by driftkit and the libraries, on one thread; and on Spark."""
    data = rows(count, TREE_FEATURES)
    table = data.values
    target = table[:, 0] * table[:, 1] + table[:, 2] + np.sin(table[:, 3])
    train = slice(0, 10_000)
    settings: dict[str, Any] = {"n_estimators": TREES, "n_jobs": 1}
    model = lightgbm.LGBMRegressor(**settings, verbose=-1).fit(table[train], target[train])
    other = xgboost.XGBRegressor(**settings).fit(table[train], target[train]).get_booster()
    ours = choose_explainer(predictor(model), data.with_values(table[:1]), ExplainOptions())
    our_other = choose_explainer(predictor(other), data.with_values(table[:1]), ExplainOptions())
    theirs = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    stored = make(folder / f"trees-{count}", data)
    session()
    jobs: dict[str, Callable[[], object]] = {
        "driftkit, LightGBM": lambda: ours.explain(data),
        "LightGBM pred_contrib": lambda: model.predict(table, pred_contrib=True),
        "shap.TreeExplainer, LightGBM": lambda: theirs.shap_values(table, check_additivity=False),
        "driftkit, XGBoost": lambda: our_other.explain(data),
        "XGBoost pred_contribs": lambda: other.predict(
            xgboost.DMatrix(table, nthread=1), pred_contribs=True
        ),
    }
    # While the others run, Spark would stop its idle workers, and each round begin with new ones.
    measured = alternate({ON_SPARK: lambda: on_spark(stored, model)}, rounds)
    # LightGBM's own booster would take every core; Spark's workers have one each anyway.
    with threadpool_limits(1):
        measured |= alternate(jobs, rounds)
    lines = [
        (
            f"TreeSHAP, {TREES} trees, {TREE_FEATURES} features, {count:,} rows, one thread; on "
            f"Spark {CORES}, with Parquet read, rows handed over and global values added up."
        ),
        "",
        "| by | seconds | rows a second and core |",
        "|---|---|---|",
        *(_seconds(name, each, count) for name, each in measured.items()),
    ]
    return "\n".join(lines)


def make(folder: Path, data: Rows) -> Path:
    """The rows in one Parquet file for each core."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(np.array_split(data.values, CORES)):
        columns = dict(zip(data.names, part.T, strict=True))
        pq.write_table(pa.table(columns), folder / f"part-{number:05d}.parquet")
    return folder


def on_spark(folder: Path, model: Any) -> None:
    """The whole monitor, baseline and standard errors included."""
    config = {"methods": {"shap": {"baseline": [[0.0] * TREE_FEATURES]}}}
    driftkit.attribution.baseline(str(folder), model, analysis_config=config, runner="spark")


def _seconds(name: str, measured: Measured, count: int) -> str:
    cores = CORES if name == ON_SPARK else 1
    return f"| {name} | {measured} | {count / measured.median / cores:,.0f} |"


_LONG = """
import resource, sys
from tests.benchmarks import attribution as a
count = int(sys.argv[1])
model = a.Linear(a.np.arange(1.0, a.KERNEL_FEATURES + 1))
options = a.ExplainOptions(samples=a.KERNEL_SAMPLES, explainer="kernel")
explainer = a.choose_explainer(a.predictor(model), a.rows(1, a.KERNEL_FEATURES, 1), options)
total = 0.0
for part in range(0, count, a.LONG_PART):
    data = a.rows(min(a.LONG_PART, count - part), a.KERNEL_FEATURES, part)
    total = total + abs(explainer.explain(data).values).sum(axis=0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def long(count: int) -> str:
    """The memory of a worker that explains many rows, part by part."""
    command = [sys.executable, "-c", _LONG, str(count)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = float(ended.stdout)
    return f"{count:,} rows in one worker: {peak:,.0f} MB at most (limit {LONG_LIMIT_MB:,})."


def attribution(data: Path, rows: int, rounds: int) -> str:
    """KernelSHAP, TreeSHAP and the memory of a million rows."""
    parts = (
        kernel(min(rows, MOST_ROWS), rounds),
        trees(data, min(rows, TREE_ROWS), rounds),
        long(min(rows, LONG_ROWS)),
    )
    return "\n\n".join(parts)
