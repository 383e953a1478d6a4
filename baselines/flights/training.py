"""The training data as a CSV file: what a baseline is made of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from baselines.flights.data import FEATURES, flights, training_rows
from baselines.flights.model import PREDICTION, predict, train
from baselines.flights.payload import csv_lines

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Model Monitor puts the columns of the answer before those of the question.
COLUMNS = (PREDICTION, *FEATURES)


def write_training_csv(file: Path, model: Pipeline) -> int:
    """Writes the training rows with the model's own predictions; returns how many."""
    rows = training_rows(flights())
    table = rows.assign(**{PREDICTION: predict(model, rows)})
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(COLUMNS), *csv_lines(table, COLUMNS)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(table)


if __name__ == "__main__":
    write_training_csv(Path(sys.argv[1]), train(training_rows(flights())))
