"""The delay model's reasons: which features decide, and does that change?

`python -m baselines.flights.attribution [FOLDER]` writes the baseline and each later month's report.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftkit
from baselines.flights import page
from baselines.flights.bias import months
from baselines.flights.data import CATEGORIES, FEATURES, flights, served_rows, training_rows
from baselines.flights.model import PREDICTION, train

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from driftkit.monitors.attribution.results import AttributionResult

# Each costs 1,022 questions to the model, a month then a second; intervals tell what is left open.
# The baseline's own sampling is in no interval, so it has more of them.
SAMPLE, LEARNED = 100, 400
_SHOWN = 2


def typical(rows: pd.DataFrame) -> list[Any]:
    """The flight that stands for "unknown": the commonest categories, the median numbers."""
    return [
        rows[name].mode()[0] if name in CATEGORIES else float(rows[name].median())
        for name in FEATURES
    ]


def config(rows: pd.DataFrame) -> dict[str, Any]:
    """Clarify's configuration for a model that learned from these rows."""
    return {
        "version": "1.0",
        "predictor": {"label_headers": [PREDICTION]},
        "methods": {"shap": {"baseline": [typical(rows)]}},
    }


def asked(rows: pd.DataFrame) -> pd.DataFrame:
    """What the model was asked, without its answers."""
    return rows[list(FEATURES)]


def run(root: Path, model: Pipeline) -> dict[str, AttributionResult]:
    """Writes baseline and reports below `root`, and tells whose reasons changed.

    Returns:
        The result of each month.
    """
    for folder in ("attribution-baseline", "attribution"):
        shutil.rmtree(root / folder, ignore_errors=True)
    page.heading("10  Do the same features decide?")
    trained = training_rows(flights())
    wanted = config(trained)
    normal = driftkit.attribution.baseline(
        asked(trained), model, analysis_config=wanted, sample=LEARNED
    )
    normal.write(root / "attribution-baseline")
    page.say(
        f"Shapley values of the model's answers to {LEARNED} flights of January to June and {SAMPLE} "
        "of each later month: do the features rank alike?"
    )
    results = {}
    for name, rows in months(served_rows(flights())).items():
        results[name] = driftkit.attribution.monitor(
            asked(rows), normal, model, analysis_config=wanted, sample=SAMPLE
        )
        results[name].write(root / "attribution" / name)
    page.show_attribution({name: findings(result) for name, result in results.items()})
    page.say(f"Reports: {root / 'attribution'}; plots: notebooks/attribution.ipynb")
    return results


def findings(result: AttributionResult) -> tuple[str, str, str]:
    """The NDCG of a month, its 95 % interval, and the features that moved most with their ranks."""
    (compared,) = result.compared
    low, high = compared.interval or (float("nan"), float("nan"))
    score = f"{compared.score:.3f}{' (violation)' if compared.worse else ''}"
    moved = "\n".join(map(_moved, result.moved()[:_SHOWN]))
    return score, f"{low:.3f} to {high:.3f}", moved


def _moved(row: dict[str, Any]) -> str:
    before, after = row["baseline_rank"], row["current_rank"]
    places = f"stays {after}." if before == after else f"{before}. -> {after}."
    return f"{row['feature']} {row['share_moved']:+.0%} ({places})"


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "demo"
    run(place, train(training_rows(flights())))
