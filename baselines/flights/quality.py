"""The demo goes on: true delays arrive a day later, and each month's predictions are judged."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import orjson
import pandas as pd

import driftkit
from baselines.flights import page, shell
from baselines.flights.data import flights, served_rows, training_rows
from baselines.flights.endpoint import ENDPOINT
from baselines.flights.model import PREDICTION, predict, train

if TYPE_CHECKING:
    from driftkit.monitors.model_quality.monitor import ModelResult

MONTHS = tuple(pd.period_range("2013-07", "2013-12", freq="M"))
LAST = MONTHS[-1]
LABEL = "late"
THRESHOLD = 0.3
DELAY = pd.Timedelta(days=1)
_FOLDS = 2


def run(root: Path) -> dict[str, ModelResult]:
    """Labels, merges and judges what `baselines.flights` captured below `root`.

    Returns:
        The result of each month.
    """
    for name in ("truth", "merged", "quality-baseline", "quality"):
        shutil.rmtree(root / name, ignore_errors=True)
    page.heading("6  How good should the predictions be?")
    rows = write_labelled_csv(root / "labelled.csv")
    page.say(f"{rows:,} flights of January to June, each predicted by a model that did not see it.")
    shell.driftkit(
        *("model-quality", "baseline", root / "labelled.csv", *_JUDGED),
        *("--output", root / "quality-baseline"),
        show=True,
    )
    page.heading("7  A day later the true delays are known")
    first, late = write_truth(root / "truth")
    page.say(f"{first:,} labels up to November: {root / 'truth' / 'first'}")
    _merge(root, "first")
    page.say(f"December's {late:,} labels come later; only their hours are merged anew.")
    _merge(root, "late", "--update")
    page.heading("8  Did the predictions get worse?")
    # A run of one month is one process on one core.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(
            zip(map(str, MONTHS), pool.map(partial(_monitor, root), MONTHS), strict=True)
        )
    page.show_quality({month: findings(result) for month, result in results.items()})
    return results


_JUDGED = (
    *("--problem-type", "BinaryClassification", "--probability-attribute", PREDICTION),
    *("--ground-truth-attribute", LABEL, "--probability-threshold-attribute", str(THRESHOLD)),
)


def findings(result: ModelResult) -> tuple[str, str, str]:
    """The AUC of a month, its 95 % interval, and which metrics fell further than chance explains."""
    shown = {judgement.metric: judgement for judgement in result.judgements}
    auc = shown["auc"]
    interval = f"{auc.interval.low:.3f} to {auc.interval.high:.3f}" if auc.interval else ""
    worse = [name for name, judgement in shown.items() if judgement.beyond_noise]
    return f"{auc.value:.3f}", interval, ", ".join(worse) or "nothing"


def labelled_rows() -> pd.DataFrame:
    """The training rows with their label, predicted by models that did not see them."""
    rows = training_rows(flights())
    fold = np.random.default_rng(0).integers(0, _FOLDS, len(rows))
    parts = []
    for number in range(_FOLDS):
        others, own = rows[fold != number], rows[fold == number]
        predicted = {PREDICTION: predict(train(others), own), LABEL: own[LABEL].astype(int)}
        parts.append(pd.DataFrame(predicted, index=own.index))
    return pd.concat(parts).sort_index()


def write_labelled_csv(file: Path) -> int:
    """Writes predictions and labels of the training rows; returns how many."""
    rows = labelled_rows()
    file.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(file, index=False)
    return len(rows)


def write_truth(folder: Path) -> tuple[int, int]:
    """Writes ground truth as it arrives, a day after the flight: up to November, and December.

    Returns:
        The number of labels in `first` and in `late`.
    """
    served = served_rows(flights())
    december = served["requested"] >= LAST.start_time.tz_localize("UTC")
    return (
        write_labels(folder / "first", served[~december]),
        write_labels(folder / "late", served[december]),
    )


def write_labels(folder: Path, served: pd.DataFrame) -> int:
    """Writes the ground truth of flights into the hours in which it arrives; returns how many."""
    hours = (served["requested"] + DELAY).dt.strftime("%Y/%m/%d/%H")
    for hour, rows in served.groupby(hours):
        place = folder / str(hour)
        place.mkdir(parents=True, exist_ok=True)
        pairs = zip(rows.index, rows[LABEL], strict=True)
        lines = [_label(number, late=bool(late)) for number, late in pairs]
        (place / "labels.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(served)


def _label(number: int, *, late: bool) -> str:
    event = uuid5(NAMESPACE_OID, f"{ENDPOINT}/{number}")
    record = {
        "groundTruthData": {"data": str(int(late)), "encoding": "CSV"},
        "eventMetadata": {"eventId": str(event)},
        "eventVersion": "0",
    }
    return orjson.dumps(record).decode()


def _merge(root: Path, delivery: str, *options: str) -> None:
    captured = root / "captured" / ENDPOINT / "AllTraffic"
    shell.driftkit(
        *("merge", captured, "--ground-truth", root / "truth" / delivery),
        *options,
        *("--output", root / "merged"),
        show=True,
    )


def _monitor(root: Path, month: pd.Period) -> ModelResult:
    report = root / "quality" / str(month)
    asked = ("--probability-attribute", "0", "--probability-threshold-attribute", str(THRESHOLD))
    baseline = root / "quality-baseline"
    shell.driftkit(
        *("model-quality", "monitor", root / "merged", "--baseline", baseline),
        *asked,
        *("--start", f"{month:%Y-%m-01}", "--end", f"{month + 1:%Y-%m-01}", "--output", report),
    )
    # The written files tell the same as the run, intervals included.
    statistics = driftkit.model_quality.ModelResult.read(report).statistics
    normal = driftkit.model_quality.ModelBaseline.read(baseline)
    return driftkit.model_quality.compare(statistics, normal)


if __name__ == "__main__":
    run(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "demo")
