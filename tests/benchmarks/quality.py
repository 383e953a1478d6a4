"""Model quality and the merge of ground truth beside scikit-learn and DuckDB.

`quality` and `merging` are sections for run.py: each gives its section's Markdown.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.timing import alternate

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.settings import RunnerName

CORES = 2
ROW_GROUP = 500_000
FIELDS = 30
MERGED_SHARE = 10
CAPTURES_A_FILE = 25_000


def quality(data: Path, rows: int, rounds: int) -> str:
    """Binary metrics with exact curves and AUC of Parquet: prediction, probability, label."""
    import driftkit  # noqa: PLC0415

    folder = make_scored(data / f"scored-{rows}", rows)
    asked: dict[str, Any] = {
        "problem_type": "BinaryClassification",
        "inference_attribute": "prediction",
        "probability_attribute": "probability",
        "runner": "local",
    }
    measured = alternate(
        {
            "driftkit": lambda: driftkit.model_quality.baseline(str(folder), **asked),
            "DuckDB window functions": lambda: duckdb_quality(folder),
            "scikit-learn": lambda: sklearn_quality(folder),
        },
        rounds,
    )
    ours, duck, learn = (each.median for each in measured.values())
    lines = [f"{rows:,} rows of Parquet, as many distinct probabilities; exact curves and AUC.", ""]
    lines += ["| job | seconds |", "|---|---|"]
    lines += [f"| {name} | {each} |" for name, each in measured.items()]
    lines += [
        f"| scikit-learn to driftkit | {learn / ours:.1f} times (limit 5) |",
        f"| driftkit to DuckDB | {ours / duck:.2f} (limit 1.5) |",
    ]
    return "\n".join(lines)


def merging(data: Path, rows: int, rounds: int) -> str:
    """Captures joined with labels, both JSON Lines, written as JSON Lines."""
    records = rows // MERGED_SHARE
    lines = ["Captures of 560 bytes joined with as many labels, JSON Lines in and out.", ""]
    lines += [
        "| records | driftkit on Spark | driftkit in this process | DuckDB | ratios (limit 3) |"
    ]
    lines += ["|---|---|---|---|---|"]
    for size in (records // 4, records // 2, records):
        lines.append(_merged(data, size, rounds))
    return "\n".join(lines)


def _merged(data: Path, records: int, rounds: int) -> str:
    import driftkit  # noqa: PLC0415
    from driftkit.compute.session.spark import get_session  # noqa: PLC0415

    get_session(master=f"local[{CORES}]")
    captures, truth = make_delivered(data / f"delivered-{records}", records)
    outputs = {name: data / f"merged-{name}" for name in ("spark", "local", "duckdb")}

    def ours(runner: RunnerName) -> object:
        shutil.rmtree(outputs[runner], ignore_errors=True)
        return driftkit.merge(captures, truth, outputs[runner], runner=runner)

    measured = alternate(
        {
            "spark": lambda: ours("spark"),
            "local": lambda: ours("local"),
            "duckdb": lambda: duckdb_merge(captures, truth, outputs["duckdb"]),
        },
        rounds,
    )
    cells = " | ".join(map(str, measured.values()))
    spark, local, theirs = (each.median for each in measured.values())
    return f"| {records:,} | {cells} | {spark / theirs:.2f}, {local / theirs:.2f} |"


def make_scored(folder: Path, rows: int, files: int = 10) -> Path:
    """Rows of prediction, probability and label."""
    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".part")
    unfinished.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        random = np.random.default_rng(number)
        probabilities = random.beta(0.8, 2.5, rows // files)
        table = pa.table(
            {
                "prediction": (probabilities > 0.5).astype(np.int64),
                "probability": probabilities,
                "label": (random.random(rows // files) < probabilities).astype(np.int64),
            }
        )
        pq.write_table(table, unfinished / f"{number}.parquet", row_group_size=ROW_GROUP)
    unfinished.rename(folder)
    return folder


def make_delivered(folder: Path, records: int) -> tuple[Path, Path]:
    """Captures by the hour, and labels of a day later in another order."""
    captures, truth = folder / "captured" / "endpoint" / "AllTraffic", folder / "truth"
    if folder.exists():
        return captures, truth
    random = np.random.default_rng(5)
    unfinished = folder.with_suffix(".part")
    order = random.permutation(records)
    for start in range(0, records, CAPTURES_A_FILE):
        numbers = range(start, min(start + CAPTURES_A_FILE, records))
        hour = (
            f"2024/03/{1 + start // CAPTURES_A_FILE // 24:02d}/{start // CAPTURES_A_FILE % 24:02d}"
        )
        lines = [_capture(number, hour, random) for number in numbers]
        _write(unfinished / "captured/endpoint/AllTraffic" / hour / "00-00.jsonl", lines)
        labels = [_label(int(order[number])) for number in numbers]
        _write(unfinished / "truth" / hour.replace("/03/", "/04/") / "labels.jsonl", labels)
    unfinished.rename(folder)
    return captures, truth


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def _event(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def _capture(number: int, hour: str, random: np.random.Generator) -> str:
    sent = ",".join(f"{value:.4f}" for value in random.random(FIELDS))
    record = {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": sent,
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": f"{random.random():.6f}\n",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {
            "eventId": _event(number),
            "inferenceTime": f"{hour[:10].replace('/', '-')}T{hour[-2:]}:00:00Z",
        },
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":"))


def _label(number: int) -> str:
    record = {
        "groundTruthData": {"data": str(number % 2), "encoding": "CSV"},
        "eventMetadata": {"eventId": _event(number)},
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":"))


def sklearn_quality(folder: Path) -> dict[str, Any]:
    """The same metrics by scikit-learn's own functions."""
    from sklearn import metrics  # noqa: PLC0415

    table = pq.read_table(folder)
    labels, predictions, scores = (
        table.column(name).to_numpy() for name in ("label", "prediction", "probability")
    )
    false, true, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    return {
        "matrix": metrics.confusion_matrix(labels, predictions),
        "recall": metrics.recall_score(labels, predictions),
        "precision": metrics.precision_score(labels, predictions),
        "accuracy": metrics.accuracy_score(labels, predictions),
        "f": [metrics.fbeta_score(labels, predictions, beta=beta) for beta in (0.5, 1, 2)],
        "auc": metrics.auc(false, true),
        "precision_recall": metrics.precision_recall_curve(labels, scores),
    }


_AREA = """
WITH scored AS (
    SELECT probability AS p, sum(label) AS pos, count(*) - sum(label) AS neg
    FROM '{folder}/*.parquet' GROUP BY probability
), ranked AS (
    SELECT pos, neg, coalesce(sum(neg) OVER (
        ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below
    FROM scored
)
SELECT sum(pos * (below + neg / 2.0)) / (sum(pos) * sum(neg)) FROM ranked
"""


def duckdb_quality(folder: Path) -> tuple[Any, Any]:
    """The confusion matrix and the AUC by window functions."""
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        matrix = connection.execute(
            f"SELECT label, prediction, count(*) FROM '{folder}/*.parquet' GROUP BY ALL"  # noqa: S608
        ).fetchall()
        return matrix, connection.execute(_AREA.format(folder=folder)).fetchone()


_MERGE = """
COPY (
    SELECT c.eventVersion, t.groundTruthData, c.captureData, c.eventMetadata
    FROM read_json('{captures}/**/*.jsonl', format = 'newline_delimited', columns = {{
        'captureData': 'JSON', 'eventMetadata': 'STRUCT(eventId VARCHAR, inferenceId VARCHAR,
        inferenceTime VARCHAR)', 'eventVersion': 'VARCHAR'}}) c
    JOIN read_json('{truth}/**/*.jsonl', format = 'newline_delimited', columns = {{
        'groundTruthData': 'JSON', 'eventMetadata': 'STRUCT(eventId VARCHAR)'}}) t
    ON coalesce(c.eventMetadata.inferenceId, c.eventMetadata.eventId) = t.eventMetadata.eventId
) TO '{output}' (FORMAT json)
"""


def duckdb_merge(captures: Path, truth: Path, output: Path) -> None:
    """The join of the same files with the same records written, all into one file."""
    output.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(
            _MERGE.format(captures=captures, truth=truth, output=output / "merged.json")
        )


__all__ = ["merging", "quality"]
