"""Errors of regressions without labels beside NannyML's DLE: `losses` is a section for run.py.

NannyML runs where DRIFTKIT_BENCH_NANNYML names the Python of an environment that has it. Seconds are
the processor's.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from tests.benchmarks.estimates import nannyml
from tests.detection.tables import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftkit.comparison.arrays import Floats

CHUNK = 500
ROWS, LEARNT = 1_000_000, 100_000
OF_WINDOW: dict[str, Any] = {"inference_attribute": "prediction", "time_column": "at"}
NANNYML = """
import json, sys, time
import nannyml
import pandas as pd

# It cannot sort the texts of pandas 3 into categories.
pd.set_option("future.infer_string", False)
reference, window = (pd.read_parquet(path) for path in sys.argv[1:3])
inputs = [each for each in reference if each not in ("at", "label", "prediction")]
began = time.process_time()
estimator = nannyml.DLE(
    feature_column_names=inputs, y_pred="prediction", y_true="label", chunk_size=int(sys.argv[3]),
    metrics=["mae", "rmse"],
)
estimator.fit(reference)
fitted = time.process_time()
found = estimator.estimate(window).filter(period="analysis").to_df()
ended = time.process_time()
told = {name: found[(name, "value")].tolist() for name in ("mae", "rmse")}
print(json.dumps({"fit": fitted - began, "estimate": ended - fitted, **told}))
"""


def losses(data: Path, rows: int, rounds: int) -> str:
    """Distances to what labels say on real days, intervals of drawn windows, and the time."""
    del rows, rounds
    folder = data / "losses"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [*_real(folder), "", *_drawn(), "", *_speed(folder)]
    return "\n".join(parts)


def _real(folder: Path) -> Iterator[str]:
    yield (
        "Mean distance of the estimate to what labels say, over chunks of "
        f"{CHUNK} rows: a model of every third day, a reference of the first half of the others, "
        "and the second half as windows. `held`: chunks whose error the interval holds, in %."
    )
    yield ""
    yield "| data | chunks | metric | its mean | reference's own | NannyML | driftkit | held |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, (frame, label) in {"bikes": _bikes(), "fine dust": _dust()}.items():
        reference, window = _predicted(frame, label)
        theirs = nannyml(NANNYML, *_written(folder / name, reference, window), CHUNK) or {}
        told = _ours(reference, window)
        for metric in ("mae", "rmse"):
            of = told[metric]
            realized, value = of["realized"].to_numpy(), of["estimate"].to_numpy()
            apart = [
                np.abs(each - realized).mean()
                for each in (of["reference"], theirs.get(metric, [np.nan]), value)
            ]
            held = ((of["lower"] <= realized) & (realized <= of["upper"])).mean()
            shown = " | ".join(f"{each:.2f}" for each in (realized.mean(), *apart))
            yield f"| {name} | {len(of)} | {metric} | {shown} | {100 * held:.0f} |"


def _ours(reference: pd.DataFrame, window: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What is expected of each chunk, by metric."""
    import driftkit  # noqa: PLC0415

    quality = driftkit.model_quality
    normal = quality.baseline(reference, problem_type="Regression", **OF_WINDOW)
    found: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(window) - CHUNK + 1, CHUNK):
        result = quality.estimate(window[start : start + CHUNK], normal, **OF_WINDOW)
        for each in result.files["estimate.json"]["window"]["metrics"]:
            found.setdefault(each["metric"], []).append(each)
    return {name: pd.DataFrame(each) for name, each in found.items()}


def _predicted(frame: pd.DataFrame, label: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A reference and a window with predictions of a model that has seen neither."""
    inputs = [each for each in frame if each not in {"at", label}]
    numbers = frame[inputs].apply(lambda x: pd.factorize(x)[0] if x.dtype.kind not in "if" else x)
    seen = pd.factorize(frame["at"])[0] % 3 == 0
    model = HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=8, random_state=0)
    model.fit(numbers[seen], frame.loc[seen, label])
    told = frame.assign(prediction=model.predict(numbers), label=frame[label].astype(float))
    others = told[~seen].drop(columns=label) if label != "label" else told[~seen]
    half = len(others) // 2
    rows = len(others) - half
    window = others[half : half + rows // CHUNK * CHUNK]
    return others[:half].reset_index(drop=True), window.reset_index(drop=True)


def _bikes() -> tuple[pd.DataFrame, str]:
    frame = pd.read_csv(FOLDER / "bike_hour.csv.gz")
    days = pd.to_datetime(frame["dteday"], dayfirst=True).dt.strftime("%Y-%m-%d")
    names = "season hr holiday weekday workingday temp atemp hum windspeed cnt"
    weather = "w" + frame["weathersit"].astype(str)
    return frame[names.split()].assign(weather=weather, at=days), "cnt"


def _dust() -> tuple[pd.DataFrame, str]:
    frame = pd.read_csv(FOLDER / "beijing_pm25_2010_2014.csv.gz").dropna(subset="pm2.5")
    days = pd.to_datetime(frame[["year", "month", "day"]]).dt.strftime("%Y-%m-%d")
    names = "month hour DEWP TEMP PRES cbwd Iws Is Ir pm2.5"
    return frame[names.split()].assign(at=days).reset_index(drop=True), "pm2.5"


def _drawn() -> Iterator[str]:
    """How often intervals hold the truth, and how often labels disagree, where inputs have moved."""
    import driftkit  # noqa: PLC0415

    quality = driftkit.model_quality
    yield (
        "Windows of a drawn model whose errors grow with an input (by half for a standard deviation) and "
        "depend on a text and on what is missing, 80 of eight references of 20 days. First: "
        "share of the windows whose MAE, RMSE the interval of 95 % holds. Second: share of windows "
        "with p < 0.01 for their labels."
    )
    yield ""
    moves = {"nothing": (0.0, 1.0), "inputs +1 sd": (1.0, 1.0), "inputs -1 sd": (-1.0, 1.0)}
    moves |= {"inputs +2 sd": (2.0, 1.0), "errors by 10 %": (0.0, 1.1), "by 30 %": (0.0, 1.3)}
    yield f"| reference, window | {' | '.join(moves)} |"
    yield f"|---{'|---' * len(moves)}|"
    for learnt in (2_000, 20_000):
        normals = [
            quality.baseline(drawn(seed, learnt), problem_type="Regression", **OF_WINDOW)
            for seed in range(8)
        ]
        for size in (500, 5_000):
            cells = [_cell(normals, size, *move) for move in moves.values()]
            yield f"| {learnt:,}, {size:,} | {' | '.join(cells)} |"


def _cell(normals: list[Any], size: int, shift: float, worse: float) -> str:
    import driftkit  # noqa: PLC0415

    held, disagree = np.zeros(2), 0
    for seed in range(80):
        window = drawn(100 + seed, size, shift, worse)
        result = driftkit.model_quality.estimate(window, normals[seed % 8], **OF_WINDOW)
        told = {each.metric: each for each in result.estimate.window.metrics}
        held += [
            (told[name].lower or 0) <= (told[name].realized or 0) <= (told[name].upper or 0)
            for name in ("mae", "rmse")
        ]
        disagree += result.estimate.labels[0].p_value < 0.01
    mae, rmse = (100 * held / 80).round().astype(int)
    return f"{mae}, {rmse}; {100 * disagree / 80:.0f}"


def drawn(seed: int, rows: int, shift: float = 0.0, worse: float = 1.0) -> pd.DataFrame:
    """Predictions of twenty days whose errors depend on inputs.

    Args:
        seed: of the draws.
        rows: how many.
        shift: by which the input moves that errors grow with.
        worse: how many times larger errors are than their inputs let expect.
    """
    random = np.random.default_rng(seed)
    x, z = random.normal(shift, 1, rows), random.normal(0, 1, rows)
    z[random.random(rows) < 0.1] = np.nan
    carrier = random.choice(["AA", "UA", "WN"], rows, p=[0.5, 0.3, 0.2])
    size: Floats = 10 * np.exp(0.4 * x) * np.where(carrier == "WN", 2.0, 1.0) * (1 + np.isnan(z))
    prediction = random.normal(100, 5, rows)
    days = np.datetime64("2024-03-01") + (np.arange(rows) * 20 // rows).astype("m8[D]")
    return pd.DataFrame(
        {
            "at": days.astype(str),
            "x": x,
            "z": z,
            "carrier": carrier,
            "prediction": prediction,
            "label": prediction + worse * size * random.normal(size=rows),
        }
    )


def _speed(folder: Path) -> Iterator[str]:
    """The time of a reference and of a window, from Parquet here and from data frames there."""
    import driftkit  # noqa: PLC0415

    quality = driftkit.model_quality
    tables = [_wide(1, LEARNT), _wide(2, ROWS).drop(columns="label")]
    paths = _written(folder / "wide", *tables)
    began = time.process_time()
    normal = quality.baseline(str(paths[0]), problem_type="Regression", runner="local", **OF_WINDOW)
    learnt = time.process_time()
    quality.estimate(str(paths[1]), normal, runner="local", **OF_WINDOW)
    own = {"fit": learnt - began, "estimate": time.process_time() - learnt}
    theirs = nannyml(NANNYML, *paths, ROWS // 100) or {}
    yield (
        f"{LEARNT:,} labelled rows and {ROWS:,} without labels, 13 inputs, in 100 parts (driftkit: "
        "days); driftkit reads Parquet, NannyML data frames in memory, and has two metrics of "
        "driftkit's three. Seconds of the processor."
    )
    yield ""
    yield "| job | driftkit | NannyML | ratio |"
    yield "|---|---|---|---|"
    for job, name in (("fit", f"learn {LEARNT:,} rows"), ("estimate", f"estimate {ROWS:,} rows")):
        their = theirs.get(job, np.nan)
        yield f"| {name} | {own[job]:.2f} | {their:.2f} | {their / own[job]:.1f} |"


def _wide(seed: int, rows: int) -> pd.DataFrame:
    more = np.random.default_rng([seed, 2]).normal(size=(rows, 10))
    days = np.datetime64("2024-03-01") + (np.arange(rows) * 100 // rows).astype("m8[D]")
    return drawn(seed, rows).assign(at=days, **{f"n{at}": each for at, each in enumerate(more.T)})


def _written(folder: Path, *frames: pd.DataFrame) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{at}.parquet" for at in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        frame.to_parquet(path, index=False)
    return paths
