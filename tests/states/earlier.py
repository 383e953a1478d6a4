"""Rows whose files an earlier version wrote, and the program that writes such files.

`python -m tests.states.earlier FOLDER` writes what this version of driftkit writes.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import driftkit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MODEL = "def predict(table):\n    return 4 * table['a'] + 2 * table['b'] + table['c']\n"
BIAS: dict[str, Any] = {
    "label": "late",
    "label_values_or_threshold": [1],
    "predicted_label": "predicted",
    "facet": [
        {"name_or_index": "carrier", "value_or_threshold": ["B"]},
    ],
    "group_variable": "origin",
}
ATTRIBUTION: dict[str, Any] = {
    "version": "1.0",
    "headers": ["a", "b", "c"],
    "methods": {"shap": {"baseline": [[0, 0, 0]], "agg_method": "mean_abs", "seed": 1}},
}


def _drawn(rows: int, salt: int) -> list[int]:
    """Numbers from 0 to 9,999 without any order, the same on every machine."""
    return [(n * n * 7919 + n * 104_729 + salt * 1_299_709) % 10_007 % 10_000 for n in range(rows)]


def typed_rows(rows: int, salt: int = 0) -> pa.Table:
    """Columns of every type that is declared, with nulls and what is no finite number."""
    drawn = _drawn(rows, salt)
    doubles = [x / 64 - 70 if x % 9 else None for x in drawn]
    odd = {3: float("nan"), 5: float("inf"), 7: float("-inf"), 8: -0.0}
    moments = [datetime(2024, 3, 18, tzinfo=UTC) + timedelta(minutes=x) for x in drawn]
    return pa.table(
        {
            "longs": pa.array([x << 40 for x in drawn], pa.int64()),
            "bytes": pa.array([x % 7 - 3 if x % 5 else None for x in drawn], pa.int8()),
            "unsigned": pa.array([2**63 + x for x in drawn], pa.uint64()),
            "doubles": pa.array(doubles, pa.float64()),
            "odd": pa.array([odd.get(x % 10, x / 8) for x in drawn], pa.float64()),
            "floats": pa.array([x / 16 for x in drawn], pa.float32()),
            "decimals": pa.array([Decimal(x) / 100 for x in drawn], pa.decimal128(10, 2)),
            "texts": pa.array([("a", "b'q", "", None, 'ü"\\')[x % 5] for x in drawn]),
            "carrier": pa.array(["UA" if x % 3 else "AA" for x in drawn]).dictionary_encode(),
            "truths": pa.array([x % 4 == 1 if x % 11 else None for x in drawn]),
            "moments": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "days": pa.array([date(2024, 3, 18 + x % 2) for x in drawn]),
            "missing": pa.array([None] * rows, pa.float64()),
            "constant": pa.array([7.5] * rows),
        }
    )


def text_rows(rows: int, salt: int = 0) -> str:
    """CSV: columns whose types are told by their values."""
    drawn = _drawn(rows, salt)
    lines = [
        f"{x},{x / 64},{'true' if x % 3 else 'false'},{('x', 'y', '')[x % 3]},id-{x},"
        f"{(x, x / 8, 'q')[x % 3]}"
        for x in drawn
    ]
    return "\n".join(["whole,fraction,truth,word,identifier,mixed", *lines, ""])


def many_rows(rows: int, salt: int = 0) -> dict[str, list[Any]]:
    """So many numbers that sketches have several levels, so many words that not all are counted."""
    drawn = _drawn(rows, salt)
    return {"number": [x * x / 4 for x in drawn], "word": [f"w{x % 3000}" for x in drawn]}


def labelled_rows(rows: int, salt: int = 0) -> dict[str, list[Any]]:
    """Labels, predictions and probabilities of a binary classification."""
    drawn = _drawn(rows, salt)
    labels = [int(x % 3 == 0) for x in drawn]
    probabilities = [(x % 50 + (40 if x % 3 == 0 else 0)) / 100 for x in drawn]
    return {"label": labels, "probability": probabilities}


def predicted_rows(rows: int, salt: int = 0) -> dict[str, list[Any]]:
    """Labels and predictions of a regression."""
    drawn = _drawn(rows, salt)
    return {"label": [x / 16 for x in drawn], "prediction": [x / 16 + x % 7 - 3 for x in drawn]}


def flights(rows: int, salt: int = 0) -> dict[str, list[Any]]:
    """Flights of three carriers, late or predicted to be."""
    drawn = _drawn(rows, salt)
    return {
        "carrier": [("A", "B", "C", None)[x % 7 % 4] for x in drawn],
        "origin": ["EWR" if x % 2 else "JFK" for x in drawn],
        "distance": [x // 8 for x in drawn],
        "late": [int(x % 10 < 3) for x in drawn],
        "predicted": [int(x % 10 < 3) ^ int(x % 11 < (3 if x % 7 % 4 == 1 else 1)) for x in drawn],
    }


def explained_rows(rows: int, salt: int = 0) -> dict[str, list[float]]:
    """Three features."""
    return {name: [x / 5000 - 1 for x in _drawn(rows, salt + n)] for n, name in enumerate("abc")}


def write(folder: Path) -> None:
    """Writes baselines and reports of every monitor."""
    for name, job in JOBS.items():
        job(folder / name)


def of_typed(folder: Path) -> None:
    """Data quality of declared types, with segments and days."""
    normal = driftkit.data_quality.baseline(
        typed_rows(30), segment_by="carrier", time_column="days", time_unit="day"
    )
    normal.write(folder / "baseline")
    driftkit.data_quality.monitor(typed_rows(24, 1), normal).write(folder / "report")


def of_text(folder: Path) -> None:
    """Data quality of text, in both dialects."""
    for dialect in ("aws", "textbook"):
        source = folder / f"{dialect}.csv"
        folder.mkdir(parents=True, exist_ok=True)
        source.write_text(text_rows(40), encoding="utf-8")
        normal = driftkit.data_quality.baseline(source, dialect=dialect)
        source.write_text(text_rows(30, 1), encoding="utf-8")
        found = driftkit.data_quality.monitor(source, normal, dialect=dialect)
        source.unlink()
        normal.write(folder / dialect / "baseline", keep_states=True)
        found.write(folder / dialect / "report")


def of_many(folder: Path) -> None:
    """Data quality of more values than are kept one by one."""
    normal = driftkit.data_quality.baseline(many_rows(4000))
    driftkit.data_quality.monitor(many_rows(7000, 1), normal).write(folder / "report")


def of_labelled(folder: Path) -> None:
    """Model quality of a classification."""
    settings: dict[str, Any] = {"probability_attribute": "probability"}
    normal = driftkit.model_quality.baseline(
        labelled_rows(200), problem_type="BinaryClassification", **settings
    )
    normal.write(folder / "baseline")
    driftkit.model_quality.monitor(labelled_rows(150, 1), normal, **settings).write(
        folder / "report"
    )


def of_predicted(folder: Path) -> None:
    """Model quality of a regression."""
    settings: dict[str, Any] = {"inference_attribute": "prediction"}
    normal = driftkit.model_quality.baseline(
        predicted_rows(400), problem_type="Regression", **settings
    )
    normal.write(folder / "baseline")
    driftkit.model_quality.monitor(predicted_rows(300, 1), normal, **settings).write(
        folder / "report"
    )


def of_flights(folder: Path) -> None:
    """Bias of two facets."""
    normal = driftkit.bias.baseline(flights(600), analysis_config=BIAS)
    normal.write(folder / "baseline")
    driftkit.bias.monitor(flights(500, 1), normal, analysis_config=BIAS).write(folder / "report")


def of_explained(folder: Path) -> None:
    """Attributions of a model in Python."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.py"
    model.write_text(MODEL, encoding="utf-8")
    normal = driftkit.attribution.baseline(explained_rows(120), model, analysis_config=ATTRIBUTION)
    normal.write(folder / "baseline")
    driftkit.attribution.monitor(
        explained_rows(100, 1), normal, model, analysis_config=ATTRIBUTION
    ).write(folder / "report")
    model.unlink()


JOBS: Mapping[str, Callable[[Path], None]] = {
    "typed": of_typed,
    "text": of_text,
    "many": of_many,
    "classification": of_labelled,
    "regression": of_predicted,
    "bias": of_flights,
    "attribution": of_explained,
}

if __name__ == "__main__":
    write(Path(sys.argv[1]))
