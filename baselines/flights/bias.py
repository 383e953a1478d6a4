"""Bias of the delay model: does it treat airlines and airports alike, and does that change?

`python -m baselines.flights.bias [FOLDER]` writes the baseline and the report of every later month.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftkit
from baselines.flights import page
from baselines.flights.data import FEATURES, flights, served_rows, training_rows
from baselines.flights.model import PREDICTION, predict, train

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from driftkit.monitors.bias.results import BiasResult

# Above this score a passenger is warned; it warns of about as many flights as are late.
WARNED_ABOVE = 0.3
FACETS = ("carrier", "origin")

CONFIG: dict[str, Any] = {
    "version": "1.0",
    "label": "late",
    "label_values_or_threshold": [True],
    "predicted_label": PREDICTION,
    "facet": [{"name_or_index": facet} for facet in FACETS],
    "group_variable": "hour",
}
INTERSECTIONS = (FACETS,)


def judged(model: Pipeline, rows: pd.DataFrame) -> pd.DataFrame:
    """What was asked, what the model answered and what became of it."""
    table = rows.assign(**{PREDICTION: predict(model, rows) > WARNED_ABOVE})
    return table[[*FEATURES, "late", PREDICTION]]


def months(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each month of 2013, by its name."""
    names = rows["requested"].dt.strftime("%Y-%m")
    return {str(name): part for name, part in rows.groupby(names) if str(name) < "2014"}


def run(root: Path, model: Pipeline) -> None:
    """Writes baseline and reports below `root`, and tells what changed in every later month."""
    for folder in ("bias-baseline", "bias"):
        shutil.rmtree(root / folder, ignore_errors=True)
    page.heading("9  Are airlines and airports treated alike, and does that change?")
    table = flights()
    normal = driftkit.bias.baseline(
        judged(model, training_rows(table)), analysis_config=CONFIG, intersections=INTERSECTIONS
    )
    normal.write(root / "bias-baseline")
    page.say(
        f"A passenger is warned when the model's score is above {WARNED_ABOVE}. Facets: carrier, "
        "origin and both together; bias metrics of each against all other flights."
    )
    for name, rows in months(served_rows(table)).items():
        result = driftkit.bias.monitor(
            judged(model, rows), normal, analysis_config=CONFIG, intersections=INTERSECTIONS
        )
        result.write(root / "bias" / name)
        page.say(f"  {name}: {sentence(result)}")
    page.say(
        "Only what is worse than sampling noise can explain counts. "
        f"Reports: {root / 'bias'}; plots: notebooks/bias.ipynb"
    )


def sentence(result: BiasResult) -> str:
    """What a month's result says, in a line; DPPL is told in words."""
    rows = result.violation_rows()
    worse = f"{len(rows)} of {len(result.compared)} metrics are worse"
    shares = [row for row in rows if row["metric"] == "DPPL" and row["facet"] in FACETS]
    if not shares:
        return worse
    first = max(shares, key=lambda row: abs(row["current"] - row["baseline"]))
    return (
        f"{worse}; most of all {first['facet']} {first['facet_value']}, warned "
        f"{_more(first['current'])} often than the others ({_more(first['baseline'])} before)"
    )


def _more(difference: float) -> str:
    return f"{abs(difference):.0%} {'more' if difference < 0 else 'less'}"


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "demo"
    run(place, train(training_rows(flights())))
