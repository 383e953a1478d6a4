"""The tables that are measured, made once from a seed and kept in a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROW_GROUP = 500_000
CARDINALITIES = (5, 12, 50, 200, 1000, 2500, 5000, 10_000)
CAPTURE_FIELDS = 30
CAPTURES_A_FILE = 100_000


def numeric_column(kind: int, rows: int, random: np.random.Generator) -> np.ndarray:
    """A column of one of seven shapes that real tables have."""
    makers = (
        lambda: random.normal(50, 12, rows),
        lambda: random.lognormal(3, 1, rows),
        lambda: random.exponential(10, rows),
        lambda: random.integers(0, 1_000_000, rows),
        lambda: (random.pareto(1.5, rows) * 100).astype(np.int64),
        lambda: random.poisson(4, rows),
        lambda: np.round(random.gamma(2, 30, rows), 2),
    )
    return np.asarray(makers[kind % len(makers)]())


def zipf_words(values: int, rows: int, random: np.random.Generator) -> pa.Array:
    """Words with Zipf(1.1) frequencies, as a dictionary."""
    weights = 1 / np.arange(1, values + 1) ** 1.1
    codes = random.choice(values, rows, p=weights / weights.sum()).astype(np.int32)
    words = pa.array([f"value-{number:05d}" for number in range(values)])
    return pa.DictionaryArray.from_arrays(pa.array(codes), words).cast(pa.string())


def with_nulls(column: np.ndarray, share: float, random: np.random.Generator) -> pa.Array:
    """The column with a share of its values missing."""
    return pa.array(column, mask=random.random(len(column)) < share if share else None)


def narrow_part(rows: int, seed: int) -> pa.Table:
    """30 columns: 20 numeric, 8 string, a boolean, a timestamp; some nulls."""
    random = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {}
    for number in range(20):
        values = numeric_column(number, rows, random)
        columns[f"n{number}"] = with_nulls(values, (number % 5) * 0.05, random)
    for number, cardinality in enumerate(CARDINALITIES):
        columns[f"s{number}"] = zipf_words(cardinality, rows, random)
    columns["b"] = with_nulls(random.random(rows) < 0.3, 0.01, random)
    seconds = 1_700_000_000 + random.integers(0, 30_000_000, rows)
    columns["t"] = pa.array(seconds * 1_000_000, pa.timestamp("us"))
    return pa.table(columns)


def wide_part(rows: int, seed: int) -> pa.Table:
    """300 columns: the kinds of `narrow`, ten times."""
    parts = [narrow_part(rows, seed * 10 + copy) for copy in range(10)]
    columns = {
        f"{name}_{copy}": part.column(name)
        for copy, part in enumerate(parts)
        for name in part.column_names
    }
    return pa.table(columns)


def make_narrow(folder: Path, rows: int, files: int) -> Path:
    """`rows` rows in `files` Parquet files."""
    return make_parts(folder, files, lambda number: narrow_part(rows // files, number))


def make_wide(folder: Path, rows: int, files: int) -> Path:
    """`rows` rows of 300 columns in `files` Parquet files."""
    return make_parts(folder, files, lambda number: wide_part(rows // files, number))


def make_parts(folder: Path, files: int, part: Callable[[int], pa.Table]) -> Path:
    """Each part as a Parquet file, if it is not there yet, in row groups of half a million."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        path = folder / f"part-{number:05d}.parquet"
        if not path.exists():
            pq.write_table(part(number), path, row_group_size=ROW_GROUP)
    return folder


def make_captures(folder: Path, rows: int, encoding: str = "CSV") -> Path:
    """Captured requests of 30 fields with one prediction, 560 bytes a record in CSV.

    Args:
        folder: of the files.
        rows: how many records; at most so many in a file.
        encoding: of the payloads, "CSV" or "JSON".
    """
    random = np.random.default_rng(7)
    record = _csv_record if encoding == "CSV" else _json_record
    size = min(rows, CAPTURES_A_FILE)
    for number in range(rows // size):
        path = folder / "endpoint/AllTraffic/2024/03/18" / f"{number:02d}" / "00-00-000-a.jsonl"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = random.normal(50, 12, (size, CAPTURE_FIELDS))
        with path.open("w", encoding="utf-8") as file:
            file.writelines(record(f"{number:04d}-{row:08d}", numbers[row]) for row in range(size))
    return folder


def _csv_record(event: str, numbers: np.ndarray) -> str:
    fields = [
        f"{value:.3f}" if place % 3 else str(int(value)) for place, value in enumerate(numbers)
    ]
    fields[-1] = _color(numbers)
    sides = ",".join(fields), f"{numbers[0] / 100:.6f}"
    return _record(event, sides, ("text/csv", "CSV"))


def _json_record(event: str, numbers: np.ndarray) -> str:
    fields: dict[str, float | str] = {
        f"f{place}": round(float(value), 3) if place % 3 else int(value)
        for place, value in enumerate(numbers)
    }
    fields[f"f{CAPTURE_FIELDS - 1}"] = _color(numbers)
    sides = json.dumps(fields), json.dumps({"score": round(float(numbers[0]) / 100, 6)})
    return _record(event, sides, ("application/json", "JSON"))


def _color(numbers: np.ndarray) -> str:
    return ("red", "green", "blue")[int(numbers[-1]) % 3]


def _record(event: str, sides: tuple[str, str], kind: tuple[str, str]) -> str:
    content_type, encoding = kind
    sent, answered = (
        {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
        for mode, data in zip(("INPUT", "OUTPUT"), sides, strict=True)
    )
    record = {
        "captureData": {"endpointInput": sent, "endpointOutput": answered},
        "eventMetadata": {"eventId": event, "inferenceTime": "2024-03-18T15:14:45Z"},
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":")) + "\n"
