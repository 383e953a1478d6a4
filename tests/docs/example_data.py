"""The data that the pages' examples speak of: a churn model's training data, captures and labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = ["age", "amount", "carrier", "tmp_load"]
DAY = "2024/03/18"
HOURS = ("15", "16")


def customers(rows: int, seed: int, older: float = 0.0) -> pd.DataFrame:
    """Customers with a score and whether they left, the prediction first as in captured CSV."""
    random = np.random.default_rng(seed)
    age = random.normal(45 + older, 9, rows).round().clip(18)
    amount = random.gamma(3, 40, rows).round(2)
    score = 1 / (1 + np.exp((age - 45) / 9 - (amount - 120) / 80))
    table = {
        "label": (random.random(rows) < score).astype(int),
        "p": score.round(4),
        "age": age.astype(int),
        "amount": amount,
        "carrier": random.choice(["AA", "DL", "UA"], rows, p=[0.5, 0.3, 0.2]),
        "tmp_load": random.integers(0, 100, rows),
    }
    return pd.DataFrame(table)


def write_example_data(folder: Path) -> None:
    """Writes training.csv, labelled.csv, today.csv, captures/ and labels/ into a folder."""
    labelled = customers(1000, 0)
    labelled.to_csv(folder / "labelled.csv", index=False)
    labelled[["p", *FEATURES]].to_csv(folder / "training.csv", index=False)
    customers(400, 1, older=6)[["p", *FEATURES]].to_csv(folder / "today.csv", index=False)
    for number, hour in enumerate(HOURS):
        rows = customers(300, 10 + number, older=6)
        captures = folder / "captures" / "churn" / "AllTraffic" / DAY / hour
        labels = folder / "labels" / DAY / hour
        _write_lines(captures / "part-0.jsonl", [_capture(row, hour) for row in _rows(rows, hour)])
        _write_lines(labels / "labels.jsonl", [_label(row) for row in _rows(rows, hour)])


def _rows(table: pd.DataFrame, hour: str) -> list[dict[str, object]]:
    keyed = table.assign(id=[f"{hour}-{number}" for number in range(len(table))])
    return [{str(name): value for name, value in row.items()} for row in keyed.to_dict("records")]


def _capture(row: dict[str, object], hour: str) -> dict[str, object]:
    asked = ",".join(str(row[name]) for name in FEATURES)
    sides = {"endpointInput": ("INPUT", asked), "endpointOutput": ("OUTPUT", str(row["p"]))}
    return {
        "captureData": {
            side: {
                "observedContentType": "text/csv",
                "mode": mode,
                "data": data,
                "encoding": "CSV",
            }
            for side, (mode, data) in sides.items()
        },
        "eventMetadata": {
            "eventId": row["id"],
            "inferenceTime": f"{DAY.replace('/', '-')}T{hour}:30:00Z",
        },
        "eventVersion": "0",
    }


def _label(row: dict[str, object]) -> dict[str, object]:
    return {
        "groundTruthData": {"data": str(row["label"]), "encoding": "CSV"},
        "eventMetadata": {"eventId": row["id"]},
        "eventVersion": "0",
    }


def _write_lines(file: Path, records: list[dict[str, object]]) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
