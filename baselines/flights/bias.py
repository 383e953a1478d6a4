"""Bias of the delay model: does it treat airlines and airports alike, and does that change?

`python -m baselines.flights.bias FOLDER` writes the baseline and the report of every later month.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftkit
from baselines.flights.data import FEATURES, flights, served_rows, training_rows
from baselines.flights.model import PREDICTION, predict, train

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

# Above this score a passenger is warned; it warns of about as many flights as are late.
WARNED_ABOVE = 0.3

CONFIG: dict[str, Any] = {
    "version": "1.0",
    "label": "late",
    "label_values_or_threshold": [True],
    "predicted_label": PREDICTION,
    "facet": [{"name_or_index": "carrier"}, {"name_or_index": "origin"}],
    "group_variable": "hour",
}
INTERSECTIONS = (("carrier", "origin"),)


def judged(model: Pipeline, rows: pd.DataFrame) -> pd.DataFrame:
    """What was asked, what the model answered and what became of it."""
    table = rows.assign(**{PREDICTION: predict(model, rows) > WARNED_ABOVE})
    return table[[*FEATURES, "late", PREDICTION]]


def months(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each month of 2013, by its name."""
    names = rows["requested"].dt.strftime("%Y-%m")
    return {str(name): part for name, part in rows.groupby(names) if str(name) < "2014"}


def main(folder: Path) -> None:
    """Writes baseline and reports, and says what changed."""
    table = flights()
    trained = training_rows(table)
    model = train(trained)
    baseline = driftkit.bias.baseline(
        judged(model, trained), analysis_config=CONFIG, intersections=INTERSECTIONS
    )
    baseline.write(folder / "baseline")
    for name, rows in months(served_rows(table)).items():
        result = driftkit.bias.monitor(
            judged(model, rows), baseline, analysis_config=CONFIG, intersections=INTERSECTIONS
        )
        result.write(folder / name)
        print(f"{name}: {len(result.violations)} of {len(result.compared)} metrics are worse")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
